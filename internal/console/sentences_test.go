package console

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"earshot/internal/desk"
	"earshot/internal/locale"
	"earshot/store"
)

// reachable are the packages whose errors a page of the console may show.
var reachable = []string{"../desk", "../app", "../address", "../auth", ".", "../../federation/source", "../../federation/webfinger"}

// before are the packages that run before the console exists.
var before = []string{"../desk/site.go", "../app/admin_instance.go"}

// source calls look for every node of the reachable packages, and for those of
// where errors without a code get their words.
func source(t *testing.T, look func(at token.Position, pkg string, n ast.Node)) {
	t.Helper()
	set := token.NewFileSet()
	for _, folder := range append([]string{"../api/problem.go"}, reachable...) {
		check(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || slices.Contains(before, path) {
				return err
			}
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err == nil {
				ast.Inspect(file, func(n ast.Node) bool {
					if n != nil {
						look(set.Position(n.Pos()), file.Name.Name, n)
					}
					return true
				})
			}
			return err
		}))
	}
}

// makers are the functions that make an error of package desk.
var makers = []string{"Invalid", "NotFound", "Conflict", "Forbidden", "Unauthenticated", "RateLimited", "Reused", "Stale", "Unavailable"}

// format is what an error says in English, and where.
type format struct {
	english string
	at      token.Position
}

// formats are the errors that the console may show, by their ids.
func formats(t *testing.T) map[string]format {
	t.Helper()
	out := map[string]format{}
	for _, id := range desk.RecordedIDs() {
		out[id] = format{english: desk.Recorded(id)}
	}
	texts := literals(t)
	source(t, func(at token.Position, pkg string, n ast.Node) {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if named(n.Type, pkg) == "Error" && pkg != "desk" {
				t.Errorf("%s: make errors with desk.Invalid and its like, so that they can be translated", at)
			}
		case *ast.CallExpr:
			switch maker := named(n.Fun, pkg); {
			case maker == "Recorded" || maker == "NotSent":
				if id, ok := constant(n.Args[0], texts); ok && out[id].english == "" {
					t.Errorf("%s: package desk has no recorded sentence %q", at, id)
				}
			case slices.Contains(makers, maker):
				id, known := constant(n.Args[0], texts)
				english, ok := constant(n.Args[1], texts)
				if !known || !ok {
					t.Errorf("%s: the id or the format of an error is not written out, so it cannot be translated", at)
				}
				out[id] = format{english, at}
			}
		}
	})
	return out
}

// constant is the value of a literal, or of a constant that has a literal.
func constant(x ast.Expr, named map[string]string) (string, bool) {
	if name, ok := x.(*ast.Ident); ok {
		text, known := named[name.Name]
		return text, known
	}
	return literal(x)
}

// literals are the values of the constants that are written out.
func literals(t *testing.T) map[string]string {
	out := map[string]string{}
	source(t, func(_ token.Position, _ string, n ast.Node) {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			if text, ok := literal(spec.Values[0]); ok {
				out[spec.Names[0].Name] = text
			}
		}
	})
	return out
}

func literal(x ast.Expr) (string, bool) {
	lit, ok := x.(*ast.BasicLit)
	if !ok {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// named is the name of something of package desk.
func named(x ast.Expr, pkg string) string {
	switch x := x.(type) {
	case *ast.SelectorExpr:
		if of, ok := x.X.(*ast.Ident); ok && of.Name == "desk" {
			return x.Sel.Name
		}
	case *ast.Ident:
		if pkg == "desk" {
			return x.Name
		}
	}
	return ""
}

// constants lists the values that package desk names of a type.
func constants(t *testing.T, of string) (out []string) {
	t.Helper()
	source(t, func(at token.Position, pkg string, n ast.Node) {
		if spec, ok := n.(*ast.ValueSpec); ok && pkg == "desk" && len(spec.Values) == 1 {
			if value, isText := literal(spec.Values[0]); isText && named(spec.Type, pkg) == of {
				out = append(out, value)
			}
		}
	})
	if len(out) < 2 {
		t.Fatalf("there is no list of %s", of)
	}
	return out
}

// Every error has its text in the catalogue, by its id, and every text has its
// error. English has an entry only if it differs from the program's text.
func TestErrorsAreTranslated(t *testing.T) {
	c := must(locale.Load())(t)
	said := formats(t)
	for _, s := range constants(t, "Silence") {
		if id := "silence_" + s; said[id].english == "" || said[id].english != desk.Silence(s).Words() {
			t.Errorf("package desk has no recorded sentence %q", id)
		}
	}
	for _, l := range c.Languages() {
		texts := l.Texts(sentences)
		for id, f := range said {
			text, ok := texts[id]
			if !ok && l.Code != "en" {
				t.Errorf("%s: %s.toml has no text in [console_sentence] for %s: %q", f.at, l.Code, id, f.english)
			}
			if l.Code == "en" && text == englishOf(f.english) {
				t.Errorf("en.toml repeats what the program says: take %s out", id)
			}
			for _, p := range regexp.MustCompile(`\{(\d)\}`).FindAllStringSubmatch(text, -1) {
				if n := must(strconv.Atoi(p[1]))(t); n > len(verbs.FindAllString(f.english, -1)) {
					t.Errorf("%s: %s has nothing for {%d}", l.Code, id, n)
				}
			}
			delete(texts, id)
		}
		for id := range texts {
			t.Errorf("%s: no error has the id %q", l.Code, id)
		}
	}
}

// Whatever the core names has its words in every language.
func TestNamesAreTranslated(t *testing.T) {
	c := must(locale.Load())(t)
	has := func(section string, values []string) {
		t.Helper()
		for _, l := range c.Languages() {
			texts := l.Texts("console_" + section + ".")
			for _, v := range values {
				if texts[v] == "" {
					t.Errorf("%s has no console_%s.%s", l.Code, section, v)
				}
			}
		}
	}
	for section, of := range map[string]string{"kind": "Kind", "note": "Note", "why": "Heard", "status": "Status", "reason": "Reason",
		"visibility": "Visibility", "role": "AgentRole", "optout": "OptOutReason", "flood": "Flood"} {
		has(section, constants(t, of))
	}
	for _, s := range []store.SourceState{store.SourceIdle, store.SourcePending, store.SourceAccepted, store.SourcePolling, store.SourceStreaming, store.SourceRejected,
		store.SourceFailed, store.SourceClosed} {
		has("source", []string{string(s)})
	}
	for _, q := range store.Queues() {
		has("work", []string{string(q)})
	}
}

// Each note says in English, to programs, as much as in the catalogue.
func TestNotesStandWithTheirParts(t *testing.T) {
	texts := must(locale.Load())(t).Languages()[0].Texts("console_note.")
	for _, n := range constants(t, "Note") {
		var with []string
		for _, name := range noted[desk.Note(n)] {
			if with = append(with, name); !strings.Contains(texts[n], "{"+name+"}") {
				t.Errorf("console_note.%s does not say {%s}", n, name)
			}
		}
		e := desk.Event{}.Says(desk.Note(n), with...)
		if e.Text == "" || strings.Contains(e.Text, "%!") || strings.Count(texts[n], "{") != len(with) {
			t.Errorf("%s with %q: %q, and in the catalogue %q", n, with, e.Text, texts[n])
		}
	}
}

func TestSentences(t *testing.T) {
	c := must(locale.Load())(t)
	german, _ := c.Choose("de", "")
	who := staff{byMail: map[desk.Email]desk.Agent{"bo@acme.example": {Name: "Bo Berg"}}}
	noted := func(e desk.Event) string { return fmt.Sprint(noteIn(german, e, who).HTML()) }
	why := func(i desk.Issue) string { i.Desk = "help"; return fmt.Sprint(whyIn(german, i).HTML()) }
	mistake := func(err error) string { return fmt.Sprint(mistakeIn(german, err).HTML()) }
	silenced := desk.Issue{Silenced: desk.SilenceStop}.MayReply("")
	for name, tt := range map[string][2]string{
		"an error":                {mistake(desk.Conflict("status_already", "the issue is %s already", desk.StatusInProgress)), "die Meldung hat schon den Stand »in Arbeit«"},
		"a wrapped one":           {mistake(fmt.Errorf("doing it: %w", desk.NotFound("desk_not_found", "there is no desk %q", "<b>"))), "den Helpdesk »&lt;b&gt;« gibt es nicht"},
		"a number":                {mistake(desk.Invalid("text_too_long", "the text has %d characters; %d are allowed", 12345, 10000)), "der Text hat 12.345 Zeichen; erlaubt sind 10.000"},
		"a sentence in another":   {mistake(silenced), "hier darf kein weiteres Wort gesendet werden: die Person hat uns gebeten aufzuhören"},
		"of an older version":     {fmt.Sprint(recordedIn(german, "the post was not public, so it can only be answered directly: leave --visibility out, or say direct").HTML()), german.T("console_sentence.reply_not_public")},
		"the store":               {mistake(store.ErrFull), german.T("console_sentence.store_full")},
		"without a code":          {mistake(errors.New("secret")), "Auf dem Server ging etwas schief; Näheres steht im Protokoll."},
		"from another program":    {mistake(&desk.Error{Code: desk.CodeConflict, Message: "100% <new>"}), `<span lang="en">100% &lt;new&gt;</span>`},
		"a status":                {noted(desk.Event{}.Says(desk.NoteClosedNext, "new", "closed", "not_ours", "the city")), "neu → geschlossen (nicht für uns: sag, wohin): the city"},
		"an agent":                {noted(desk.Event{}.Says(desk.NoteAssigned, "bo@acme.example")), "an Bo Berg"},
		"why it was not sent":     {noted(desk.Event{}.Says(desk.NoteWithheld, desk.ErrorMessage(silenced))), "die Antwort wurde nicht gesendet: hier darf kein weiteres Wort gesendet werden: die Person hat uns gebeten aufzuhören"},
		"before there were notes": {noted(desk.Event{Text: "it was so"}), `<span lang="en">it was so</span>`},
		"of a newer program":      {noted(desk.Event{Note: "later", Text: "50% more"}), `<span lang="en">50% more</span>`},
		"heard by its tags":       {why(desk.Issue{Heard: desk.HeardTags, Keys: []string{"acme", "fail"}}), "#acme und #fail"},
		"before there were keys":  {why(desk.Issue{Heard: desk.HeardTags, Why: "#acme and #fail"}), `<span lang="en">#acme and #fail</span>`},
		"heard by a mention":      {why(desk.Issue{Heard: desk.HeardMention, Why: "mentions @help"}), "erwähnt @help"},
		"split":                   {why(desk.Issue{Heard: desk.HeardAnswer, Why: desk.WhySplit}), "von einer anderen Meldung abgetrennt"},
	} {
		if tt[0] != tt[1] {
			t.Errorf("%s: %s\nwant %s", name, tt[0], tt[1])
		}
	}
}

// Every language says every error without a hole.
func TestSentencesAreWhole(t *testing.T) {
	c := must(locale.Load())(t)
	said := formats(t)
	for _, id := range slices.Sorted(maps.Keys(said)) {
		var args []any
		for _, verb := range verbs.FindAllString(said[id].english, -1) {
			if args = append(args, "X"); strings.HasSuffix(verb, "d") {
				args[len(args)-1] = 7
			}
		}
		for _, l := range c.Languages() {
			s := errorIn(l, &desk.Error{ID: id, Format: said[id].english, Args: args})
			if s.English || strings.ContainsAny(s.Words, "{}%") {
				t.Errorf("%s: %s becomes %q", l.Code, id, s.Words)
			}
		}
	}
}
