package auth

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"earshot/internal/desk"
	"earshot/internal/ratelimit"
)

// How often one may try to sign in: a person who mistypes never notices.
var (
	// perAccount is for one account from one network: tries from elsewhere must
	// not keep the agent out.
	perAccount = ratelimit.Rate{Burst: 10, Every: time.Minute}
	// perAccountInAll is for one account from all networks from which it has not
	// signed in yet, against guesses from very many. At this rate a password of
	// MinPassword characters is not guessed.
	perAccountInAll = ratelimit.Rate{Burst: 1000, Every: 4 * time.Second}
	perAddress      = ratelimit.Rate{Burst: 30, Every: 5 * time.Second}
	// perRequester is how many requests of one session or token are answered.
	perRequester = ratelimit.Rate{Burst: 200, Every: 50 * time.Millisecond}
)

// maxTracked bounds how many accounts and addresses are remembered; beyond it
// those who were away the longest are forgotten.
const maxTracked = 20_000

// limits counts attempts, by account and address, by account, and by address.
type limits struct {
	now       func() time.Time
	pairs     *ratelimit.Limits[attempt]
	accounts  *ratelimit.Limits[string]
	known     *lru.Cache[attempt, struct{}] // that ended in a sign-in
	addresses *ratelimit.Limits[netip.Prefix]
	// requesters are known by the hash of their session or token.
	requesters *ratelimit.Limits[string]

	mu      sync.Mutex
	streams map[string]int // that are open, by the same; bounded by the server
}

// attempt is an account and the network from which a sign-in to it is tried.
type attempt struct {
	account string
	from    netip.Prefix
}

func newLimits(now func() time.Time) *limits {
	known, err := lru.New[attempt, struct{}](maxTracked)
	if err != nil { // only for a size under 1
		panic(err)
	}
	return &limits{now: now, pairs: ratelimit.New[attempt](maxTracked), known: known, accounts: ratelimit.New[string](maxTracked), addresses: ratelimit.New[netip.Prefix](maxTracked),
		requesters: ratelimit.New[string](maxTracked), streams: map[string]int{}}
}

// try counts an attempt before anything is looked up, so that it does not
// reveal which accounts exist. account "" means no account: a passkey names
// nobody.
func (l *limits) try(account string, from netip.Addr) error {
	at := attemptOf(account, from)
	ok := l.addresses.Allow(at.from, perAddress, l.now())
	if account != "" {
		ok = l.pairs.Allow(at, perAccount, l.now()) && ok
		// One that is refused already must not use up the share of all.
		if ok && !l.known.Contains(at) {
			ok = l.accounts.Allow(at.account, perAccountInAll, l.now())
		}
	}
	if !ok {
		return desk.RateLimited("tried_too_often", "this was tried too often: wait a minute and try again")
	}
	return nil
}

// succeeded remembers that an account signed in from a network.
func (l *limits) succeeded(account string, from netip.Addr) {
	l.known.Add(attemptOf(account, from), struct{}{})
}

func attemptOf(account string, from netip.Addr) attempt {
	return attempt{account[:min(len(account), desk.MaxEmail)], ratelimit.Network(from)}
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
