package inbox

import (
	"context"
	"net/http"
	"time"

	"earshot/federation/as"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/ratelimit"
)

// What one account, and all accounts of a registrable domain, may make us write, in
// KiB: so much at once, and so much a day after that. Why, and why a domain may have
// more: docs/adr/0019.
var (
	bytesOfActor  = daily(16 << 10)
	bytesOfDomain = daily(desk.DayBytes / 2 >> 10) // and the second half of it, as large or larger
)

// entryBytes is what an activity costs beside its own bytes: the records that follow
// from it. A Delete of no more bytes is free, whatever was written before.
const entryBytes = 4 << 10

func daily(kib int) ratelimit.Rate {
	return ratelimit.Rate{Burst: kib, Every: 24 * time.Hour / time.Duration(kib)}
}

// affordBytes takes what it costs to store an activity, from who sent it. Of one that
// names its object only, or that a source sent, nothing but ids is stored.
func (in *Inbox) affordBytes(ctx context.Context, a *as.Activity, d decision, by desk.ActorID) error {
	n := len(a.Raw) + entryBytes
	switch {
	case d.source:
		return nil
	case d.fetch != "":
		n = entryBytes
	case a.Type == as.Delete:
		n -= 2 * entryBytes
	}
	return in.spend(ctx, by, n)
}

// spend takes bytes from what an account, and its domain, may make us write.
func (in *Inbox) spend(ctx context.Context, who desk.ActorID, bytes int) error {
	if in.Budget == nil || bytes <= 0 {
		return nil
	}
	kib, now := (bytes+1023)>>10, in.App.Now()
	tooMuch := &refusal{http.StatusTooManyRequests, "you have sent more today than we can store; try again later", true, drop.Limited}
	if !in.Budget.buckets.AllowN(bucket{string(who), bytesOfActor}, bytesOfActor, kib, now) {
		return tooMuch
	}
	domain := string(who.Host().Domain())
	if in.Budget.buckets.AllowN(bucket{domain, bytesOfDomain}, bytesOfDomain, kib, now) {
		return nil
	}
	// The second half is larger for a domain that may have more: it pays less.
	may, err := in.App.DayBytes(ctx, who.Host())
	if err != nil {
		return err
	}
	const half = desk.DayBytes / 2
	kib = max(1, int(int64(kib)*half/int64(may-half)))
	if !in.Budget.buckets.AllowN(bucket{"more of " + domain, bytesOfDomain}, bytesOfDomain, kib, now) {
		return tooMuch
	}
	return nil
}
