package metrics

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"earshot/internal/drop"
)

// gatherWithin: a store that takes longer to answer is left out.
const gatherWithin = 5 * time.Second

// State holds the parts that are read for each request of the metrics. A part
// that is nil is left out, and so is one that fails.
type State struct {
	Queues     func(context.Context) ([]Queue, error)
	HostsDown  func(context.Context) (int, error)
	Heard      func(context.Context) ([]Heard, error)
	PutAside   func(context.Context) (int, error) // posts in the quarantine
	File       func(context.Context) (File, error)
	LastBackup func(context.Context) (at time.Time, ok bool, err error)
	Caches     func() map[string]int // entries by name, a fixed few
	Taken      func() map[string]int // of places, connections and bytes of bodies, by name
	Refusals   func() []Refusals
	Drops      func() []drop.Count // of each reason, also those that never happened
	Ready      func(context.Context) error
	Log        *slog.Logger
}

// Queue counts the waiting jobs.
type Queue struct {
	Name          string
	Waiting, Dead int
	Overdue       time.Duration // of the job that could have run longest ago
}

// Refusals is how often a place, a connection or room for a body was refused.
type Refusals struct {
	At, Reason string
	N          int
}

// Heard is what all sources of a kind told us of.
type Heard struct {
	Kind           string
	Heard, Matched int
}

// File is the store's file, in bytes.
type File struct{ Size, Free int64 }

var (
	waiting    = describe("jobs_waiting", "Jobs that wait or are under way.", "queue")
	dead       = describe("jobs_dead", "Jobs that were given up.", "queue")
	overdue    = describe("jobs_overdue_seconds", "How long ago the oldest job that nobody runs could have run.", "queue")
	hostsDown  = describe("hosts_down", "Servers that are left in peace because they do not answer; at most 10000 are counted.")
	heard      = describe("heard_total", "Posts that the present sources told us of.", "kind")
	matched    = describe("matched_total", "Of those, the ones that were for us.", "kind")
	heldBack   = describe("quarantined", "Reports that are likely spam, or too many of one person, and wait for an agent.")
	fileSize   = describe("store_file_bytes", "Size of the store's file.")
	fileFree   = describe("store_file_free_bytes", "Bytes of the file that hold nothing and are used again.")
	lastBackup = describe("last_backup_timestamp_seconds", "When the last backup was made.")
	entries    = describe("cache_entries", "Entries in memory.", "cache")
	taken      = describe("admission_taken", "Places, connections and bytes of bodies that are taken.", "of")
	refusals   = describe("admission_refusals_total", "How often one of them was refused, and why.", "of", "reason")
	dropped    = describe("dropped_total", "What other servers sent that was not kept, by reason; ours: whether it concerned us.", "reason", "ours")
	ready      = describe("ready", "1 if requests are welcome, as /readyz says.")
	gathered   = describe("gathered", "1 if this part of the state could be looked at.", "part")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+name, help, labels, nil)
}

// stateCollector implements prometheus.Collector.
type stateCollector struct{ s State }

func newStateCollector(s State) stateCollector {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return stateCollector{s}
}

func (stateCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{waiting, dead, overdue, hostsDown, heard, matched, heldBack, fileSize, fileFree, lastBackup, entries, taken, refusals, dropped, ready, gathered} {
		ch <- d
	}
}

// emit sends one value.
type emit func(d *prometheus.Desc, v float64, labels ...string)

func (c stateCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), gatherWithin)
	defer cancel()
	send := func(d *prometheus.Desc, v float64, labels ...string) {
		kind := prometheus.GaugeValue
		if d == heard || d == matched || d == refusals || d == dropped {
			kind = prometheus.CounterValue
		}
		ch <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	s := c.s
	part(ctx, s, send, "queues", s.Queues, func(queues []Queue) {
		for _, q := range queues {
			send(waiting, float64(q.Waiting), q.Name)
			send(dead, float64(q.Dead), q.Name)
			send(overdue, q.Overdue.Seconds(), q.Name)
		}
	})
	part(ctx, s, send, "hosts", s.HostsDown, func(n int) { send(hostsDown, float64(n)) })
	part(ctx, s, send, "sources", s.Heard, func(kinds []Heard) {
		for _, h := range kinds {
			send(heard, float64(h.Heard), h.Kind)
			send(matched, float64(h.Matched), h.Kind)
		}
	})
	part(ctx, s, send, "quarantine", s.PutAside, func(n int) { send(heldBack, float64(n)) })
	part(ctx, s, send, "file", s.File, func(f File) {
		send(fileSize, float64(f.Size))
		send(fileFree, float64(f.Free))
	})
	c.backup(ctx, send)
	c.admission(send)
	if s.Drops != nil {
		for _, n := range s.Drops() {
			send(dropped, float64(n.Ours), string(n.Reason), "yes")
			send(dropped, float64(n.All-n.Ours), string(n.Reason), "no")
		}
	}
	if s.Caches != nil {
		for name, n := range s.Caches() {
			send(entries, float64(n), name)
		}
	}
	if s.Ready != nil {
		is := 0.0
		if s.Ready(ctx) == nil {
			is = 1
		}
		send(ready, is)
	}
}

func (c stateCollector) admission(send emit) {
	if c.s.Taken == nil || c.s.Refusals == nil {
		return
	}
	for of, n := range c.s.Taken() {
		send(taken, float64(n), of)
	}
	for _, r := range c.s.Refusals() {
		send(refusals, float64(r.N), r.At, r.Reason)
	}
}

func (c stateCollector) backup(ctx context.Context, send emit) {
	if c.s.LastBackup == nil {
		return
	}
	look := func(ctx context.Context) (time.Time, error) {
		at, ok, err := c.s.LastBackup(ctx)
		if !ok {
			at = time.Time{}
		}
		return at, err
	}
	part(ctx, c.s, send, "backup", look, func(at time.Time) {
		if !at.IsZero() {
			send(lastBackup, float64(at.UnixMicro())/1e6)
		}
	})
}

// part looks at one part of the state and says whether that worked.
func part[T any](ctx context.Context, s State, send emit, name string, look func(context.Context) (T, error), show func(T)) {
	if look == nil {
		return
	}
	v, err := look(ctx)
	if err != nil {
		s.Log.Warn("a part of the metrics could not be gathered", "part", name, "err", err)
		send(gathered, 0, name)
		return
	}
	show(v)
	send(gathered, 1, name)
}
