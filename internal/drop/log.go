package drop

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"earshot/internal/desk"
)

// The bounds of the tail: see docs/operations/limits.md.
const (
	tailMost   = 200 // entries
	tailClaims = 60  // of them, with a host that only claims to be the sender
	tailOfOne  = 10  // of one registrable domain; of claims, of one address
	maxDesks   = 3   // of one entry
)

// Event is one thing that came in and was not kept. It has no word of anybody, and
// no id.
type Event struct {
	Reason Reason
	Type   string    // of the activity, one that we know; "" otherwise
	Host   desk.Host // of the sender, or of the server that was asked; "" if unknown
	// Claimed: nothing proves that the host sent it. Sender is the address that did,
	// which is not shown.
	Claimed bool
	Sender  string
	// Ours: it concerned us. Desks are the desks that it named.
	Ours  bool
	Desks []desk.Handle
}

// Entry is a line of the tail.
type Entry struct {
	Reason  Reason        `json:"reason"`
	Type    string        `json:"type,omitempty"`
	Host    desk.Host     `json:"host,omitempty"`
	Claimed bool          `json:"claimed,omitempty"` // nothing proves that this host sent it
	Desks   []desk.Handle `json:"desks,omitempty"`
	Times   int           `json:"times"`
	First   time.Time     `json:"first"`
	Last    time.Time     `json:"last"`
}

// Count is how often something was not kept for a reason.
type Count struct {
	Reason Reason `json:"reason"`
	All    int    `json:"all"`
	Ours   int    `json:"ours"` // of them, those that concerned us
}

// Log counts and remembers Events. A nil Log does neither.
type Log struct {
	mu     sync.Mutex
	since  time.Time
	counts map[Reason]*Count
	tail   []*line // in the order of their last event
}

type line struct {
	Entry
	share share
}

// share is what has a bounded part of the tail, so that a stranger's entries push
// out none of others.
type share struct {
	claimed bool
	of      string // the registrable domain, or the address that claims
}

// NewLog returns an empty log.
func NewLog(now time.Time) *Log { return &Log{since: now, counts: map[Reason]*Count{}} }

// Add counts an event, and remembers it if it concerned us.
func (l *Log) Add(e Event, now time.Time) {
	if e.Reason = e.Reason.Named(); l == nil || e.Reason == Kept {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.counts[e.Reason]
	if c == nil {
		c = &Count{Reason: e.Reason}
		l.counts[e.Reason] = c
	}
	c.All++
	if e.Ours {
		c.Ours++
		l.remember(e, now)
	}
}

func (l *Log) remember(e Event, now time.Time) {
	w := &line{Entry{e.Reason, e.Type, e.Host, e.Claimed, named(e.Desks), 1, now, now}, shareOf(e)}
	n := slices.IndexFunc(l.tail, w.repeats)
	if n < 0 {
		l.tail = append(l.tail, w)
		l.bound(w.share)
		return
	}
	w = l.tail[n]
	w.Last = now
	w.Times++
	l.tail = append(slices.Delete(l.tail, n, n+1), w)
}

// named bounds a list of desks, in one order.
func named(desks []desk.Handle) []desk.Handle {
	desks = slices.Compact(slices.Sorted(slices.Values(desks)))
	return desks[:min(len(desks), maxDesks)]
}

func shareOf(e Event) share {
	if e.Claimed {
		return share{true, e.Sender}
	}
	return share{false, string(e.Host.Domain())}
}

// repeats says whether an entry in the tail is of the same kind and server.
func (w *line) repeats(in *line) bool {
	return in.Reason == w.Reason && in.Host == w.Host && in.Type == w.Type && in.share == w.share && slices.Equal(in.Desks, w.Desks)
}

// bound forgets an entry where there are too many: the oldest of its share, or else
// of the largest share.
func (l *Log) bound(added share) {
	sizes, claims := map[share]int{}, 0
	for _, w := range l.tail {
		sizes[w.share]++
		if w.share.claimed {
			claims++
		}
	}
	switch {
	case sizes[added] > tailOfOne:
		l.forget(added)
	case claims > tailClaims:
		l.forget(l.largest(sizes, true))
	case len(l.tail) > tailMost:
		l.forget(l.largest(sizes, false))
	}
}

// largest returns which share, or which that claims, has most entries; of several
// the one with the oldest entry.
func (l *Log) largest(sizes map[share]int, claimed bool) (out share) {
	most := 0
	for _, w := range l.tail {
		if n := sizes[w.share]; n > most && (w.share.claimed || !claimed) {
			out, most = w.share, n
		}
	}
	return out
}

// forget removes the oldest entry of a share.
func (l *Log) forget(s share) {
	if n := slices.IndexFunc(l.tail, func(w *line) bool { return w.share == s }); n >= 0 {
		l.tail = slices.Delete(l.tail, n, n+1)
	}
}

// Summary is what the operator sees.
type Summary struct {
	Since  time.Time `json:"since"`  // when the process began to count
	Counts []Count   `json:"counts"` // the most frequent of ours first
	Tail   []Entry   `json:"tail"`   // of what concerned us, the last first
}

// Summary returns a copy of all. exists says which desks there are: others are not
// shown, because a stranger can name any.
func (l *Log) Summary(exists func(desk.Handle) bool) Summary {
	if l == nil {
		return Summary{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s := Summary{Since: l.since, Counts: []Count{}, Tail: []Entry{}}
	for _, c := range l.counts {
		s.Counts = append(s.Counts, *c)
	}
	slices.SortFunc(s.Counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Ours, a.Ours), cmp.Compare(b.All, a.All), cmp.Compare(a.Reason, b.Reason))
	})
	for _, w := range slices.Backward(l.tail) {
		e := w.Entry
		e.Desks = slices.DeleteFunc(slices.Clone(e.Desks), func(h desk.Handle) bool { return !exists(h) })
		s.Tail = append(s.Tail, e)
	}
	return s
}

// Counts returns a count of each reason, also those that never happened.
func (l *Log) Counts() []Count {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Count
	for _, r := range Reasons() {
		n := Count{Reason: r}
		if c := l.counts[r]; c != nil {
			n = *c
		}
		out = append(out, n)
	}
	return out
}

// Hosts lists the servers of the tail, those with most events first, at most n.
func (s Summary) Hosts(n int) []desk.Host {
	times := map[desk.Host]int{}
	for _, e := range s.Tail {
		if e.Host != "" && !e.Claimed {
			times[e.Host] += e.Times
		}
	}
	hosts := slices.SortedFunc(maps.Keys(times), func(a, b desk.Host) int {
		return cmp.Or(cmp.Compare(times[b], times[a]), cmp.Compare(a, b))
	})
	return hosts[:min(len(hosts), n)]
}
