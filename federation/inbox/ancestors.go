package inbox

import (
	"context"
	"slices"
	"time"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
)

const (
	// MaxAncestors is how far up a thread is followed (CVE-2025-32947 is what comes
	// of no limit).
	MaxAncestors = 20
	// AncestorsTimeout is how long that may take: the post itself must not wait for
	// what it answers.
	AncestorsTimeout = 30 * time.Second
)

// ancestors fetches the post above one for us, and the post above that, up to a
// post we know: ours then joins the thread it belongs to, and the agent reads
// the posts it answers. What cannot be fetched is left out. Oldest first.
func (in *Inbox) ancestors(ctx context.Context, h app.Heard) (found []app.Heard) {
	ctx, cancel := context.WithTimeout(ctx, AncestorsTimeout)
	defer cancel()
	seen := map[desk.ObjectID]bool{h.Post.Object: true}
	for next := h.Post.InReplyTo; next != "" && len(found) < MaxAncestors && !seen[next]; {
		seen[next] = true
		if may, err := in.App.MayLookUp(ctx, next, h.Author.ID); err != nil || !may {
			break
		}
		if in.Budget.lookup(h.Author.ID, in.App.Now()) != nil {
			break
		}
		o, err := in.object(ctx, next)
		if err != nil || o.ID != next || !slices.Contains(postTypes, o.Type) || o.AttributedTo == "" {
			break
		}
		found = append(found, in.overheard(ctx, o))
		next = o.InReplyTo
	}
	slices.Reverse(found)
	return found
}

// overheard is a post that nobody sent us. Without its author's profile, which
// may ask to be left alone, it shows the way and is not stored.
func (in *Inbox) overheard(ctx context.Context, o *as.Object) app.Heard {
	actor, err := in.actor(ctx, o.AttributedTo)
	if err != nil {
		return app.Heard{Post: desk.Post{Object: o.ID, InReplyTo: o.InReplyTo}}
	}
	o.AttributedToAs(actor.ID)
	author := ActorOf(actor, in.Naming.Acct(ctx, actor), in.App.Now())
	return heard(o, author, actor.Followers, "")
}
