//go:build linux

package crash

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var (
	hit      = regexp.MustCompile(`failpoint\.Hit\("([a-z.]+)"\)`)
	recorded = regexp.MustCompile(`\bpoint\("([a-z.]+)"\)`)
)

// pointsBut lists the fail points that stand in the source, so that none is
// forgotten: those of the program, and those of testdata/bolt_linux.go; without
// those of another store.
func pointsBut(others ...string) []string {
	return slices.DeleteFunc(points(), func(p string) bool {
		store, _, _ := strings.Cut(p, ".")
		return slices.Contains(others, store)
	})
}

func points() (out []string) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "testdata" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if filepath.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go") {
			return collect(name, hit, &out)
		}
		return nil
	})
	if err == nil {
		err = collect(filepath.Join("testdata", "bolt_linux.go"), recorded, &out)
	}
	if err != nil {
		panic(err)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func collect(name string, what *regexp.Regexp, out *[]string) error {
	b, err := os.ReadFile(name)
	if os.IsNotExist(err) { // an editor's file that has gone again
		return nil
	}
	for _, m := range what.FindAllSubmatch(b, -1) {
		*out = append(*out, string(m[1]))
	}
	return err
}
