package fed_test

import (
	"io"
	"net/http"
	"sync"

	"earshot/internal/test/fed"
	"earshot/internal/test/foreign"
)

// gate stands before a provider: deliveries that are not signed by the one
// scheme it takes are answered 401, as by a server that knows no other.
type gate struct {
	takes foreign.Scheme // "": all

	mu             sync.Mutex
	taken, refused int
}

func newGate(c *fed.Cluster, takes foreign.Scheme) *gate {
	g := &gate{takes: takes}
	c.Front = g.before
	return g
}

// counts are the deliveries that the provider accepted, and those that were
// refused for their scheme.
func (g *gate) counts() (taken, refused int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.taken, g.refused
}

func (g *gate) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		if g.takes != "" && schemeOf(r) != g.takes {
			g.count(&g.refused)
			_, _ = io.Copy(io.Discard, r.Body)
			http.Error(w, "only "+string(g.takes)+" is taken", http.StatusUnauthorized)
			return
		}
		answer := &statusOf{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(answer, r)
		if answer.status < 300 {
			g.count(&g.taken)
		}
	})
}

func (g *gate) count(n *int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	*n++
}

func schemeOf(r *http.Request) foreign.Scheme {
	switch {
	case r.Header.Get("Signature-Input") != "":
		return foreign.RFC9421
	case r.Header.Get("Signature") != "":
		return foreign.Cavage
	}
	return ""
}

// statusOf remembers with which status a request was answered.
type statusOf struct {
	http.ResponseWriter
	status int
}

func (a *statusOf) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *statusOf) Unwrap() http.ResponseWriter { return a.ResponseWriter }
