package webfinger

import (
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"earshot/internal/clock"
	"earshot/internal/desk"
)

const (
	// namedFor is how long an actor's name is believed: as long as its profile.
	namedFor = time.Hour
	// unconfirmedFor is how long an unconfirmed name is remembered.
	unconfirmedFor = 5 * time.Minute
	maxNames       = 10_000
)

// names remembers the names of actors. Without it, every post would ask its
// author's server, and each server on which the author claims a name.
type names struct {
	clock clock.Clock

	mu  sync.Mutex
	lru *simplelru.LRU[string, name]
}

type name struct {
	acct    string
	expires time.Time
}

func newNames(c clock.Clock) *names {
	lru, _ := simplelru.NewLRU[string, name](maxNames, nil) // fails for a size below 1 only
	return &names{clock: c, lru: lru}
}

// nameKey is an actor with the accounts it may have: another claim is another key.
func nameKey(id desk.ActorID, candidates []account) string {
	key := []string{string(id)}
	for _, c := range candidates {
		key = append(key, c.String())
	}
	return strings.Join(key, "\n")
}

func (n *names) get(key string) (acct string, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	known, ok := n.lru.Get(key)
	return known.acct, ok && n.clock.Now().Before(known.expires)
}

func (n *names) put(key, acct string, holds time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lru.Add(key, name{acct, n.clock.Now().Add(holds)})
}
