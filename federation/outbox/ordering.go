package outbox

import (
	"context"
	"errors"
	"time"

	"earshot/internal/desk"
	"earshot/internal/queue"
)

// orderPause is how long a reply waits before it checks again whether it is its turn.
const orderPause = 500 * time.Millisecond

// waitForEarlier makes a reply wait for the earlier ones of its issue that are
// due: a crash can leave an earlier one to its lease, and a conversation must not
// be told in another order. A reply that can still be taken back holds up no
// other, and only first deliveries wait: a Delete never does.
func (o *Outbox) waitForEarlier(ctx context.Context, id desk.PostID) error {
	wait, err := o.App.EarlierReplyWaits(ctx, id)
	if err != nil || !wait {
		return err
	}
	return &queue.Later{At: o.App.Now().Add(orderPause), Err: errors.New("an earlier reply of this issue goes out first")}
}
