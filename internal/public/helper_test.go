package public

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/internal/keyring"
	"earshot/internal/test/writes"
	"earshot/store"
	"earshot/store/bolt"
)

// The reporter's words and names: none may ever be on a page.
const (
	reporterWords = "Mein Anschluss ist tot"
	reporterName  = "Ana Reporter"
	reporterUser  = "anaonly"
)

type place struct {
	*testing.T
	app   *app.App
	pages *Pages
	peers *peers
	clock *clock.Fake
	store *writes.Counted
}

type noKeys struct{}

func (noKeys) Make(h desk.Handle, _ store.KeyAlgorithm) (store.Key, error) {
	return store.Key{Owner: h, Fragment: "main-key", Algorithm: "none"}, nil
}

// newPlace opens an instance with one desk, @help@acme.example.
func newPlace(t *testing.T) *place {
	t.Helper()
	file, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "store"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, file.Close()) })
	s := &writes.Counted{Store: file}
	site := must(desk.NewSite("https://social.acme.example", "acme.example", false))(t)
	c := clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	log := slog.New(slog.DiscardHandler)
	a := app.New(app.Deps{Store: s, Clock: c, Site: site, Log: log, Keys: noKeys{}, Secrets: keyring.New(s, c, site, "a secret of the tests")})
	others := &peers{people: map[string]desk.ActorID{}, profiles: map[desk.ActorID]string{}}
	pages := must(New(Deps{App: a, Site: site, Peers: others, Log: log}))(t)
	p := &place{t, a, pages, others, c, s}
	p.addDesk(desk.Desk{Handle: "help", Name: "Acme Help", Summary: "We keep the lines up.", Names: []string{"acme"}})
	return p
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T { t.Helper(); check(t, err); return v }
}

func (p *place) addDesk(d desk.Desk) {
	p.Helper()
	must(p.app.AddDesk(p.Context(), app.By{}, d))(p.T)
}

// report makes a reporter mention the desk and returns the issue.
func (p *place) report(change func(*app.Heard)) desk.IssueID {
	p.Helper()
	n := id.New()
	who := desk.ActorID("https://m.example/users/" + reporterUser)
	h := app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who, Acct: reporterUser + "@m.example", Name: reporterName, URL: "https://m.example/@x", Inbox: string(who) + "/inbox"},
		Post: desk.Post{Object: desk.ObjectID("https://m.example/objects/" + n), URL: "https://m.example/p/" + n, Author: who, Text: reporterWords, HTML: "<p>" + reporterWords + "</p>",
			Mentions: []desk.ActorID{p.app.Site().Desk("help")}, Visibility: desk.VisibilityPublic, Published: p.clock.Now()}}
	h.Addressed = h.Post.Mentions
	if change != nil {
		change(&h)
	}
	r := must(p.app.Hear(p.Context(), h))(p.T)
	if r.Outcome != app.Opened {
		p.Fatalf("the report was %s: %s", r.Outcome, r.Why)
	}
	return r.Issue
}

func (p *place) reply(i desk.IssueID, in app.ReplyInput) desk.Post {
	p.Helper()
	in.Issue = i
	post := must(p.app.Reply(p.Context(), app.By{Agent: "secret-agent@acme.example"}, in))(p.T)
	return p.publish(post)
}

func (p *place) broadcast(h desk.Handle, text string) desk.Post {
	p.Helper()
	post := must(p.app.Broadcast(p.Context(), app.By{}, app.BroadcastInput{Desk: h, Text: text, Language: "en"}))(p.T)
	return p.publish(post)
}

func (p *place) publish(post desk.Post) desk.Post {
	p.Helper()
	p.clock.Advance(time.Minute)
	check(p.T, p.app.Update(context.Background(), func(tx *app.Tx) (err error) {
		var ok bool
		if post, ok, err = tx.PublishPost(post.ID); err == nil && !ok {
			p.Fatalf("the post was not published: %s", post.State)
		}
		return err
	}))
	return post
}

// get asks for a page; posts are asked of Post, as the federation does.
func (p *place) get(path string, headers ...string) *httptest.ResponseRecorder {
	return p.do(http.MethodGet, path, headers...)
}

func (p *place) do(method, path string, headers ...string) *httptest.ResponseRecorder {
	return p.ask(httptest.NewRequestWithContext(p.Context(), method, path, nil), headers...)
}

// post fills in a form, in a browser on a page of ours.
func (p *place) post(path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(p.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	return p.ask(r, append([]string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin"}, headers...)...)
}

func (p *place) ask(r *http.Request, headers ...string) *httptest.ResponseRecorder {
	for n := 0; n < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	w := httptest.NewRecorder()
	if rest, ok := cutPost(r.URL.Path); ok {
		p.pages.Post(w, r, rest)
	} else {
		p.pages.Handler().ServeHTTP(w, r)
	}
	return w
}

func cutPost(path string) (desk.PostID, bool) {
	const prefix = "/posts/"
	if len(path) < len(prefix) || path[:len(prefix)] != prefix {
		return "", false
	}
	return desk.PostID(path[len(prefix):]), true
}
