package arch

import (
	"os/exec"
	"strings"
	"testing"
)

const gofed = "github.com/go-fed/activity/"

// Of go-fed the program links only the packages that federation/as/build
// imports: with streams itself the binary is half as large again.
func TestLinkedPartOfGoFed(t *testing.T) {
	files, err := wholeModule()
	if err != nil {
		t.Fatal(err)
	}
	imported := map[string]bool{}
	for _, f := range files {
		for _, i := range f.imports {
			imported[i.path] = imported[i.path] || f.pkg == "federation/as/build" && !f.test
		}
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "./cmd/earshot")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	linked := 0
	for p := range strings.Lines(string(out)) {
		p = strings.TrimSpace(p)
		part, ok := strings.CutPrefix(p, gofed)
		if !ok || strings.HasPrefix(part, "streams/values/") { // values are imported by properties
			continue
		}
		linked++
		if !imported[p] {
			t.Errorf("the program links %s, which federation/as/build does not import", p)
		}
	}
	if linked == 0 {
		t.Error("the program links no part of go-fed: what does federation/as/build make documents with?")
	}
}
