package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"earshot/internal/config"
	"earshot/store"
	"earshot/store/bolt"
	"earshot/store/postgres"
)

// keeper is a store that can look whether it is consistent.
type keeper interface {
	store.Store
	Check() error
}

// opening says how a store is opened; zero values are fine.
type opening struct {
	maxSize int64       // of a file
	fatal   func(error) // hears that the store cannot be used any more
	log     *slog.Logger
}

func isPostgres(location string) bool {
	return strings.HasPrefix(location, "postgres://") || strings.HasPrefix(location, "postgresql://")
}

// openStore opens the store at a location: a database's URL, or a bolt file.
func openStore(ctx context.Context, location string, o opening) (keeper, error) {
	if isPostgres(location) {
		return postgres.Open(ctx, location, postgres.Options{Logger: o.log, Fatal: o.fatal})
	}
	if strings.Contains(location, "://") {
		return nil, fmt.Errorf("a store is a bolt file or postgres://…, not %q", location)
	}
	return bolt.Open(ctx, location, bolt.Options{MaxSize: o.maxSize, Fatal: o.fatal, Logger: o.log})
}

// isMade says whether there may be an instance: a database has to be asked.
func isMade(location string) bool {
	if isPostgres(location) {
		return true
	}
	_, err := os.Stat(location)
	return !errors.Is(err, os.ErrNotExist)
}

// newLocation returns the store's location of a new instance, by --store or
// EARSHOT_STORE; the server will use it too.
func (c *command) newLocation(named string) (string, error) {
	env := c.getenv("EARSHOT_STORE")
	if named == "bolt" && env != "" {
		named = env
	}
	switch {
	case env != "" && named != env:
		return "", usage("--store and EARSHOT_STORE name different stores: unset the variable, or name the same")
	case isPostgres(named):
		return named, nil
	case named != "bolt":
		return "", usage("a store is bolt or postgres://…, not %q", named)
	}
	return filepath.Join(c.data, config.StoreName), nil
}
