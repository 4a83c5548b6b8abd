package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// Intake is an accepted activity.
type Intake struct {
	From    desk.Host // that processing it depends on
	Key     string    // names what must happen once
	Says    string    // a digest of its content, where other content under one Key is news; "": it is not
	Lane    string
	Payload []byte
	// Remember is how long Key is remembered, 0: only while the job waits.
	Remember time.Duration
	// Undoes are the keys of what it takes back: that may be done once more
	// afterwards, also under the same id.
	Undoes []string
}

// QueueInbound stores an accepted activity, with the job that will process it.
// When it returns no error the activity is on disk, or had been before: then it
// is a duplicate.
func (a *App) QueueInbound(ctx context.Context, in Intake) (drop.Reason, error) {
	return a.takeIn(ctx, func(tx *Tx) (drop.Reason, error) {
		for _, key := range in.Undoes {
			if err := tx.forgetActivity(key); err != nil {
				return "", err
			}
		}
		key := in.Key
		if in.Remember > 0 {
			first, added, err := tx.rememberActivity(key, []byte(in.Says), in.Remember)
			if err == nil && !added && in.Says != "" && in.Says != string(first) {
				key += " " + in.Says
				_, added, err = tx.rememberActivity(key, nil, in.Remember)
			}
			if err != nil || !added {
				return drop.Duplicate, err
			}
		}
		j := store.Job{ID: "inbound:" + key, Queue: store.QueueInbound, Lane: in.Lane, Due: tx.Now, Added: tx.Now, Payload: in.Payload, Host: in.From}
		return drop.Kept, tx.addOrRevive(j)
	})
}

// activityKey names an accepted activity in few bytes: there is one for every post, in
// four places. Nothing reads the activity from it.
func activityKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "in:" + base64.RawURLEncoding.EncodeToString(sum[:18])
}

// formerActivityKey is how earlier programs named it, for as long as it is remembered.
func formerActivityKey(key string) string { return "inbound:" + key }

// rememberActivity remembers that an activity was accepted, or returns what was said when
// it was first.
func (t *Tx) rememberActivity(key string, says []byte, lasts time.Duration) (first []byte, added bool, err error) {
	if first, there, err := t.Once().Get(formerActivityKey(key)); err != nil || there {
		return first, false, err
	}
	return t.Once().Put(activityKey(key), says, t.Now.Add(lasts))
}

func (t *Tx) forgetActivity(key string) error {
	for _, name := range []string{activityKey(key), formerActivityKey(key)} {
		if _, err := t.Once().Delete(name); err != nil {
			return err
		}
	}
	return nil
}

// QueueUnverified stores an activity as it came, whose signature cannot be verified
// yet, with the job that will. id names the request.
func (a *App) QueueUnverified(ctx context.Context, id string, from desk.Host, payload []byte) (drop.Reason, error) {
	return a.takeIn(ctx, func(tx *Tx) (drop.Reason, error) {
		job := string(store.QueueVerify) + ":" + id
		return drop.Kept, tx.addOrRevive(store.Job{ID: job, Queue: store.QueueVerify, Due: tx.Now.Add(verifyFirst), Added: tx.Now, Payload: payload, Host: from})
	})
}

// verifyFirst is when a key that could not be fetched is asked for again.
const verifyFirst = 5 * time.Second

// knows says whether we have to do with an actor: stored for what it said, or
// as a follower, or as a source, or for a complaint.
func (t *Tx) knows(who desk.ActorID) (bool, error) {
	if _, known, err := t.Actors().Get(who); err != nil || known {
		return known, err
	}
	if _, known, err := t.Sources().ByActor(who); err != nil || known {
		return known, err
	}
	if complaints, _, err := t.Flags().List(who, store.Page{Limit: 1}); err != nil || len(complaints) > 0 {
		return err == nil, err
	}
	desks, err := t.Desks().All()
	if err != nil {
		return false, err
	}
	for _, d := range desks {
		if _, known, err := t.Follows().Get(d.Handle, who); err != nil || known {
			return known, err
		}
	}
	return false, nil
}

// KnowsHost says whether a server is no stranger: some people of its domain have been
// heard for a while, were answered, or an agent vouched for it.
func (a *App) KnowsHost(ctx context.Context, h desk.Host) (known bool, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		s, err := tx.standing(h)
		known = !s.New(tx.Now)
		return err
	})
	return known, err
}

// DayBytes is how much the people of a server may make us write in a day.
func (a *App) DayBytes(ctx context.Context, h desk.Host) (n int, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		s, err := tx.standing(h)
		n = s.DayBytes(tx.Now)
		return err
	})
	return n, err
}

// invited says whether an actor has invited a desk to talk in any of its issues,
// and has not ended that.
func (t *Tx) invited(who desk.ActorID) (bool, error) {
	out, optedOut, err := t.OptOuts().Get(who)
	if err != nil || optedOut && out.Active(t.Now) {
		return false, err
	}
	issues, _, err := t.Issues().ByReporter(who, store.Page{})
	return slices.ContainsFunc(issues, func(i desk.Issue) bool { return i.Invited && i.Silenced == "" }), err
}

// Post returns a post we have by its object id.
func (a *App) Post(ctx context.Context, o desk.ObjectID) (p desk.Post, ok bool, err error) {
	err = a.View(ctx, func(tx *Tx) error { p, ok, err = tx.Posts().ByObject(o); return err })
	return p, ok, err
}

// createdBy is the id of the job that takes in a post.
func createdBy(author desk.ActorID, o desk.ObjectID) string {
	return "inbound:Create " + string(author) + " " + string(o)
}

// awaits says whether an author's post is waiting to be taken in, under way, held
// back, or a dead letter.
func (t *Tx) awaits(o desk.ObjectID, author desk.ActorID) (bool, error) {
	if _, waits, err := t.Jobs().Get(createdBy(author, o)); err != nil || waits {
		return waits, err
	}
	if q, held, err := t.Quarantine().Get(o); err != nil || held && q.Author.ID == author {
		return err == nil, err
	}
	if busy, err := t.Jobs().Busy(store.QueueInbound, string(o)); err != nil || busy {
		return busy, err
	}
	if busy, err := t.Jobs().Busy(store.QueueBrought, string(o)); err != nil || busy {
		return busy, err
	}
	return t.Jobs().Busy(store.QueueFetch, string(o))
}

// UpdateActor brings a stored profile up to date. Other profiles are not stored.
func (a *App) UpdateActor(ctx context.Context, who desk.Actor) (drop.Reason, error) {
	return a.takeIn(ctx, func(tx *Tx) (drop.Reason, error) {
		if _, known, err := tx.Actors().Get(who.ID); err != nil || !known {
			return drop.UnknownActor, err
		}
		return drop.Kept, tx.Actors().Put(who)
	})
}

// takeIn runs a use case on something that came in, which says why it was dropped.
func (a *App) takeIn(ctx context.Context, f func(*Tx) (drop.Reason, error)) (why drop.Reason, err error) {
	err = a.Update(ctx, func(tx *Tx) (err error) { why, err = f(tx); return err })
	return why, err
}

// effectKey names what an activity of an actor did.
func effectKey(who desk.ActorID, id desk.ActivityID) string {
	return "did:" + string(who) + " " + string(id)
}

// RememberEffect remembers what an activity did, so that an Undo which names only
// its id can be understood. The last one counts: some servers use an id again.
// One that was about a post of an incident lasts as long as the reactions to it.
func (a *App) RememberEffect(ctx context.Context, who desk.ActorID, id desk.ActivityID, about desk.ObjectID, what []byte) error {
	return a.Update(ctx, func(tx *Tx) error {
		expires := tx.Now.AddDate(1, 0, 0)
		if p, ok, err := tx.Posts().ByObject(about); err != nil {
			return err
		} else if ok && p.Incident != "" {
			expires = tx.Now.Add(feltRemembered)
		}
		return tx.Once().Set(effectKey(who, id), what, expires)
	})
}

// Effect returns what RememberEffect remembered.
func (a *App) Effect(ctx context.Context, who desk.ActorID, id desk.ActivityID) (what []byte, ok bool, err error) {
	err = a.View(ctx, func(tx *Tx) error { what, ok, err = tx.effect(who, id); return err })
	return what, ok, err
}

func (t *Tx) effect(who desk.ActorID, id desk.ActivityID) (what []byte, ok bool, err error) {
	return t.Once().Get(effectKey(who, id))
}

// HostLives closes the breaker of a server that spoke to us.
func (a *App) HostLives(ctx context.Context, h desk.Host) error {
	return a.Update(ctx, func(tx *Tx) error {
		s, ok, err := tx.Hosts().Get(h)
		if err != nil || !ok {
			return err
		}
		return tx.Hosts().Put(s.Up())
	})
}
