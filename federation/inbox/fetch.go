package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/queue"
	"earshot/store"
)

// Fetch does one fetch job: an object we were told of is fetched from its own
// server, read in memory, and stored only if it is for us; a server is asked
// about itself; or a thread is completed.
func (in *Inbox) Fetch(ctx context.Context, job store.Job) error {
	var f app.Fetch
	if err := json.Unmarshal(job.Payload, &f); err != nil {
		return &queue.Dead{Err: fmt.Errorf("reading a fetch job: %w", err)}
	}
	switch {
	case f.Host != "":
		return in.fetchServerLimits(ctx, f.Host)
	case f.Above != "":
		return in.fetchAbove(ctx, job, f)
	case f.Community != "":
		return in.fetchCommunity(ctx, f)
	}
	_, err := in.refetch(ctx, f.Object, f.Source, reason{by: f.By, desks: f.Desks, notFound: f.NotFound})
	return err
}

// fetchServerLimits asks a server how long a post of its people may be. Who does not
// answer is not asked again today: it only helps those who write.
func (in *Inbox) fetchServerLimits(ctx context.Context, h desk.Host) error {
	n, err := in.Servers.MaxCharacters(ctx, h)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		in.Log.Debug("a server does not say how long its posts may be", "host", h, "err", err)
	}
	return in.App.LearnMaxCharacters(ctx, h, n)
}

// reason is why something is fetched, which decides what a failure means. The
// zero reason is a stranger's word.
type reason struct {
	toWrite  bool          // we are about to write to the author
	by       desk.ActorID  // who named the post to us, and signed that themselves
	desks    []desk.Handle // that they addressed
	notFound time.Time     // when 404 was answered first, if this is the second try
}

// ours says whether we have a reason of our own to fetch a post.
func (r reason) ours(p desk.Post) bool { return r.toWrite || r.by != "" && r.by == p.Author }

// Revalidate asks a post's own server whether it is still there, before we
// write to its author, and takes in what has become of it. seen is false where
// nobody can say: then nothing is to be written.
func (in *Inbox) Revalidate(ctx context.Context, id desk.ObjectID) (seen bool, err error) {
	return in.refetch(ctx, id, "", reason{toWrite: true})
}

// refetch fetches a post, and says whether it was seen: read, or known to be
// gone or refused, and that is taken in.
func (in *Inbox) refetch(ctx context.Context, id desk.ObjectID, source string, why reason) (seen bool, err error) {
	o, err := in.object(ctx, id)
	if err != nil {
		return in.notFetched(ctx, id, why, err)
	}
	if !slices.Contains(postTypes, o.Type) {
		return false, nil
	}
	r, err := in.hear(ctx, o, nil, source, why)
	if err != nil {
		return false, err
	}
	if r.Outcome != app.Dropped {
		in.Log.Info("heard", "object", o.ID, "outcome", r.Outcome, "issue", r.Issue, "source", source)
	}
	return r.Outcome == app.Known && o.ID == id, nil
}

// notFetched draws the conclusion of a refused or failed fetch. Only where we
// have to do with the author is anything recorded. Who is no addressee of a post
// that is not public gets 404, or 403, wherever it is: neither says anything
// about it. 410 says that it is gone; whether it is public matters only where a
// stranger made us ask.
func (in *Inbox) notFetched(ctx context.Context, id desk.ObjectID, why reason, err error) (seen bool, _ error) {
	kind := resolve.KindOf(err)
	switch kind {
	case resolve.Temporary:
		return false, err
	case resolve.Unauthorized:
		// Not this author's wish, maybe: our key or our clock may be wrong.
		if in.refusals.record(id.Host(), in.App.Now()) {
			in.Log.Error("several servers refuse our signature (401): check this machine's clock, and that the instance's actor and key can be fetched from outside", "last", id.Host())
		}
		return false, err
	}
	p, known, kerr := in.App.Post(ctx, id)
	if kerr != nil || !known || p.Ours() || p.Deleted {
		return false, kerr
	}
	public, ours := p.Visibility.IsPublic(), why.ours(p)
	switch {
	case kind == resolve.Gone && (public || ours):
		return true, in.App.Remove(ctx, id, p.Author)
	case kind == resolve.NotFound && public:
		return in.notFound(ctx, id, why, err)
	case kind == resolve.Refused && public && ours:
		return true, in.App.Refused(ctx, p.Author)
	}
	in.Log.Info("nothing is concluded from a failed fetch", "object", id, "err", err)
	return false, nil
}

// notFound takes in a 404 for a public post. Who is about to write waits for the
// second one, or for the post.
func (in *Inbox) notFound(ctx context.Context, id desk.ObjectID, why reason, because error) (seen bool, err error) {
	erased, err := in.App.NotFound(ctx, id, why.notFound)
	if err == nil && !erased && why.toWrite {
		err = because
	}
	return erased, err
}
