package app

import (
	"context"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// NotFoundFor is the time between two fetches of a public post: only if both
// get 404, the post counts as deleted. A server that is moved or repaired
// answers 404 for a while.
const NotFoundFor = 6 * time.Hour

// mayFetch says whether the word of an actor may make us fetch an object. A
// post that is not public may be fetched on the word of its author only:
// Mastodon answers 404 for it to everybody but its addressees. A post
// whose words are erased is not fetched: there is nothing to learn.
func (t *Tx) mayFetch(o desk.ObjectID, word desk.ActorID) (bool, error) {
	if p, ok, err := t.Posts().ByObject(o); err != nil || ok {
		return !p.Deleted && (p.Author == word || p.Visibility.IsPublic()), err
	}
	q, held, err := t.Quarantine().Get(o)
	return !held || q.Author.ID == word || q.Post.Visibility.IsPublic(), err
}

// NotFound takes in that a post's own server answered 404, and says whether the
// post is erased by that. It is if it is public, and 404 was the answer
// NotFoundFor ago too: first says when, zero where the caller does not know.
// The first 404 is remembered by a timer, which fetches the post once more.
func (a *App) NotFound(ctx context.Context, o desk.ObjectID, first time.Time) (erased bool, err error) {
	err = a.Update(ctx, func(tx *Tx) error {
		erased = false
		p, ok, err := tx.Posts().ByObject(o)
		if err != nil || !ok || p.Ours() || p.Deleted || !p.Visibility.IsPublic() {
			return err
		}
		since := first
		if since.IsZero() {
			if since, err = tx.notFoundSince(o); err != nil {
				return err
			}
		}
		if tx.Now.Sub(since) < NotFoundFor {
			return nil
		}
		erased = true
		return tx.remove(p)
	})
	if err == nil && erased {
		a.deleted(ctx)
	}
	return erased, err
}

// notFoundSince returns when 404 was answered first for a post; if that is now,
// it sets the timer that has it fetched again.
func (t *Tx) notFoundSince(o desk.ObjectID) (time.Time, error) {
	if job, waits, err := t.Jobs().Get(string(store.QueueTimer) + ":" + notFoundTimer(o)); err != nil || waits {
		return job.Added, err
	}
	return t.Now, t.addJob(store.QueueTimer, notFoundTimer(o), "", t.Now.Add(NotFoundFor), Timer{Kind: TimerNotFound, Object: o})
}

// FetchAgain is the action of the timer of a post that was not found. first is
// the time of the first 404.
func (a *App) FetchAgain(ctx context.Context, o desk.ObjectID, first time.Time) error {
	return a.Update(ctx, func(tx *Tx) error {
		p, ok, err := tx.Posts().ByObject(o)
		if err != nil || !ok || p.Deleted || !p.Visibility.IsPublic() {
			return err
		}
		return tx.addJobOf(o.Host(), store.QueueFetch, fetchedAgain(o), string(o), tx.Now, Fetch{Object: o, NotFound: first})
	})
}

// The ids of the two jobs, without the queue.
func notFoundTimer(o desk.ObjectID) string { return "notfound:" + string(o) }
func fetchedAgain(o desk.ObjectID) string  { return "again " + string(o) }

// found forgets that a post was not found, for it is there.
func (t *Tx) found(o desk.ObjectID) error {
	for _, id := range []string{string(store.QueueTimer) + ":" + notFoundTimer(o), string(store.QueueFetch) + ":" + fetchedAgain(o)} {
		if _, err := t.Jobs().Drop(id, t.Now); err != nil {
			return err
		}
	}
	return nil
}
