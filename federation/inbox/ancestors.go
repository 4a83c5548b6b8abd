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

// ancestors fetches what a post answers, and what that answers, up to something we
// know: the post then joins the thread it belongs to, and the agent reads what
// it is about. What cannot be had is done without. Oldest first.
func (in *Inbox) ancestors(ctx context.Context, h app.Heard) ([]app.Heard, error) {
	missing, err := in.App.MissesParent(ctx, h)
	if err != nil || !missing {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, AncestorsTimeout)
	defer cancel()
	var found []app.Heard
	seen := map[desk.ObjectID]bool{h.Post.Object: true}
	for next := h.Post.InReplyTo; next != "" && len(found) < MaxAncestors && !seen[next]; {
		seen[next] = true
		if known, err := in.knows(ctx, next); err != nil || known {
			break
		}
		if may, err := in.App.MayFetch(ctx, next, h.Author.ID); err != nil || !may {
			break
		}
		if in.Budget.lookup(h.Author.ID, in.App.Now()) != nil {
			break
		}
		o, err := in.Resolver.Object(ctx, next)
		if err != nil || o.ID != next || !slices.Contains(postTypes, o.Type) || o.AttributedTo == "" {
			break
		}
		found = append(found, in.overheard(ctx, o))
		next = o.InReplyTo
	}
	slices.Reverse(found)
	return found, nil
}

// knows says whether a post is kept here, or would be if it existed.
func (in *Inbox) knows(ctx context.Context, o desk.ObjectID) (bool, error) {
	if in.App.Site().Owns(string(o)) {
		return true, nil
	}
	_, ok, err := in.App.Post(ctx, o)
	return ok, err
}

// overheard is a post that nobody sent us. Without its author's profile, which
// may ask to be left alone, it shows the way and is not kept.
func (in *Inbox) overheard(ctx context.Context, o *as.Object) app.Heard {
	actor, err := in.actor(ctx, o.AttributedTo)
	if err != nil {
		return app.Heard{Post: desk.Post{Object: o.ID, InReplyTo: o.InReplyTo}}
	}
	author := ActorOf(actor, in.Naming.Acct(ctx, actor), in.App.Now())
	return heard(in.App.Site(), o, author, actor.Followers, "")
}
