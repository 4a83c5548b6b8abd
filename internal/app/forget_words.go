package app

import (
	"context"
	"fmt"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// DefaultWordsExpire is how long other people's words are kept after an issue
// is done or was last touched.
const DefaultWordsExpire = 90 * 24 * time.Hour

// Expired counts the expired records.
type Expired struct {
	Issues int `json:"issues"`
	Posts  int `json:"posts"`
	Jobs   int `json:"jobs"` // dead letters in which words would have stayed
	// Quarantined counts posts that were held back for QuarantineFor without a
	// decision.
	Quarantined int `json:"quarantined"`
	Flags       int `json:"flags"` // complaints of other servers
	Drafts      int `json:"drafts"`
}

// ExpireWords erases other people's words in issues that nobody has touched for
// a long time, and in dead letters as old. Our own posts stay, and so does the
// issue without its words.
func (a *App) ExpireWords(ctx context.Context) (done Expired, err error) {
	before := a.Now().Add(-a.wordsExpire)
	err = a.eachIssue(ctx, func(i desk.Issue) error {
		if !i.WordsExpire(before) {
			return nil
		}
		n, expired, err := a.expireIssue(ctx, i.ID, before)
		done.Posts += n
		if expired {
			done.Issues++
		}
		return err
	})
	if err != nil {
		return done, fmt.Errorf("expiring words: %w", err)
	}
	if done.Quarantined, err = a.expireQuarantine(ctx); err != nil {
		return done, fmt.Errorf("expiring the quarantine: %w", err)
	}
	if done.Flags, err = a.expireFlags(ctx, before); err != nil {
		return done, err
	}
	if done.Drafts, err = a.expireDrafts(ctx, before); err != nil {
		return done, err
	}
	if _, err := a.expireUploads(ctx, before); err != nil {
		return done, err
	}
	if err := a.expirePiles(ctx, before); err != nil {
		return done, err
	}
	if err := a.forgetHosts(ctx); err != nil {
		return done, fmt.Errorf("forgetting servers that are gone: %w", err)
	}
	for _, q := range []store.Queue{store.QueueInbound, store.QueueFetch, store.QueueBrought} {
		n, err := a.dropDead(ctx, q, before)
		done.Jobs += n
		if err != nil {
			return done, fmt.Errorf("dropping old dead letters: %w", err)
		}
	}
	return done, nil
}

// hostsForgotten: by then every delivery to a server that is down has long been
// given up, and the length of its posts is asked again.
const hostsForgotten = 30 * 24 * time.Hour

// forgetHosts forgets servers that have been down since then, and unused
// knowledge of the others.
func (a *App) forgetHosts(ctx context.Context) error {
	return store.EachPage(func(p store.Page) (next string, err error) {
		err = a.Update(ctx, func(tx *Tx) error {
			var hosts []store.HostState
			if hosts, next, err = tx.Hosts().List(p); err != nil {
				return err
			}
			for _, h := range hosts {
				kept := h
				if h.Failures > 0 && tx.Now.Sub(h.DownSince) >= hostsForgotten {
					kept = store.HostState{Host: h.Host}
				}
				if tx.Now.Sub(h.Ed25519At) >= ed25519KnownFor {
					kept.Ed25519, kept.Ed25519At = store.TakesUnknown, time.Time{}
				}
				if tx.Now.Sub(h.MaxCharactersAt) >= hostsForgotten {
					kept.MaxCharacters, kept.MaxCharactersAt, kept.Software = 0, time.Time{}, ""
				}
				if kept == h {
					continue
				}
				if err := tx.Hosts().Put(kept); err != nil {
					return err
				}
			}
			return nil
		})
		return next, err
	})
}

// expireBatch is how many posts are erased in one transaction.
const expireBatch = 100

// expireIssue erases others' words in one issue, in portions.
func (a *App) expireIssue(ctx context.Context, id desk.IssueID, before time.Time) (posts int, expired bool, err error) {
	p := store.Page{Limit: expireBatch}
	for more := true; more; {
		n, next := 0, ""
		err := a.Update(ctx, func(tx *Tx) (err error) {
			n, next, expired, err = tx.expirePage(id, before, p)
			return err
		})
		if err != nil {
			return posts, expired, err
		}
		posts += n
		p.After, more = next, next != ""
	}
	return posts, expired, nil
}

func (t *Tx) expirePage(id desk.IssueID, before time.Time, p store.Page) (n int, next string, expired bool, err error) {
	i, ok, err := t.Issues().Get(id)
	if err != nil || !ok || !i.WordsExpire(before) { // touched meanwhile
		return 0, "", false, err
	}
	if home, err := t.home(id); err != nil || !home.UpdatedAt.Before(before) { // its other reporters talk still
		return 0, "", false, err
	}
	posts, next, err := t.Posts().ByIssue(id, p)
	if err != nil {
		return 0, "", false, err
	}
	for _, post := range posts {
		if post.Ours() || post.Deleted {
			continue
		}
		n++
		if err := t.eraseWords(post); err != nil {
			return 0, "", false, err
		}
	}
	if next != "" {
		return n, next, false, nil
	}
	if err := t.eraseNotices(id); err != nil {
		return 0, "", false, err
	}
	i.WordsExpired(t.Now)
	if err := t.Issues().Put(i); err != nil {
		return 0, "", false, err
	}
	return n, "", true, t.event(desk.Event{Issue: id, Kind: desk.KindNotice}.Says(desk.NoteExpired))
}

// eraseNotices takes the words of other people out of an issue's notes: what a
// server said when it reported a reply of ours.
func (t *Tx) eraseNotices(id desk.IssueID) error {
	return t.eachEvent(id, func(e desk.Event) error {
		if e.Note != desk.NoteFlaggedFor || len(e.With) == 0 {
			return nil
		}
		return t.Events().Add(e.Says(desk.NoteFlagged, e.With[0]))
	})
}

// dropDead drops the dead letters of a queue that died before a time.
func (a *App) dropDead(ctx context.Context, q store.Queue, before time.Time) (dropped int, err error) {
	for {
		n := 0
		err := a.Update(ctx, func(tx *Tx) error {
			n = 0
			jobs, _, err := tx.Jobs().List(store.JobFilter{Queue: q, Dead: true}, store.Page{Limit: expireBatch})
			if err != nil {
				return err
			}
			for _, j := range jobs {
				if !j.DiedAt.Before(before) {
					continue
				}
				ok, err := tx.Jobs().Drop(j.ID, tx.Now)
				if err != nil {
					return err
				}
				if ok {
					n++
				}
			}
			return nil
		})
		dropped += n
		if err != nil || n == 0 {
			return dropped, err
		}
	}
}
