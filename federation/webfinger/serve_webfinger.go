package webfinger

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"earshot/federation/as"
	"earshot/internal/address"
	"earshot/internal/desk"
)

// webfinger answers for the desks and the instance's own actor, by every address
// that belongs to one, in whatever way it is written. The answer names the one
// account and the one id. The instance actor also answers to its host as a name,
// which is how peers look for it.
func (s *Server) webfinger(w http.ResponseWriter, r *http.Request) {
	resource := r.URL.Query().Get("resource")
	if resource == "" {
		http.Error(w, "the parameter resource is missing", http.StatusBadRequest)
		return
	}
	d, ok, err := s.actor(r.Context(), resource)
	switch {
	case err != nil:
		s.o.Logger.ErrorContext(r.Context(), "look up desk for WebFinger", "handle", d.Handle, "error", err)
		w.Header().Set("Retry-After", "30")
		http.Error(w, "temporarily unavailable", http.StatusServiceUnavailable)
	case !ok:
		if s.o.Missed != nil {
			s.o.Missed()
		}
		http.Error(w, "not found", http.StatusNotFound)
	default:
		writeJSON(w, jrdType, s.describe(d))
	}
}

// actor returns the desk that a resource belongs to; the instance's own actor is
// one with a handle only.
func (s *Server) actor(ctx context.Context, resource string) (desk.Desk, bool, error) {
	b, err := s.o.Directory.Addresses(ctx)
	if err != nil {
		// Without its aliases, a desk is looked up below; the instance needs none.
		b = address.Book{Site: s.o.Site}
	}
	a := b.Find(resource)
	if a.Kind != address.Actor && a.Kind != address.Key {
		return desk.Desk{}, false, err
	}
	if a.Handle == desk.RelayHandle {
		return desk.Desk{Handle: a.Handle}, true, nil
	}
	return s.o.Directory.Desk(ctx, a.Handle)
}

// describe returns the JRD of one of our actors.
func (s *Server) describe(of desk.Desk) jrd {
	site := s.o.Site
	id := string(site.Desk(of.Handle))
	d := jrd{Subject: "acct:" + site.Acct(of.Handle), Aliases: []string{id}}
	if of.Handle != desk.RelayHandle {
		profile := site.Profile(of.Handle)
		d.Aliases = append([]string{profile, id}, urls(of.Aliases)...)
		d.Links = []link{{Rel: "http://webfinger.net/rel/profile-page", Type: "text/html", Href: profile}}
	}
	d.Links = append(d.Links, link{Rel: "self", Type: as.ContentType, Href: id})
	return d
}

// urls returns a desk's aliases, handles as the URIs they are in WebFinger.
func urls(aliases []string) []string {
	out := slices.Clone(aliases)
	for n, a := range out {
		if acct, ok := strings.CutPrefix(a, "@"); ok {
			out[n] = "acct:" + acct
		}
	}
	return out
}
