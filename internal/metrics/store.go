package metrics

import (
	"cmp"
	"context"
	"slices"
	"time"

	"earshot/internal/clock"
	"earshot/store"
)

// maxHosts bounds how many hosts are looked at in one gathering.
const maxHosts = 10_000

// OfStore returns the parts of State that any store can tell.
func OfStore(s store.Store, c clock.Clock) State {
	return State{
		Queues:    func(ctx context.Context) ([]Queue, error) { return queues(ctx, s, c.Now()) },
		HostsDown: func(ctx context.Context) (int, error) { return down(ctx, s, c.Now()) },
		Heard:     func(ctx context.Context) ([]Heard, error) { return kinds(ctx, s) },
		PutAside:  func(ctx context.Context) (int, error) { return aside(ctx, s) },
	}
}

func queues(ctx context.Context, s store.Store, now time.Time) (out []Queue, err error) {
	err = s.View(ctx, func(tx store.Tx) error {
		out = nil
		counts, err := tx.Jobs().Counts()
		if err != nil {
			return err
		}
		for _, name := range store.Queues() {
			q := Queue{Name: string(name), Waiting: counts[name].Waiting, Dead: counts[name].Dead}
			due, ok, err := tx.Jobs().NextDue(name)
			if err != nil {
				return err
			}
			if ok {
				q.Overdue = max(now.Sub(due), 0)
			}
			out = append(out, q)
		}
		return nil
	})
	return out, err
}

// down counts the hosts whose breaker is open.
func down(ctx context.Context, s store.Store, now time.Time) (n int, err error) {
	p := store.Page{}
	for seen := 0; seen < maxHosts; {
		var hosts []store.HostState
		err := s.View(ctx, func(tx store.Tx) (err error) {
			hosts, p.After, err = tx.Hosts().List(p)
			return err
		})
		if err != nil {
			return 0, err
		}
		for _, h := range hosts {
			if h.DownUntil.After(now) {
				n++
			}
		}
		if seen += len(hosts); p.After == "" {
			break
		}
	}
	return n, nil
}

// kinds sums up sources by kind: their names are people's choice and no label.
func kinds(ctx context.Context, s store.Store) ([]Heard, error) {
	sums := map[string]Heard{}
	err := s.View(ctx, func(tx store.Tx) error {
		clear(sums)
		for p := (store.Page{}); ; {
			sources, next, err := tx.Sources().List(p)
			if err != nil {
				return err
			}
			for _, src := range sources {
				h := sums[src.Kind]
				sums[src.Kind] = Heard{src.Kind, h.Heard + src.Heard, h.Matched + src.Matched}
			}
			if p.After = next; next == "" {
				return nil
			}
		}
	})
	out := make([]Heard, 0, len(sums))
	for _, h := range sums {
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b Heard) int { return cmp.Compare(a.Kind, b.Kind) })
	return out, err
}

func aside(ctx context.Context, s store.Store) (n int, err error) {
	err = s.View(ctx, func(tx store.Tx) error { n, err = tx.Quarantine().Count(); return err })
	return n, err
}
