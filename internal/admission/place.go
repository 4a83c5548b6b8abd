package admission

import (
	"context"
	"time"
)

// Place is what a request has while it is answered. The methods of a nil Place
// do nothing: where nobody limits there are no places.
type Place struct {
	pool *Pool
	held held

	// The pool locks the fields below.
	left    bool
	evicted bool
	asking  time.Time // since when it waits for a key; zero: it does not
	known   bool      // of a host that we know
	cancel  context.CancelCauseFunc
}

// Release gives the place back. It may be called more than once.
func (pl *Place) Release() {
	if pl == nil {
		return
	}
	pl.pool.mu.Lock()
	defer pl.pool.mu.Unlock()
	pl.free()
	pl.pool.next()
}

// free gives the place back. The caller holds the pool's lock.
func (pl *Place) free() {
	if !pl.left {
		pl.left = true
		delete(pl.pool.places, pl)
		pl.pool.t.add(&pl.held, -1)
	}
}

// Verified says that it is known who sent the request.
func (pl *Place) Verified() {
	if pl != nil {
		pl.pool.t.history.Verified(pl.held.address)
	}
}

// Address names the address that the request counts for, "" without a place.
func (pl *Place) Address() string {
	if pl == nil {
		return ""
	}
	return pl.held.address.Network.String()
}

// Failed says that the request's signature is wrong.
func (pl *Place) Failed() {
	if pl != nil {
		pl.pool.t.history.Failed(pl.held.address)
	}
}

// KeyFailed says that the request's key could not be had. Of a place that had
// to be given up it has been counted.
func (pl *Place) KeyFailed() {
	if pl == nil || pl.gaveWay() {
		return
	}
	pl.pool.t.history.BadKey(pl.held.address)
}

func (pl *Place) gaveWay() bool {
	pl.pool.mu.Lock()
	defer pl.pool.mu.Unlock()
	return pl.evicted
}

// Ask is called before the request waits for a key; known says whether the key's
// host is known. The context ends when the place has to be given up; done ends the wait.
// The error is a *Refusal if this address named too many keys in vain.
func (pl *Place) Ask(ctx context.Context, known bool) (_ context.Context, done func(), err error) {
	if pl == nil {
		return ctx, func() {}, nil
	}
	p := pl.pool
	if !p.t.history.MayAsk(pl.held.address) {
		return nil, nil, p.refuse(UnknownKeys)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if pl.left {
		cancel(nil)
		return nil, nil, &Refusal{p.name, GaveWay}
	}
	pl.asking, pl.known, pl.cancel = p.t.history.clock.Now(), known, cancel
	return ctx, pl.answered, nil
}

// answered ends a wait.
func (pl *Place) answered() {
	pl.pool.mu.Lock()
	defer pl.pool.mu.Unlock()
	pl.cancel(nil)
	pl.asking = time.Time{}
}

// givesWay says whether others may have the place. The caller holds the lock.
func (pl *Place) givesWay(now time.Time) bool {
	patience := strangerPatience
	if pl.known {
		patience = knownPatience
	}
	return !pl.asking.IsZero() && now.Sub(pl.asking) >= patience
}

// evict takes the place away. The wait of a host that we know is not held
// against the address: its server may be busy with others of its people.
// The caller holds the lock.
func (pl *Place) evict() {
	pl.evicted = true
	pl.free()
	pl.cancel(&Refusal{pl.pool.name, GaveWay})
	pl.pool.refused(pl.pool.name, GaveWay)
	if !pl.known {
		pl.pool.t.history.BadKey(pl.held.address)
	}
}

type inContext struct{}

// With returns a context that carries a place.
func With(ctx context.Context, pl *Place) context.Context {
	return context.WithValue(ctx, inContext{}, pl)
}

// Of returns the place that a context carries, nil if none.
func Of(ctx context.Context) *Place {
	pl, _ := ctx.Value(inContext{}).(*Place)
	return pl
}
