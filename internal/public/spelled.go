package public

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"earshot/internal/address"
)

// formerly returns where the address of the front page with a query leads, if it
// was a desk's in software that ran on the domain before (/?author=1), else "".
func (p *Pages) formerly(r *http.Request) (string, error) {
	if r.URL.RawQuery == "" {
		return "", nil
	}
	b, err := p.app.Addresses(r.Context())
	if err != nil {
		return "", err
	}
	if a := b.Find(p.site.URL + "/?" + r.URL.RawQuery); a.Kind == address.Actor && a.ID != string(p.site.Relay()) {
		return a.URL, nil
	}
	return "", nil
}

// moved leads to another address of ours.
func (p *Pages) moved(w http.ResponseWriter, r *http.Request, to string, err error) {
	if err != nil {
		p.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", address.CacheRedirect)
	http.Redirect(w, r, to, http.StatusMovedPermanently)
}

// notRouted answers where there is no page; one with a slash at the end is led to
// the page without it.
func (p *Pages) notRouted(routes *mux.Router) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if path, ok := strings.CutSuffix(r.URL.Path, "/"); ok && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			plain := r.Clone(r.Context())
			plain.URL.Path, plain.URL.RawPath = path, ""
			var m mux.RouteMatch
			if routes.Match(plain, &m) && m.MatchErr == nil {
				p.moved(w, r, p.site.URL+plain.URL.RequestURI(), nil)
				return
			}
		}
		p.Error(w, r, http.StatusNotFound)
	}
}
