package webfinger

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

func TestFollowPage(t *testing.T) {
	template := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Query().Get("resource"), "acct:ana@") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/jrd+json")
		fmt.Fprintf(w, `{"subject":"acct:ana@%[1]s","links":[{"rel":"self","type":"application/activity+json","href":"http://%[1]s/users/ana"},
			{"rel":"http://ostatus.org/schema/1.0/subscribe","template":%[2]q}]}`, r.Host, strings.ReplaceAll(template, "HOST", r.Host))
	}))
	defer s.Close()
	host := strings.TrimPrefix(s.URL, "http://")
	site, err := desk.NewSite("http://social.acme.example", "acme.example", true)
	if err != nil {
		t.Fatal(err)
	}
	c := NewClient(safehttp.New(safehttp.Options{AllowPrivate: true}), clock.System{}, safehttp.HostPolicy{Site: site})
	const actor = desk.ActorID("http://social.acme.example/desks/help")
	const escaped = "http%3A%2F%2Fsocial.acme.example%2Fdesks%2Fhelp"
	usual := "http://" + host + "/authorize_interaction?uri=" + escaped
	for _, tc := range []struct{ name, template, who, want string }{
		{"what the server names", "http://HOST/follow?acct={uri}", "@ana@" + host, "http://" + host + "/follow?acct=" + escaped},
		{"with something after it", "http://HOST/follow?u={uri}&x=1", "ana@" + host, "http://" + host + "/follow?u=" + escaped + "&x=1"},
		{"on another host", "http://evil.example/follow?acct={uri}", "@ana@" + host, usual},
		{"another scheme", "javascript:alert('{uri}')?", "@ana@" + host, usual},
		{"user information", "http://HOST@evil.example/?u={uri}", "@ana@" + host, usual},
		{"no place for it", "http://HOST/follow", "@ana@" + host, usual},
		{"two places", "http://HOST/{uri}?u={uri}", "@ana@" + host, usual},
		{"in the host", "http://{uri}/?u=1", "@ana@" + host, usual},
		{"none", "", "@ana@" + host, usual},
		{"the server alone", "http://HOST/follow?acct={uri}", host, usual},
		{"its address", "", "http://" + host + "/about", usual},
		{"nobody there", "", "@nobody@" + host, ""},
		{"no server", "", "nonsense", ""},
		{"ours", "", "social.acme.example", ""},
		{"our people", "", "@help@acme.example", ""},
		{"a path", "", "m.example/evil?x", ""},
		{"an address with a name", "", "http://a:b@m.example/", ""},
		{"IPv6", "", "[::1]", ""},
		{"spaces", "", "m.example evil.example", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			template = tc.template
			got, err := c.FollowPage(t.Context(), tc.who, actor)
			if got != tc.want || (err == nil) != (tc.want != "") {
				t.Errorf("%q, %v; want %q", got, err, tc.want)
			}
			if code := desk.ErrorCode(err); err != nil && code != desk.CodeInvalid && code != desk.CodeNotFound {
				t.Errorf("the error is %s: %v", code, err)
			}
		})
	}
}
