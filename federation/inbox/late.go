package inbox

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"earshot/internal/desk"
)

const (
	// lateFor is how long no post waits for a server that did not answer in time.
	lateFor = 10 * time.Minute
	// maxLate bounds the servers of which that is remembered.
	maxLate = 4096
)

// lateHosts remembers the servers that did not answer in time. The zero value
// remembers none.
type lateHosts struct {
	mu    sync.Mutex
	until *simplelru.LRU[desk.Host, time.Time]
}

func (l *lateHosts) add(h desk.Host, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until == nil {
		l.until, _ = simplelru.NewLRU[desk.Host, time.Time](maxLate, nil) // fails for a size below 1 only
	}
	l.until.Add(h, now.Add(lateFor))
}

func (l *lateHosts) has(h desk.Host, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until == nil {
		return false
	}
	until, ok := l.until.Get(h)
	return ok && now.Before(until)
}
