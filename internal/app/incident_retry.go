package app

import (
	"context"
	"fmt"

	"earshot/internal/desk"
	"earshot/store"
)

// RetryVoices sends the newest word once more to the voices whose servers did not take
// it: the same reply under the same id, so that nobody has it twice. It says how many
// those were until now; the rest of them follow in portions.
func (a *App) RetryVoices(ctx context.Context, by By, i desk.IncidentID) (desk.Round, error) {
	return a.onceRound(ctx, by, "incident.retry", i, func(tx *Tx, i desk.Incident) (desk.Round, error) {
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
		n, err := tx.retryPortion(r.Post, tx.NewID(), 0)
		if err == nil && n == 0 {
			err = desk.Conflict("round_no_failures", "no server refused the newest word for good: there is nothing to send again")
		}
		if err != nil {
			return r, err
		}
		r, _, err = tx.Rounds().Get(r.Post)
		return r, err
	})
}

// retryPortion makes the next portion of a retry, and says how many failed voices it
// dealt with. None of them is a failed one afterwards, so no portion finds it twice.
func (t *Tx) retryPortion(post desk.PostID, retry string, portion int) (n int, err error) {
	failed, next, err := t.Rounds().Voices(store.VoiceFilter{Round: post, State: desk.VoiceFailed}, store.Page{Limit: roundPortion})
	if err != nil {
		return 0, err
	}
	left := 0
	for _, v := range failed {
		if err := t.retryVoice(&v); err != nil {
			return 0, err
		}
		if v.State == desk.VoiceLeft {
			left++
		}
		if err := t.Rounds().PutVoice(v); err != nil {
			return 0, err
		}
	}
	if left > 0 {
		r, _, err := t.Rounds().Get(post)
		if err != nil {
			return 0, err
		}
		r.Written, r.Left = r.Written-left, r.Left+left
		if err := t.Rounds().Put(r); err != nil {
			return 0, err
		}
	}
	if n = len(failed); next == "" {
		return n, nil
	}
	return n, t.addJob(store.QueueTimer, fmt.Sprintf("retry:%s:%d", retry, portion+1), "", t.Now, Timer{Kind: TimerRetry, Post: post, Tag: retry, N: portion + 1})
}

// retryVoice queues the deliveries again that failed, as they were. Who has asked for
// silence meanwhile, or is blocked, is not told.
func (t *Tx) retryVoice(v *desk.RoundVoice) error {
	v.At = t.Now
	one, ok, err := t.Issues().Get(v.Issue)
	if err != nil {
		return err
	}
	p, there, err := t.Posts().Get(v.Post)
	if err != nil {
		return err
	}
	blocked, err := t.Blocked(one.Reporter, v.Host)
	if err != nil {
		return err
	}
	if !ok || !there || p.Deleted || blocked || one.Silenced != "" {
		v.State, v.Why = desk.VoiceLeft, desk.VoiceSilenced
		return nil
	}
	activity := CreateID(t.site, v.Post)
	sent, _, err := t.Deliveries().ByActivity(activity, store.Page{})
	if err != nil {
		return err
	}
	v.State, v.Why = desk.VoiceLeft, desk.VoiceGone
	for _, d := range sent {
		if d.State == store.DeliveryDelivered {
			v.State, v.Why, v.Error = desk.VoiceTold, "", ""
			return nil
		}
	}
	for _, d := range sent {
		if d.State != store.DeliveryFailed {
			continue
		}
		if err := t.Deliver(Deliver{Activity: activity, Inbox: d.Inbox, Signer: p.Desk, Recipient: one.Reporter}, p.ID, string(one.ID)); err != nil {
			return err
		}
		v.State, v.Why, v.Error = desk.VoiceWritten, "", ""
	}
	return nil
}

// retryMore is the job of a further portion.
func (a *App) retryMore(ctx context.Context, w Timer) error {
	return a.Update(ctx, func(tx *Tx) error { _, err := tx.retryPortion(w.Post, w.Tag, w.N); return err })
}
