package resolve

import (
	"context"
	"fmt"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// Outbox fetches the newest entries of an actor's outbox: the collection, and its first
// page if that is apart. Nothing in it is to be believed: each post is fetched from its
// own id. Errors are *Error.
func (r *Resolver) Outbox(ctx context.Context, who desk.ActorID, outbox string) ([]as.Ref, error) {
	ctx, cancel := context.WithTimeout(ctx, r.o.Timeout)
	defer cancel()
	for range 2 {
		if h, err := desk.HostOf(outbox); err != nil || h != who.Host() {
			return nil, invalid(outbox, fmt.Errorf("it is not on the host of %q", who))
		}
		response, err := r.get(ctx, outbox)
		if err != nil {
			return nil, asError(outbox, err)
		}
		c, err := as.ParseCollection(response.Body)
		if err != nil {
			return nil, invalid(outbox, err)
		}
		if c.First == "" {
			return c.Posts, nil
		}
		outbox = c.First
	}
	return nil, nil // a page of pages has no posts
}
