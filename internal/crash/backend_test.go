//go:build linux

package crash

import (
	"context"
	"errors"
	"path/filepath"

	"earshot/internal/config"
	"earshot/store"
	"earshot/store/bolt"
)

// backend is what differs between the stores: how a site is made on one, which
// faults there are, and how its content is read while no server runs.
type backend interface {
	name() string
	// create returns what `init` needs beside the common flags.
	create(s *site) (args []string)
	kinds() []kind
	// open returns the store of a stopped site, after a check of its consistency.
	open(ctx context.Context, s *site) (store.Store, error)
}

type onBolt struct{}

func (onBolt) name() string { return "bolt" }

func (onBolt) create(*site) []string { return nil }

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
