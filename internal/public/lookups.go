package public

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"earshot/internal/desk"
)

// Peers asks other servers for the pages. Errors are of package desk: invalid
// (it is no such thing, or not to be believed), not found, or unavailable.
type Peers interface {
	// FollowPage returns the page of a reader's own server on which they follow
	// an actor of ours. who is that server's name, or their handle on it.
	FollowPage(ctx context.Context, who string, actor desk.ActorID) (string, error)
	// Person finds who is behind a handle, or the address of a profile or post.
	Person(ctx context.Context, pasted string) (id desk.ActorID, acct string, err error)
	// Profile fetches a person's profile, even if it is cached, and returns its
	// words.
	Profile(ctx context.Context, id desk.ActorID) (acct, words string, err error)
}

// Limit says how often one address may do something.
type Limit interface {
	Allowed(r *http.Request) bool
	Count(r *http.Request)
}

// The limits on questions to other servers that all strangers together may
// cause; each address also has its Limit.
const (
	lookupsBurst  = 30
	lookupsEvery  = time.Second
	lookupsAtOnce = 8 // at a time
)

// lookups rations what a form makes us ask of other servers, so that nobody can
// use this one to trouble another.
type lookups struct {
	peers Peers
	limit Limit
	all   *rate.Limiter
	slots chan struct{}
	now   func() time.Time
}

func newLookups(d Deps) lookups {
	return lookups{peers: d.Peers, limit: d.LookupLimit, all: rate.NewLimiter(rate.Every(lookupsEvery), lookupsBurst), slots: make(chan struct{}, lookupsAtOnce), now: d.App.Now}
}

// begin says whether r may ask now. If ok, the caller must call end afterwards.
func (a *lookups) begin(r *http.Request) (end func(), ok bool) {
	if a.limit != nil {
		if !a.limit.Allowed(r) {
			return nil, false
		}
		a.limit.Count(r)
	}
	if !a.all.AllowN(a.now(), 1) {
		return nil, false
	}
	select {
	case a.slots <- struct{}{}:
		return func() { <-a.slots }, true
	default:
		return nil, false
	}
}

// tooMany answers a request that may not ask now.
func (p *Pages) tooMany(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", "60")
	p.Error(w, r, http.StatusTooManyRequests)
}

const maxForm = 8 << 10 // bytes

// form reads a posted form; false if it has answered with an error.
func (p *Pages) form(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.Error(w, r, http.StatusRequestEntityTooLarge)
		return false
	}
	return true
}
