package inbox

import (
	"net/http"
	"time"

	"earshot/internal/desk"
	"earshot/internal/drop"
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

// UnverifiedBurst and UnverifiedEvery are the ration of all that is stored unverified in
// the name of a registrable domain.
const (
	UnverifiedBurst = 60
	UnverifiedEvery = 10 * time.Minute
)

// What one signer, and all signers of a registrable domain together, may make us
// fetch from others; and how many of their activities may be stored. A domain's
// share is large: a big server is thousands of people.
var (
	fetchesOfActor  = ratelimit.Rate{Burst: 10, Every: time.Minute}
	fetchesOfDomain = ratelimit.Rate{Burst: 60, Every: 10 * time.Second}
	lookupsOfActor  = ratelimit.Rate{Burst: LookupsBurst, Every: LookupsEvery}
	lookupsOfDomain = ratelimit.Rate{Burst: 300, Every: 2 * time.Second}
	proofsOfActor   = ratelimit.Rate{Burst: ProofsBurst, Every: ProofsEvery}
	proofsOfDomain  = ratelimit.Rate{Burst: 600, Every: 250 * time.Millisecond}
	// A moderator reports a few posts a day; a server may sign all of its reports as
	// one actor.
	flagsOfActor   = ratelimit.Rate{Burst: 10, Every: 10 * time.Minute}
	flagsOfDomain  = ratelimit.Rate{Burst: 20, Every: 5 * time.Minute}
	writesOfActor  = ratelimit.Rate{Burst: 120, Every: 5 * time.Second}
	writesOfDomain = ratelimit.Rate{Burst: 3000, Every: 100 * time.Millisecond}
	// Nobody signed for these: the address that they come from pays too.
	unverifiedOfAddress = ratelimit.Rate{Burst: 30, Every: 2 * time.Minute}
	unverifiedOfDomain  = ratelimit.Rate{Burst: UnverifiedBurst, Every: UnverifiedEvery}
)

// maxSigners bounds how many rations of signers and domains are remembered.
// A forgotten signer has not been heard for long, or comes with thousands of
// others, whose domain is remembered.
const maxSigners = 20_000

// Budget rations what signed activities cost: a good signature is cheap for the
// owner of a domain, and a further host below it costs nothing (CVE-2026-34148,
// CVE-2026-69132). A nil Budget has no end.
type Budget struct {
	buckets *ratelimit.Limits[bucket]
}

// NewBudget returns a full one.
func NewBudget() *Budget { return &Budget{ratelimit.New[bucket](maxSigners)} }

// bucket is whose budget, and for what.
type bucket struct {
	who string // an actor or a domain
	of  ratelimit.Rate
}

// fetch takes what a fetch on a signer's word costs.
func (b *Budget) fetch(who desk.ActorID, now time.Time) error {
	return b.take(who, fetchesOfActor, fetchesOfDomain, now, "you make us ask other servers for too much")
}

// lookup takes what it costs to ask for one more thing that a post names: what it
// answers, the community it is in.
func (b *Budget) lookup(who desk.ActorID, now time.Time) error {
	return b.take(who, lookupsOfActor, lookupsOfDomain, now, "your posts make us ask other servers for too much")
}

// prove takes the cost of a check whether a proof in a forwarded activity holds:
// canonicalising costs several times what reading does.
func (b *Budget) prove(who desk.ActorID, now time.Time) error {
	return b.take(who, proofsOfActor, proofsOfDomain, now, "too many proofs come from you at once")
}

// write takes what it costs to write an activity down.
func (b *Budget) write(who desk.ActorID, now time.Time) error {
	return b.take(who, writesOfActor, writesOfDomain, now, "too much comes from you at once")
}

// flag takes what it costs agents to read one more report about a reply of ours.
func (b *Budget) flag(who desk.ActorID, now time.Time) error {
	return b.take(who, flagsOfActor, flagsOfDomain, now, "too many reports come from you at once")
}

// putOff takes what it costs to store an activity unverified. Deletions have a ration of
// their own.
func (b *Budget) putOff(address string, claimed desk.Domain, takesBack bool, now time.Time) bool {
	if b == nil {
		return true
	}
	kind := "unverified "
	if takesBack {
		kind = "unverified deletion "
	}
	if address != "" && !b.buckets.Allow(bucket{kind + "from " + address, unverifiedOfAddress}, unverifiedOfAddress, now) {
		return false
	}
	return b.buckets.Allow(bucket{kind + "of " + string(claimed), unverifiedOfDomain}, unverifiedOfDomain, now)
}

func (b *Budget) take(who desk.ActorID, ofActor, ofDomain ratelimit.Rate, now time.Time, reason string) error {
	if b == nil {
		return nil
	}
	// The person first: one of them must not use up the share of all.
	for _, k := range []bucket{{string(who), ofActor}, {string(who.Host().Domain()), ofDomain}} {
		if !b.buckets.Allow(k, k.of, now) {
			return &refusal{http.StatusTooManyRequests, reason + "; try again later", true, drop.Limited}
		}
	}
	return nil
}
