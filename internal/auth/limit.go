package auth

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"earshot/internal/desk"
)

// How often one may try to sign in: a person who mistypes never notices.
const (
	perAccount      = 10 // at once, then one every
	perAccountEvery = time.Minute
	perAddress      = 30 // at once, then one every
	perAddressEvery = 5 * time.Second
	// perRequester is how many requests of one session or token are answered at
	// once; then it is one every.
	perRequester      = 200
	perRequesterEvery = 50 * time.Millisecond
	// maxTracked bounds how many accounts and addresses are remembered; beyond
	// it those who were away the longest are forgotten.
	maxTracked = 20_000
)

// limits counts tries, by what is tried and by who tries.
type limits struct {
	now       func() time.Time
	mu        sync.Mutex // of many first tries at once, each would make a limiter
	accounts  *lru.Cache[string, *rate.Limiter]
	addresses *lru.Cache[netip.Addr, *rate.Limiter]
	// requesters are by the hash of what they came with.
	requesters *lru.Cache[string, *rate.Limiter]
	streams    map[string]int // that are open, by the same; bounded by the server
}

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, accounts: remember[string](), addresses: remember[netip.Addr](), requesters: remember[string](), streams: map[string]int{}}
}

// remember needs no time after which somebody is forgotten: a limit that is
// whole again is as good as a new one.
func remember[K comparable]() *lru.Cache[K, *rate.Limiter] {
	c, err := lru.New[K, *rate.Limiter](maxTracked)
	if err != nil {
		panic(err) // of a size that is not positive
	}
	return c
}

// try counts a try before anything is looked up, so that it says nothing about
// what there is. account "" is none: a passkey names nobody.
func (l *limits) try(account string, from netip.Addr) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(account) > desk.MaxEmail {
		account = account[:desk.MaxEmail]
	}
	ok := allow(l.addresses, network(from), perAddress, perAddressEvery, l.now())
	if account != "" {
		ok = allow(l.accounts, account, perAccount, perAccountEvery, l.now()) && ok
	}
	if !ok {
		return desk.RateLimited("tried_too_often", "this was tried too often: wait a minute and try again")
	}
	return nil
}

// request counts a request of somebody who is known.
func (l *limits) request(w Principal) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !allow(l.requesters, w.grant, perRequester, perRequesterEvery, l.now()) {
		return desk.RateLimited("too_many_requests", "these are too many requests at once: wait a moment")
	}
	return nil
}

// maxStreams is how many streams of events one session or token holds at once.
const maxStreams = 32

// stream counts a stream that somebody opens, until end is called.
func (l *limits) stream(w Principal) (end func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.streams[w.grant] >= maxStreams {
		return nil, desk.RateLimited("streams_too_many", "you hold %d streams of events already: close one first", maxStreams)
	}
	l.streams[w.grant]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.streams[w.grant]--; l.streams[w.grant] == 0 {
			delete(l.streams, w.grant)
		}
	}, nil
}

func allow[K comparable](of *lru.Cache[K, *rate.Limiter], key K, burst int, every time.Duration, now time.Time) bool {
	l, ok := of.Get(key)
	if !ok {
		l = rate.NewLimiter(rate.Every(every), burst)
		of.Add(key, l)
	}
	return l.AllowN(now, 1)
}

// network is what counts as one address: of IPv6 a whole /64, which one
// household has.
func network(a netip.Addr) netip.Addr {
	a = a.Unmap()
	if !a.Is6() {
		return a
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a
	}
	return p.Addr()
}
