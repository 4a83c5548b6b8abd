package bolt

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func deskIssue(id, report string) desk.Issue {
	return desk.Issue{ID: desk.IssueID(id), Report: desk.ObjectID(report), Desk: "help", Reporter: "ana", Status: desk.StatusNew, Excerpt: "My line is down since this morning"}
}

func addJob(s *Store, id, lane string, due time.Time) error {
	return s.Update(context.Background(), "op", func(tx store.Tx) error {
		_, err := tx.Jobs().Add(store.Job{ID: id, Queue: store.QueueInbound, Lane: lane, Due: due, Payload: make([]byte, 2000)})
		return err
	})
}

func BenchmarkUpdateSerial(b *testing.B) {
	s := opened(b, Options{})
	n := 0
	for b.Loop() {
		n++
		if err := addJob(s, fmt.Sprint(n), "", noon); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "updates/s")
}

func BenchmarkUpdateParallel(b *testing.B) {
	for _, callers := range []int{4, 64, 256} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			s := opened(b, Options{})
			var n atomic.Int64
			b.SetParallelism(callers / 2)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := addJob(s, fmt.Sprint(n.Add(1)), "", noon); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(n.Load())/b.Elapsed().Seconds(), "updates/s")
		})
	}
}

// BenchmarkLease leases and gives back one job beside n others that wait in a
// lane or for their time. "tx" is the cost of a lease without the disk.
func BenchmarkLease(b *testing.B) {
	for _, waiting := range []int{0, 10_000} {
		b.Run(fmt.Sprint(waiting), func(b *testing.B) {
			s := opened(b, Options{})
			err := s.Update(b.Context(), "op", func(tx store.Tx) error {
				for i := range waiting {
					j := store.Job{ID: fmt.Sprint(i), Queue: store.QueueInbound, Lane: "slow", Due: noon.Add(time.Hour)}
					if i%2 == 0 {
						j.Lane = ""
					}
					if _, err := tx.Jobs().Add(j); err != nil {
						return err
					}
				}
				_, err := tx.Jobs().Add(store.Job{ID: "now", Queue: store.QueueInbound, Due: noon})
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
			var inside time.Duration
			for b.Loop() {
				err := s.Update(b.Context(), "op", func(tx store.Tx) error {
					start := time.Now()
					defer func() { inside += time.Since(start) }()
					js, err := tx.Jobs().Lease(store.QueueInbound, noon, noon.Add(time.Minute), 10)
					if err != nil || len(js) != 1 {
						return fmt.Errorf("%d leased: %w", len(js), err)
					}
					_, err = tx.Jobs().Retry(js[0].ID, js[0].Lease, noon, "", false)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(inside.Nanoseconds())/float64(b.N), "ns-in-tx/op")
		})
	}
}

// BenchmarkIssuesList lists 50 of 10,000 issues.
func BenchmarkIssuesList(b *testing.B) {
	s := opened(b, Options{})
	err := s.Update(b.Context(), "op", func(tx store.Tx) error {
		for n := range 10_000 {
			i := deskIssue(fmt.Sprintf("%05d", n), fmt.Sprint(n))
			i.Status = desk.Statuses()[n%8]
			i.NeedsUs = n%100 == 1
			if n%5 == 0 {
				i.Desk = "other"
			}
			if n%7 == 0 {
				i.WaitingSince = noon.Add(time.Duration(n) * time.Second)
			}
			i.UpdatedAt = noon.Add(-time.Duration(n) * time.Second)
			if _, err := tx.Issues().Add(i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for name, f := range map[string]store.IssueFilter{
		"all": {}, "desk": {Desk: "other"}, "open": {Category: desk.CategoryOpen}, "fixed": {Desk: "help", Status: desk.StatusFixed}, "answered": {Desk: "help", NeedsUs: true},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				err := s.View(b.Context(), func(tx store.Tx) error {
					is, _, err := tx.Issues().List(f, store.Page{Limit: 50})
					if len(is) != 50 {
						return fmt.Errorf("%d issues: %w", len(is), err)
					}
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
