package admission

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"

	"earshot/internal/clock"
)

// addr is the n-th address.
func addr(n int) Address {
	return AddressOf(netip.AddrFrom4([4]byte{192, 0, byte(n >> 8), byte(n)}))
}

// inbox is bounds as the inbox has them, but small.
var inbox = Bounds{Total: 12, Strangers: 8, Address: 4, Floor: 1, Most: 10, Unit: 1}

// counted is a pool and the count of its refusals.
type counted struct {
	*Pool
	*History

	mu      sync.Mutex
	refused map[Reason]int
}

func newPool(b Bounds, inLine int) *counted {
	c := &counted{History: NewHistory(clock.System{}), refused: map[Reason]int{}}
	c.Pool = NewPool("inbox", b, inLine, c.History, func(_ string, why Reason) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.refused[why]++
	})
	return c
}

func (c *counted) enter(t *testing.T, a Address) *Place {
	t.Helper()
	place, err := c.Enter(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return place
}

// fill enters n times.
func (c *counted) fill(t *testing.T, a Address, n int) (out []*Place) {
	t.Helper()
	for range n {
		out = append(out, c.enter(t, a))
	}
	return out
}

// ask makes a place wait for a key.
func ask(t *testing.T, place *Place, known bool) (context.Context, func()) {
	t.Helper()
	ctx, done, err := place.Ask(t.Context(), known)
	if err != nil {
		t.Fatal(err)
	}
	return ctx, done
}

func reason(err error) Reason {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Reason
	}
	return Reason(fmt.Sprint(err))
}
