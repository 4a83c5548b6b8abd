package inbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"earshot/internal/clock"
	"earshot/store"
)

// Gate turns senders away while a queue that strangers fill is too long. A
// refused activity is not lost: other servers try again for days.
type Gate struct {
	Store store.Store
	Clock clock.Clock
	Log   *slog.Logger
	Limit int // jobs that may wait in each of the queues; 0: any number

	mu      sync.Mutex
	counted time.Time
	closed  bool
	isHalf  bool // half as many activities wait as may
}

// countEvery: the queues are counted this often, so that a flood does not make
// us count. A queue may outgrow its limit by what comes in meanwhile.
const countEvery = time.Second

// shut says whether senders are to be turned away.
func (g *Gate) shut(ctx context.Context) bool {
	if g == nil || g.Limit <= 0 {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := g.Clock.Now(); now.Sub(g.counted) >= countEvery {
		g.count(ctx)
		g.counted = now
	}
	return g.closed
}

// half says whether half as many wait as may.
func (g *Gate) half() bool {
	if g == nil {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.isHalf
}

// count counts. Where that fails the gate stays as it is: whether the store
// works shows when something is written.
func (g *Gate) count(ctx context.Context) {
	var counts map[store.Queue]store.QueueCount
	err := g.Store.View(ctx, func(tx store.Tx) (err error) {
		counts, err = tx.Jobs().Counts()
		return err
	})
	if err != nil {
		return
	}
	inbound, fetch := counts[store.QueueInbound].Waiting, counts[store.QueueFetch].Waiting+counts[store.QueueBrought].Waiting
	was := g.closed
	g.closed = inbound >= g.Limit || fetch >= g.Limit
	g.isHalf = inbound >= g.Limit/2
	switch {
	case g.closed && !was:
		g.Log.Warn("too much waits: senders are asked to come back later", "inbound", inbound, "fetch", fetch, "limit", g.Limit)
	case was && !g.closed:
		g.Log.Info("senders are welcome again", "inbound", inbound, "fetch", fetch)
	}
}
