package fed_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"earshot/internal/test/fed"
)

// located asks for a path and returns the status and where the answer leads.
func located(t *testing.T, p *fed.Provider, h http.Handler, method, path, accept, host string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, p.Site.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	if host != "" {
		r.Host = host
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, strings.TrimPrefix(w.Header().Get("Location"), p.Site.URL)
}

// Another spelling of an address of ours leads to the address, for people and
// for servers; what only looks like one does not.
func TestSpellingsLead(t *testing.T) {
	t.Parallel()
	c, p, _, id := correspondent(t)
	reply := p.Say(id, "hello")
	c.Settle()
	post := "/posts/" + string(reply.ID)
	create := "/activities/" + string(reply.ID) + "/create"
	for path, want := range map[string]string{
		"/desks/help/": "/desks/help", "/desks/Help": "/desks/help", "/%40help": "/@help", "/@help/": "/@help", "/@HELP": "/@help", "/@help@" + strings.TrimPrefix(p.Site.URL, "http://"): "/@help",
		"/desks/help/outbox/?page=x": "/desks/help/outbox?page=x", "/@Help?after=1": "/@help?after=1", "/desks/help/followers/": "/desks/help/followers",
		post + "/": post, strings.ToUpper(post[:7]) + post[7:]: "", "/posts/" + strings.ToUpper(string(reply.ID)): post, create + "/": create, post + "/replies/": post + "/replies",
		"/issues/" + string(id) + "/": "/issues/" + string(id), "/issues/" + string(id) + "/thread/": "/issues/" + string(id) + "/thread", "/relay/": "/relay", "/desks/relay": "/relay",
		"/desks/help": "", "/@help": "", post: "", "/desks/help?x=1": "", "/%2540help": "", "/@nobody/": "", "/desks/nobody/outbox/": "", "/desks/help/more": "", "/users/help": "", "/@help@evil.example": "", "/inboxes": "",
	} {
		for _, accept := range []string{"text/html", "application/activity+json"} {
			h := p.Fed.Handler()
			if strings.Contains(path, "%") {
				h = p.Fed.Spelled()
			}
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				status, to := located(t, p, h, method, path, accept, "")
				if to != want || (want != "") != (status == http.StatusMovedPermanently) {
					t.Errorf("%s %s for %s: %d to %q, want %q", method, path, accept, status, to, want)
				}
			}
			if status, to := located(t, p, h, http.MethodDelete, path, accept, ""); to != "" || status < 400 {
				t.Errorf("DELETE %s: %d to %q", path, status, to)
			}
		}
	}
}
