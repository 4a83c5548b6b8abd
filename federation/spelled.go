package federation

import (
	"net/http"
	"strings"

	"earshot/federation/as"
	"earshot/internal/address"
	"earshot/internal/desk"
)

// Spelled answers a GET of a path with percent-encoding, such as /%40help: with a
// redirect if it is an address of ours, otherwise with 404.
func (f *Federation) Spelled() http.Handler { return http.HandlerFunc(f.notRouted) }

// notRouted answers where there is no route.
func (f *Federation) notRouted(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.respelled(w, r):
	case as.PrefersActivityPub(r.Header.Get("Accept")) || f.inFolder(r):
		f.fail(w, r, http.StatusNotFound, "there is nothing here")
	default:
		f.d.Pages.Error(w, r, http.StatusNotFound)
	}
}

// respelled answers a request whose address is one of ours in another spelling,
// or an alias. A GET is led to the address itself; an inbox takes activities
// as ever, for senders follow no redirect of a POST.
func (f *Federation) respelled(w http.ResponseWriter, r *http.Request) bool {
	a, ok, err := f.address(r)
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case err != nil:
		f.unavailable(w, r, err)
	case ok && a.Kind == address.Inbox && r.Method == http.MethodPost:
		f.inbox.ServeHTTP(w, r)
	case ok && read:
		w.Header().Set("Cache-Control", address.CacheRedirect)
		http.Redirect(w, r, a.URL+query(r, a), http.StatusMovedPermanently)
	default:
		return false
	}
	return true
}

// query is what a redirect takes along: where only the spelling is another, the
// place in a list stays.
func query(r *http.Request, a address.Address) string {
	path := a.URL[strings.Index(a.URL, "://")+3:]
	if _, path, _ = strings.Cut(path, "/"); r.URL.RawQuery != "" && strings.EqualFold(path, strings.Trim(r.URL.Path, "/")) {
		return "?" + r.URL.RawQuery
	}
	return ""
}

// address finds the address of ours that a request means but does not spell, false
// if it means none. A desk that there is not has no other spelling either.
func (f *Federation) address(r *http.Request) (a address.Address, ok bool, err error) {
	b, err := f.d.App.Addresses(r.Context())
	if err != nil {
		return a, false, err
	}
	a = b.Find(asked(b, r))
	if !a.Ours() || a.Kind == address.Page || a.URL == b.Site.URL+r.URL.EscapedPath() {
		return a, false, nil
	}
	if a.Handle == "" || a.Handle == desk.RelayHandle {
		return a, true, nil
	}
	_, ok, err = f.d.App.Desk(r.Context(), a.Handle)
	return a, ok, err
}

// asked is the address that was asked for. A proxy may pass on requests to the
// handles' domain.
func asked(b address.Book, r *http.Request) string {
	scheme, base, _ := strings.Cut(b.Site.URL, "://")
	if h, err := desk.CanonicalHost(r.Host, scheme); err == nil && h == b.Site.HandleDomain {
		base = string(h)
	}
	s := scheme + "://" + base + r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		s += "?" + r.URL.RawQuery
	}
	return s
}

// misspelt says whether a path that is no route may be an address of ours in
// another spelling, or an alias. The pages' own paths are not.
func (f *Federation) misspelt(r *http.Request) bool {
	b := address.Book{Site: f.d.App.Site()}
	a := b.Find(b.Site.URL + r.URL.EscapedPath())
	return a.Kind == address.Unknown || a.Ours() && a.Kind != address.Page && a.URL != b.Site.URL+r.URL.Path
}
