package arch

import (
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// productWords are the words of the product that the glossary explains.
var productWords = []string{
	"agent", "broadcast", "call", "comment", "desk", "held back", "incident", "incident update", "issue", "manners", "name", "opt-out", "peer",
	"pile", "reply", "report", "reporter", "sighting", "source", "status", "take-back", "voice", "withheld",
}

// unusedWords are the words with two to four meanings, which the glossary replaces.
var unusedWords = []string{
	"answered", "asked", "called", "deed", "did", "kept", "leave", "look", "note", "spread", "stamp", "told", "turn", "want",
}

// page is docs/architecture.md.
type page struct {
	lines  []string
	tables map[string][][]string // the cells of the rows, by the heading of the first column and the second
	steps  map[string][]string   // the items of a numbered list, by the section
}

var (
	span = regexp.MustCompile("`([^`]+)`")
	item = regexp.MustCompile(`^\d+\. (.*)$`)
	// name is a Go name, or Type.name.
	name = regexp.MustCompile(`^[A-Za-z]\w*(\.[A-Za-z]\w*)?$`)
	// isPath says of a span that it names a file or a folder.
	isPath = regexp.MustCompile(`/|\.(go|md)$`)
)

// readPage takes the tables and lists out of a document.
func readPage(source string) page {
	p := page{lines: strings.Split(source, "\n"), tables: map[string][][]string{}, steps: map[string][]string{}}
	section, table := "", ""
	for _, line := range p.lines {
		heading, isHeading := strings.CutPrefix(line, "## ")
		step := item.FindStringSubmatch(line)
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		switch {
		case isHeading:
			section = heading
		case step != nil:
			p.steps[section] = append(p.steps[section], step[1])
		case !strings.HasPrefix(line, "|"):
			table = ""
		case strings.HasPrefix(line, "|-"):
		case table == "":
			table = strings.Join(cells[:min(2, len(cells))], ", ")
		default:
			p.tables[table] = append(p.tables[table], cells)
		}
	}
	return p
}

// tree holds the names that the page may use: every path of the repository, the
// packages and the declarations of each Go file.
type tree struct {
	exists   func(string) bool
	packages map[string]bool
	declared map[string][]string // by file
}

func (t tree) has(file, name string) bool {
	if file != "" {
		return slices.Contains(t.declared[file], name)
	}
	for _, names := range t.declared {
		if slices.Contains(names, name) {
			return true
		}
	}
	return false
}

func loadTree(t *testing.T) tree {
	t.Helper()
	files, err := wholeModule()
	if err != nil {
		t.Fatal(err)
	}
	out := tree{packages: map[string]bool{}, declared: map[string][]string{}, exists: func(p string) bool {
		_, err := os.Stat(filepath.Join(root, filepath.FromSlash(p)))
		return err == nil && filepath.IsLocal(p)
	}}
	for _, f := range files {
		out.packages[f.pkg] = true
		out.declared[f.name] = f.names
	}
	return out
}

// checkSpans reports names of the page that the repository does not have. A
// name belongs to the Go file that is named before it on its line; without one
// it may be anywhere.
func checkSpans(p page, in tree) (wrong []string) {
	for n, line := range p.lines {
		file := ""
		for _, m := range span.FindAllStringSubmatch(line, -1) {
			said := m[1]
			switch {
			case isPath.MatchString(said):
				if !in.exists(said) {
					wrong = append(wrong, fmt.Sprintf("line %d: there is no %s", n+1, said))
				}
				if file = ""; path.Ext(said) == ".go" {
					file = said
				}
			case in.packages[said]: // a package at the root: store
				file = ""
			case !name.MatchString(said):
				wrong = append(wrong, fmt.Sprintf("line %d: `%s` is neither a path nor a Go name", n+1, said))
			case !in.has(file, said):
				wrong = append(wrong, fmt.Sprintf("line %d: %s does not declare %s", n+1, orAny(file), said))
			}
		}
	}
	return wrong
}

func orAny(file string) string {
	if file == "" {
		return "no file"
	}
	return file
}

// checkRooms compares the table of rooms with the packages.
func checkRooms(p page, in tree) (wrong []string) {
	listed := map[string]bool{}
	for _, row := range p.tables["package, what goes there"] {
		for _, m := range span.FindAllStringSubmatch(row[0], -1) {
			if listed[m[1]] {
				wrong = append(wrong, m[1]+" has two rooms")
			}
			if listed[m[1]] = true; !in.packages[m[1]] {
				wrong = append(wrong, m[1]+" has a room and is no package")
			}
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(in.packages)) {
		if !listed[pkg] {
			wrong = append(wrong, pkg+" has no room")
		}
	}
	return wrong
}

// checkWalks holds the two walks to ten steps, each with a file and a function.
func checkWalks(p page) (wrong []string) {
	for _, walk := range []string{"A post comes in", "A reply goes out"} {
		if n := len(p.steps[walk]); n != 10 {
			wrong = append(wrong, fmt.Sprintf("%q has %d steps", walk, n))
		}
		for n, step := range p.steps[walk] {
			files, names := 0, 0
			for _, m := range span.FindAllStringSubmatch(step, -1) {
				if isPath.MatchString(m[1]) {
					files++
				} else {
					names++
				}
			}
			if files == 0 || names == 0 {
				wrong = append(wrong, fmt.Sprintf("%q, step %d names %d files and %d functions", walk, n+1, files, names))
			}
		}
	}
	if n := len(p.tables["change, room"]); n != 14 {
		wrong = append(wrong, fmt.Sprintf("%d changes have a room", n))
	}
	return wrong
}

// checkGlossary compares the two tables of words with the lists. Every word
// stands there once, and has a meaning.
func checkGlossary(p page) (wrong []string) {
	var product, unused []string
	for _, row := range p.tables["word, meaning"] {
		product = append(product, row[0])
	}
	for _, row := range p.tables["term, meaning"] {
		if len(row) > 2 {
			unused = append(unused, row[2])
		}
	}
	if got := slices.Sorted(slices.Values(product)); !slices.Equal(got, productWords) {
		wrong = append(wrong, fmt.Sprintf("the product words are %q, wanted %q", got, productWords))
	}
	if got := slices.Sorted(slices.Values(unused)); !slices.Equal(got, unusedWords) {
		wrong = append(wrong, fmt.Sprintf("the words not to use are %q, wanted %q", got, unusedWords))
	}
	seen := map[string]bool{}
	for _, row := range slices.Concat(p.tables["word, meaning"], p.tables["term, meaning"]) {
		if seen[row[0]] {
			wrong = append(wrong, fmt.Sprintf("%q stands there twice", row[0]))
		}
		if seen[row[0]] = true; len(row) < 2 || row[1] == "" {
			wrong = append(wrong, fmt.Sprintf("%q is not explained", row[0]))
		}
	}
	return wrong
}

func checkPage(p page, in tree) []string {
	return slices.Concat(checkSpans(p, in), checkRooms(p, in), checkWalks(p), checkGlossary(p))
}

const architecture = "docs/architecture.md"

func readFile(t *testing.T, parts ...string) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// Every name in docs/architecture.md is in the code, and every package and
// product word is in it.
func TestArchitecture(t *testing.T) {
	in := loadTree(t)
	source := readFile(t, root, architecture)
	for _, w := range checkPage(readPage(source), in) {
		t.Errorf("%s: %s", architecture, w)
	}
	for _, c := range []struct{ old, new, want string }{
		{"`federation/inbox/receive.go`, `Inbox.accept`", "`federation/inbox/accept.go`, `Inbox.accept`", "there is no federation/inbox/accept.go"},
		{"`Inbox.accept`", "`Inbox.acceptAll`", "federation/inbox/receive.go does not declare Inbox.acceptAll"},
		{"`internal/app/hear_post.go`, `Tx.Hear`", "`internal/app/hear_edit.go`, `Tx.Hear`", "internal/app/hear_edit.go does not declare Tx.Hear"},
		{"`Store.Close` |", "`Shop.Close` |", "does not declare Shop.Close"},
		{"`docs/translating.md`", "`make demo`", "`make demo` is neither a path nor a Go name"},
		{"| `internal/match` |", "| |", "internal/match has no room"},
		{"| `internal/match` |", "| `internal/match`, `internal/app` |", "internal/app has two rooms"},
		{"| `internal/match` |", "| `internal/match`, `docs/adr` |", "docs/adr has a room and is no package"},
		{"\n4. `internal/app/reply_takeback.go`", "\n`internal/app/reply_takeback.go`", `"A reply goes out" has 9 steps`},
		{", `Outbox.waitForEarlier`", "", `"A reply goes out", step 6 names 1 files and 0 functions`},
		{"| a new setting | `internal/config`, passed on by `cmd/earshot/serve.go` |\n", "", "13 changes have a room"},
		{"| call | a tag", "| cry | a tag", "the product words are"},
		{"| call | a tag", "| desk | a tag", `"desk" stands there twice`},
		{"| peer | another server |", "| peer |", `"peer" is not explained`},
		{"| did |", "| done |", "the words not to use are"},
		{"| freeze | to", "| desk | to", `"desk" stands there twice`},
	} {
		t.Run(c.want, func(t *testing.T) {
			if !strings.Contains(source, c.old) {
				t.Fatalf("the page does not have %q any more", c.old)
			}
			planted := readPage(strings.Replace(source, c.old, c.new, 1))
			if got := strings.Join(checkPage(planted, in), "\n"); !strings.Contains(got, c.want) {
				t.Errorf("reported %q, wanted %q", got, c.want)
			}
		})
	}
}

// The packages in the picture exist.
func TestPictureOfLayers(t *testing.T) {
	in := loadTree(t)
	picture := readFile(t, root, "docs", "images", "layers.svg")
	packages := regexp.MustCompile(`class="code"[^>]*>([^<]+)<`).FindAllStringSubmatch(picture, -1)
	if len(packages) < 15 {
		t.Fatalf("only %d packages were found", len(packages))
	}
	for _, p := range packages {
		if !in.packages[p[1]] {
			t.Errorf("the picture shows %s, which is no package", p[1])
		}
	}
}

func TestDeclared(t *testing.T) {
	source := "package a\nvar b, c = 1, 2\nconst d = 3\ntype E[T any] struct{}\ntype F interface{ G() }\nfunc (e *E[T]) H() {}\nfunc (F2) I() {}\nfunc j() {}\n"
	parsed, err := parser.ParseFile(token.NewFileSet(), "a.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(declared(parsed), " "); got != "b c d E F F.G E.H F2.I j" {
		t.Errorf("declared %q", got)
	}
}
