package bolt

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"earshot/store"
)

// A batch waits for those who shared the last one, a lull at most; an update that was
// alone waits for nobody.
func TestLull(t *testing.T) {
	for name, c := range map[string]struct {
		last   int             // how many shared the last batch
		after  []time.Duration // when others come
		shared int
		took   time.Duration
	}{
		"alone":                     {last: 1, after: []time.Duration{lull / 4}, shared: 1},
		"the first of all":          {last: 0, shared: 1},
		"the other comes":           {last: 2, after: []time.Duration{lull / 4}, shared: 2, took: lull / 4},
		"no more than the last":     {last: 2, after: []time.Duration{lull / 4, lull / 2}, shared: 2, took: lull / 4},
		"the other comes too late":  {last: 2, after: []time.Duration{lull * 2}, shared: 1, took: lull},
		"two lulls are not waited":  {last: 9, after: []time.Duration{lull / 2, lull * 3 / 2}, shared: 2, took: lull},
		"many, one after the other": {last: 4, after: []time.Duration{lull / 4, lull / 3, lull / 2}, shared: 4, took: lull / 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var others sync.WaitGroup
				waiting, over := make(chan *request), make(chan struct{})
				ask := func() *request {
					r := &request{start: make(chan *tx), cancelled: make(chan struct{}), ran: make(chan bool, 1)}
					others.Go(func() {
						select {
						case <-r.start:
							r.ran <- true
						case <-over:
						}
					})
					return r
				}
				for _, d := range c.after {
					others.Go(func() {
						time.Sleep(d)
						select {
						case waiting <- ask():
						case <-over:
						}
					})
				}
				began := time.Now()
				b := &batch{touched: map[store.Queue]struct{}{}}
				if err := b.gather(waiting, ask(), c.last); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); len(b.requests) != c.shared || took != c.took {
					t.Errorf("%d shared it after %v, want %d after %v", len(b.requests), took, c.shared, c.took)
				}
				close(over)
				others.Wait()
			})
		})
	}
}
