package source

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/test/feeds"
	"earshot/store"
)

func TestMisskey(t *testing.T) {
	c := clock.NewFake(noon)
	f := &feeds.Server{Clock: c}
	server := httptest.NewServer(f)
	defer server.Close()
	k := &misskey{web: testWeb()}
	s := store.Source{ID: "s", URL: server.URL, Tags: []string{"acme", "Akme"}, Created: noon}
	poll := func() (out []string, skipped []drop.Reason) {
		t.Helper()
		c.Advance(time.Minute)
		found, err := k.Poll(t.Context(), Asked{s, "", c.Now()})
		if err != nil {
			t.Fatal(err)
		}
		s.Cursors = found.Cursors
		s.Polls++
		for _, b := range found.Posts {
			if b.Skip != "" {
				skipped = append(skipped, b.Skip)
			} else {
				out = append(out, string(b.Object))
			}
		}
		return out, skipped
	}
	f.Add(feeds.Post{URI: "old", Tags: []string{"acme"}, Published: noon.Add(-time.Hour)})
	if got, _ := poll(); len(got) > 0 {
		t.Errorf("history: %v", got)
	}
	f.Add(feeds.Post{URI: "one", Tags: []string{"acme"}})
	own := f.Add(feeds.Post{Local: true, Tags: []string{"akme"}})
	f.Add(feeds.Post{URI: "home", Tags: []string{"acme"}, Visibility: "home"})
	f.Add(feeds.Post{URI: "here", Tags: []string{"acme"}, LocalOnly: true})
	f.Add(feeds.Post{URI: "bot", Tags: []string{"acme"}, Bot: true})
	f.Add(feeds.Post{URI: "other", Tags: []string{"else"}})
	got, skipped := poll()
	if want := []string{"one", server.URL + "/notes/" + own.ID}; !slices.Equal(got, want) {
		t.Errorf("offered %v, want %v", got, want)
	}
	slices.Sort(skipped)
	if want := []drop.Reason{drop.Bot, drop.NotPublic, drop.NotPublic}; !slices.Equal(skipped, want) {
		t.Errorf("skipped %v, want %v", skipped, want)
	}
	if got, _ := poll(); len(got) > 0 {
		t.Errorf("offered again: %v", got)
	}
	f.Strict, f.Token = true, "t"
	if _, err := k.Find(t.Context(), app.SourceSpec{URL: server.URL, Tag: "acme"}); desk.ErrorID(err) != "source_closed" {
		t.Errorf("a closed server: %v", err)
	}
	if _, err := k.Find(t.Context(), app.SourceSpec{URL: server.URL, Tag: "acme", Token: "t"}); err != nil {
		t.Errorf("with a token: %v", err)
	}
}

// The look back for notes that arrived late comes after the new ones, not at all when the
// server asks for patience, and what it fails at ends nothing.
func TestMisskeyLookBackFails(t *testing.T) {
	c := clock.NewFake(noon)
	f := &feeds.Server{Clock: c}
	looks, fails := 0, false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), "sinceId") {
			if looks++; fails {
				http.Error(w, "no", http.StatusBadGateway)
				return
			}
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		f.ServeHTTP(w, r)
	}))
	defer server.Close()
	k := &misskey{web: testWeb()}
	s := store.Source{ID: "s", URL: server.URL, Tags: []string{"acme"}, Created: noon}
	poll := func() app.Polled {
		t.Helper()
		c.Advance(time.Minute)
		found, err := k.Poll(t.Context(), Asked{s, "", c.Now()})
		if err != nil {
			t.Fatal(err)
		}
		s.Cursors = found.Cursors
		s.Polls++
		return found
	}
	f.Add(feeds.Post{URI: "old", Tags: []string{"acme"}, Published: noon.Add(-time.Hour)})
	poll()
	fails = true
	for n := range 2 * rescanEvery {
		want := fmt.Sprint("new", n)
		f.Add(feeds.Post{URI: want, Tags: []string{"acme"}})
		if got := poll(); len(got.Posts) != 1 || string(got.Posts[0].Object) != want {
			t.Errorf("poll %d offered %+v", n, got.Posts)
		}
	}
	if looks != 3 {
		t.Errorf("%d looks, want the first and two back", looks)
	}
	fails = false
	f.Add(feeds.Post{URI: "late", Tags: []string{"acme"}, Published: noon.Add(time.Minute)})
	found := map[string]bool{}
	for range rescanEvery {
		for _, b := range poll().Posts {
			found[string(b.Object)] = true
		}
	}
	if !found["late"] {
		t.Errorf("a late note was not found: %v", found)
	}
}

func FuzzReadNotes(f *testing.F) {
	f.Add([]byte(`[{"id":"9a","uri":"https://m.example/1","visibility":"public","createdAt":"2026-03-01T12:01:00Z","tags":["acme"],"user":{"isBot":true}},{"id":"9b","localOnly":true}]`))
	f.Add([]byte(`[{"id":7,"tags":null,"user":null}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		notes, err := readNotes(body, "https://m.example")
		if err != nil && notes != nil || len(notes) > 2*notesAtMost {
			t.Errorf("%d notes, %v", len(notes), err)
		}
		for _, n := range notes {
			if n.id == "" || len(n.id) > maxID || n.uri == "" || len(n.tags) > maxTags || strings.ContainsAny(n.id, " \n") {
				t.Errorf("%+v", n)
			}
		}
	})
}
