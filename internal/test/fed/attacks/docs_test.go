package attacks

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// lastClass is the highest number of the list; that one has nothing to replay.
const lastClass = 54

// docs/security.md and the table say the same, no class is left out, and the
// tests that are named exist.
func TestDocumented(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..")
	b, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	must(t, err)
	rows := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if m := regexp.MustCompile(`^\| (\d+) \|`).FindStringSubmatch(line); m != nil {
			rows[m[1]] = line
		}
	}
	if len(rows) != lastClass {
		t.Errorf("docs/security.md has %d classes, want %d", len(rows), lastClass)
	}
	all := classes()
	if len(all) != lastClass-1 {
		t.Errorf("%d classes are replayed, want all but the last of %d", len(all), lastClass)
	}
	for n, a := range all {
		if a.class != n+1 {
			t.Fatalf("class %d stands where %d should", a.class, n+1)
		}
		row := rows[fmt.Sprint(a.class)]
		for _, want := range append([]string{fmt.Sprintf("`%02d_%s`", a.class, a.name), a.ids, a.tried, a.defends}, a.elsewhere...) {
			if !strings.Contains(row, want) {
				t.Errorf("the row of class %d in docs/security.md lacks %q", a.class, want)
			}
		}
		for _, test := range a.elsewhere {
			if !exists(t, root, test) {
				t.Errorf("class %d: there is no test %s", a.class, test)
			}
		}
	}
}

// exists says whether a package has a test of that name.
func exists(t *testing.T, root, test string) bool {
	t.Helper()
	pkg, name, _ := strings.Cut(test, ".")
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pkg), "*_test.go"))
	must(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		if strings.Contains(string(b), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}
