//go:build linux

package crash

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"earshot/internal/config"
	"earshot/store"
	"earshot/store/bolt"
)

// backend holds the differences between the stores: how a site is made on one,
// its faults, and how its content is read while no server runs.
type backend interface {
	name() string
	// create prepares faults of a kind, and returns the flags that `init` needs
	// beside the common ones.
	create(s *site, k kind) (args []string)
	kinds() []kind
	// points lists the fail points that are reached on it.
	points() []string
	// save keeps what a stopped site holds; restore brings that back.
	save(s *site) (restore func())
	// open returns the store of a stopped site, after a check of its consistency.
	open(ctx context.Context, s *site) (store.Store, error)
}

type onBolt struct{}

func (onBolt) name() string { return "bolt" }

func (onBolt) create(*site, kind) []string { return nil }

func (onBolt) points() []string { return pointsBut("postgres") }

func (onBolt) save(s *site) (restore func()) {
	b, err := os.ReadFile(s.file())
	s.must(err)
	return func() { s.must(os.WriteFile(s.file(), b, 0o600)) }
}

func (onBolt) open(ctx context.Context, s *site) (store.Store, error) {
	b, err := bolt.Open(ctx, s.file(), bolt.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	if err := b.Check(); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// file is the bolt file of a site.
func (s *site) file() string { return filepath.Join(s.data, config.StoreName) }
