package inbox

import (
	"net/http"
	"time"

	"earshot/internal/desk"
	"earshot/internal/ratelimit"
)

// LookupsBurst and LookupsEvery are an author's ration of requests that we make
// along with their posts.
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
// others; and how many of their activities may be stored. A host's share is
// large: a big server is thousands of people.
var (
	fetchesOfActor = ratelimit.Rate{Burst: 10, Every: time.Minute}
	fetchesOfHost  = ratelimit.Rate{Burst: 60, Every: 10 * time.Second}
	lookupsOfActor = ratelimit.Rate{Burst: LookupsBurst, Every: LookupsEvery}
	lookupsOfHost  = ratelimit.Rate{Burst: 300, Every: 2 * time.Second}
	proofsOfActor  = ratelimit.Rate{Burst: ProofsBurst, Every: ProofsEvery}
	proofsOfHost   = ratelimit.Rate{Burst: 600, Every: 250 * time.Millisecond}
	writesOfActor  = ratelimit.Rate{Burst: 120, Every: 5 * time.Second}
	writesOfHost   = ratelimit.Rate{Burst: 3000, Every: 100 * time.Millisecond}
)

// maxSigners bounds how many rations of signers and hosts are remembered.
// A forgotten signer has not been heard for long, or comes with thousands of
// others, whose host is remembered.
const maxSigners = 20_000

// Budget rations what signed activities cost: a good signature is cheap for
// who owns the host (CVE-2026-34148, CVE-2026-69132). A nil Budget has no end.
type Budget struct {
	buckets *ratelimit.Limits[bucket]
}

// NewBudget returns a full one.
func NewBudget() *Budget { return &Budget{ratelimit.New[bucket](maxSigners)} }

// bucket is whose budget, and for what.
type bucket struct {
	who string // an actor or a host
	of  ratelimit.Rate
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

// prove takes the cost of a check whether a proof in a forwarded activity holds:
// canonicalising costs several times what reading does.
func (b *Budget) prove(who desk.ActorID, now time.Time) error {
	return b.take(who, proofsOfActor, proofsOfHost, now, "too many proofs come from you at once")
}

// write takes what it costs to write an activity down.
func (b *Budget) write(who desk.ActorID, now time.Time) error {
	return b.take(who, writesOfActor, writesOfHost, now, "too much comes from you at once")
}

func (b *Budget) take(who desk.ActorID, ofActor, ofHost ratelimit.Rate, now time.Time, reason string) error {
	if b == nil {
		return nil
	}
	// The person first: one of them must not use up the share of all.
	for _, k := range []bucket{{string(who), ofActor}, {string(who.Host()), ofHost}} {
		if !b.buckets.Allow(k, k.of, now) {
			return &refusal{http.StatusTooManyRequests, reason + "; try again later", true, Limited}
		}
	}
	return nil
}
