package server

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"earshot/internal/admission"
	"earshot/internal/clock"
	"earshot/internal/problem"
)

// defaultRequests is how many requests are answered at the same time.
const defaultRequests = 512

// maxStreams is how many answers that go on there are at once.
const maxStreams = 1024

// Admission holds the pools of places for requests. Each kind has its own, so
// that one that is full closes no other, and in each an address has a share.
// Bodies are read before a place is taken.
type Admission struct {
	peers   *Peers
	history *admission.History
	most    func(*http.Request) int64
	trim    func(*http.Request) Trim
	known   func(*http.Request) bool

	mu       sync.Mutex
	refusals map[admission.Refusal]int

	bodies, connections                            *admission.Shares
	inbox, documents, pages, console, api, streams *admission.Pool
}

// AdmissionOptions say how large the pools are and how clients are told apart.
type AdmissionOptions struct {
	MaxRequests int // answered at the same time, in all pools but that of streams; 0 means 512
	Peers       *Peers
	Clock       clock.Clock
	// Most is how many bytes the body of a request may have that is read before it has a
	// place; nil: 1 MiB. What all of them have together is bounded besides.
	Most func(*http.Request) int64
	// Trim reads the body of a request of which a part may be left out; nil: of none.
	Trim func(*http.Request) Trim
}

// Trim reads a body and returns what its handler gets. It says of how many bytes it has kept
// nothing: they take no memory.
type Trim func(body io.Reader, dropped func(n int)) ([]byte, error)

// NewAdmission returns empty pools.
func NewAdmission(o AdmissionOptions) *Admission {
	n := cmp.Or(o.MaxRequests, defaultRequests)
	a := &Admission{peers: o.Peers, most: o.Most, trim: o.Trim, known: func(*http.Request) bool { return false }, refusals: map[admission.Refusal]int{}}
	if a.most == nil {
		a.most = func(*http.Request) int64 { return usualBody }
	}
	if a.trim == nil {
		a.trim = func(*http.Request) Trim { return nil }
	}
	h := admission.NewHistory(o.Clock)
	pool := func(name string, b admission.Bounds, inLine int) *admission.Pool {
		return admission.NewPool(name, b, inLine, h, a.refused)
	}
	inbox, documents, pages, few := max(1, n*3/8), max(1, n*3/16), max(1, n*3/16), max(1, n/8)
	a.history = h
	a.bodies, a.connections = admission.NewShares(bodyBounds, h), admission.NewShares(connectionBounds, h)
	a.inbox = pool("inbox", verifying(inbox, inbox/2), inbox)
	a.documents = pool("documents", verifying(documents, documents*3/4), documents)
	a.pages = pool("pages", admission.Fixed(pages, pages/4), 0)
	a.console = pool("console", admission.Fixed(few, few/2), 0)
	a.api = pool("api", admission.Fixed(few, few/2), 0)
	a.streams = pool("streams", admission.Fixed(maxStreams, maxStreams/4), 0)
	return a
}

// Trust says who is known: a large body of theirs may take long. Call it before requests come.
func (a *Admission) Trust(known func(*http.Request) bool) { a.known = known }

// refused counts a refusal. at and why are each one of a few words.
func (a *Admission) refused(at string, why admission.Reason) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refusals[admission.Refusal{At: at, Reason: why}]++
}

// Refusals returns the counts of refusals.
func (a *Admission) Refusals() map[admission.Refusal]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.refusals)
}

// Taken returns the used places, connections and bytes, by name.
func (a *Admission) Taken() map[string]int {
	return map[string]int{"inbox": a.inbox.Inside(), "documents": a.documents.Inside(), "pages": a.pages.Inside(), "console": a.console.Inside(),
		"api": a.api.Inside(), "streams": a.streams.Inside(), "bodies": a.bodies.Used(), "connections": a.connections.Used()}
}

// Addresses returns how many addresses are remembered.
func (a *Admission) Addresses() int { return a.history.Len() }

// Peers tells the clients apart.
func (a *Admission) Peers() *Peers { return a.peers }

// addressShare is how many requests of one address may be under way whose
// sender has to be found out, until more is known of it.
const addressShare = 32

// verifying returns the bounds of requests whose signatures are verified.
func verifying(total, strangers int) admission.Bounds {
	most := max(1, total*3/4)
	return admission.Bounds{Total: total, Strangers: max(1, strangers), Address: min(addressShare, most), Floor: min(4, most), Most: most, Unit: 1}
}

// Enter gives a request to an inbox a place. It implements inbox.Places.
func (a *Admission) Enter(r *http.Request) (*admission.Place, error) {
	return a.inbox.Enter(r.Context(), a.peers.Address(r))
}

// Console gives the console's requests places.
func (a *Admission) Console(next http.Handler) http.Handler { return a.in(a.console, next) }

// Pages gives requests for pages places.
func (a *Admission) Pages(next http.Handler) http.Handler { return a.in(a.pages, next) }

// API gives the API's requests places; those to the paths of streams, whose
// answers go on, in a pool of their own.
func (a *Admission) API(next http.Handler, streams ...string) http.Handler {
	short, long := a.in(a.api, next), a.in(a.streams, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(streams, r.URL.Path) {
			long.ServeHTTP(w, r)
			return
		}
		short.ServeHTTP(w, r)
	})
}

// Documents gives other servers' requests places; but an inbox takes its own,
// see Enter, when it has read the body.
func (a *Admission) Documents(next http.Handler) http.Handler {
	documents := a.in(a.documents, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && class(r.URL.Path) == "inbox" {
			next.ServeHTTP(w, r)
			return
		}
		documents.ServeHTTP(w, r)
	})
}

// in gives requests places in a pool when their bodies have been read, and turns
// the others away.
func (a *Admission) in(p *admission.Pool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most := a.most(r)
		if b, ok := r.Body.(*body); ok && most > usualBody {
			b.long = a.known(r)
		}
		if err := readAhead(r, most, a.trim(r)); err != nil {
			turnAway(w, err)
			return
		}
		place, err := p.Enter(r.Context(), a.peers.Address(r))
		if err != nil {
			turnAway(w, err)
			return
		}
		defer place.Release()
		next.ServeHTTP(w, r.WithContext(admission.With(r.Context(), place)))
	})
}

// usualBody is the largest body that most handlers take.
const usualBody = 1 << 20

// readAhead reads a body as far as a handler may want it, and a byte, by which it sees
// that there is more.
func readAhead(r *http.Request, most int64, trim Trim) error {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	if trim == nil {
		trim = func(b io.Reader, _ func(int)) ([]byte, error) { return io.ReadAll(io.LimitReader(b, most+1)) }
	}
	dropped := func(int) {}
	if b, ok := r.Body.(*body); ok {
		dropped = b.drop
	}
	body, err := trim(r.Body, dropped)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// turnAway answers a request that cannot be taken now.
func turnAway(w http.ResponseWriter, err error) {
	refusal, ok := errors.AsType[*admission.Refusal](err)
	if !ok {
		problem.Write(w, http.StatusBadRequest, problem.Problem{Detail: "the body could not be read"}, nil)
		return
	}
	status := http.StatusServiceUnavailable
	if refusal.Reason == admission.Slow {
		status = http.StatusRequestTimeout
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(admission.RetryAfter.Seconds())))
	problem.Write(w, status, problem.Problem{Detail: refusal.Error() + "; try again later"}, nil)
}
