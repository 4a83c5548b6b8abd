package inbox

import (
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"earshot/internal/desk"
)

// ration is so many at once, and one more after each every.
type ration struct {
	burst int
	every time.Duration
}

// LookupsBurst and LookupsEvery are the ration of an author of what is asked for along
// with their posts.
const (
	LookupsBurst = 60
	LookupsEvery = 10 * time.Second
)

// ProofsBurst and ProofsEvery are the ration of a signer of proofs that are looked
// at in what they forward.
const (
	ProofsBurst = 60
	ProofsEvery = 4 * time.Second
)

// What one signer, and all signers of a host together, may make us fetch from
// others; and how much of what they do may be written down. A host's share is
// large: a big server is thousands of people.
var (
	fetchesOfActor = ration{10, time.Minute}
	fetchesOfHost  = ration{60, 10 * time.Second}
	lookupsOfActor = ration{LookupsBurst, LookupsEvery}
	lookupsOfHost  = ration{300, 2 * time.Second}
	proofsOfActor  = ration{ProofsBurst, ProofsEvery}
	proofsOfHost   = ration{600, 250 * time.Millisecond}
	writesOfActor  = ration{120, 5 * time.Second}
	writesOfHost   = ration{3000, 100 * time.Millisecond}
)

// maxSigners bounds how many rations of signers and hosts are remembered.
// Whoever is forgotten has not been heard for long, or comes with thousands of
// others, whose host is remembered.
const maxSigners = 20_000

// Budget rations what signed activities cost: a good signature is cheap for
// who owns the host (CVE-2026-34148, CVE-2026-69132). A nil Budget has no end.
type Budget struct {
	mu      sync.Mutex
	buckets *simplelru.LRU[bucket, *rate.Limiter]
}

// bucket is whose budget, and for what.
type bucket struct {
	who string // an actor or a host
	of  ration
}

// fetch takes what a fetch on a signer's word costs.
func (b *Budget) fetch(who desk.ActorID, now time.Time) error {
	return b.take(who, fetchesOfActor, fetchesOfHost, now, "you make us ask other servers for too much")
}

// lookup takes what it costs to ask for one more thing that a post names: what it
// answers, the community it is in.
func (b *Budget) lookup(who desk.ActorID, now time.Time) error {
	return b.take(who, lookupsOfActor, lookupsOfHost, now, "your posts make us ask other servers for too much")
}

// prove takes what it costs to look whether a proof in a forwarded activity holds:
// canonicalising costs several times what reading does.
func (b *Budget) prove(who desk.ActorID, now time.Time) error {
	return b.take(who, proofsOfActor, proofsOfHost, now, "too many proofs come from you at once")
}

// write takes what it costs to write an activity down.
func (b *Budget) write(who desk.ActorID, now time.Time) error {
	return b.take(who, writesOfActor, writesOfHost, now, "too much comes from you at once")
}

func (b *Budget) take(who desk.ActorID, ofActor, ofHost ration, now time.Time, reason string) error {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	// The person first: one of them must not use up what is there for all.
	for _, k := range []bucket{{string(who), ofActor}, {string(who.Host()), ofHost}} {
		if !b.limiter(k).AllowN(now, 1) {
			return &refusal{http.StatusTooManyRequests, reason + "; try again later", true, Limited}
		}
	}
	return nil
}

func (b *Budget) limiter(k bucket) *rate.Limiter {
	if b.buckets == nil {
		b.buckets, _ = simplelru.NewLRU[bucket, *rate.Limiter](maxSigners, nil) // fails for a size below 1 only
	}
	l, ok := b.buckets.Get(k)
	if !ok {
		l = rate.NewLimiter(rate.Every(k.of.every), k.of.burst)
		b.buckets.Add(k, l)
	}
	return l
}
