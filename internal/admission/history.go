package admission

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"earshot/internal/clock"
)

const (
	// A failure costs an address as much as failureCosts verified requests
	// earn.
	failureCosts = 4
	// mostEarned bounds the credit of an address, and so how long it lasts.
	mostEarned = 1024
	// mostLost bounds the debt of an address, and so how soon it is forgiven.
	mostLost = 32
	// An address may cause badKeysBurst requests for keys that nobody answers,
	// then one every badKeysEvery. After that only keys that are known count.
	badKeysBurst = 60
	badKeysEvery = 2 * time.Second
	// sharedBy is by how much a shared address has more of that.
	sharedBy = 10
	// historyMemory is how many addresses are remembered.
	historyMemory = 10_000
)

// History remembers how the requests of each address ended.
type History struct {
	clock clock.Clock

	mu   sync.Mutex
	seen *lru.LRU[Address, *record]
}

type record struct {
	earned  int       // verified requests, less the cost of failures; below 0: failures alone
	badKeys float64   // keys that did not come, less those that have been forgiven
	at      time.Time // as of when
}

// forgive lets time pass for the keys that did not come.
func (r *record) forgive(a Address, now time.Time) {
	r.badKeys = max(0, r.badKeys-a.times()*float64(now.Sub(r.at))/float64(badKeysEvery))
	r.at = now
}

// times is how many times more a shared address has.
func (a Address) times() float64 {
	if a.Shared {
		return sharedBy
	}
	return 1
}

// NewHistory returns an empty one.
func NewHistory(c clock.Clock) *History {
	seen, err := lru.NewLRU[Address, *record](historyMemory, nil)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &History{clock: c, seen: seen}
}

// Verified counts a verified request. It takes off one key that did not come: a
// server may be slow with some of many keys.
func (h *History) Verified(a Address) { h.change(a, 1, -1) }

// Failed counts a request that was not verified.
func (h *History) Failed(a Address) { h.change(a, -failureCosts, 0) }

// BadKey counts a request whose key did not come.
func (h *History) BadKey(a Address) { h.change(a, -failureCosts, 1) }

// MayAsk says whether a request of a may make us ask for a key.
func (h *History) MayAsk(a Address) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	r, ok := h.seen.Peek(a)
	if !ok {
		return true
	}
	r.forgive(a, h.clock.Now())
	return r.badKeys <= a.times()*badKeysBurst-1
}

// Known says whether more of a's requests were verified lately than failed.
func (h *History) Known(a Address) bool { return h.Earned(a) > 0 }

// Earned is how many places more, or fewer, a has than others.
func (h *History) Earned(a Address) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	r, ok := h.seen.Peek(a)
	if !ok {
		return 0
	}
	return r.earned
}

// Len returns how many addresses are remembered.
func (h *History) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seen.Len()
}

func (h *History) change(a Address, earned int, badKeys float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r, ok := h.seen.Get(a)
	if !ok {
		r = &record{at: h.clock.Now()}
		h.seen.Add(a, r)
	}
	r.earned = min(max(r.earned+earned, -mostLost), mostEarned)
	r.forgive(a, h.clock.Now())
	r.badKeys = min(max(0, r.badKeys+badKeys), a.times()*badKeysBurst)
}
