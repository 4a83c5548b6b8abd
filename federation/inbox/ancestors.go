package inbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

const (
	// MaxAncestors is how far up a thread is followed.
	MaxAncestors = app.MaxAncestors
	// AncestorsTimeout is how long a post waits for those above it on its own
	// server. The others are fetched when it was heard.
	AncestorsTimeout = 2 * time.Second
	// aboveTries is how often a post above is asked for.
	aboveTries = 3
)

// ancestors fetches the post above one for us, and the post above that, up to a
// post we know: ours then joins the thread it belongs to, and the agent reads
// the posts it answers. Oldest first. above is the next one, if that is on
// another server, or if this one does not answer: it is fetched later.
func (in *Inbox) ancestors(ctx context.Context, h app.Heard) (found []app.Heard, above desk.ObjectID) {
	ctx, cancel := context.WithTimeout(ctx, AncestorsTimeout)
	defer cancel()
	defer func() { slices.Reverse(found) }()
	seen := map[desk.ObjectID]bool{h.Post.Object: true}
	own := h.Author.ID.Host()
	for next := h.Post.InReplyTo; next != "" && !seen[next]; {
		seen[next] = true
		if next.Host() != own || in.late.has(own, in.App.Now()) {
			return found, next
		}
		if may, err := in.App.MayLookUp(ctx, next, h.Author.ID); err != nil || !may {
			break
		}
		if len(found) == MaxAncestors {
			in.leftOut(next, drop.Limited)
			break
		}
		o, why, err := in.above(ctx, next, h.Author.ID)
		if err != nil {
			in.late.add(own, in.App.Now())
			return found, next
		}
		if why != drop.Kept {
			in.leftOut(next, why)
			break
		}
		found = append(found, in.overheard(ctx, o))
		next = o.InReplyTo
	}
	return found, ""
}

// above reads a post above another, at the cost of who wrote that. why is drop.Kept,
// or why the post is left out. An error passes.
func (in *Inbox) above(ctx context.Context, id desk.ObjectID, by desk.ActorID) (o *as.Object, why drop.Reason, err error) {
	if in.Budget.lookup(by, in.App.Now()) != nil {
		return nil, drop.Limited, nil
	}
	o, err = in.object(ctx, id)
	switch {
	case passing(err):
		return nil, "", err
	case err != nil:
		return nil, fetchFailed(err), nil
	case o.ID != id || !slices.Contains(postTypes, o.Type) || o.AttributedTo == "":
		return nil, drop.Malformed, nil
	case in.spend(ctx, by, len(o.Raw)+entryBytes) != nil:
		return nil, drop.Limited, nil
	}
	return o, drop.Kept, nil
}

// leftOut counts a post above one for us that the thread goes without.
func (in *Inbox) leftOut(id desk.ObjectID, why drop.Reason) {
	in.drop(drop.Event{Reason: why, Host: id.Host(), Ours: true}, nil)
}

// fetchAbove fetches one post above a post that was heard. What cannot be fetched
// is left out.
func (in *Inbox) fetchAbove(ctx context.Context, job store.Job, f app.Fetch) (drop.Reason, error) {
	word, may, err := in.App.MayLookAbove(ctx, f.Object, f.Above)
	if err != nil || !may {
		return drop.Kept, err // it is here, or is not wanted any more
	}
	o, why, err := in.above(ctx, f.Above, word)
	if err != nil && (ctx.Err() != nil || job.Attempts+1 < aboveTries) {
		return "", fmt.Errorf("fetching a post above: %w", err)
	}
	if err != nil {
		return fetchFailed(err), nil
	}
	if why != drop.Kept {
		return why, nil
	}
	return drop.Kept, in.App.HeardAbove(ctx, f.Object, f.N, in.overheard(ctx, o))
}

// fetchCommunity asks whether the community of a post that was heard is a Group.
func (in *Inbox) fetchCommunity(ctx context.Context, f app.Fetch) error {
	p, ok, err := in.App.Post(ctx, f.Object)
	if err != nil || !ok {
		return err
	}
	group := in.group(ctx, f.Community, p.Author)
	if group == "" {
		return nil
	}
	return in.App.InCommunity(ctx, f.Object, group)
}

// overheard is a post that nobody sent us. Without its author's profile, which
// may ask to be left alone, it shows the way and is not stored.
func (in *Inbox) overheard(ctx context.Context, o *as.Object) app.Heard {
	actor, err := in.writer(ctx, o, nil)
	if err != nil {
		return app.Heard{Post: desk.Post{Object: o.ID, InReplyTo: o.InReplyTo}}
	}
	o.AttributedToAs(actor.ID)
	author := ActorOf(actor, in.Naming.Acct(ctx, actor), in.App.Now())
	return heard(o, author, actor.Followers, "")
}
