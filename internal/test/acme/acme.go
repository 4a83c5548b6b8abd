// Package acme makes the instance of a provider for tests: with one desk, over a
// store of its own, and with keys that sign.
package acme

import (
	"crypto/rand"
	"crypto/rsa"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/keyring"
	"earshot/store/bolt"
)

// Instance is the use cases of the instance, its keys, and the time there.
type Instance struct {
	App   *app.App
	Keys  *keyring.Keyring
	Clock *clock.Fake
	Log   *slog.Logger // discards
}

// New makes an instance with a desk. When the test ends, its store is checked and
// closed, after all that the test itself ends.
func New(t testing.TB, d desk.Desk) Instance {
	t.Helper()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "db"), bolt.Options{})
	ok(err)
	t.Cleanup(func() {
		ok(s.Check())
		ok(s.Close())
	})
	c := clock.NewFake(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC))
	site, err := desk.NewSite("https://help.acme.example", "", false)
	ok(err)
	keys := keyring.New(s, c, site, "the secret of a test")
	keys.NewKey = func() (*rsa.PrivateKey, error) { return Key(), nil }
	ok(app.Init(t.Context(), s, c, site, keys))
	log := slog.New(slog.DiscardHandler)
	a := app.New(app.Deps{Store: s, Clock: c, Site: site, Log: log, Keys: keys})
	_, err = a.AddDesk(t.Context(), app.By{}, d)
	ok(err)
	return Instance{a, keys, c, log}
}

// Key is one private key for all: to make one takes long.
var Key = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})
