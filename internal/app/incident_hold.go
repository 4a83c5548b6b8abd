package app

import (
	"context"

	"earshot/internal/desk"
	"earshot/store"
)

// HoldRound pauses or stops telling the voices of an incident the newest word: what
// has gone out stays, the rest waits or hears nothing.
func (a *App) HoldRound(ctx context.Context, by By, i desk.IncidentID, to desk.RoundState) (desk.Round, error) {
	what := "incident.pause"
	if to == desk.RoundStopped {
		what = "incident.stop"
	}
	return a.changeRound(ctx, by, what, i, func(tx *Tx, r *desk.Round) error {
		if err := r.Hold(to, tx.Now); err != nil {
			return err
		}
		return tx.goOn(r)
	})
}

// ResumeRound goes on telling the voices of an incident, after a pause or when an
// agent has looked at the objections.
func (a *App) ResumeRound(ctx context.Context, by By, i desk.IncidentID) (desk.Round, error) {
	return a.changeRound(ctx, by, "incident.resume", i, func(tx *Tx, r *desk.Round) error {
		if err := r.Resume(tx.Now); err != nil {
			return err
		}
		return tx.nextPortion(r, tx.Now)
	})
}

// goOn stores a round that is held. An edit or a retraction follows to what has gone
// out all the same.
func (t *Tx) goOn(r *desk.Round) error {
	if r.Editing || r.Retracting {
		return t.nextPortion(r, t.Now)
	}
	return t.Rounds().Put(*r)
}

// changeRound changes the newest round of an incident.
func (a *App) changeRound(ctx context.Context, by By, what string, i desk.IncidentID, change func(*Tx, *desk.Round) error) (desk.Round, error) {
	return a.onceRound(ctx, by, what, i, func(tx *Tx, i desk.Incident) (desk.Round, error) {
		if !by.publishes() {
			return desk.Round{}, errIncidentScope()
		}
		r, ok, err := tx.newestRound(i.ID)
		if err == nil && !ok {
			err = desk.NotFound("round_not_found", "the voices of this incident have not been told anything yet")
		}
		if err != nil {
			return r, err
		}
		return r, change(tx, &r)
	})
}

func (t *Tx) newestRound(i desk.IncidentID) (r desk.Round, ok bool, err error) {
	rounds, _, err := t.Rounds().List(i, store.Page{Limit: 1})
	if err != nil || len(rounds) == 0 {
		return r, false, err
	}
	return rounds[0], true, nil
}

// Told lists how the voices of an incident are told, the newest word first.
func (a *App) Told(ctx context.Context, i desk.IncidentID, p store.Page) (out []desk.Round, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		if _, err := tx.incident(i); err != nil {
			return err
		}
		out, next, err = tx.Rounds().List(i, p)
		return err
	})
	return out, next, err
}

// ToldVoices lists the voices of a round.
func (a *App) ToldVoices(ctx context.Context, f store.VoiceFilter, p store.Page) (out []desk.RoundVoice, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		r, ok, err := tx.Rounds().Get(f.Round)
		if err == nil && ok {
			_, err = tx.incident(r.Incident)
		}
		if err != nil {
			return err
		}
		out, next, err = tx.Rounds().Voices(f, p)
		return err
	})
	return out, next, err
}

// linkedLater gives issues that were linked while voices are told, or after, their
// place in the newest round, if that says where the incident stands.
func (t *Tx) linkedLater(i desk.Incident) error {
	r, ok, err := t.newestRound(i.ID)
	if err != nil || !ok || r.State == desk.RoundReady || r.State.Over() {
		return err
	}
	newest := i.Root
	for _, u := range i.Updates {
		if !u.Published.IsZero() {
			newest = u.Post
		}
	}
	if r.Post != newest {
		return nil
	}
	if r.Begin(); r.State != desk.RoundTelling {
		return t.goOn(&r)
	}
	return t.nextPortion(&r, t.Now)
}

// voiceOf finds the place of the issue that a reply of a round is in.
func (t *Tx) voiceOf(round desk.PostID, issue desk.IssueID) (r desk.Round, v desk.RoundVoice, ok bool, err error) {
	if round == "" {
		return r, v, false, nil
	}
	if r, ok, err = t.Rounds().Get(round); err != nil || !ok {
		return r, v, false, err
	}
	v, ok, err = t.Rounds().Voice(round, issue)
	return r, v, ok, err
}

// voiceEnded notes what became of a reply to a voice: it went out, or it will not.
func (t *Tx) voiceEnded(p desk.Post, to desk.VoiceState, why desk.VoiceWhy, said string) error {
	r, v, ok, err := t.voiceOf(p.Round, p.Issue)
	if err != nil || !ok || v.State == to {
		return err
	}
	if v.State == desk.VoiceWaiting { // it waited to be sent again
		r.Written++
	}
	if to == desk.VoiceLeft {
		r.Written--
		r.Left++
	}
	if err := t.Rounds().Put(r); err != nil {
		return err
	}
	v.State, v.Why, v.Error, v.At = to, why, said, t.Now
	return t.Rounds().PutVoice(v)
}

// voiceDelivered notes how the delivery of a reply to a voice ended. A refusal is an
// objection.
func (t *Tx) voiceDelivered(p desk.Post, d store.Delivery) error {
	if p.Round == "" || d.Activity != CreateID(t.site, p.ID) {
		return nil
	}
	if d.State == store.DeliveryDelivered {
		return t.voiceEnded(p, desk.VoiceTold, "", "")
	}
	if err := t.voiceEnded(p, desk.VoiceFailed, "", d.Error); err != nil || d.Status != forbidden {
		return err
	}
	return t.objects(p.Round, p.Issue, desk.ObjectionRefused, "")
}

const forbidden = 403 // HTTP

// objects counts an objection to what a round told, and halts the round if they are
// too many.
func (t *Tx) objects(round desk.PostID, issue desk.IssueID, o desk.Objection, by desk.Domain) error {
	r, v, ok, err := t.voiceOf(round, issue)
	if err != nil || !ok || v.Post == "" {
		return err
	}
	if r.Objects(&v, o, by) {
		if err := r.Hold(desk.RoundHalted, t.Now); err != nil {
			return err
		}
	}
	if err := t.Rounds().PutVoice(v); err != nil {
		return err
	}
	return t.goOn(&r)
}

// objectionOf is the objection that an opt-out is, "" if it is none.
func objectionOf(o desk.OptOutReason) desk.Objection {
	switch o {
	case desk.OptOutStop:
		return desk.ObjectionStop
	case desk.OptOutBlock:
		return desk.ObjectionBlock
	case desk.OptOutRefused:
		return desk.ObjectionRefused
	}
	return ""
}
