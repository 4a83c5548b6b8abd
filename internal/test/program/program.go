// Package program builds the program for tests that run it as an operator does.
package program

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Named is the environment variable that names a built program, for tests to
// use: make test builds it once for all packages.
const Named = "EARSHOT_PROGRAM"

// Build returns the path of the program: that which is named, else one that is
// built now and goes with the test.
func Build(t testing.TB) string {
	t.Helper()
	if bin := os.Getenv(Named); bin != "" {
		if _, err := os.Stat(bin); err != nil { // a result in the go command's cache is of this file
			t.Fatalf("%s: %v", Named, err)
		}
		return bin
	}
	bin := filepath.Join(t.TempDir(), "earshot")
	if out, err := Command(bin).CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	return bin
}

// Command is the command that builds the program into a file, compiled as the
// Makefile does it: all programs of one run share one build cache.
func Command(bin string, more ...string) *exec.Cmd {
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-o", bin}, more...)
	c := exec.Command("go", append(args, "earshot/cmd/earshot")...)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	return c
}
