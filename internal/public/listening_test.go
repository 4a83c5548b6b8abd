package public

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/store"
)

func TestListeningCard(t *testing.T) {
	p := newPlace(t)
	check(t, p.app.Update(t.Context(), func(tx *app.Tx) error {
		for _, s := range []store.Source{
			{ID: "1", Kind: "tag-actor", Tags: []string{"acme"}, Actor: "https://tags.pub/user/acme", State: store.SourceAccepted, Accepted: tx.Now, Created: tx.Now},
			{ID: "2", Kind: "tag-actor", Tags: []string{"pending"}, Actor: "https://tags.pub/user/pending", State: store.SourcePending, Created: tx.Now},
		} {
			if err := tx.Sources().Put(s); err != nil {
				return err
			}
		}
		return nil
	}))
	page := p.page("/listening")
	wants(t, page, "Acme Help", "#acme", "#outage", "https://tags.pub/user/acme", "90 days", `href="/stop"`, `href="/.well-known/earshot"`, "1 March 2026")
	lacks(t, page, "pending")

	w := p.get("/.well-known/earshot")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("ETag") == "" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	want := `{
  "version": "1.0",
  "domain": "acme.example",
  "url": "https://social.acme.example",
  "actor": "https://social.acme.example/relay",
  "page": "https://social.acme.example/listening",
  "languages": LANGUAGES,
  "desks": [{"id": "https://social.acme.example/desks/help", "acct": "help@acme.example", "name": "Acme Help", "url": "https://social.acme.example/@help",
    "names": ["acme"], "calls": ["fail", "down", "broken", "help", "outage"], "since": "2026-03-01T12:00:00Z"}],
  "sources": [{"kind": "inbox"}, {"kind": "tag-actor", "tag": "acme", "actor": "https://tags.pub/user/acme", "since": "2026-03-01T12:00:00Z"}],
  "keeps": {"words_days": 90},
  "opt_out": {"page": "https://social.acme.example/stop", "block": ["https://social.acme.example/relay"], "reply": ["stop"], "profile_tags": ["nobot", "nobots", "noindex"]},
  "feeds": {"atom": "https://social.acme.example/feed.atom", "json": "https://social.acme.example/feed.json"}
}`
	var codes []string
	for _, l := range p.pages.speech.Languages() {
		codes = append(codes, l.Code)
	}
	want = strings.Replace(want, "LANGUAGES", string(must(json.Marshal(codes))(t)), 1)
	if got := compact(t, w.Body.String()); got != compact(t, want) {
		t.Errorf("the card is %s", got)
	}
}

func compact(t *testing.T, s string) string {
	t.Helper()
	var v any
	check(t, json.NewDecoder(strings.NewReader(s)).Decode(&v))
	return string(must(json.Marshal(v))(t))
}
