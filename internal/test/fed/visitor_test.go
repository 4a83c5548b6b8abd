package fed_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
)

// A person without an account here proves that the request is theirs, over real
// requests to their own server, and is forgotten.
func TestVisitorIsForgotten(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	report := s.says("ana", town.PostInput{Text: s.mention() + " broken"})
	who := s.town.ActorOf("ana")
	v := s.desk.Net.Visitors()
	for _, pasted := range []string{"@ana@" + string(who.Host()), string(who), string(report), strings.TrimPrefix(string(report), "http://")} {
		id, acct, err := v.Person(ctx, pasted)
		if err != nil || id != who || acct != "@ana@"+string(who.Host()) {
			t.Errorf("%s is %s, %s: %v", pasted, id, acct, err)
		}
	}
	for pasted, code := range map[string]desk.Code{
		"@no-such-person@" + string(who.Host()): desk.CodeNotFound,
		string(who) + "/nothing":                desk.CodeNotFound,
		"http://" + string(who.Host()):          desk.CodeInvalid,
		"http://127.0.0.1:1/ana":                desk.CodeUnavailable,
		string(s.desk.Site.Desk("help")):        desk.CodeInvalid,
		"nonsense":                              desk.CodeInvalid,
	} {
		if _, _, err := v.Person(ctx, pasted); desk.ErrorCode(err) != code {
			t.Errorf("%s: %s, want %s: %v", pasted, desk.ErrorCode(err), code, err)
		}
	}

	l := app.OptOutRequest{Actor: who, Forget: true}
	code, err := s.desk.OptOutCode(ctx, l)
	s.ok(err)
	_, words, err := v.Profile(ctx, who)
	s.ok(err)
	if !strings.HasPrefix(words, "Ana") {
		t.Errorf("the profile says %q", words)
	}
	if proven, err := s.desk.OptOutByCode(ctx, l, words); proven || err != nil {
		t.Fatalf("without the code: %t, %v", proven, err)
	}
	if proven, err := s.desk.OptOutByCode(ctx, l, words+" "+code); !proven || err != nil {
		t.Fatalf("with the code: %t, %v", proven, err)
	}
	if i := s.desk.Only().Issue; i.Excerpt != "" || i.Silenced == "" {
		t.Errorf("the issue is still %+v", i)
	}
	if page, err := v.FollowPage(ctx, "@ana@"+string(who.Host()), s.desk.Site.Desk("help")); err != nil || !strings.HasPrefix(page, "http://"+string(who.Host())+"/") {
		t.Errorf("to follow, go to %s: %v", page, err)
	}
}

// The pages that a desk links to are read over the network, and never from our own server.
func TestLinksAreProven(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	mine := `<a rel="me" href="` + s.desk.Site.Profile("help") + `">Help</a>`
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusGone)
		}
		_, _ = io.WriteString(w, "<!doctype html><title>Acme</title>"+mine)
		if r.URL.Path == "/long" {
			_, _ = io.WriteString(w, strings.Repeat("<p>Welcome</p>", 200_000))
		}
	}))
	t.Cleanup(page.Close)
	v := s.desk.Net.Visitors()
	for _, path := range []string{"/", "/long"} {
		if got, err := v.Mine(ctx, page.URL+path); err != nil || !slices.Equal(got, []string{s.desk.Site.Profile("help")}) {
			t.Errorf("%s says %q: %v", path, got, err)
		}
	}
	for _, none := range []string{page.URL + "/gone", s.desk.Site.Profile("help"), "http://127.0.0.1:1/", "file:///etc/passwd"} {
		if got, err := v.Mine(ctx, none); err == nil {
			t.Errorf("%s says %q", none, got)
		}
	}
}
