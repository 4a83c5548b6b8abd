package fed

import (
	"context"
	"sync"
	"time"

	"earshot/internal/queue"
	"earshot/store"
)

// streams runs the jobs of sources that are listened to. They last as long as their
// connections, so Settle waits only until they have ended, or are connected.
type streams struct {
	p      *Provider
	w      *queue.Worker
	ctx    context.Context
	stop   context.CancelFunc
	rounds sync.WaitGroup
}

func newStreams(p *Provider, w *queue.Worker) *streams {
	s := &streams{p: p, w: w}
	s.ctx, s.stop = context.WithCancel(context.Background())
	w.Lease = 10_000 * time.Hour // the clock of tests jumps
	return s
}

// work begins the jobs that are due.
func (s *streams) work(ctx context.Context) (bool, error) {
	if due, _, err := s.look(ctx); err != nil || !due {
		return false, err
	}
	ended := make(chan error, 1)
	s.rounds.Go(func() {
		_, err := s.w.RunOnce(s.ctx)
		ended <- err
	})
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return true, err
		case <-tick.C:
		}
		if due, begins, err := s.look(ctx); err != nil || !due && !begins {
			return true, err
		}
	}
}

// look says whether a job waits that no one has begun, and whether one has begun that is
// not connected yet.
func (s *streams) look(ctx context.Context) (due, begins bool, err error) {
	err = s.p.Store.View(ctx, func(tx store.Tx) error {
		now := s.p.Now()
		return store.EachPage(func(page store.Page) (string, error) {
			all, next, err := tx.Sources().List(page)
			for _, src := range all {
				j, ok, err := tx.Jobs().Get(string(store.QueueStream) + ":" + string(src.ID))
				if err != nil {
					return "", err
				}
				leased := ok && j.LeasedUntil.After(now)
				due = due || ok && !j.Dead && !leased && !j.Due.After(now)
				begins = begins || leased && src.State != store.SourceStreaming
			}
			return next, err
		})
	})
	return due, begins, err
}

// close ends the connections.
func (s *streams) close() {
	s.stop()
	s.rounds.Wait()
}
