package admission

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// One address gets its share, strangers together theirs, and those that are
// known the rest.
func TestShares(t *testing.T) {
	p := newPool(inbox, 0)
	refused := func(a Address, want Reason) {
		t.Helper()
		if _, err := p.Enter(t.Context(), a); reason(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	known := addr(9)
	p.Verified(known)
	first := p.fill(t, addr(1), 4)
	refused(addr(1), OfAddress)
	p.fill(t, addr(2), 4)
	refused(addr(3), OfStrangers)
	p.fill(t, known, 4)
	refused(known, Full)
	first[0].Release()
	first[0].Release() // twice is once
	refused(addr(1), "<nil>")
	refused(addr(3), OfStrangers)
	if p.refused[OfAddress] != 1 || p.refused[OfStrangers] != 2 || p.refused[Full] != 1 || p.Inside() != 12 {
		t.Errorf("%v, %d inside", p.refused, p.Inside())
	}
}

// The share grows with verified requests and shrinks with failures, within its
// bounds.
func TestShareFollowsHistory(t *testing.T) {
	b := Bounds{Address: 32, Floor: 4, Most: 144, Unit: 1}
	h := newPool(inbox, 0).History
	many := func(n int, f func(Address)) func() {
		return func() {
			for range n {
				f(addr(1))
			}
		}
	}
	for _, step := range []struct {
		what  string
		do    func()
		share int
		known bool
	}{
		{"never heard of", func() {}, 32, false},
		{"32 were verified", many(32, h.Verified), 64, true},
		{"one failed", many(1, h.Failed), 60, true},
		{"8,000 were verified", many(8000, h.Verified), 144, true},
		{"a few failed", many(5, h.Failed), 144, true},
		{"all failed", many(8000, h.Failed), 4, false},
		{"forgiven", many(mostLost+1, h.Verified), 33, true},
	} {
		step.do()
		if got := b.share(addr(1), h.Earned(addr(1))); got != step.share || h.Known(addr(1)) != step.known {
			t.Errorf("%s: a share of %d, known %t", step.what, got, h.Known(addr(1)))
		}
	}
	if b.share(Address{Network: addr(2).Network, Shared: true}, -9) != 144 {
		t.Error("a shared address has the share of one client")
	}
}

// A free place goes to the first in line that its share allows.
func TestFirstInLineGetsTheFreePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(inbox, 4)
		mine := p.fill(t, addr(1), 4)
		order := make(chan int, 2)
		for n := range 2 {
			go func() {
				p.enter(t, addr(1))
				order <- n
			}()
			synctest.Wait()
		}
		p.enter(t, addr(2)) // those in line are in nobody's way
		mine[0].Release()
		if n := <-order; n != 0 {
			t.Error("the second came first")
		}
		mine[1].Release()
		<-order
		if _, err := p.Enter(t.Context(), addr(1)); reason(err) != OfAddress || p.refused[OfAddress] != 1 {
			t.Errorf("nobody left: %v, %v", err, p.refused)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { _, err := p.Enter(ctx, addr(1)); ended <- err }()
		synctest.Wait()
		cancel()
		if err := <-ended; err != context.Canceled {
			t.Error(err)
		}
		if len(p.line) != 0 {
			t.Errorf("%d are still in line", len(p.line))
		}
	})
}

// The line is bounded, in all and for one address.
func TestLineIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(inbox, 6)
		p.fill(t, addr(1), 4)
		p.fill(t, addr(2), 4)
		for range 10 {
			go func() { _, _ = p.Enter(t.Context(), addr(1)) }()
		}
		synctest.Wait()
		if len(p.line) != 4 {
			t.Errorf("%d of one address are in line", len(p.line))
		}
		for n := range 10 {
			go func() { _, _ = p.Enter(t.Context(), addr(20+n)) }()
		}
		synctest.Wait()
		if len(p.line) != 6 {
			t.Errorf("%d are in line", len(p.line))
		}
		time.Sleep(2 * waitAtMost)
	})
}

// A request that waits for a key gives way to others after a while, if that makes
// room for them.
func TestGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(inbox, 12)
		asking := p.fill(t, addr(1), 4)
		p.fill(t, addr(2), 4)
		var waits []context.Context
		for _, place := range asking {
			ctx, _ := ask(t, place, false)
			waits = append(waits, ctx)
			time.Sleep(time.Millisecond)
		}
		began := time.Now()
		third := p.enter(t, addr(3)) // needs a place of the strangers'
		if waited := time.Since(began); waited < strangerPatience-10*time.Millisecond || waited > strangerPatience+lookEvery {
			t.Errorf("a place was taken over after %v", waited)
		}
		if waits[0].Err() == nil || reason(context.Cause(waits[0])) != GaveWay || waits[1].Err() != nil {
			t.Errorf("another place was given up: %v", context.Cause(waits[0]))
		}
		asking[0].Release() // it has nothing any more
		if p.Inside() != 8 || p.refused[GaveWay] != 1 {
			t.Errorf("%d inside, %v", p.Inside(), p.refused)
		}
		if _, _, err := asking[0].Ask(t.Context(), false); reason(err) != GaveWay {
			t.Errorf("it asks again: %v", err)
		}
		third.Release()
		if _, err := p.Enter(t.Context(), addr(2)); reason(err) != OfAddress { // its own requests ask for nothing
			t.Error(err)
		}
	})
}

// A key of a known host has more time, and its wait does not count against the
// address.
func TestKnownHostsHaveTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(Bounds{Total: 1, Strangers: 1, Address: 1, Floor: 1, Most: 1}, 1)
		_, _ = ask(t, p.enter(t, addr(1)), true)
		if _, err := p.Enter(t.Context(), addr(2)); reason(err) != OfStrangers {
			t.Errorf("within %v: %v", waitAtMost, err)
		}
		p.enter(t, addr(2))
		if p.Earned(addr(1)) != 0 {
			t.Error("it was held against the address")
		}
	})
}

// The address with the most places gives way first.
func TestTheLargestGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(inbox, 12)
		small, large := p.fill(t, addr(1), 2), p.fill(t, addr(2), 4)
		first, _ := ask(t, small[0], false)
		time.Sleep(time.Second)
		for _, place := range large {
			_, _ = ask(t, place, false)
		}
		p.fill(t, addr(3), 2)
		time.Sleep(time.Second)
		p.enter(t, addr(4))
		if first.Err() != nil || p.t.of[addr(2)] != 3 {
			t.Errorf("the small one gave way: %v", p.t.of)
		}
	})
}

// An address whose keys do not come may use known ones only, until it has
// waited; others are not concerned.
func TestAddressesWhoseKeysDoNotCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(inbox, 0)
		place, other := p.enter(t, addr(1)), p.enter(t, addr(2))
		for n := range badKeysBurst {
			_, done, err := place.Ask(t.Context(), false)
			if err != nil {
				t.Fatalf("after %d: %v", n, err)
			}
			done()
			place.KeyFailed()
		}
		if _, _, err := place.Ask(t.Context(), false); reason(err) != UnknownKeys {
			t.Errorf("got %v", err)
		}
		_, _ = ask(t, other, false)
		time.Sleep(badKeysEvery)
		_, done := ask(t, place, false)
		done()
		place.KeyFailed()
		if _, _, err := place.Ask(t.Context(), false); reason(err) != UnknownKeys {
			t.Errorf("one more: %v", err)
		}
		place.Verified() // makes good for one
		_, _ = ask(t, place, false)
	})
}

// Where nobody limits there are no places.
func TestNoLimitNoPlaces(t *testing.T) {
	place := Of(t.Context())
	ctx, done, err := place.Ask(t.Context(), false)
	if ctx != t.Context() || err != nil {
		t.Error(ctx, err)
	}
	done()
	place.Verified()
	place.Failed()
	place.KeyFailed()
	place.Release()
	p := newPool(inbox, 0)
	if mine := p.enter(t, addr(1)); Of(With(t.Context(), mine)) != mine {
		t.Error("a context does not carry its place")
	}
}
