package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/internal/failpoint"
	"earshot/internal/id"
	"earshot/store"
)

// roundPortion is how many voices are placed, told or brought up to date in one
// transaction.
const roundPortion = 100

// TellVoices tells the linked voices the newest post of an incident, which is out
// or on its way: each once, in its own thread. It begins when that post is out.
func (a *App) TellVoices(ctx context.Context, by By, i desk.IncidentID, in TellInput) (desk.Round, error) {
	return withAudience(ctx, a, by, i, "", &in, func(seen Audience) (desk.Round, error) { return a.tellNewest(ctx, by, i, in, seen) })
}

func (a *App) tellNewest(ctx context.Context, by By, i desk.IncidentID, in TellInput, seen Audience) (desk.Round, error) {
	return a.onceRound(ctx, by, "incident.tell", i, func(tx *Tx, i desk.Incident) (desk.Round, error) {
		post, status := i.Root, i.Status
		if n := len(i.Updates); n > 0 {
			post, status = i.Updates[n-1].Post, i.Updates[n-1].Status
		}
		p, ok, err := tx.Posts().Get(post)
		if err != nil {
			return desk.Round{}, err
		}
		if !ok || p.Deleted {
			return desk.Round{}, desk.Conflict("incident_not_published", "nobody has been told of this incident yet: publish it first")
		}
		return tx.addRound(by, i, p, status, in, seen)
	})
}

// looksAgain is how often the audience is looked at again, because the incident
// changed before the decision was stored.
const looksAgain = 5

// withAudience decides on who would be told. They are looked at before the
// transaction, for there may be many; that refuses if the incident has changed
// since. An agent who did not say which revision they saw is not asked again.
func withAudience[T any](ctx context.Context, a *App, by By, i desk.IncidentID, to desk.IncidentStatus, in *TellInput, decide func(Audience) (T, error)) (out T, err error) {
	if in == nil {
		return decide(Audience{})
	}
	if err := a.checkTell(by, in); err != nil {
		return out, err
	}
	for range looksAgain {
		var seen Audience
		if seen, err = a.audienceNow(ctx, i, to, *in); err != nil {
			return out, err
		}
		if out, err = decide(seen); by.Seen != "" || desk.ErrorID(err) != "incident_moved_on" {
			break
		}
	}
	return out, err
}

// onceRound runs a change of a round of an incident. An incident that has moved on
// since the agent decided is refused.
func (a *App) onceRound(ctx context.Context, by By, what string, incident desk.IncidentID, f func(*Tx, desk.Incident) (desk.Round, error)) (out desk.Round, err error) {
	d := audit[desk.PostID]{what, func(desk.PostID) (string, string) {
		return "incidents/" + string(incident), fmt.Sprintf("%s: %d sent, %d not", out.State, out.Written, out.Waiting())
	}}
	post, err := once(ctx, a, by, d, func(tx *Tx) (desk.PostID, error) {
		i, err := tx.incidentToChange(by, incident)
		if err != nil {
			return "", err
		}
		out, err = f(tx, i)
		return out.Post, err
	})
	if err != nil || out.Post == post {
		return out, err
	}
	err = a.View(ctx, func(tx *Tx) error { out, _, err = tx.Rounds().Get(post); return err })
	return out, err
}

// addRound stores the decision to tell the voices a post of an incident. seen is
// the audience on which it was made.
func (t *Tx) addRound(by By, i desk.Incident, p desk.Post, status desk.IncidentStatus, in TellInput, seen Audience) (r desk.Round, err error) {
	if _, ok, err := t.Rounds().Get(p.ID); err != nil {
		return r, err
	} else if ok {
		return r, desk.Conflict("round_exists", "the voices are told this post already")
	}
	switch {
	case seen.Seen != "" && seen.Seen != fmt.Sprint(i.Revision):
		return r, desk.Stale("incident_moved_on", "this incident has changed since you read it: read it, then decide again")
	case seen.Replies > desk.MaxUncounted && in.Count == 0:
		return r, desk.Invalid("round_count_missing", "this writes to %d people on %d servers: name the number to show that you mean it", seen.Replies, seen.Servers)
	case in.Count != 0 && in.Count != seen.Replies:
		return r, desk.Stale("round_count", "this writes to %d people, not to %d: look at the list again", seen.Replies, in.Count)
	}
	text := p.Text
	if p.ID == i.Root {
		text = i.RootText()
	}
	r = desk.Round{Post: p.ID, Incident: i.ID, Desk: i.Desk, Agent: by.Agent, At: t.Now, State: desk.RoundReady, Language: p.Language,
		Status: desk.VoiceStatus(status), Tags: seen.Tags, Skip: in.Skip, Take: in.Take}
	if r.Text, err = t.sign(by, text); err != nil {
		return r, err
	}
	for _, tag := range slices.Sorted(maps.Keys(in.Versions)) {
		if r.Versions == nil {
			r.Versions = map[string]string{}
		}
		if r.Versions[tag], err = t.sign(by, in.Versions[tag]); err != nil {
			return r, err
		}
	}
	if p.State == desk.PostPublished {
		return r, t.beginRound(&r)
	}
	return r, t.Rounds().Put(r)
}

// beginRound starts a round, or opens it again; earlier ones of the incident end:
// those who wait in them hear the newer words only.
func (t *Tx) beginRound(r *desk.Round) error {
	for old, err := range store.EachOf(t.Rounds().List, r.Incident) {
		if err != nil {
			return err
		}
		if old.Post == r.Post || old.State.Over() || old.State == desk.RoundDone || old.Post > r.Post {
			continue
		}
		if err := old.Hold(desk.RoundStopped, t.Now); err != nil {
			return err
		}
		if err := t.Rounds().Put(old); err != nil {
			return err
		}
	}
	r.Begin()
	return t.nextPortion(r, t.Now)
}

// nextPortion stores a round, and the job of its next portion. The jobs of earlier
// steps do nothing from now on.
func (t *Tx) nextPortion(r *desk.Round, due time.Time) error {
	r.Step++
	if err := t.Rounds().Put(*r); err != nil {
		return err
	}
	return t.addJob(store.QueueTimer, fmt.Sprintf("round:%s:%d", r.Post, r.Step), "", due, Timer{Kind: TimerRound, Post: r.Post, N: r.Step})
}

// roundOf starts the round of a post of an incident that is out now.
func (t *Tx) roundOf(p desk.PostID) error {
	r, ok, err := t.Rounds().Get(p)
	if err != nil || !ok || r.State != desk.RoundReady {
		return err
	}
	r.At = t.Now
	return t.beginRound(&r)
}

// Tell does the next portion of a round. A job whose step has passed does nothing.
func (a *App) Tell(ctx context.Context, post desk.PostID, step int) error {
	var r desk.Round
	err := a.View(ctx, func(tx *Tx) (err error) { r, _, err = tx.Rounds().Get(post); return err })
	if err != nil || r.Step != step {
		return err
	}
	if r.State == desk.RoundTelling && !r.Planned && !r.Editing && !r.Retracting {
		if err := a.placeVoices(ctx, r); err != nil {
			return err
		}
	}
	failpoint.Hit("round.portion")
	defer failpoint.Hit("round.portion.written")
	return a.Update(ctx, func(tx *Tx) error {
		r, ok, err := tx.Rounds().Get(post)
		if err != nil || !ok || r.Step != step {
			return err
		}
		switch {
		case r.Editing || r.Retracting:
			return tx.followPost(&r)
		case r.State == desk.RoundTelling && r.Planned:
			return tx.tellPortion(&r, a.pace)
		}
		return nil
	})
}

// placeVoices gives every voice that has none a place. It reads the list of voices
// in one view, for that changes its order; a crash on the way is made good by
// doing it again.
func (a *App) placeVoices(ctx context.Context, r desk.Round) error {
	var added []desk.RoundVoice
	if err := a.View(ctx, func(tx *Tx) (err error) { added, err = tx.newPlaces(r, a.pace); return err }); err != nil {
		return err
	}
	for some := range slices.Chunk(added, roundPortion) {
		if err := a.placePortion(ctx, r, some, false); err != nil {
			return err
		}
	}
	return a.placePortion(ctx, r, nil, true)
}

func (a *App) placePortion(ctx context.Context, r desk.Round, some []desk.RoundVoice, last bool) error {
	failpoint.Hit("round.place")
	return a.Update(ctx, func(tx *Tx) error {
		now, ok, err := tx.Rounds().Get(r.Post)
		if err != nil || !ok || now.Step != r.Step {
			return err
		}
		for _, v := range some {
			if _, there, err := tx.Rounds().Voice(r.Post, v.Issue); err != nil {
				return err
			} else if there {
				continue
			}
			now.Voices++
			if v.State == desk.VoiceLeft {
				now.Left++
				if err := tx.followIncident(now, v); err != nil {
					return err
				}
			}
			if err := tx.Rounds().PutVoice(v); err != nil {
				return err
			}
		}
		now.Planned = last
		return tx.Rounds().Put(now)
	})
}

// newPlaces places the voices that have no place yet: the invited first, then a few
// of the others, then the rest at the pace of each server.
func (t *Tx) newPlaces(r desk.Round, pace desk.Pace) (added []desk.RoundVoice, err error) {
	i, err := t.incident(r.Incident)
	if err != nil {
		return nil, err
	}
	there, byTags, all := map[desk.IssueID]bool{}, map[desk.Host]int{}, 0
	for v, err := range store.EachOf(t.Rounds().Voices, store.VoiceFilter{Round: r.Post}) {
		if err != nil {
			return nil, err
		}
		if there[v.Issue] = true; v.N > 0 {
			byTags[v.Host], all = max(byTags[v.Host], v.N), all+1
		}
	}
	voices, err := t.judgeVoices(r, i)
	if err != nil {
		return nil, err
	}
	late := map[desk.Host]int{}
	for _, v := range voices {
		if there[v.Issue] {
			continue
		}
		switch {
		case v.Why != "":
			v.State = desk.VoiceLeft
		case v.Invited:
			v.Slot = desk.SlotInvited
		default:
			all++
			byTags[v.Host]++
			v.N = byTags[v.Host]
			v.Slot = pace.Slot(v.N - 1)
			if all <= pace.First {
				v.Slot = desk.SlotFirst
			} else if since := int(t.Now.Sub(r.RestFrom) / time.Second); !r.RestFrom.IsZero() && since > v.Slot {
				v.Slot = since + late[v.Host] // one a second, as the others
				late[v.Host]++
			}
		}
		added = append(added, v)
	}
	return added, nil
}

// tellPortion tells those whose time has come, and says when the next portion is.
func (t *Tx) tellPortion(r *desk.Round, pace desk.Pace) error {
	if r.Halts() {
		if err := r.Hold(desk.RoundHalted, t.Now); err != nil {
			return err
		}
		return t.Rounds().Put(*r)
	}
	if p, ok, err := t.Posts().Get(r.Post); err != nil {
		return err
	} else if !ok || p.Deleted {
		return t.roundRetracted(r.Post)
	}
	i, err := t.incident(r.Incident)
	if err != nil {
		return err
	}
	waiting, next, err := t.Rounds().Voices(store.VoiceFilter{Round: r.Post, State: desk.VoiceWaiting}, store.Page{Limit: roundPortion})
	if err != nil {
		return err
	}
	for _, v := range waiting {
		if v.Slot >= 0 && r.RestFrom.IsZero() { // those that go out alone have
			r.RestFrom = t.Now.Add(pace.Look)
		}
		if due, _ := r.Due(v.Slot); due.After(t.Now) {
			return t.nextPortion(r, due)
		}
		if err := t.tellOrWait(r, i, v); err != nil {
			return err
		}
	}
	if next != "" || len(waiting) > 0 {
		return t.nextPortion(r, t.Now)
	}
	r.State, r.EndAt = desk.RoundDone, t.Now
	r.Step++
	return t.Rounds().Put(*r)
}

// tellOrWait tells a voice, unless its server asked us to wait.
func (t *Tx) tellOrWait(r *desk.Round, i desk.Incident, v desk.RoundVoice) error {
	h, _, err := t.Hosts().Get(v.Host)
	if err != nil {
		return err
	}
	if wait := h.DownUntil.Sub(t.Now); v.Slot >= 0 && wait > 0 {
		v.Slot += int(wait/time.Second) + 1
		return t.Rounds().PutVoice(v)
	}
	return t.tellVoice(r, i, v, h.MaxCharacters)
}

// tellVoice writes the reply to a voice, or notes why it gets none.
func (t *Tx) tellVoice(r *desk.Round, i desk.Incident, v desk.RoundVoice, limit int) error {
	one, err := t.issue(v.Issue)
	if err != nil {
		return err
	}
	home, err := t.home(v.Issue)
	if err != nil {
		return err
	}
	if v.At = t.Now; home.Incident != r.Incident {
		v.Why = desk.VoiceUnlinked
	} else if v.Why, v.Error, err = t.judgeVoice(*r, i, one.BeforeReply(v.Post, r.Status), servers{}); err != nil {
		return err
	}
	if v.Why == "" {
		err = t.writeToVoice(r, one, &v, limit)
		if desk.ErrorCode(err) == desk.CodeForbidden {
			v.Why, v.Error, err = desk.VoiceRefused, desk.ErrorMessage(err), nil
		}
		if err != nil {
			return err
		}
	}
	if v.Why != "" {
		v.State = desk.VoiceLeft
		r.Left++
		if err := t.followIncident(*r, v); err != nil {
			return err
		}
	}
	return t.Rounds().PutVoice(v)
}

// writeToVoice writes the reply to a voice. Its id follows from the round and the issue.
// One that is there already has failed, and is sent again as it is.
func (t *Tx) writeToVoice(r *desk.Round, one desk.Issue, v *desk.RoundVoice, limit int) error {
	if p, there, err := t.Posts().Get(voicePost(r.Post, one.ID)); err != nil {
		return err
	} else if there {
		return t.sendAgain(r, one, v, p)
	}
	in := ReplyInput{Issue: one.ID, Change: desk.StatusChange{To: r.Status}}
	if r.Status != desk.StatusFixed && one.Status == r.Status {
		in.Change.To = "" // it stays
	}
	by := By{Agent: r.Agent}
	p, err := t.newReply(by, one, in)
	if err != nil {
		return err
	}
	if p.Text, p.Language, err = t.voiceText(*r, one, p.Language, limit); err != nil {
		return err
	}
	p.ID = voicePost(r.Post, one.ID)
	p.Object, p.Round = t.site.Post(p.ID), r.Post
	t.render(&p)
	one.Round = r.Post
	if err := t.Issues().Put(one); err != nil {
		return err
	}
	if err := t.addReply(by, p); err != nil {
		return err
	}
	v.State, v.Post = desk.VoiceWritten, p.ID
	r.Written++
	return nil
}

// voicePost is the id of the reply that tells a voice a post.
func voicePost(post desk.PostID, issue desk.IssueID) desk.PostID {
	return desk.PostID(id.Before(string(post), 0, "voice "+string(issue)))
}

// voiceText is what a voice hears, and in which language.
func (t *Tx) voiceText(r desk.Round, one desk.Issue, reader string, limit int) (text, language string, err error) {
	who, _, err := t.Actors().Get(one.Reporter)
	mention := len([]rune(who.Acct)) + len("@ ")
	text, language = r.Told(one, reader, mention, limit, string(t.site.Post(r.Post)))
	return text, language, err
}

// followIncident gives the issue of a voice that is not told the status of the
// incident, silently.
func (t *Tx) followIncident(r desk.Round, v desk.RoundVoice) error {
	switch v.Why {
	case desk.VoiceSkipped, desk.VoiceApart, desk.VoiceDone, desk.VoiceUnlinked, desk.VoiceOld:
		return nil
	}
	one, err := t.issue(v.Issue)
	if err != nil || one.MergedInto != "" || one.Status == r.Status || one.Status.Category() == desk.CategoryDone || one.Status == desk.StatusFixed {
		return err
	}
	before, needs, waiting := one.Snapshot(), one.NeedsUs, one.WaitingSince
	one.ApplyStatus(desk.StatusChange{To: r.Status}, t.Now)
	if one.NeedsUs = needs; r.Status != desk.StatusFixed {
		one.WaitingSince = waiting
	}
	if err := t.Issues().Put(one); err != nil {
		return err
	}
	return t.statusChanged(one, before.Status, desk.Event{Agent: r.Agent, Was: before})
}
