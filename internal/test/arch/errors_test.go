package arch

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"earshot/internal/desk"
)

// below are the packages below the front ends: their texts reach the API, the
// console and the command line alike.
var below = []string{"internal/desk", "internal/address", "internal/alerts", "internal/app", "internal/auth", "internal/live", "federation"}

// answering are the packages of which an error can reach a client of the API.
var answering = append([]string{"internal/api", "internal/backup"}, below...)

// ofFrontEnds finds a flag, something in backticks and a command.
var ofFrontEnds = regexp.MustCompile("(^|[^a-zA-Z0-9-])--[a-z]|`|\\bearshot [a-z]")

// keptTexts are sentences that old records hold: they stay as they were written.
const keptTexts = "internal/desk/recorded.go"

// fileMark is the beginning of the file of deletions, and no command.
const fileMark = "earshot deletions"

// parsed is a Go file as the parser sees it.
type parsed struct {
	name string
	set  *token.FileSet
	tree *ast.File
}

// parsedOnce parses every Go file of ours that is no test, once for all tests.
var parsedOnce = sync.OnceValues(func() (files []parsed, err error) {
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != root && skipped(p, d.Name()) {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, p, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		files = append(files, parsed{filepath.ToSlash(rel), set, tree})
		return err
	})
	return files, err
})

// goFiles calls look for every Go file of ours that is no test.
func goFiles(t *testing.T, look func(name string, set *token.FileSet, tree *ast.File)) {
	t.Helper()
	files, err := parsedOnce()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		look(f.name, f.set, f.tree)
	}
}

func liesIn(name string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return strings.HasPrefix(name, f+"/") })
}

// frontEndWords returns the strings of a file that speak of a front end.
func frontEndWords(set *token.FileSet, tree *ast.File) (found []string) {
	ast.Inspect(tree, func(n ast.Node) bool {
		if text, ok := textOf(n); ok && text != fileMark && ofFrontEnds.MatchString(text) {
			found = append(found, fmt.Sprintf("%d: %q", set.Position(n.Pos()).Line, text))
		}
		return true
	})
	return found
}

func textOf(n ast.Node) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// An error describes the mistake. The front ends add how to go on:
// cmd/earshot/hints.go for the command line, the catalogue for the console.
func TestNoFrontEndBelow(t *testing.T) {
	seen := 0
	goFiles(t, func(name string, set *token.FileSet, tree *ast.File) {
		if !liesIn(name, below) || name == keptTexts {
			return
		}
		seen++
		for _, line := range frontEndWords(set, tree) {
			t.Errorf("%s:%s names a flag, a command or a field of a front end", name, line)
		}
	})
	if seen < 50 {
		t.Errorf("only %d files were read", seen)
	}
}

func TestFrontEndWords(t *testing.T) {
	for text, want := range map[string]bool{
		"leave --visibility out":  true,
		"--because goes with it":  true,
		"(--status fixed)":        true,
		"`issue list` shows them": true,
		"run earshot init":        true,
		"the issue is open":       false,
		"a -- b":                  false,
		"earshot":                 false,
		"1--2":                    false,
	} {
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, "a.go", "package a\n\nvar a = "+strconv.Quote(text), 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(frontEndWords(set, tree)) > 0; got != want {
			t.Errorf("%q is reported: %v", text, got)
		}
	}
}

// anError is how an error is made: its code, its id, its format.
type anError struct{ code, id, format, at string }

var codeOf = map[string]desk.Code{"Invalid": desk.CodeInvalid, "NotFound": desk.CodeNotFound, "Conflict": desk.CodeConflict,
	"Forbidden": desk.CodeForbidden, "Unauthenticated": desk.CodeUnauthenticated, "RateLimited": desk.CodeRateLimited, "Reused": desk.CodeReused, "Stale": desk.CodeStale,
	"Unavailable": desk.CodeUnavailable, "NotSent": desk.CodeForbidden}

// errorsOf lists the errors that a file makes.
func errorsOf(name string, set *token.FileSet, tree *ast.File, constants map[string]string) (found []anError) {
	ast.Inspect(tree, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		maker, ok := call.Fun.(*ast.Ident)
		if s, selects := call.Fun.(*ast.SelectorExpr); selects {
			x, isName := s.X.(*ast.Ident)
			maker, ok = s.Sel, isName && x.Name == "desk"
		} else {
			ok = ok && tree.Name.Name == "desk"
		}
		if !ok || codeOf[maker.Name] == "" {
			return true
		}
		e := anError{code: string(codeOf[maker.Name]), id: valueOf(call.Args[0], constants), at: fmt.Sprintf("%s:%d", name, set.Position(n.Pos()).Line)}
		if e.format = desk.Recorded(e.id); maker.Name != "NotSent" {
			e.format = valueOf(call.Args[1], constants)
		}
		found = append(found, e)
		return true
	})
	return found
}

func valueOf(x ast.Expr, constants map[string]string) string {
	if name, ok := x.(*ast.Ident); ok {
		return constants[name.Name]
	}
	text, _ := textOf(x)
	return text
}

// allErrors lists the errors of the program.
func allErrors(t *testing.T) (all []anError) {
	constants := map[string]string{}
	goFiles(t, func(_ string, _ *token.FileSet, tree *ast.File) {
		ast.Inspect(tree, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
				if text, ok := textOf(spec.Values[0]); ok {
					constants[spec.Names[0].Name] = text
				}
			}
			return true
		})
	})
	goFiles(t, func(name string, set *token.FileSet, tree *ast.File) {
		all = append(all, errorsOf(name, set, tree, constants)...)
	})
	if len(all) < 200 {
		t.Fatalf("only %d errors were found", len(all))
	}
	return all
}

// An id stands for one code and one format, at every place that makes the
// error. That a format fits its arguments is for go vet.
func TestErrorIDs(t *testing.T) {
	shape := regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	first, of := map[string]anError{}, map[string]string{}
	for _, e := range allErrors(t) {
		if !shape.MatchString(e.id) || e.format == "" {
			t.Errorf("%s: an error needs an id in snake_case and a format, both written out: %q, %q", e.at, e.id, e.format)
		}
		if was, ok := first[e.id]; ok && (was.code != e.code || was.format != e.format) {
			t.Errorf("%s: %s says %q (%s), and at %s %q (%s)", e.at, e.id, e.format, e.code, was.at, was.format, was.code)
		}
		if was, ok := of[e.format]; ok && was != e.id {
			t.Errorf("%s: %q has the ids %s and %s", e.at, e.format, e.id, was)
		}
		first[e.id], of[e.format] = e, e.id
	}
}

// A hint of the command line belongs to an error.
func TestHintsHaveErrors(t *testing.T) {
	known := map[string]bool{}
	for _, e := range allErrors(t) {
		known[e.id] = true
	}
	hints := 0
	goFiles(t, func(name string, _ *token.FileSet, tree *ast.File) {
		if name != "cmd/earshot/hints.go" {
			return
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if row, ok := n.(*ast.KeyValueExpr); ok {
				id, _ := textOf(row.Key)
				if hints++; !known[id] {
					t.Errorf("no error has the id %q", id)
				}
			}
			return true
		})
	})
	if hints == 0 {
		t.Error("there are no hints")
	}
}

var writeProblems = flag.Bool("update", false, "rewrite internal/api/problems.txt")

// The API describes the errors that its clients can meet: internal/api/problems.txt
// is made of the errors of the source.
func TestProblemTypes(t *testing.T) {
	rows := map[string]string{desk.InternalID: string(desk.CodeInternal) + "\t" + desk.Recorded(desk.InternalID)}
	for _, e := range allErrors(t) {
		if liesIn(strings.Split(e.at, ":")[0], answering) {
			rows[e.id] = e.code + "\t" + e.format
		}
	}
	var want strings.Builder
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(&want, "%s\t%s\n", id, rows[id])
	}
	file := filepath.Join("..", "..", "api", "problems.txt")
	if *writeProblems {
		if err := os.WriteFile(file, []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != want.String() {
		t.Errorf("%s is not what the errors of the source are: run this test with -update (%v)", file, err)
	}
}

// docs/api.md lists the ids that a client of the API can meet, by their code.
func TestErrorIDsAreDocumented(t *testing.T) {
	want := map[string][]string{string(desk.CodeInternal): {desk.InternalID}}
	for _, e := range allErrors(t) {
		if liesIn(strings.Split(e.at, ":")[0], answering) && !slices.Contains(want[e.code], e.id) {
			want[e.code] = append(want[e.code], e.id)
		}
	}
	source, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(source), "\n## Errors\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var lines []string
	for _, code := range slices.Sorted(maps.Keys(want)) {
		slices.Sort(want[code])
		line := "- `" + code + "`: `" + strings.Join(want[code], "`, `") + "`."
		if lines = append(lines, line); !strings.Contains(strings.Join(strings.Fields(section), " "), line) {
			t.Errorf("docs/api.md, Errors: the line of %s is not right", code)
		}
	}
	if listed := strings.Count(section, "\n- `"); listed != len(want) {
		t.Errorf("docs/api.md lists %d codes, and there are %d", listed, len(want))
	}
	if t.Failed() {
		t.Logf("it should be:\n%s", strings.Join(lines, "\n"))
	}
}
