package app

import (
	"context"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// Servers deliver in parallel and try again later, so that a Delete or an Undo may
// come before what it takes back. It is remembered for a while, as a keyed hash,
// and what comes late has no effect.

// The bounds of the memory: see docs/operations/limits.md.
const (
	withdrawalTime        = 24 * time.Hour
	withdrawalsOfDomain   = 1_000   // then the domain's oldest makes room
	withdrawalsInAll      = 100_000 // then the oldest of all makes room
	withdrawalsExpireOnce = 10      // are forgotten with each that is remembered
)

// Withdrawal names an object or activity that its author took back.
type Withdrawal struct {
	by  desk.ActorID
	ref string
}

// WithdrawnPost is the Delete of a post by its author.
func WithdrawnPost(o desk.ObjectID, by desk.ActorID) Withdrawal {
	return Withdrawal{by, authorsRef(o, by)}
}

// WithdrawnActivity is the Undo of an activity by its actor. It goes by the
// activity's id: another of the same kind is another will.
func WithdrawnActivity(id desk.ActivityID, by desk.ActorID) Withdrawal {
	return Withdrawal{by, "activity\n" + string(id) + "\n" + string(by)}
}

// Withdraw remembers that something was taken back before it came. The caller
// has made sure that there is nothing to take back now.
func (a *App) Withdraw(ctx context.Context, w Withdrawal) error {
	return a.Update(ctx, func(tx *Tx) error { return tx.Withdraw(w) })
}

// nothingToUndo remembers an Undo that found nothing, by the id of the undone
// activity. An Undo without an id undoes only an activity that has come, and one
// that comes again is a repetition.
func (t *Tx) nothingToUndo(id desk.ActivityID, by desk.ActorID) error {
	if id == "" {
		return nil
	}
	if _, came, err := t.effect(by, id); err != nil || came {
		return err
	}
	return t.Withdraw(WithdrawnActivity(id, by))
}

// Withdraw is the same inside a transaction.
func (t *Tx) Withdraw(w Withdrawal) error {
	key, err := t.deletionKey(true)
	if err != nil {
		return err
	}
	all := t.Withdrawals()
	if _, err := all.Expire(t.Now, withdrawalsExpireOnce); err != nil {
		return err
	}
	r := store.Withdrawal{Hash: deletionHash(key, w.ref), Domain: deletionHash(key, "domain\n"+string(w.by.Host().Domain())), At: t.Now, Expires: t.Now.Add(withdrawalTime)}
	if _, err := all.Take(r.Hash); err != nil { // said again: it counts once
		return err
	}
	if err := t.makeRoom(r.Domain, withdrawalsOfDomain); err != nil {
		return err
	}
	if err := t.makeRoom("", withdrawalsInAll); err != nil {
		return err
	}
	return all.Put(r)
}

// makeRoom forgets the oldest withdrawal of a domain, or of all for "", if there
// are as many as there may be.
func (t *Tx) makeRoom(domain string, most int) error {
	n, err := t.Withdrawals().Count(domain)
	if err != nil || n < most {
		return err
	}
	oldest, _, err := t.Withdrawals().List(domain, store.Page{Limit: n - most + 1})
	if err != nil {
		return err
	}
	for _, w := range oldest {
		if _, err := t.Withdrawals().Take(w.Hash); err != nil {
			return err
		}
	}
	return nil
}

// WithdrawnBefore says whether an activity was taken back before it came. That
// uses the withdrawal up: who does the same again after that means it. The job
// that found it finds it again when it runs again.
func (a *App) WithdrawnBefore(ctx context.Context, job string, w Withdrawal) (yes bool, err error) {
	mark := "withdrawn:" + job
	err = a.View(ctx, func(tx *Tx) error {
		if _, yes, err = tx.Once().Get(mark); err != nil || yes {
			return err
		}
		key, err := tx.deletionKey(false)
		if err == nil {
			_, yes, err = tx.Withdrawals().Get(deletionHash(key, w.ref))
		}
		return err
	})
	if err != nil || !yes {
		return false, err
	}
	return true, a.Update(ctx, func(tx *Tx) error {
		if _, err := tx.withdrawn(w); err != nil {
			return err
		}
		_, _, err := tx.Once().Put(mark, nil, tx.Now.Add(withdrawalTime))
		return err
	})
}

// withdrawn takes a withdrawal, and says whether there was one.
func (t *Tx) withdrawn(w Withdrawal) (bool, error) {
	key, err := t.deletionKey(false)
	if err != nil || key == "" {
		return false, err
	}
	return t.Withdrawals().Take(deletionHash(key, w.ref))
}
