package server

import (
	"net/http"
	"strings"
	"time"
)

// Request tells of one answered request.
type Request struct {
	Class  string // kind of address, one of a fixed few
	Status int    // HTTP
	Took   time.Duration
}

func (s *Server) observe(r *http.Request, status int, took time.Duration) {
	if s.o.Observe != nil {
		s.o.Observe(Request{class(r.URL.Path), status, took})
	}
}

// classes are the kinds of addresses by their beginning; the first that fits
// counts.
var classes = []struct{ prefix, class string }{
	{"/livez", "health"}, {"/readyz", "health"}, {"/metrics", "health"},
	{"/api/v2/", "page"}, {"/api/", "api"},
	{"/inbox", "inbox"}, {"/relay/inbox", "inbox"},
	{"/.well-known/", "discovery"}, {"/nodeinfo", "discovery"},
	{"/relay", "actor"}, {"/desks/", "actor"}, {"/@", "actor"},
	{"/posts/", "document"}, {"/activities/", "document"},
}

// class returns the kind of a path. Every path that a stranger made up is one
// kind: a page that does not exist.
func class(path string) string {
	if strings.HasSuffix(path, "/inbox") { // also one that a desk had before
		return "inbox"
	}
	for _, c := range classes {
		if strings.HasPrefix(path, c.prefix) {
			return c.class
		}
	}
	return "page"
}
