package locale

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// The catalogues that are shipped are whole.
func TestCatalogue(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, l := range c.Languages() {
		codes = append(codes, l.Code+"="+l.Name)
	}
	for _, want := range []string{"en=English", "de=Deutsch", "es=Español", "fr=Français", "nl=Nederlands"} {
		if !slices.Contains(codes, want) {
			t.Errorf("%s is not among %v", want, codes)
		}
	}
	if codes[0] != "en=English" {
		t.Errorf("the first is %s", codes[0])
	}
}

// A translation that was forgotten is most often the English text.
func TestNothingIsLeftInEnglish(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	// Words that another language shares with English.
	shared := map[string]string{
		"de": "console_person.server console_section.webhooks console_quarantine.words console_thread.name console_composer.text console_sheet.name console_queue.server console_sources.hashtag console_you.passkeys",
		"es": "console_section.webhooks console_queue.wrong console_ago.minutes console_ago.hours",
		"fr": "console.administration console_thing.incidents console_thing.piles console_thing.destinations console_thing.sources console_pile.name console_pile.all console_section.webhooks console_section.notify console_destinations.log console_destinations.active console_section.incidents console.voice console_beside.incident layout.incidents incident.list_heading service.heading listening.ways console_ago.minutes console_ago.hours console_visibility.public console_visibility.direct console_to.public console_to.direct console_section.sources console_sources.hashtag console_sources.source console_audit.note console_source.active console_sources.suggest",
		"nl": "console_destinations.mail console_person.server console_section.webhooks console.voice console_beside.incident console_work.timer console_thread.accounts console_ago.minutes console_visibility.direct console_to.direct console_thread.name console.via console_beside.status console_view.open console_kind.status console_error.409 console_sources.hashtag console_queue.server console_you.passkeys",
	}
	same := regexp.MustCompile(`^(date\..*|.*\.machine|home\.title|follow\.(json|atom|title)|desk\.names|listening\.names|layout\.pages|console_note\.(status|closed|closed_next)|console_thing\.(agents|other)|console_sources\.timeline)$`)
	english := c.Languages()[0]
	for _, l := range c.Languages()[1:] {
		for key, m := range l.messages {
			for form, text := range m {
				if text == english.messages[key][form] && !same.MatchString(key) && !slices.Contains(strings.Fields(shared[l.Code]), key) {
					t.Errorf("%s: %s is still %q", l.Code, key, text)
				}
			}
		}
	}
}

func TestLoadNamesTheMistake(t *testing.T) {
	english := "[meta]\nname = \"English\"\n[a]\nb = \"{x} and {y}\"\nn = { one = \"{n} day of {x}\", other = \"{n} days of {x}\" }\n"
	for name, c := range map[string]struct{ dutch, want string }{
		"whole":                {"[meta]\nname=\"N\"\n[a]\nb=\"{y} en {x}\"\nn={one=\"een dag {x}\",other=\"{n} dagen {x}\"}", ""},
		"missing":              {"[meta]\nname=\"N\"\n[a]\nb=\"{y} en {x}\"", "nl.toml: a.n is missing"},
		"one too many":         {"[meta]\nname=\"N\"\n[a]\nb=\"{y} en {x}\"\nc=\"c\"\nn={one=\"{n} dag {x}\",other=\"{n} dagen {x}\"}", "a.c is not in en.toml"},
		"other placeholders":   {"[meta]\nname=\"N\"\n[a]\nb=\"{y} en {z}\"\nn={one=\"{n} dag {x}\",other=\"{n} dagen {x}\"}", "a.b has the placeholders [y z], and not [x y]"},
		"no plural":            {"[meta]\nname=\"N\"\n[a]\nb=\"{y} en {x}\"\nn=\"{n} dagen {x}\"", "a.n has plural forms in one language"},
		"a form is missing":    {"[meta]\nname=\"N\"\n[a]\nb=\"{y} en {x}\"\nn={one=\"{n} dag {x}\"}", "the plural form for 0 is missing"},
		"a form lacks one":     {"[meta]\nname=\"N\"\n[a]\nb=\"{y} en {x}\"\nn={one=\"een dag\",other=\"{n} dagen {x}\"}", `the form "one" lacks {x}`},
		"no such form":         {"[meta]\nname=\"N\"\n[a]\nb=\"{y} en {x}\"\nn={lots=\"{n}\",other=\"{n}\"}", "is no plural form"},
		"a brace":              {"[meta]\nname=\"N\"\n[a]\nb=\"{y en {x}\"", "a brace that belongs to no placeholder"},
		"empty":                {"[meta]\nname=\"N\"\n[a]\nb=\" \"", "a.b: the text is empty"},
		"a number":             {"[meta]\nname=\"N\"\n[a]\nb=7", "a text or a table of plural forms is needed"},
		"no TOML":              {"b = ", "nl.toml"},
		"the same thing twice": {"[a]\nb=\"{x}{y}\"\nb=\"{x}{y}\"", "nl.toml"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(fstest.MapFS{"en.toml": {Data: []byte(english)}, "nl.toml": {Data: []byte(c.dutch)}})
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("said %v, want %q", err, c.want)
			}
		})
	}
	polish := strings.Replace(english, `other = "{n} days of {x}"`, `few = "{n} dni {x}", many = "{n} dni {x}"`, 1)
	if _, err := load(fstest.MapFS{"en.toml": {Data: []byte(english)}, "pl.toml": {Data: []byte(polish)}}); err == nil || !strings.Contains(err.Error(), `the form "other" is missing`) {
		t.Errorf("a language without the form for all the rest: %v", err)
	}
	if _, err := load(fstest.MapFS{"nl.toml": {Data: []byte(english)}}); err == nil {
		t.Error("without English nothing is refused")
	}
}

// users are the folders whose pages speak from the catalogue.
var users = []string{"../public", "../console", "../notify", "."}

// call is where a key stands literally: T("home.title"), {{t "home.title"}}.
var call = regexp.MustCompile(`(?:\{\{-? ?t|\(t|\bT\(|\bHTML\() ?"([a-z_]+\.[a-z0-9_]*)"`)

// literal is any quoted text that could be a key, or with a % or a . at its end the beginning of some.
var literal = regexp.MustCompile(`"([a-z_]+\.[a-z0-9_]*%?)`)

// Every key that pages name is there, and every key that is there is named by one.
func TestKeysAreUsed(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	english := c.Languages()[0]
	used, beginnings := map[string]bool{}, []string{}
	for _, folder := range users {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".html") {
				if os.IsNotExist(err) {
					return nil // the console comes later
				}
				return err
			}
			b, err := os.ReadFile(path)
			for _, m := range call.FindAllStringSubmatch(string(b), -1) {
				if key := m[1]; !strings.HasSuffix(key, ".") && !english.Has(key) {
					t.Errorf("%s: there is no text %q", path, key)
				}
			}
			for _, m := range literal.FindAllStringSubmatch(string(b), -1) {
				used[m[1]] = true
				if beginning, ok := strings.CutSuffix(m[1], "%"); ok || strings.HasSuffix(beginning, ".") {
					beginnings = append(beginnings, beginning)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for key := range english.messages {
		begun := false
		for _, b := range beginnings {
			begun = begun || strings.HasPrefix(key, b)
		}
		if !used[key] && !begun {
			t.Errorf("nobody says %s", key)
		}
	}
}
