//go:build linux

package crash

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"earshot/internal/test/program"
)

// buildDir is where the program under test lies, for all tests of this package.
var buildDir string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if buildDir, err = os.MkdirTemp("", "earshot-crash-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(buildDir)
		return m.Run()
	}())
}

// breakable builds, once, the program with its fail points, over a bbolt that
// writes down what it does to the file.
var breakable = sync.OnceValues(func() (string, error) {
	bbolt, err := instrumented(filepath.Join(buildDir, "bbolt"))
	if err != nil {
		return "", err
	}
	mod := filepath.Join(buildDir, "go.mod")
	for _, name := range []string{"go.mod", "go.sum"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "..", name))
		if err != nil {
			return "", err
		}
		if name == "go.mod" {
			b = fmt.Appendf(b, "\nreplace go.etcd.io/bbolt => %s\n", bbolt)
		}
		if err := os.WriteFile(filepath.Join(buildDir, name), b, 0o600); err != nil {
			return "", err
		}
	}
	bin := filepath.Join(buildDir, "earshot")
	out, err := program.Command(bin, "-tags", "failpoint", "-modfile", mod).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return bin, nil
})

// instrumented copies bbolt to dir and puts testdata/bolt_linux.go between it
// and its file.
func instrumented(dir string) (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "go.etcd.io/bbolt").Output()
	if err != nil {
		return "", fmt.Errorf("looking for bbolt: %w", err)
	}
	if err := os.CopyFS(dir, os.DirFS(strings.TrimSpace(string(out)))); err != nil {
		return "", err
	}
	name := filepath.Join(dir, "db.go")
	b, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	source := string(b)
	for what, hook := range map[string]string{
		"db.ops.writeAt = db.file.WriteAt":  "db.ops.writeAt = crashWriteAt(db.file)",
		":= db.file.Truncate(int64(sz))":    ":= crashTruncate(db.file, int64(sz))",
		"err := db.file.Sync(); err != nil": "err := crashSync(db.file); err != nil",
	} {
		if strings.Count(source, what) != 1 {
			return "", fmt.Errorf("bbolt has changed: %q is not once in db.go", what)
		}
		source = strings.Replace(source, what, hook, 1)
	}
	recorder, err := os.ReadFile(filepath.Join("testdata", "bolt_linux.go"))
	if err != nil {
		return "", err
	}
	if err := overwrite(name, []byte(source)); err != nil {
		return "", err
	}
	return dir, overwrite(filepath.Join(dir, "bolt_linux.go"), recorder)
}

// overwrite replaces a file that may be read-only.
func overwrite(name string, b []byte) error {
	if err := os.Remove(name); err != nil {
		return err
	}
	return os.WriteFile(name, b, 0o600)
}
