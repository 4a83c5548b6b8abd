// Package ratelimit limits how often something may happen, by key: by address,
// account, host or signer. Its memory is bounded.
package ratelimit

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"
)

// Rate allows Burst events at once, then one after each Every.
type Rate struct {
	Burst int
	Every time.Duration
}

// Limits counts events by key. It is safe for concurrent use.
type Limits[K comparable] struct {
	mu   sync.Mutex
	keys *simplelru.LRU[K, *rate.Limiter]
}

// New returns limits that remember at most max keys, which must be positive.
// Beyond that the key used least recently is forgotten.
func New[K comparable](max int) *Limits[K] {
	keys, err := simplelru.NewLRU[K, *rate.Limiter](max, nil)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &Limits[K]{keys: keys}
}

// Allow counts an event and says whether the rate allows it. A key must always
// come with the same rate.
func (l *Limits[K]) Allow(key K, r Rate, now time.Time) bool { return l.AllowN(key, r, 1, now) }

// AllowN is Allow for n events that are allowed together, or none of them.
func (l *Limits[K]) AllowN(key K, r Rate, n int, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forgetWhole(now)
	limiter, ok := l.keys.Get(key)
	if !ok {
		limiter = rate.NewLimiter(rate.Every(r.Every), r.Burst)
		l.keys.Add(key, limiter)
	}
	return limiter.AllowN(now, n)
}

// Left says whether an event would be allowed, and counts none.
func (l *Limits[K]) Left(key K, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter, ok := l.keys.Peek(key)
	if !ok {
		return true
	}
	if whole(limiter, now) {
		l.keys.Remove(key)
	}
	return limiter.TokensAt(now) >= 1
}

// Len returns how many keys are remembered.
func (l *Limits[K]) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.keys.Len()
}

// forgetWhole drops keys that were unused so long that their limiter equals a
// new one: a few at each event, so the memory shrinks again.
func (l *Limits[K]) forgetWhole(now time.Time) {
	for range 4 {
		key, limiter, ok := l.keys.GetOldest()
		if !ok || !whole(limiter, now) {
			return
		}
		l.keys.Remove(key)
	}
}

func whole(l *rate.Limiter, now time.Time) bool { return l.TokensAt(now) >= float64(l.Burst()) }
