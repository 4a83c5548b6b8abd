package outbox

import (
	"context"
	"errors"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/queue"
	"earshot/store"
)

// orderPause is how long a reply waits before it looks again whether it is its turn.
const orderPause = 500 * time.Millisecond

// waitForEarlier makes a reply wait for the earlier ones of its issue that are due: a
// crash can leave an earlier one to its lease, and a conversation told in the
// wrong order is another conversation. What may still be taken back holds
// nobody up, and only first deliveries wait: a Delete never does.
func (o *Outbox) waitForEarlier(ctx context.Context, id desk.PostID) error {
	wait := false
	err := o.App.View(ctx, func(tx *app.Tx) error {
		p, ok, err := tx.Posts().Get(id)
		if err != nil || !ok || p.Role != desk.RoleReply {
			return err
		}
		for after := ""; ; {
			posts, next, err := tx.Posts().ByIssue(p.Issue, store.Page{After: after})
			if err != nil {
				return err
			}
			for _, e := range posts {
				if e.Role != desk.RoleReply || !e.Received.Before(p.Received) || e.DueAt.After(tx.Now) {
					continue
				}
				job, waiting, err := tx.Jobs().Get(app.CreateJob(e.ID))
				if err != nil {
					return err
				}
				if waiting && !job.Dead {
					wait = true
					return nil
				}
			}
			if next == "" {
				return nil
			}
			after = next
		}
	})
	if err != nil || !wait {
		return err
	}
	return &queue.Later{At: o.App.Now().Add(orderPause), Err: errors.New("an earlier reply of this issue goes out first")}
}
