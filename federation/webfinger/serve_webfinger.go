package webfinger

import (
	"net/http"
	"strings"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// webfinger answers for the desks and the instance's own actor, by account on
// the handle domain or the server's host, by actor id and by profile page. The
// instance actor also answers to its host as a name, because peers look for it
// so.
func (s *Server) webfinger(w http.ResponseWriter, r *http.Request) {
	resource := r.URL.Query().Get("resource")
	if resource == "" {
		http.Error(w, "the parameter resource is missing", http.StatusBadRequest)
		return
	}
	handle, ok := s.handleOf(resource)
	if ok && handle != desk.RelayHandle {
		var err error
		if _, ok, err = s.o.Directory.Desk(r.Context(), handle); err != nil {
			s.o.Logger.ErrorContext(r.Context(), "look up desk for WebFinger", "handle", handle, "error", err)
			w.Header().Set("Retry-After", "30")
			http.Error(w, "temporarily unavailable", http.StatusServiceUnavailable)
			return
		}
	}
	if !ok {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	writeJSON(w, jrdType, s.describe(handle))
}

// describe returns the JRD of one of our actors.
func (s *Server) describe(handle desk.Handle) jrd {
	site := s.o.Site
	id := string(site.Desk(handle))
	d := jrd{Subject: "acct:" + site.Acct(handle), Aliases: []string{id}}
	if handle != desk.RelayHandle {
		profile := site.Profile(handle)
		d.Aliases = []string{profile, id}
		d.Links = []link{{Rel: "http://webfinger.net/rel/profile-page", Type: "text/html", Href: profile}}
	}
	d.Links = append(d.Links, link{Rel: "self", Type: as.ContentType, Href: id})
	return d
}

// handleOf returns the handle that a resource may mean.
func (s *Server) handleOf(resource string) (desk.Handle, bool) {
	if strings.HasPrefix(resource, "https://") || strings.HasPrefix(resource, "http://") {
		return s.handleOfURL(resource)
	}
	scheme, _, _ := strings.Cut(s.o.Site.URL, ":")
	a, err := parseAcct(resource, scheme)
	if err != nil || (a.domain != s.o.Site.HandleDomain && a.domain != s.o.Site.Host()) {
		return "", false
	}
	user := strings.ToLower(a.user)
	if user == string(desk.RelayHandle) || user == string(s.o.Site.HandleDomain) || user == string(s.o.Site.Host()) {
		return desk.RelayHandle, true
	}
	handle, err := desk.ParseHandle(user)
	return handle, err == nil
}

func (s *Server) handleOfURL(resource string) (desk.Handle, bool) {
	site := s.o.Site
	resource = strings.TrimSuffix(resource, "/")
	if resource == site.URL {
		return desk.RelayHandle, true
	}
	if handle, ok := site.HandleOf(desk.ActorID(resource)); ok {
		return handle, true
	}
	rest, ok := strings.CutPrefix(resource, site.URL+"/@")
	if !ok {
		return "", false
	}
	handle, err := desk.ParseHandle(strings.ToLower(rest))
	return handle, err == nil
}
