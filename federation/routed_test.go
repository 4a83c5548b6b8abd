package federation

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
)

func routesOnly() *Federation {
	f := &Federation{d: Deps{App: app.New(app.Deps{Site: desk.Site{URL: "https://social.acme.example", HandleDomain: "acme.example"}})}}
	f.router = f.routes()
	f.folders = folders(f.router)
	return f
}

// Every route is federation's, whatever the method: the handler answers 405.
func TestRoutedAllPaths(t *testing.T) {
	f := routesOnly()
	parts := regexp.MustCompile(`\{[^}]*\}`)
	seen := 0
	err := f.router.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		template, err := route.GetPathTemplate()
		if err != nil {
			return err
		}
		seen++
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete} {
			if r := httptest.NewRequest(method, parts.ReplaceAllString(template, "7"), nil); !f.Routed(r) {
				t.Errorf("%s %s is left to the pages", method, r.URL.Path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 20 {
		t.Errorf("only %d routes were looked at", seen)
	}
}

func TestRouted(t *testing.T) {
	f := routesOnly()
	for path, want := range map[string]bool{
		"/": false, "/follow": false, "/follow/": false, "/issues/1": false, "/listening": false, "/feeds/help.atom": false, "/static/x": false, "/stop/check": false,
		"/.well-known/security.txt": false, "/.well-known/webfinger": true, "/.well-known/nodeinfo": true, "/nodeinfo/2.1": true,
		"/inbox": true, "/console/": false, "/console/issues/": false, "/relay": true, "/relay/outbox": true, "/@help": true, "/issues/1/thread": true,
		// Nothing is there, and a machine is told so as a machine.
		"/nodeinfo/3.0": true, "/relay/more": true, "/@help/more": true, "/desks/help/more": true, "/posts/1/more": true, "/activities/1": true,
		// Another spelling of an address of ours, or an alias for all that is known here.
		"/issues/1/": true, "/inbox/": true, "/desks": true, "/postscript": true, "/users/help": true, "/inbox/more": true, "/issues/1/threads": true,
	} {
		if got := f.Routed(httptest.NewRequest(http.MethodGet, path, nil)); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	if want := []string{"/nodeinfo/", "/relay/", "/desks/", "/@", "/posts/", "/activities/"}; !slices.Equal(f.folders, want) {
		t.Errorf("folders %q, want %q", f.folders, want)
	}
}
