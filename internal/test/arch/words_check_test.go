package arch

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// fewestTexts is how many covered files there are at least: fewer means that the
// search goes wrong.
const fewestTexts = 30

// The covered texts use no word of the list.
func TestWords(t *testing.T) {
	texts, err := loadTexts(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) < fewestTexts {
		t.Fatalf("only %d covered texts were found: is this the module's root?", len(texts))
	}
	used := map[pardon]bool{}
	for _, x := range texts {
		for _, v := range checkWords(x, used) {
			t.Error(v)
		}
	}
	for _, p := range pardons {
		if !used[p] {
			t.Errorf("%s does not say %q any more: take the pardon out", p.file, p.text)
		}
	}
}

func TestWordsAreArgued(t *testing.T) {
	for _, w := range words {
		if w.why == "" || w.write == "" {
			t.Errorf("%q needs a reason and something to write instead", w.phrase)
		}
	}
	for _, p := range pardons {
		if p.file == "" || p.text == "" || p.why == "" {
			t.Errorf("%+v is not complete", p)
		}
	}
}

// compiled makes an expression of a phrase, in any case and over the end of a line.
func compiled(before, phrase, after string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)` + before + `(` + strings.ReplaceAll(phrase, " ", `\s+`) + `)` + after)
}

// finder finds all words of the list in one pass over a text.
type finder struct {
	any    *regexp.Regexp
	words  []*regexp.Regexp // each word by itself
	unless []*regexp.Regexp // nil for never
}

var find = sync.OnceValue(func() (f finder) {
	var phrases []string
	for _, w := range words {
		phrases = append(phrases, w.phrase)
		f.words = append(f.words, compiled(`^`, w.phrase, `$`))
		var unless *regexp.Regexp
		if w.unless != "" {
			unless = compiled(`^`, w.unless, ``)
		}
		f.unless = append(f.unless, unless)
	}
	f.any = compiled(`\b`, strings.Join(phrases, "|"), `\b`)
	return f
})

// checkWords returns the banned words of a text, and notes the pardons that it needs.
func checkWords(x text, used map[pardon]bool) (found []string) {
	f := find()
	for _, at := range f.any.FindAllStringIndex(x.prose, -1) {
		said := x.prose[at[0]:at[1]]
		n := slices.IndexFunc(f.words, func(w *regexp.Regexp) bool { return w.MatchString(said) })
		if f.unless[n] != nil && f.unless[n].MatchString(x.prose[at[0]:]) || isPardoned(x, at[0], used) {
			continue
		}
		found = append(found, fmt.Sprintf("%s:%d: %q: %s. Write %s",
			x.file, lineOf(x.prose, at[0]), strings.Join(strings.Fields(said), " "), words[n].why, words[n].write))
	}
	return found
}

// isPardoned says whether a place lies in the words of a pardon.
func isPardoned(x text, at int, used map[pardon]bool) bool {
	for _, p := range pardons {
		from := strings.Index(x.prose, p.text)
		if p.file == x.file && from >= 0 && from <= at && at < from+len(p.text) {
			used[p] = true
			return true
		}
	}
	return false
}

func lineOf(s string, at int) int { return 1 + strings.Count(s[:at], "\n") }

// The checker itself: planted words are found at their line, allowed ones are not.
func TestCheckWordsFindsWhatIsPlanted(t *testing.T) {
	for _, c := range []struct{ name, file, source, want string }{
		{"a word", "a.md", "One.\n\nWhoever reads it.", `a.md:3: "Whoever": `},
		{"over a line's end", "a.md", "Or there is\nnone.", `a.md:1: "there is none": `},
		{"not over a paragraph's end in code", "a.go", "package a\n\nvar a, b = \"there is\", \"none\"\n", ""},
		{"a part of a word", "a.md", "renewal, whomsoeverish, a somebodyness", ""},
		{"a question", "a.md", "What is Earshot? A server.", ""},
		{"no question", "a.md", "Keep what is left. Is it much?", `"what is"`},
		{"in code", "a.md", "The field `somebody` and\n`whoever`.", ""},
		{"beside code over a line's end", "a.md", "Say `GET\n/whom` or somebody `now`.", `a.md:2: "somebody"`},
		{"a shell's comment", "a.md", "```sh\nearshot block  # anew\n```\n", `a.md:2: "anew"`},
		{"an address", "a.md", "[ADR 14](adr/0014-put-aside.md#whom)", ""},
		{"the text of a link", "a.md", "[put aside](adr/0014.md)", `"put aside"`},
		{"a comment", "a.go", "// Package a is\n// for whom it is.\npackage a\n", `a.go:2: "whom"`},
		{"over a comment's lines", "a.go", "package a\n\n// Of two there is\n// none.\nvar a int\n", `a.go:3: "there is none"`},
		{"a string", "a.go", "package a\n\nvar a = \"told twice\"\n", `a.go:3: "told twice"`},
		{"a raw string", "a.go", "package a\n\nvar a = `x\nwithout a word`\n", `a.go:4: "without a word"`},
		{"a name", "a.go", "package a\n\nvar somebody, whoever int\n", ""},
		{"a value", "a.toml", "[a]\nx = \"Take somebody in\"\n", `"Take somebody in"`},
		{"a key that is a sentence", "a.toml", `"somebody \"x\" = put aside" = "held back"` + "\n", ""},
		{"a value behind it", "a.toml", `"x = y" = "put aside"` + "\n", `"put aside"`},
		{"a plural", "a.toml", `x = { one = "anew", other = "again" }` + "\n", `"anew"`},
		{"a comment of TOML", "a.toml", "# whoever translates\nx = \"y\"\n", `a.toml:1: "whoever"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(checkWords(readText(c.file, c.source), map[pardon]bool{}), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("reported %q, wanted %q", got, c.want)
			}
		})
	}
}

// A pardon is for its words and its file only.
func TestPardons(t *testing.T) {
	p := pardons[0]
	used := map[pardon]bool{}
	if v := checkWords(readText(p.file, "First.\n\n"+p.text+" Then."), used); len(v) > 0 || !used[p] {
		t.Errorf("%v, used %v", v, used)
	}
	for _, c := range [][2]string{{"other.md", p.text}, {p.file, p.text + " It was somebody."}} {
		if v := checkWords(readText(c[0], c[1]), used); len(v) != 1 {
			t.Errorf("%q: %v", c, v)
		}
	}
}

func TestCovered(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a.md", "docs/b.md", "docs/testdata/c.md", ".hidden/d.md", "node_modules/e.md", "x/static/vendor/f.md", "dist/g.md", "a.go", "a.toml", "a.txt"} {
		p := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte("package a\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	texts, err := loadTexts(root)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range texts {
		names = append(names, x.file)
	}
	if got := strings.Join(names, " "); got != "a.md docs/b.md docs/testdata/c.md" {
		t.Errorf("read %q", got)
	}
	for pattern, files := range map[string]map[string]bool{
		"*.md":              {"a.md": true, "docs/a.md": true, "a.mdx": false},
		"internal/desk/...": {"internal/desk/a.go": true, "internal/desk/b/a.go": true, "internal/desks/a.go": false},
		"internal/desk":     {"internal/desk/a.go": true, "internal/desk/b/a.go": false},
		"a/en.toml":         {"a/en.toml": true, "a/de.toml": false},
	} {
		for file, want := range files {
			if got := covers(pattern, file); got != want {
				t.Errorf("%s covers %s: %v", pattern, file, got)
			}
		}
	}
}
