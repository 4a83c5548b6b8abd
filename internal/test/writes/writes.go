// Package writes counts the write transactions of a store, for tests.
package writes

import (
	"context"
	"sync/atomic"

	"earshot/store"
)

// Counted is a store that counts its write transactions, for tests of what must
// not write: a GET, say (RFC 9110 §9.2.1).
type Counted struct {
	store.Store
	updates atomic.Int64
}

// Update implements store.Store.
func (c *Counted) Update(ctx context.Context, op store.Op, f func(store.Tx) error) error {
	c.updates.Add(1)
	return c.Store.Update(ctx, op, f)
}

// Updates returns how many write transactions were asked for.
func (c *Counted) Updates() int64 { return c.updates.Load() }
