package app

import (
	"context"

	"earshot/internal/desk"
	"earshot/store"
)

// EarlierReplyWaits says whether a reply of ours has to wait: an earlier reply of
// its issue is due and has not gone out. Dead letters hold up nothing.
func (a *App) EarlierReplyWaits(ctx context.Context, id desk.PostID) (waits bool, err error) {
	err = a.View(ctx, func(tx *Tx) error { waits, err = tx.earlierReplyWaits(id); return err })
	return waits, err
}

func (t *Tx) earlierReplyWaits(id desk.PostID) (bool, error) {
	p, ok, err := t.Posts().Get(id)
	if err != nil || !ok || p.Role != desk.RoleReply {
		return false, err
	}
	for e, err := range t.newestFirst(store.ThreadQuery{Issue: p.Issue, Part: store.ThreadReplies}) {
		if err != nil {
			return false, err
		}
		if e.Post == nil {
			continue
		}
		if waits, err := t.goesOutBefore(*e.Post, p); err != nil || waits {
			return waits, err
		}
	}
	return false, nil
}

// goesOutBefore says whether a post is an earlier reply that is due and still
// has its publish job.
func (t *Tx) goesOutBefore(earlier, p desk.Post) (bool, error) {
	if earlier.Role != desk.RoleReply || !earlier.Received.Before(p.Received) || earlier.DueAt.After(t.Now) {
		return false, nil
	}
	job, waits, err := t.Jobs().Get(CreateJob(earlier.ID))
	return waits && !job.Dead, err
}
