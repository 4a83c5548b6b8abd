package app

import (
	"context"
	"fmt"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// Replayed counts what a replay of deletions erased.
type Replayed struct {
	Posts  int `json:"posts"`
	Actors int `json:"actors"`
}

// CatchUpDeletions brings the store and the file of deletions together. Call it
// before anything is served: a file that knows more than the store means that
// the store is an older one, with posts that were deleted since.
func (a *App) CatchUpDeletions(ctx context.Context) (Replayed, error) {
	if err := a.PrepareDeletions(ctx); err != nil || a.deletions == nil {
		return Replayed{}, err
	}
	head, err := a.DeletionCount(ctx)
	if err != nil {
		return Replayed{}, err
	}
	var done Replayed
	if a.deletions.Last() > head {
		if done, err = a.ReplayDeletions(ctx, a.deletions.Each); err != nil {
			return done, err
		}
		a.log.Warn("the store is older than its file of deletions: later deletions are repeated", "posts", done.Posts, "actors", done.Actors)
		return done, a.RewriteDeletions(ctx)
	}
	return done, a.WriteDeletions(ctx)
}

// ReplayDeletions erases everything in the store that the deletions name, and
// remembers the deletions. Doing it twice is doing it once.
func (a *App) ReplayDeletions(ctx context.Context, each func(func(Deletion) error) error) (Replayed, error) {
	r := replay{app: a, deleted: map[string]time.Time{}}
	if err := r.read(ctx, each); err != nil {
		return r.done, err
	}
	if len(r.deleted) == 0 {
		return r.done, nil
	}
	if err := r.issues(ctx); err != nil {
		return r.done, err
	}
	for _, f := range quarantineParts() {
		if _, err := r.app.clearQuarantine(ctx, f, "", r.quarantined); err != nil {
			return r.done, err
		}
	}
	err := r.app.Update(ctx, func(tx *Tx) error {
		_, err := tx.eraseFlags(func(f desk.Flag) (bool, error) {
			at, ok := r.deleted[deletionHash(r.key, actorRef(f.Sender))]
			return ok && f.At.Before(at), nil
		})
		return err
	})
	if err != nil {
		return r.done, err
	}
	return r.done, r.desks(ctx)
}

// quarantined says whether a post that is held back was deleted.
func (r *replay) quarantined(q desk.Quarantined) bool {
	if _, ok := r.deleted[deletionHash(r.key, authorsRef(q.Object, q.Author.ID))]; ok {
		return true
	}
	at, ok := r.deleted[deletionHash(r.key, actorRef(q.Author.ID))]
	return ok && q.Since.Before(at)
}

// replay is one run of ReplayDeletions.
type replay struct {
	app     *App
	key     string
	deleted map[string]time.Time // by hash
	done    Replayed
}

// read takes in the deletions; those that the store did not know are added to
// its list, in portions.
func (r *replay) read(ctx context.Context, each func(func(Deletion) error) error) error {
	err := r.app.View(ctx, func(tx *Tx) (err error) { r.key, err = tx.deletionKey(false); return err })
	if err != nil {
		return err
	}
	var portion []Deletion
	flush := func() error {
		err := r.app.Update(ctx, func(tx *Tx) error {
			for _, d := range portion {
				if err := tx.addDeletion(d); err != nil {
					return err
				}
			}
			return nil
		})
		portion = portion[:0]
		return err
	}
	err = each(func(d Deletion) error {
		r.deleted[d.Hash] = d.At
		if portion = append(portion, d); len(portion) < deletionBatch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return fmt.Errorf("reading the deletions: %w", err)
	}
	return flush()
}

// issues erases in every issue.
func (r *replay) issues(ctx context.Context) error {
	return r.app.eachIssue(ctx, func(i desk.Issue) error {
		return store.EachPage(func(p store.Page) (next string, err error) {
			var posts []desk.Post
			err = r.app.View(ctx, func(tx *Tx) (err error) { posts, next, err = tx.Posts().ByIssue(i.ID, p); return err })
			if err != nil {
				return "", err
			}
			return next, r.erase(ctx, posts)
		})
	})
}

// desks erases among the broadcasts and the followers.
func (r *replay) desks(ctx context.Context) error {
	desks, err := r.app.Desks(ctx)
	if err != nil {
		return err
	}
	handles := []desk.Handle{desk.RelayHandle}
	for _, d := range desks {
		handles = append(handles, d.Handle)
	}
	for _, h := range handles {
		err := store.EachPage(func(p store.Page) (next string, err error) {
			var posts []desk.Post
			err = r.app.View(ctx, func(tx *Tx) (err error) { posts, next, err = tx.Posts().Broadcasts(h, p); return err })
			if err != nil {
				return "", err
			}
			return next, r.erase(ctx, posts)
		})
		if err != nil {
			return err
		}
		if err := r.followers(ctx, h); err != nil {
			return err
		}
	}
	return nil
}

func (r *replay) followers(ctx context.Context, h desk.Handle) error {
	return store.EachPage(func(p store.Page) (next string, err error) {
		var follows []store.Follow
		err = r.app.View(ctx, func(tx *Tx) (err error) { follows, next, err = tx.Follows().List(h, p); return err })
		if err != nil {
			return "", err
		}
		for _, f := range follows {
			at, gone := r.deleted[deletionHash(r.key, actorRef(f.Actor))]
			if !gone || f.Since.After(at) {
				continue
			}
			r.done.Actors++
			if err := r.app.Update(ctx, func(tx *Tx) error { return tx.forget(f.Actor) }); err != nil {
				return "", err
			}
		}
		return next, nil
	})
}

// erase erases those of a page of posts that were deleted.
func (r *replay) erase(ctx context.Context, posts []desk.Post) error {
	var gone []desk.PostID
	for _, p := range posts {
		if !p.Deleted && r.wasDeleted(p) {
			gone = append(gone, p.ID)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	r.done.Posts += len(gone)
	return r.app.Update(ctx, func(tx *Tx) error {
		for _, id := range gone {
			p, ok, err := tx.Posts().Get(id)
			if err != nil {
				return err
			}
			if !ok || p.Deleted {
				continue
			}
			if p.Ours() {
				err = tx.retractAgain(p)
			} else {
				err = tx.erase(p)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *replay) wasDeleted(p desk.Post) bool {
	if _, ok := r.deleted[deletionHash(r.key, postRef(r.app.site, p))]; ok {
		return true
	}
	at, ok := r.deleted[deletionHash(r.key, actorRef(p.Author))]
	return ok && !p.Ours() && p.Received.Before(at)
}

// retractAgain retracts a post of ours whose retraction a backup did not have,
// or takes it back once more. Our own pages lose it in the same transaction; to
// notify others again does no harm.
func (t *Tx) retractAgain(p desk.Post) error {
	if err := t.eraseOwn(&p); err != nil {
		return err
	}
	p.Updated = t.Now
	if p.Incident != "" {
		if err := t.roundRetracted(p.ID); err != nil {
			return err
		}
	}
	if p.Unsent() {
		if err := t.undoAgain(p); err != nil || p.Approval == nil {
			return err
		}
		return t.unsay(p)
	}
	if err := t.storeOwn(p, desk.Event{Kind: desk.KindDelete}); err != nil || p.State != desk.PostPublished {
		return err
	}
	return t.unsay(p)
}

// unsay removes a post's words from our pages, and notifies the servers that
// have it.
func (t *Tx) unsay(p desk.Post) error {
	for _, id := range DocumentIDs(t.site, p) {
		d, ok, err := t.Documents().Get(id)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		d.Gone, d.At = true, t.Now
		d.JSON = fmt.Appendf(nil, `{"@context":"https://www.w3.org/ns/activitystreams","id":%q,"type":"Tombstone"}`, p.Object)
		if err := t.Documents().Put(d); err != nil {
			return err
		}
	}
	return t.publish("delete:"+string(p.ID), string(p.ID), t.Now, Publish{Verb: VerbDelete, Post: p.ID})
}

func (t *Tx) undoAgain(p desk.Post) error {
	p.State = desk.PostUndone
	if err := t.storeOwn(p, desk.Event{Kind: desk.KindNotice}.Says(desk.NoteTakenBack)); err != nil || p.Issue == "" {
		return err
	}
	i, err := t.issue(p.Issue)
	if err != nil {
		return err
	}
	i.ReplyUndone(t.Now)
	return t.Issues().Put(i)
}

// eachIssue calls f for every issue, outside of any transaction. An issue that
// f touches may come twice, none is left out: touching moves issues to places
// that were read before, or will be.
func (a *App) eachIssue(ctx context.Context, f func(desk.Issue) error) error {
	return store.EachPage(func(p store.Page) (next string, err error) {
		var issues []desk.Issue
		err = a.View(ctx, func(tx *Tx) (err error) {
			listed, after, err := tx.Issues().List(store.IssueFilter{}, p)
			next = after
			issues, err = tx.withParts(listed, err)
			return err
		})
		for _, i := range issues {
			if err == nil {
				err = f(i)
			}
		}
		return next, err
	})
}
