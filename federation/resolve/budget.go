package resolve

import (
	"errors"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"earshot/internal/desk"
)

var errBudget = errors.New("asked again for keys of this host too often")

// budget rations forced refetches for each host: anybody can send a request
// with a bad signature that names somebody else's key.
type budget struct {
	burst int
	every time.Duration // a token comes back after

	mu    sync.Mutex
	hosts *simplelru.LRU[desk.Host, *rate.Limiter]
}

func newBudget(burst int, every time.Duration, maxHosts int) *budget {
	lru, _ := simplelru.NewLRU[desk.Host, *rate.Limiter](maxHosts, nil) // fails for a size below 1 only
	return &budget{burst: burst, every: every, hosts: lru}
}

// spend takes a token and says whether there was one.
func (b *budget) spend(host desk.Host, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	limiter, ok := b.hosts.Get(host)
	if !ok {
		limiter = rate.NewLimiter(rate.Every(b.every), b.burst)
		b.hosts.Add(host, limiter)
	}
	return limiter.AllowN(now, 1)
}
