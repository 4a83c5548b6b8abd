package drop_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"earshot/internal/drop"
)

// The list is closed: each reason is in it, and the program gives each.
func TestReasons(t *testing.T) {
	b, err := os.ReadFile("reason.go")
	if err != nil {
		t.Fatal(err)
	}
	program := sources(t)
	all := drop.Reasons()
	for _, m := range regexp.MustCompile(`(?m)^\s*(?:const )?(\w+)\s+Reason = "(\w+)"`).FindAllStringSubmatch(string(b), -1) {
		name, r := m[1], drop.Reason(m[2])
		if r == drop.Unexplained {
			continue
		}
		if r != drop.Kept && !slices.Contains(all, r) {
			t.Errorf("%s is not in the list", name)
		}
		if !regexp.MustCompile(`\bdrop\.` + name + `\b`).MatchString(program) {
			t.Errorf("nothing is dropped as %s", name)
		}
	}
	if slices.Contains(all, drop.Kept) || len(all) != len(slices.Compact(slices.Sorted(slices.Values(all)))) {
		t.Errorf("%v", all)
	}
}

// sources is the program's code outside this package.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, dir := range []string{"app", "match", "../federation"} {
		err := filepath.WalkDir(filepath.Join("..", dir), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			b, err := os.ReadFile(path)
			all.Write(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}
