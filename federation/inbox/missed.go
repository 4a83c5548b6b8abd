package inbox

import (
	"context"
	"fmt"
	"time"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

const (
	// outboxTries is how often an outbox is asked for that does not come.
	outboxTries = 4
	// outboxSlack is for clocks that differ.
	outboxSlack = 10 * time.Minute
	// maxMissed bounds the posts of one outbox that are fetched.
	maxMissed = 10
)

// fetchOutbox looks in an actor's outbox for posts that they sent us while nothing worked
// here. It only names them: each is fetched from its own id, as any other.
func (in *Inbox) fetchOutbox(ctx context.Context, job store.Job, f app.Fetch) (drop.Reason, error) {
	actor, err := in.actor(ctx, f.Outbox)
	var posts []as.Ref
	if err == nil {
		posts, err = in.Resolver.Outbox(ctx, actor.ID, actor.Outbox)
	}
	if passing(err) && (ctx.Err() != nil || job.Attempts+1 < outboxTries) {
		return "", fmt.Errorf("reading an outbox: %w", err)
	}
	if err != nil {
		return fetchFailed(err), nil
	}
	var missed []desk.ObjectID
	for _, p := range posts {
		if len(missed) == maxMissed {
			break
		}
		may, err := in.mayBeMissed(ctx, p, actor, f)
		if err != nil {
			return "", err
		}
		if may {
			missed = append(missed, p.ID)
		}
	}
	if len(missed) == 0 {
		return drop.Kept, nil
	}
	return drop.Kept, in.App.QueueMissed(ctx, missed)
}

// mayBeMissed says whether an entry of an outbox is a public post of that time that seems
// to be for us. Of one that is named only nothing else is known.
func (in *Inbox) mayBeMissed(ctx context.Context, p as.Ref, author *as.Actor, f app.Fetch) (bool, error) {
	if p.ID.Host() != author.ID.Host() {
		return false, nil
	}
	if p.Object == nil {
		return true, nil
	}
	if at := p.Object.Published; !at.IsZero() && (at.Before(f.Since.Add(-outboxSlack)) || at.After(f.Until.Add(outboxSlack))) {
		return false, nil
	}
	b, err := in.App.Addresses(ctx)
	if err != nil {
		return false, err
	}
	h := outline(canonicalObject(b, p.Object), ActorOf(author, "", in.App.Now()), author.Followers, app.Inbox)
	if !h.Post.Visibility.IsPublic() || h.Post.Author != author.ID {
		return false, nil
	}
	d, err := in.App.Triage(ctx, "", app.AboutHeard(h))
	return d.ForUs && !d.Stored, err
}
