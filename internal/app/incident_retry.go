package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// RetryVoices tells the newest word once more to the voices whose servers did not take
// it: the same reply under the same id, so that nobody has it twice. They wait as every
// voice does, so that the pace, a pause and a stop hold for them too. Those whose
// servers refused the reply are left alone.
func (a *App) RetryVoices(ctx context.Context, by By, i desk.IncidentID) (desk.Round, error) {
	return a.changeRound(ctx, by, "incident.retry", i, func(tx *Tx, r *desk.Round) error {
		if err := r.Again(); err != nil {
			return err
		}
		some, err := tx.mayRetry(r.Post)
		if err == nil && !some {
			err = desk.Conflict("round_no_failures", "there is nothing to send again: no server failed to take the newest word, or those servers refused it")
		}
		if err == nil {
			err = tx.Rounds().Put(*r)
		}
		if err != nil {
			return err
		}
		return tx.addJob(store.QueueTimer, fmt.Sprintf("retry:%s:%d", r.Post, r.Step), "", tx.Now, Timer{Kind: TimerRetry, Post: r.Post, At: tx.Now})
	})
}

// mayRetry says whether a voice of a round can be told again.
func (t *Tx) mayRetry(post desk.PostID) (bool, error) {
	for v, err := range store.EachOf(t.Rounds().Voices, store.VoiceFilter{Round: post, State: desk.VoiceFailed}) {
		if err != nil || v.Objection == "" {
			return err == nil, err
		}
	}
	return false, nil
}

// placeAgain gives the voices that had failed before a press a place once more. One that
// fails after it waits for the next press. A crash on the way is made good by doing it
// again; a pause or a stop ends it.
func (a *App) placeAgain(ctx context.Context, w Timer) error {
	var again []desk.RoundVoice
	if err := a.View(ctx, func(tx *Tx) (err error) { again, err = tx.placesAgain(w.Post, w.At, a.pace); return err }); err != nil {
		return err
	}
	for some := range slices.Chunk(again, roundPortion) {
		if err := a.againPortion(ctx, w.Post, some, false); err != nil {
			return err
		}
	}
	return a.againPortion(ctx, w.Post, nil, true)
}

func (a *App) againPortion(ctx context.Context, post desk.PostID, some []desk.RoundVoice, last bool) error {
	return a.Update(ctx, func(tx *Tx) error {
		r, ok, err := tx.Rounds().Get(post)
		if err != nil || !ok || r.State != desk.RoundTelling {
			return err
		}
		for _, v := range some {
			now, _, err := tx.Rounds().Voice(post, v.Issue)
			if err != nil {
				return err
			}
			if now.State != desk.VoiceFailed || now.Objection != "" {
				continue
			}
			now.State, now.Error, now.Slot, now.At = desk.VoiceWaiting, "", v.Slot, tx.Now
			if err := tx.Rounds().PutVoice(now); err != nil {
				return err
			}
			r.Unwritten()
		}
		if last {
			return tx.nextPortion(&r, tx.Now)
		}
		return tx.Rounds().Put(r)
	})
}

// placesAgain places the voices that had failed before a time: the invited first, the
// others after those who still wait, at the pace of each server.
func (t *Tx) placesAgain(post desk.PostID, before time.Time, pace desk.Pace) (again []desk.RoundVoice, err error) {
	r, ok, err := t.Rounds().Get(post)
	if err != nil || !ok || r.State != desk.RoundTelling {
		return nil, err
	}
	from, byTags, since := map[desk.Host]int{}, map[desk.Host]int{}, 0
	if !r.RestFrom.IsZero() {
		since = max(0, int(t.Now.Sub(r.RestFrom)/time.Second))
	}
	for v, err := range store.EachOf(t.Rounds().Voices, store.VoiceFilter{Round: post, State: desk.VoiceWaiting}) {
		if err != nil {
			return nil, err
		}
		from[v.Host] = max(from[v.Host], v.Slot+1)
	}
	for v, err := range store.EachOf(t.Rounds().Voices, store.VoiceFilter{Round: post, State: desk.VoiceFailed}) {
		if err != nil {
			return nil, err
		}
		if v.Objection != "" || !v.At.Before(before) {
			continue
		}
		if v.Slot = desk.SlotInvited; !v.Invited {
			v.Slot = max(since, from[v.Host]) + pace.Slot(byTags[v.Host])
			byTags[v.Host]++
		}
		again = append(again, v)
	}
	return again, nil
}

// sendAgain queues the deliveries of a reply to a voice again that failed, as they
// were, unless an inbox of the reporter has it.
func (t *Tx) sendAgain(r *desk.Round, one desk.Issue, v *desk.RoundVoice, p desk.Post) error {
	blocked, err := t.Blocked(one.Reporter, v.Host)
	if err != nil {
		return err
	}
	switch {
	case p.Deleted:
		v.Why = desk.VoiceSkipped
		return nil
	case blocked:
		v.Why = desk.VoiceSilenced
		return nil
	}
	activity := CreateID(t.site, p.ID)
	sent, _, err := t.Deliveries().ByActivity(activity, store.Page{})
	if err != nil {
		return err
	}
	v.State = desk.VoiceWritten
	if slices.ContainsFunc(sent, func(d store.Delivery) bool { return d.State == store.DeliveryDelivered }) {
		v.State, sent = desk.VoiceTold, nil
	}
	for _, d := range sent {
		if d.State != store.DeliveryFailed {
			continue
		}
		if err := t.Deliver(Deliver{Activity: activity, Inbox: d.Inbox, Signer: p.Desk, Recipient: one.Reporter}, p.ID, string(one.ID)); err != nil {
			return err
		}
	}
	r.Written++
	return nil
}
