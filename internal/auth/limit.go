package auth

import (
	"net/netip"
	"sync"
	"time"

	"earshot/internal/desk"
	"earshot/internal/ratelimit"
)

// How often one may try to sign in: a person who mistypes never notices.
var (
	perAccount = ratelimit.Rate{Burst: 10, Every: time.Minute}
	perAddress = ratelimit.Rate{Burst: 30, Every: 5 * time.Second}
	// perRequester is how many requests of one session or token are answered.
	perRequester = ratelimit.Rate{Burst: 200, Every: 50 * time.Millisecond}
)

// maxTracked bounds how many accounts and addresses are remembered; beyond it
// those who were away the longest are forgotten.
const maxTracked = 20_000

// limits counts attempts, by account and by address.
type limits struct {
	now       func() time.Time
	accounts  *ratelimit.Limits[string]
	addresses *ratelimit.Limits[netip.Prefix]
	// requesters are known by the hash of their session or token.
	requesters *ratelimit.Limits[string]

	mu      sync.Mutex
	streams map[string]int // that are open, by the same; bounded by the server
}

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, accounts: ratelimit.New[string](maxTracked), addresses: ratelimit.New[netip.Prefix](maxTracked),
		requesters: ratelimit.New[string](maxTracked), streams: map[string]int{}}
}

// try counts an attempt before anything is looked up, so that it does not
// reveal which accounts exist. account "" means no account: a passkey names
// nobody.
func (l *limits) try(account string, from netip.Addr) error {
	if len(account) > desk.MaxEmail {
		account = account[:desk.MaxEmail]
	}
	ok := l.addresses.Allow(ratelimit.Network(from), perAddress, l.now())
	if account != "" {
		ok = l.accounts.Allow(account, perAccount, l.now()) && ok
	}
	if !ok {
		return desk.RateLimited("tried_too_often", "this was tried too often: wait a minute and try again")
	}
	return nil
}

// request counts a request of a known caller.
func (l *limits) request(w Principal) error {
	if !l.requesters.Allow(w.grant, perRequester, l.now()) {
		return desk.RateLimited("too_many_requests", "these are too many requests at once: wait a moment")
	}
	return nil
}

// maxStreams is how many streams of events one session or token holds at once.
const maxStreams = 32

// stream counts a stream that a caller opens, until end is called.
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
