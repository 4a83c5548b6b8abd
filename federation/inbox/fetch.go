package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/queue"
	"earshot/store"
)

// Fetch does one fetch job: an object we were told of is fetched from its own
// server, looked at in memory, and kept only if it is for us; or a server is
// asked about itself.
func (in *Inbox) Fetch(ctx context.Context, job store.Job) error {
	var f app.Fetch
	if err := json.Unmarshal(job.Payload, &f); err != nil {
		return &queue.Dead{Err: fmt.Errorf("reading a fetch job: %w", err)}
	}
	if f.Host != "" {
		return in.askAbout(ctx, f.Host)
	}
	return in.refetch(ctx, f.Object, f.Source)
}

// askAbout asks a server how long a post of its people may be. Who does not
// answer is not asked again today: it only helps those who write.
func (in *Inbox) askAbout(ctx context.Context, h desk.Host) error {
	n, err := in.Servers.MaxCharacters(ctx, h)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		in.Log.Debug("a server does not say how long its posts may be", "host", h, "err", err)
	}
	return in.App.LearnMaxCharacters(ctx, h, n)
}

// Revalidate asks a post's own server whether it is still there, and takes in
// what has become of it.
func (in *Inbox) Revalidate(ctx context.Context, id desk.ObjectID) error {
	return in.refetch(ctx, id, "")
}

func (in *Inbox) refetch(ctx context.Context, id desk.ObjectID, source string) error {
	o, err := in.Resolver.Object(ctx, id)
	if err != nil {
		return in.notFetched(ctx, id, err)
	}
	if !slices.Contains(postTypes, o.Type) {
		return nil
	}
	r, err := in.hear(ctx, o, source)
	if err == nil && r.Outcome != app.Dropped {
		in.Log.Info("heard", "object", o.ID, "outcome", r.Outcome, "issue", r.Issue, "source", source)
	}
	return err
}

// notFetched draws the conclusion of a refused or failed fetch. Only where we
// have to do with the author is anything recorded.
func (in *Inbox) notFetched(ctx context.Context, id desk.ObjectID, err error) error {
	kind := resolve.KindOf(err)
	switch kind {
	case resolve.Temporary:
		return err
	case resolve.Unauthorized:
		// Not this author's wish, maybe: our key or our clock may be wrong.
		if in.refusals.note(id.Host(), in.App.Now()) {
			in.Log.Error("several servers refuse our signature (401): check this machine's clock, and that the instance's actor and key can be fetched from outside", "last", id.Host())
		}
		return err
	}
	p, known, kerr := in.App.Kept(ctx, id)
	if kerr != nil || !known || p.Ours() {
		return kerr
	}
	switch kind {
	case resolve.Gone, resolve.NotFound:
		return in.App.Remove(ctx, id, p.Author)
	case resolve.Refused:
		return in.App.Refused(ctx, p.Author)
	}
	return nil
}
