package locale

import (
	"html/template"
	"testing"
	"testing/fstest"
	"time"
)

func catalogue(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestChoose(t *testing.T) {
	c := catalogue(t)
	for _, tc := range []struct {
		chosen, accept, want string
		explicit             bool
	}{
		{"", "", "en", false},
		{"", "de", "de", false},
		{"", "de-AT,de;q=0.9,en;q=0.5", "de", false},
		{"", "nl-BE", "nl", false},
		{"", "fr-CA, en;q=0.1", "fr", false},
		{"", "es-419", "es", false},
		{"", "ja, es;q=0.2", "es", false},
		{"", "ja", "en", false},
		{"", "en;q=0.1, fr;q=0.9", "fr", false},
		{"", "*", "en", false},
		{"", "nonsense;;;q=", "en", false},
		{"fr", "de", "fr", true},
		{"tlh", "de", "de", false},
		{"../fr", "", "en", false},
	} {
		l, explicit := c.Choose(tc.chosen, tc.accept)
		if l.Code != tc.want || explicit != tc.explicit {
			t.Errorf("Choose(%q, %q) = %s, %t", tc.chosen, tc.accept, l.Code, explicit)
		}
	}
}

func TestTimes(t *testing.T) {
	c := catalogue(t)
	at := time.Date(2026, 3, 1, 14, 5, 0, 0, time.FixedZone("X", 3600))
	for code, want := range map[string][2]string{
		"en": {"1 March 2026, 13:05 UTC", "1 March 2026"},
		"de": {"1. März 2026, 13:05 UTC", "1. März 2026"},
		"nl": {"1 maart 2026, 13:05 UTC", "1 maart 2026"},
		"fr": {"1er mars 2026 à 13:05 UTC", "1er mars 2026"},
		"es": {"1 de marzo de 2026, 13:05 UTC", "1 de marzo de 2026"},
	} {
		l, _ := c.Choose(code, "")
		if l.Time(at) != want[0] || l.Day(at) != want[1] {
			t.Errorf("%s: %q, %q", code, l.Time(at), l.Day(at))
		}
	}
	l, _ := c.Choose("fr", "")
	if got := l.Day(at.AddDate(0, 0, 1)); got != "2 mars 2026" {
		t.Errorf("the second is %q", got)
	}
}

func TestPluralsAndNumbers(t *testing.T) {
	files := fstest.MapFS{"en.toml": {Data: []byte("[meta]\nname=\"E\"\n[a]\nn={one=\"{n} post by {who}\",other=\"{n} posts by {who}\"}")},
		"fr.toml": {Data: []byte("[meta]\nname=\"F\"\n[a]\nn={one=\"{n} message de {who}\",other=\"{n} messages de {who}\"}")},
		"de.toml": {Data: []byte("[meta]\nname=\"D\"\n[a]\nn={one=\"ein Beitrag von {who}\",other=\"{n} Beiträge von {who}\"}")}}
	c, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		code string
		n    int
		want string
	}{
		{"en", 0, "0 posts by Ana"}, {"en", 1, "1 post by Ana"}, {"en", 2, "2 posts by Ana"}, {"en", 12345, "12,345 posts by Ana"},
		{"fr", 0, "0 message de Ana"}, {"fr", 1, "1 message de Ana"}, {"fr", 2, "2 messages de Ana"},
		{"de", 1, "ein Beitrag von Ana"}, {"de", 12345, "12.345 Beiträge von Ana"},
	} {
		l, _ := c.Choose(tc.code, "")
		if got := l.T("a.n", "n", tc.n, "who", "Ana"); got != tc.want {
			t.Errorf("%s, %d: %q, want %q", tc.code, tc.n, got, tc.want)
		}
	}
}

// French gets no-break spaces before its punctuation; other languages do not.
func TestFrenchSpaces(t *testing.T) {
	files := fstest.MapFS{"en.toml": {Data: []byte("[meta]\nname=\"E\"\n[a]\nb=\"is « {x} » : what ?\"")},
		"fr.toml": {Data: []byte("[meta]\nname=\"F\"\n[a]\nb=\"« {x} » : quoi ? non ; si !\"")}}
	c, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]string{"en": "is « Ana » : what ?", "fr": "«\u00a0Ana\u00a0»\u00a0: quoi\u00a0? non\u00a0; si\u00a0!"} {
		if l, _ := c.Choose(code, ""); l.T("a.b", "x", "Ana") != want {
			t.Errorf("%s: %q", code, l.T("a.b", "x", "Ana"))
		}
	}
}

func TestHTMLEscapesAllButHTML(t *testing.T) {
	files := fstest.MapFS{"en.toml": {Data: []byte("[meta]\nname=\"E\"\n[a]\nb=\"<b> & {x}, {y} and {z}\"")}}
	c, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	l := c.Languages()[0]
	got := l.HTML("a.b", "x", `<script>"{y}`, "y", template.HTML("<i>y</i>"))
	if want := template.HTML("&lt;b&gt; &amp; &lt;script&gt;&#34;{y}, <i>y</i> and {z}"); got != want {
		t.Errorf("%s", got)
	}
	if got := l.T("no.such"); got != "no.such" {
		t.Errorf("an unknown key is %q", got)
	}
}
