package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"earshot/federation/as"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
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
	if f.Read > 0 {
		return in.readAgain(ctx, job, f)
	}
	got, err := in.fetch(ctx, job, f)
	if err != nil && job.Queue == store.QueueBrought && ctx.Err() == nil {
		got.why, err = in.broughtAgain(job, err)
	}
	if err == nil && got.why != drop.Kept && job.Queue == store.QueueBrought && f.Source != "" {
		in.App.SourceDropped(desk.SourceID(f.Source), f.Object, got.why)
	}
	if err == nil && got.why != drop.Kept {
		e := drop.Event{Reason: got.why, Host: f.Asks(), Desks: got.named, Ours: len(got.named) > 0}
		if !got.read && !e.Ours {
			e.Ours, err = in.fetchedForUs(ctx, f)
		}
		in.drop(e, nil)
	}
	return err
}

// broughtPauses are the pauses before a post that a source told us of is fetched once
// more, where its server does not answer.
var broughtPauses = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 3 * time.Hour}

// broughtAgain has such a post fetched once more. No dead letter is left of it in the
// end: nobody knows whether it was for us.
func (in *Inbox) broughtAgain(job store.Job, err error) (drop.Reason, error) {
	if job.Attempts >= len(broughtPauses) {
		return drop.Unreachable, nil
	}
	at := in.App.Now().Add(broughtPauses[job.Attempts])
	if e, ok := errors.AsType[*resolve.Error](err); ok && in.App.Now().Add(e.RetryAfter).After(at) {
		at = in.App.Now().Add(e.RetryAfter)
	}
	return "", &queue.Later{At: at, Counted: true, Err: err}
}

func (in *Inbox) fetch(ctx context.Context, job store.Job, f app.Fetch) (fetched, error) {
	switch {
	case f.Host != "":
		return fetched{why: drop.Kept}, in.fetchServerLimits(ctx, f.Host)
	case f.Above != "":
		why, err := in.fetchAbove(ctx, job, f)
		return fetched{why: why}, err
	case f.Below != "":
		why, err := in.fetchBelow(ctx, f)
		return fetched{why: why}, err
	case f.Outbox != "":
		why, err := in.fetchOutbox(ctx, job, f)
		return fetched{why: why}, err
	case f.Community != "":
		return fetched{why: drop.Kept}, in.fetchCommunity(ctx, f)
	}
	return in.refetch(ctx, f.Object, f.Source, reason{by: f.By, desks: f.Desks, notFound: f.NotFound, since: job.Added})
}

// fetched is what came of a fetch.
type fetched struct {
	seen  bool          // the post was read, or is known to be gone or refused
	read  bool          // the document was read
	why   drop.Reason   // drop.Kept, or why nothing was taken in
	named []desk.Handle // the desks that a dropped post addressed, or has both keys of
}

// fetchedForUs says whether a post that could not be read concerned us: it was sent
// to us, is in a thread of ours, or came through a source of one of our tags.
func (in *Inbox) fetchedForUs(ctx context.Context, f app.Fetch) (bool, error) {
	if f.Outbox != "" {
		return false, nil // nobody knows whether anything in it was
	}
	if f.Above != "" || f.Source == app.Inbox || f.Source == "" {
		return true, nil
	}
	s, err := in.App.Source(ctx, desk.SourceID(f.Source))
	if desk.ErrorCode(err) == desk.CodeNotFound {
		return false, nil
	}
	return len(s.Tags) > 0, err
}

// fetchServerLimits asks a server how long a post of its people may be, and which
// software it runs. Who does not
// answer is not asked again today: it only helps those who write.
func (in *Inbox) fetchServerLimits(ctx context.Context, h desk.Host) error {
	n, err := in.Servers.MaxCharacters(ctx, h)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		in.Log.Debug("a server does not say how long its posts may be", "host", h, "err", err)
	}
	software, err := in.Servers.Software(ctx, h)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		in.Log.Debug("a server does not say which software it runs", "host", h, "err", err)
	}
	return in.App.LearnServer(ctx, h, n, software)
}

// reason is why something is fetched, which decides what a failure means. The
// zero reason is a stranger's word.
type reason struct {
	toWrite  bool          // we are about to write to the author
	by       desk.ActorID  // who named the post to us, and signed that themselves
	desks    []desk.Handle // that they addressed
	since    time.Time     // when it was named
	below    int           // how many posts of the author's own thread were above it
	notFound time.Time     // when 404 was answered first, if this is the second try
}

// ours says whether we have a reason of our own to fetch a post.
func (r reason) ours(p desk.Post) bool { return r.toWrite || r.by != "" && r.by == p.Author }

// Revalidate asks a post's own server whether it is still there, before we
// write to its author, and takes in what has become of it. seen is false where
// nobody can say: then nothing is to be written.
func (in *Inbox) Revalidate(ctx context.Context, id desk.ObjectID) (seen bool, err error) {
	got, err := in.refetch(ctx, id, "", reason{toWrite: true})
	return got.seen, err
}

// refetch fetches a post and takes in what has become of it.
func (in *Inbox) refetch(ctx context.Context, id desk.ObjectID, source string, why reason) (fetched, error) {
	o, err := in.object(ctx, id)
	if err != nil {
		seen, err2 := in.notFetched(ctx, id, why, err)
		if seen {
			return fetched{seen: true, why: drop.Kept}, err2
		}
		return fetched{why: fetchFailed(err)}, err2
	}
	return in.takeIn(ctx, id, o, source, why)
}

// takeIn takes in a post that was fetched by its id from its own server.
func (in *Inbox) takeIn(ctx context.Context, id desk.ObjectID, o *as.Object, source string, why reason) (fetched, error) {
	if !slices.Contains(postTypes, o.Type) {
		return fetched{read: true, why: drop.UnknownType}, nil
	}
	r, err := in.hear(ctx, o, nil, source, why)
	if err != nil {
		return fetched{}, err
	}
	if r.Outcome != app.Dropped {
		in.Log.Info("heard", "object", o.ID, "outcome", r.Outcome, "issue", r.Issue, "source", source)
		if err := in.App.QueueBelow(ctx, o.ID, why.below+1, o.Answers); err != nil {
			return fetched{}, err
		}
	}
	return fetched{seen: r.Outcome == app.Known && o.ID == id, read: true, why: r.Reason, named: r.Named}, nil
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
