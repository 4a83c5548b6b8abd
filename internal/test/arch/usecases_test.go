package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// useCase is a method of App, as the package comment of internal/app lists it.
type useCase struct {
	name, file string
	callers    []string
}

// callersOf says where the callers of a use case are. Timer jobs call within
// internal/app, as other use cases do.
var callersOf = map[string][]string{
	"front end":  {"internal/api", "internal/console", "internal/public"},
	"federation": {"federation", "federation/inbox", "federation/outbox", "federation/delivery", "federation/source"},
	"program":    {"cmd/earshot", "internal/doctor", "internal/backup"},
	"notifier":   {"internal/notify"},
	"pictures":   {"internal/picture/proxy"},
	"timer":      {"internal/app"},
	"app":        {"internal/app"},
	"tests":      nil,
}

// exactly are the callers that are known by how they call: h.app.Reply, in.App.Hear.
var exactly = []string{"front end", "federation", "notifier"}

// readUseCases reads the table: file, callers, names; a line without a file goes
// on with the one before.
func readUseCases(comment string) (out []useCase, err error) {
	file := ""
	for line := range strings.SplitSeq(comment, "\n") {
		row, ok := strings.CutPrefix(line, "\t")
		if !ok {
			continue
		}
		if len(row) < 48 {
			return nil, fmt.Errorf("%q is no row", row)
		}
		if f := strings.TrimSpace(row[:24]); f != "" {
			file = f
		}
		callers := strings.Split(strings.TrimSpace(row[24:47]), ", ")
		for name := range strings.SplitSeq(row[48:], ", ") {
			out = append(out, useCase{name, file, callers})
		}
	}
	return out, nil
}

// calledOn are the names that files take from a field App or app, and from anything.
type calledOn struct{ app, anything map[string]bool }

func callsIn(t *testing.T, root string, dirs []string) calledOn {
	t.Helper()
	c := calledOn{map[string]bool{}, map[string]bool{}}
	for _, dir := range dirs {
		for _, tree := range parseDir(t, filepath.Join(root, dir)) {
			ast.Inspect(tree, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				c.anything[s.Sel.Name] = true
				if x, ok := s.X.(*ast.SelectorExpr); ok && strings.EqualFold(x.Sel.Name, "app") {
					c.app[s.Sel.Name] = true
				}
				return true
			})
		}
	}
	return c
}

// parseDir parses the files of a folder that are no tests, by their names.
func parseDir(t *testing.T, dir string) map[string]*ast.File {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	trees := map[string]*ast.File{}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		if trees[e.Name()], err = parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.ParseComments); err != nil {
			t.Fatal(err)
		}
	}
	return trees
}

// useCasesIn returns the exported methods of App, with the file that each is in.
// Those of app.go serve all others and are no use cases.
func useCasesIn(trees map[string]*ast.File) map[string]string {
	found := map[string]string{}
	for name, tree := range trees {
		for _, d := range declared(tree) {
			if method, ok := strings.CutPrefix(d, "App."); ok && ast.IsExported(method) && name != "app.go" {
				found[method] = name
			}
		}
	}
	return found
}

// compareUseCases returns the mistakes of the table. calls are by caller.
func compareUseCases(table []useCase, code map[string]string, calls map[string]calledOn) (wrong []string) {
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	listed := map[string]bool{}
	for _, u := range table {
		if listed[u.name] {
			complain("%s is listed twice", u.name)
		}
		listed[u.name] = true
		if code[u.name] != u.file {
			complain("%s is listed in %s, the code has it in %q", u.name, u.file, code[u.name])
		}
		for _, caller := range u.callers {
			if _, known := callersOf[caller]; !known {
				complain("%s is called by %q, which is no caller", u.name, caller)
			} else if caller != "tests" && !calls[caller].anything[u.name] {
				complain("%s is not called by %s", u.name, caller)
			}
		}
		for _, caller := range exactly {
			if calls[caller].app[u.name] && !slices.Contains(u.callers, caller) {
				complain("%s is called by %s too", u.name, caller)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(code)) {
		if !listed[name] {
			complain("%s of %s is not listed", name, code[name])
		}
	}
	return wrong
}

// The table of use cases in the package comment of internal/app agrees with the code.
func TestUseCases(t *testing.T) {
	trees := parseDir(t, filepath.Join(root, "internal", "app"))
	table, err := readUseCases(trees["doc.go"].Doc.Text())
	if err != nil {
		t.Fatal(err)
	}
	code := useCasesIn(trees)
	if len(code) < 90 {
		t.Fatalf("only %d use cases were found", len(code))
	}
	calls := map[string]calledOn{}
	for caller, dirs := range callersOf {
		calls[caller] = callsIn(t, root, dirs)
	}
	for _, w := range compareUseCases(table, code, calls) {
		t.Error("internal/app/doc.go: ", w)
	}
}

func TestCompareUseCasesFindsWhatIsPlanted(t *testing.T) {
	row := func(file, callers, names string) string { return fmt.Sprintf("\t%-24s %-22s %s", file, callers, names) }
	code := map[string]string{"Hear": "hear.go", "Reply": "reply.go"}
	calls := map[string]calledOn{
		"federation": {map[string]bool{"Hear": true}, map[string]bool{"Hear": true}},
		"front end":  {map[string]bool{"Reply": true}, map[string]bool{"Reply": true}},
	}
	hear, reply := row("hear.go", "federation", "Hear"), row("reply.go", "front end", "Reply")
	for _, c := range []struct{ name, comment, want string }{
		{"nothing", "App.\n" + hear + "\n" + reply, ""},
		{"a use case less", hear, "Reply of reply.go is not listed"},
		{"one twice", hear + "\n" + row("", "federation", "Hear") + "\n" + reply, "Hear is listed twice"},
		{"another file", hear + "\n" + row("hear.go", "front end", "Reply"), `Reply is listed in hear.go, the code has it in "reply.go"`},
		{"one that is gone", hear + "\n" + reply + "\n" + row("", "front end", "Old"), `Old is listed in reply.go, the code has it in ""`},
		{"another caller", row("hear.go", "front end", "Hear") + "\n" + reply, "Hear is not called by front end"},
		{"a caller less", row("hear.go", "tests", "Hear") + "\n" + reply, "Hear is called by federation too"},
		{"an unknown caller", hear + "\n" + row("reply.go", "front end, people", "Reply"), `Reply is called by "people", which is no caller`},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, err := readUseCases(c.comment)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(compareUseCases(table, code, calls), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("reported %q, wanted %q", got, c.want)
			}
		})
	}
}
