package postgres

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"earshot/internal/test/pg"
	"earshot/store"
	"earshot/store/bolt"
)

// backends are compared in one run on one disk: figures of different machines
// cannot be compared.
var backends = []struct {
	name string
	open func(*testing.B) []store.Store
}{
	{"bolt", func(b *testing.B) []store.Store {
		s, err := bolt.Open(b.Context(), filepath.Join(b.TempDir(), "earshot.db"), bolt.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { s.Close() })
		return []store.Store{s}
	}},
	{"one node", func(b *testing.B) []store.Store {
		return []store.Store{opened(b, pg.Start(b).Database(b), Options{})}
	}},
	{"two nodes", func(b *testing.B) []store.Store {
		dsn := pg.Start(b).Database(b)
		return []store.Store{opened(b, dsn, Options{}), opened(b, dsn, Options{})}
	}},
}

// BenchmarkAccept keeps a dedupe key and a job, as for an accepted activity.
func BenchmarkAccept(b *testing.B) {
	for _, callers := range []int{1, 8} {
		for _, backend := range backends {
			b.Run(fmt.Sprintf("%s/%d callers", backend.name, callers), func(b *testing.B) {
				nodes := backend.open(b)
				var left, n atomic.Int64
				left.Store(int64(b.N))
				b.ResetTimer()
				var wg sync.WaitGroup
				for c := range callers {
					wg.Go(func() {
						for left.Add(-1) >= 0 {
							i := n.Add(1)
							write(b, nodes[c%len(nodes)], func(tx store.Tx) error {
								id := uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i)).String()
								if _, _, err := tx.Once().Put(id, nil, noon); err != nil {
									return err
								}
								_, err := tx.Jobs().Add(store.Job{ID: id, Queue: store.QueueDeliver, Lane: id, Due: noon, Payload: make([]byte, 2000)})
								return err
							})
						}
					})
				}
				wg.Wait()
				report(b, nodes, "updates/s")
			})
		}
	}
}

// BenchmarkWork leases and ends jobs with eight workers.
func BenchmarkWork(b *testing.B) {
	for _, backend := range backends {
		b.Run(backend.name, func(b *testing.B) {
			nodes := backend.open(b)
			for n := 0; n < b.N; n += 500 {
				var js []store.Job
				for i := n; i < min(n+500, b.N); i++ {
					js = append(js, store.Job{ID: fmt.Sprint(i), Queue: store.QueueDeliver, Lane: fmt.Sprint(i % 50), Due: noon, Payload: make([]byte, 2000)})
				}
				add(b, nodes[0], js...)
			}
			var done atomic.Int64
			b.ResetTimer()
			var wg sync.WaitGroup
			for w := range 8 {
				s := nodes[w%len(nodes)]
				wg.Go(func() {
					for done.Load() < int64(b.N) {
						for _, j := range lease(b, s, noon, 4) {
							write(b, s, func(tx store.Tx) error {
								_, err := tx.Jobs().Done(j.ID, j.Lease)
								return err
							})
							done.Add(1)
						}
					}
				})
			}
			wg.Wait()
			report(b, nodes, "jobs/s")
		})
	}
}

func report(b *testing.B, nodes []store.Store, unit string) {
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), unit)
	var conflicts int64
	for _, s := range nodes {
		if p, ok := s.(*Store); ok {
			conflicts += p.Conflicts()
		}
	}
	b.ReportMetric(float64(conflicts)/float64(b.N), "conflicts/op")
}
