package bolt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"earshot/store"
)

// childEnv makes the test binary a child that does one thing to a store.
const childEnv = "EARSHOT_BOLT_CHILD"

// children is what a child can be told to do to the store at a path.
var children = map[string]func(path string) error{"write": writeChild, "compact": compactChild, "open": openChild}

func TestMain(m *testing.M) {
	child, ok := children[os.Getenv(childEnv)]
	if !ok {
		os.Exit(m.Run())
	}
	if err := child(os.Args[1]); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

func child(ctx context.Context, what, path string) *exec.Cmd {
	c := exec.CommandContext(ctx, os.Args[0], path)
	c.Env = append(os.Environ(), childEnv+"="+what)
	c.Stderr = os.Stderr
	return c
}

// runChild returns what a child said; it has two minutes.
func runChild(t *testing.T, what, path string) string {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := child(ctx, what, path).Output()
	if err != nil {
		t.Errorf("child %s: %v", what, err)
	}
	return string(out)
}

// writeChild writes from several goroutines for ever and acknowledges each
// number once it is on disk. A number is a job, so that indexes are written too.
func writeChild(path string) error {
	s, err := Open(context.Background(), path, Options{})
	if err != nil {
		return err
	}
	return writeForEver(s)
}

// compactChild does the same, and compacts the file again and again.
func compactChild(path string) error {
	s, err := Open(context.Background(), path, Options{})
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	var compactErr error
	wg.Go(func() {
		for compactErr == nil {
			_, compactErr = s.Compact(context.Background())
		}
		fmt.Println("error:", compactErr) // which is no number: the test ends
	})
	return errors.Join(writeForEver(s), compactErr)
}

func writeForEver(s *Store) error {
	base, err := countJobs(s)
	if err != nil {
		return err
	}
	const writers = 8
	var wg sync.WaitGroup
	errs := make([]error, writers)
	for w := range writers {
		wg.Go(func() {
			for n := base*writers + w; errs[w] == nil; n += writers {
				errs[w] = s.Update(context.Background(), "op", func(tx store.Tx) error {
					_, err := tx.Jobs().Add(store.Job{ID: strconv.Itoa(n), Queue: "q", Lane: strconv.Itoa(n % 3), Payload: make([]byte, n%5000)})
					return err
				})
				if errs[w] == nil {
					fmt.Println(n) // one write each
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func countJobs(s *Store) (n int, err error) {
	err = s.View(context.Background(), func(tx store.Tx) error {
		counts, err := tx.Jobs().Counts()
		n = counts["q"].Waiting
		return err
	})
	return n, err
}

// TestKilled: every write that was acknowledged before a kill -9 is there
// afterwards.
func TestKilled(t *testing.T) { killed(t, "write") }

// TestKilledCompacting: the same while the file is compacted. Under its name is
// always a whole file with everything in it.
func TestKilledCompacting(t *testing.T) {
	if replaced := killed(t, "compact"); replaced == 0 {
		t.Error("no compaction came to its end before a kill: this test shows nothing")
	}
}

// killed kills a child round after round, and returns in how many of them the
// file was replaced by another.
func killed(t *testing.T, what string) (replaced int) {
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	path := filepath.Join(t.TempDir(), "db")
	acknowledged := map[string]bool{}
	for round := range rounds {
		before, _ := os.Stat(path)
		killChild(t, child(ctx, what, path), 20+round*7, acknowledged)
		if after, err := os.Stat(path); err != nil {
			t.Fatal(err)
		} else if before != nil && !os.SameFile(before, after) {
			replaced++
		}
		s := openAt(t, path, Options{})
		err := s.View(ctx, func(tx store.Tx) error {
			for id := range acknowledged {
				if _, ok, err := tx.Jobs().Get(id); !ok || err != nil {
					t.Errorf("round %d: %s was acknowledged and is lost: %v", round, id, err)
				}
			}
			return nil
		})
		if err := errors.Join(err, s.Check(), s.Close()); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	t.Logf("%d acknowledged in %d rounds, in %d the file was replaced", len(acknowledged), rounds, replaced)
	return replaced
}

// killChild kills the child after so many acknowledgements, and reads those
// that are still in the pipe.
func killChild(t *testing.T, c *exec.Cmd, after int, acknowledged map[string]bool) {
	t.Helper()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		if _, err := strconv.Atoi(lines.Text()); err != nil {
			t.Fatalf("child: %s", lines.Text())
		}
		acknowledged[lines.Text()] = true
		if n == after {
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
}
