package app

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/match"
	"earshot/store"
)

// DefaultHeardWithin is how old a post may be that a source brings: nobody waits
// for an answer to a call of last week.
const DefaultHeardWithin = 48 * time.Hour

// Brought is a post that a source told us of. Of it only the id is believed: the
// post is fetched from its own server. The rest may only spare us a fetch.
type Brought struct {
	Object    desk.ObjectID
	Tags      []string  // as the source shows them
	Tagged    bool      // the source shows tags
	Published time.Time // as the source says; zero: it does not
	// Version tells edits apart, where the source says when a post was edited.
	Version string
	Skip    drop.Reason // why the source's own word is enough to drop it; "": it is not
	// Changed: it may be an edit or a deletion, so that a post which we have is fetched too.
	Changed bool
}

// Announced records that an actor told us of a post, if it is a source.
func (a *App) Announced(ctx context.Context, from desk.ActorID, o desk.ObjectID) (why drop.Reason, err error) {
	pause := a.offered.pause(desk.SourceID(from), o, a.Now())
	why, err = a.takeIn(ctx, func(tx *Tx) (drop.Reason, error) {
		s, ok, err := tx.Sources().ByActor(from)
		if err != nil || !ok || !s.State.Hears() {
			return drop.NotSource, err
		}
		heard(&s, tx.Now, 1)
		why, err := tx.bring(s, Brought{Object: o, Changed: a.way(s).Changes}, from, max(pause, a.delay(s, o)))
		if err == nil && why != drop.Kept {
			dropFrom(&s, why, 1)
		}
		if err != nil {
			return "", err
		}
		return why, tx.countHeard(s)
	})
	if err == nil && why != drop.NotSource {
		a.offered.waits(desk.SourceID(from), o, a.Now(), pause)
	}
	return why, err
}

// Bring takes in posts that a source told us of, and says what became of each.
// Nothing is written down of those whose tags show that they are not for us.
func (a *App) Bring(ctx context.Context, id desk.SourceID, posts ...Brought) ([]drop.Reason, error) {
	why := make([]drop.Reason, len(posts))
	rest := 0
	err := a.View(ctx, func(tx *Tx) error {
		rest = 0
		s, ok, err := tx.Sources().Get(id)
		if err != nil {
			return err
		}
		for n, b := range posts {
			why[n] = drop.NotSource
			if !ok || !s.State.Hears() && s.State != store.SourceIdle {
				continue
			}
			if a.offered.shown(id, b) {
				why[n] = drop.Duplicate
				continue
			}
			if why[n], err = tx.skim(s, b); err != nil {
				return err
			}
			if why[n] == drop.Kept {
				rest++
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if rest == 0 {
		a.remember(id, posts, why, nil)
		return why, nil
	}
	pauses := make([]time.Duration, len(posts))
	for n, b := range posts {
		if why[n] == drop.Kept && b.Version == "" {
			pauses[n] = a.offered.pause(id, b.Object, a.Now())
		}
	}
	err = a.Update(ctx, func(tx *Tx) error {
		s, ok, err := tx.Sources().Get(id)
		if err != nil || !ok {
			return err
		}
		for n, b := range posts {
			if why[n] != drop.Kept {
				continue
			}
			heard(&s, tx.Now, 1)
			got, err := tx.bring(s, b, "", max(pauses[n], a.delay(s, b.Object)))
			if err != nil {
				return err
			}
			if got != drop.Kept {
				dropFrom(&s, got, 1)
			}
		}
		return tx.countHeard(s)
	})
	if err == nil {
		a.remember(id, posts, why, pauses)
	}
	return why, err
}

// remember notes what a source brought, and counts what was dropped at sight, once the rest
// is on disk: what failed is taken in, and counted, when it is shown again.
func (a *App) remember(id desk.SourceID, posts []Brought, why []drop.Reason, pauses []time.Duration) {
	for n, b := range posts {
		if why[n] != drop.Kept && why[n] != drop.NotSource && why[n] != drop.Duplicate {
			a.counts.add(id, 1, a.Now(), why[n])
		}
		switch {
		case why[n] == drop.NotSource:
		case b.Version != "":
			a.offered.shows(id, b)
		case why[n] == drop.Kept:
			a.offered.waits(id, b.Object, a.Now(), pauses[n])
		}
	}
}

// offers remembers what each source brought lately, so that one which shows the same
// again, as a timeline does, makes us fetch it once, and one which tells of the same again
// and again, as a relay can, once in a while. It is no more than a saving: without it a
// post is fetched again, and known.
type offers struct {
	mu sync.Mutex
	of *lru.LRU[offer, string]    // the version
	at *lru.LRU[offer, time.Time] // the last fetch, or the next
}

// fetchAgainAfter is the time between two fetches of a post that one source tells of
// again and again. What it tells of meanwhile is fetched at the end of it: it may be an
// edit or a deletion.
const fetchAgainAfter = 5 * time.Minute

// pause is how long the fetch of a post waits that a source tells of.
func (o *offers) pause(id desk.SourceID, object desk.ObjectID, now time.Time) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.at == nil {
		return 0
	}
	last, there := o.at.Get(offer{id, object})
	switch {
	case there && last.After(now):
		return last.Sub(now)
	case there && last.Add(fetchAgainAfter).After(now):
		return last.Add(fetchAgainAfter).Sub(now)
	}
	return 0
}

// waits notes that the post is fetched after a pause.
func (o *offers) waits(id desk.SourceID, object desk.ObjectID, now time.Time, pause time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.at == nil {
		o.at, _ = lru.NewLRU[offer, time.Time](offersMost, nil) // fails for a size below 1 only
	}
	o.at.Add(offer{id, object}, now.Add(pause))
}

type offer struct {
	source desk.SourceID
	object desk.ObjectID
}

const offersMost = 20_000

// shown says whether a source showed a post before, in the same version.
func (o *offers) shown(id desk.SourceID, b Brought) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.of == nil || b.Version == "" {
		return false
	}
	was, there := o.of.Get(offer{id, b.Object})
	return there && was == b.Version
}

// shows notes the version that a source showed.
func (o *offers) shows(id desk.SourceID, b Brought) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.of == nil {
		o.of, _ = lru.NewLRU[offer, string](offersMost, nil) // fails for a size below 1 only
	}
	o.of.Add(offer{id, b.Object}, b.Version)
}

// forget has a post that could not be fetched taken in when it is offered again.
func (o *offers) forget(id desk.SourceID, object desk.ObjectID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.of != nil {
		o.of.Remove(offer{id, object})
	}
}

// countHeard stores what was counted of a source. A sighting may have been credited
// to it meanwhile.
func (t *Tx) countHeard(s store.Source) error {
	now, ok, err := t.Sources().Get(s.ID)
	if err != nil || !ok {
		return err
	}
	now.Heard, now.HeardAt, now.Hours, now.Days, now.Drops = s.Heard, s.HeardAt, s.Hours, s.Days, s.Drops
	return t.Sources().Put(now)
}

// skim sees cheaply that a post is not for us.
func (t *Tx) skim(s store.Source, b Brought) (drop.Reason, error) {
	switch h, err := desk.HostOf(string(b.Object)); {
	case err != nil:
		return drop.Malformed, nil
	case t.site.Owns(string(b.Object)):
		return drop.OwnPost, nil
	default:
		if is, err := t.BlockedHost(h); err != nil || is {
			return drop.Blocked, err
		}
	}
	if _, known, err := t.Posts().ByObject(b.Object); err != nil || known {
		return drop.Kept, err
	}
	if b.Skip != "" {
		return b.Skip, nil
	}
	if b.Tagged {
		desks, err := t.candidates()
		if err != nil || !match.HasKeys(b.Tags, desks) {
			return drop.NotAddressed, err
		}
	}
	if !b.Published.IsZero() && (History(s, b.Published) || t.Now.Sub(b.Published) > t.heardWithin) {
		return drop.Late, nil
	}
	return drop.Kept, nil
}

// History says whether a post was there before a source was added. Servers round times
// to the second.
func History(s store.Source, published time.Time) bool {
	return published.Before(s.Created.Truncate(time.Second))
}

// bring takes in one post that a source told us of: at most a sighting of one that is
// here, or else a fetch. by is the actor who told us, if one did.
func (t *Tx) bring(s store.Source, b Brought, by desk.ActorID, delay time.Duration) (drop.Reason, error) {
	if may, err := t.mayFetch(b.Object, by); err != nil || !may {
		return drop.Forwarded, err
	}
	if _, known, err := t.Posts().ByObject(b.Object); err != nil {
		return "", err
	} else if known {
		fresh, err := t.sight(b.Object, string(s.ID))
		if err != nil || fresh && !b.Changed {
			return drop.Kept, err
		}
		// Told again by the same source: an edit may have brought a tag back.
	}
	return drop.Kept, t.fetchIn(Fetch{Object: b.Object, Source: string(s.ID)}, delay)
}

// delay spreads the fetches of a post that many servers were told of at once. It
// follows from the post and the instance, and so is the same when asked again.
func (a *App) delay(s store.Source, o desk.ObjectID) time.Duration {
	if a.fetchDelay <= 0 || !a.way(s).Herd {
		return 0
	}
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, a.site.URL, " ", o)
	return time.Duration(h.Sum64() % uint64(a.fetchDelay))
}

// tooLate says whether a post that only tags tell us of is too old to be answered: by
// its own word, or by when it was first brought.
func (t *Tx) tooLate(h Heard) bool {
	if h.Source == "" || h.Source == Inbox || h.released != nil {
		return false
	}
	since := t.Now
	for _, at := range []time.Time{h.Post.Published, h.FirstSeen} {
		if !at.IsZero() && at.Before(since) {
			since = at
		}
	}
	return t.Now.Sub(since) > t.heardWithin
}

// QueueFetch has an object fetched from its own server and heard, or, if we
// have it, looked at again.
func (a *App) QueueFetch(ctx context.Context, o desk.ObjectID, source string) error {
	return a.Update(ctx, func(tx *Tx) error { return tx.fetch(Fetch{Object: o, Source: source}) })
}

// QueueNamed is QueueFetch of an object that an actor sent us the id of, to some of
// our desks. If it is their own post, that is a reason to ask for it, and it is
// addressed to those desks.
func (a *App) QueueNamed(ctx context.Context, o desk.ObjectID, by desk.ActorID, desks []desk.Handle) error {
	return a.Update(ctx, func(tx *Tx) error { return tx.fetch(Fetch{Object: o, Source: Inbox, By: by, Desks: desks}) })
}

// fetch queues a fetch. Who names an object without addressing a desk must not be in the
// way of its author, who does.
func (t *Tx) fetch(f Fetch) error { return t.fetchIn(f, 0) }

// fetchIn queues a fetch that is not due at once. What sources bring has places of
// its own.
func (t *Tx) fetchIn(f Fetch, in time.Duration) error {
	job, q := f.Source+" ", store.QueueFetch
	if len(f.Desks) > 0 {
		job += "by " + string(f.By) + " "
	}
	if f.Source != Inbox {
		q = store.QueueBrought
	}
	return t.addJobOf(f.Object.Host(), q, job+string(f.Object), string(f.Object), t.Now.Add(in), f)
}

// Fetch is the payload of a fetch job: an object that a source told us of, a
// server that is asked about itself, an outbox, or what completes a post that was heard.
type Fetch struct {
	Object desk.ObjectID `json:"object,omitempty"`
	Source string        `json:"source,omitempty"` // a source's id, or Inbox
	Host   desk.Host     `json:"host,omitempty"`
	// By is the actor who named the object, in an activity that they signed
	// themselves. A refused fetch means more if that is the author.
	By desk.ActorID `json:"by,omitempty"`
	// Desks are addressed by that activity: it counts like the object's own audience,
	// if By is its author.
	Desks []desk.Handle `json:"desks,omitempty"`
	// NotFound is when 404 was answered for it first, if this is the second try.
	NotFound time.Time `json:"not_found,omitzero"`
	// Read counts the reads of a report that nobody has answered, with this one; Tag is
	// the ETag of the read before. See ArmReadAgain. Tries counts those that failed.
	Read  int    `json:"read,omitempty"`
	Tag   string `json:"tag,omitempty"`
	Tries int    `json:"tries,omitempty"`
	// Below is the post that Object answers, by the same author, as the Nth in a row.
	Below desk.ObjectID `json:"below,omitempty"`
	// Above is the Nth post above Object, which was heard: it is fetched to
	// complete the thread. Community is the actor that may be Object's group.
	Above     desk.ObjectID `json:"above,omitempty"`
	N         int           `json:"n,omitempty"`
	Community desk.ActorID  `json:"community,omitempty"`
	// Outbox is an actor whose outbox is read for posts of a time that we missed.
	Outbox desk.ActorID `json:"outbox,omitempty"`
	Since  time.Time    `json:"since,omitzero"`
	Until  time.Time    `json:"until,omitzero"`
}

// Asks is the server that the job depends on.
func (f Fetch) Asks() desk.Host {
	switch {
	case f.Above != "":
		return f.Above.Host()
	case f.Outbox != "":
		return f.Outbox.Host()
	}
	return f.Object.Host()
}
