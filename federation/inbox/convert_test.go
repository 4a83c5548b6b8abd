package inbox

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/internal/desk"
)

var update = flag.Bool("update", false, "write the expectations")

// Golden files: a post as a server sends it, a line of dashes, and what we
// make of it.
func TestHeard(t *testing.T) {
	files, err := filepath.Glob("testdata/*.post")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".post"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			raw, want, _ := strings.Cut(string(b), "\n----\n")
			o, err := as.ParseObject([]byte(raw))
			if err != nil {
				t.Fatal(err)
			}
			got := reading(o)
			if *update {
				if err := os.WriteFile(file, []byte(raw+"\n----\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func reading(o *as.Object) string {
	h := heard(o, desk.Actor{ID: o.AttributedTo}, string(o.AttributedTo)+"/followers", "inbox")
	p := h.Post
	var b strings.Builder
	line := func(name string, v any) {
		if s := fmt.Sprint(v); s != "" && s != "[]" && s != "false" {
			fmt.Fprintf(&b, "%s: %s\n", name, s)
		}
	}
	line("visibility", p.Visibility)
	line("tags", p.Tags)
	line("mentions", p.Mentions)
	line("answers", p.InReplyTo)
	line("context", p.Context)
	line("conversation", p.Conversation)
	line("language", p.Language)
	line("vote", h.IsVote)
	line("sensitive", p.Sensitive)
	for _, a := range p.Attachments {
		line("attachment", fmt.Sprintf("%s %s %q", a.URL, a.MediaType, a.Alt))
	}
	line("text", fmt.Sprintf("%q", p.Text))
	line("html", p.HTML)
	return b.String()
}

func TestActorOf(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		fields              string
		bot, nobot, earshot bool
	}{
		"a person":               {`"type":"Person","summary":"<p>I like #trains</p>"`, false, false, false},
		"a bot":                  {`"type":"Service"`, true, false, false},
		"an organisation":        {`"type":"Organization"`, false, false, false},
		"#nobot in the text":     {`"type":"Person","summary":"<p>hi <a href=\"x\">#<span>NoBot</span></a>, thanks</p>"`, false, true, false},
		"#nobots":                {`"type":"Person","summary":"#nobots."`, false, true, false},
		"#noindex in a field":    {`"type":"Person","attachment":[{"type":"PropertyValue","name":"bots","value":"#noindex"}]`, false, true, false},
		"nobot without the #":    {`"type":"Person","summary":"nobot"`, false, false, false},
		"#nobotany":              {`"type":"Person","summary":"#nobotany"`, false, false, false},
		"another Earshot desk":   {`"type":"Organization","generator":{"type":"Application","name":"Earshot"}`, false, false, true},
		"made by something else": {`"type":"Person","generator":{"type":"Application","name":"Mastodon"}`, false, false, false},
	} {
		raw := `{"id":"https://m.example/users/ana","preferredUsername":"ana","inbox":"https://m.example/users/ana/inbox",` + c.fields + `}`
		a, err := as.ParseActor([]byte(raw))
		if err != nil {
			t.Fatal(name, err)
		}
		got := ActorOf(a, "ana@m.example", now)
		if got.Bot != c.bot || got.NoBot != c.nobot || got.Earshot != c.earshot {
			t.Errorf("%s: bot %v, nobot %v, earshot %v", name, got.Bot, got.NoBot, got.Earshot)
		}
	}
}

func TestDedupeKeys(t *testing.T) {
	parse := func(s string) *as.Activity {
		a, err := as.ParseActivity([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	key := func(s string) string { return dedupeKey(parse(s)) }
	note := func(content, updated string) string {
		return `{"id":"https://g.example/1","type":"Note","attributedTo":"https://g.example/u","content":"` + content + `","updated":"` + updated + `"}`
	}
	act := func(id, kind, object string) string {
		return `{"id":"https://g.example/` + id + `","type":"` + kind + `","actor":"https://g.example/u","object":` + object + `}`
	}
	one, two := note("a", "2026-01-01T00:00:01Z"), note("b", "2026-01-01T00:00:02Z")
	if key(act("1#Update", "Update", one)) == key(act("1#Update", "Update", two)) {
		t.Error("two edits with the same activity id are one")
	}
	if key(act("x", "Update", one)) != key(act("y", "Update", one)) {
		t.Error("the same edit under two ids is two")
	}
	if key(act("x", "Create", one)) != key(act("y", "Create", two)) {
		t.Error("one object is created twice")
	}
	if key(act("x", "Like", `"https://h.example/1"`)) == key(act("y", "Like", `"https://h.example/1"`)) {
		t.Error("two likes are one")
	}
}

func TestClip(t *testing.T) {
	long := strings.Repeat("é", MaxText)
	if got := clip(long); len(got) > MaxText || !strings.HasPrefix(long, got) || got[len(got)-1] != 0xa9 {
		t.Errorf("clipped to %d bytes, ending in %x", len(got), got[len(got)-2:])
	}
}

func TestRefusalsAlarm(t *testing.T) {
	var r refusals
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range 4 {
		if r.record(desk.Host(fmt.Sprint("h", n, ".example")), now) {
			t.Errorf("alarm after %d hosts", n+1)
		}
	}
	if r.record("h0.example", now) {
		t.Error("one host twice is two")
	}
	if !r.record("h5.example", now.Add(time.Minute)) {
		t.Error("no alarm after five hosts within an hour")
	}
	if r.record("h6.example", now.Add(2*time.Minute)) {
		t.Error("the alarm was raised twice within an hour")
	}
	if r.record("h7.example", now.Add(3*time.Hour)) {
		t.Error("an alarm for refusals of long ago")
	}
}

// The address of a page is a link beside the words of its author: it stays on the
// domain of the id.
func TestPageIsOfTheSameDomain(t *testing.T) {
	for _, c := range []struct{ url, id, want string }{
		{"https://m.example/@ana/1", "https://m.example/users/ana/statuses/1", "https://m.example/@ana/1"},
		{"https://www.m.example/@ana/1", "https://ap.m.example/1", "https://www.m.example/@ana/1"},
		{"http://m.example/@ana/1", "https://m.example/1", "http://m.example/@ana/1"},
		{"https://victim.example/@ceo/1", "https://m.example/1", ""},
		{"https://m.example@victim.example/1", "https://m.example/1", ""},
		{"https://ben.github.io/1", "https://ana.github.io/1", ""}, // two customers
		{"javascript:alert(1)", "https://m.example/1", ""},
		{"", "https://m.example/1", ""},
	} {
		if got := page(c.url, c.id); got != c.want {
			t.Errorf("page(%q, %q) = %q, want %q", c.url, c.id, got, c.want)
		}
	}
}
