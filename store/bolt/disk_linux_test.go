package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"earshot/store"
)

// fill writes until there is no room, and returns how many documents are in.
func fill(t testing.TB, s *Store, size int) (n int) {
	t.Helper()
	for ; n < 10000; n++ {
		err := putDocument(s, n, size)
		if errors.Is(err, store.ErrFull) {
			return n
		}
		if err != nil {
			t.Fatalf("document %d: %v", n, err)
		}
	}
	t.Fatal("it is never full")
	return 0
}

func putDocument(s *Store, n, size int) error {
	return s.Update(context.Background(), "op", func(tx store.Tx) error {
		return tx.Documents().Put(store.Document{ID: fmt.Sprint(n), JSON: make([]byte, size)})
	})
}

// intact checks that the first n documents and no more are in a file that is
// consistent.
func intact(t testing.TB, s *Store, n int) {
	t.Helper()
	if err := s.Check(); err != nil {
		t.Errorf("check: %v", err)
	}
	err := s.View(context.Background(), func(tx store.Tx) error {
		for i := range n + 1 {
			_, ok, err := tx.Documents().Get(fmt.Sprint(i))
			if err != nil || ok != (i < n) {
				t.Errorf("document %d of %d: %v, %v", i, n, ok, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestMaxSize: over the limit is ErrFull; updates that need no growth still
// work, and all do after opening with a higher limit.
func TestMaxSize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	const limit = 8 << 20
	s := openAt(t, path, Options{MaxSize: limit, Fatal: func(err error) { t.Errorf("fatal: %v", err) }})
	n := fill(t, s, 300_000)
	intact(t, s, n)
	if info, err := os.Stat(path); err != nil || info.Size() > limit {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
	if err := s.Update(t.Context(), "op", put("small", "x")); err != nil {
		t.Errorf("a small update: %v", err)
	}
	if err := putDocument(s, 0, 10); err != nil { // makes room
		t.Errorf("making room: %v", err)
	}
	if err := putDocument(s, 1, 300_000); err != nil {
		t.Errorf("using the room: %v", err)
	}
	intact(t, s, n)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	s = openAt(t, path, Options{})
	defer s.Close()
	for i := range 30 {
		if err := putDocument(s, n+i, 300_000); err != nil {
			t.Fatal(err)
		}
	}
	intact(t, s, n+30)
}

// TestDiskFull: a real file system without room, and with room again.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("a small tmpfs cannot be mounted: %v", err)
	}
	defer func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	}()
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "db")
	s := openAt(t, path, Options{Fatal: func(err error) { t.Errorf("fatal: %v", err) }})
	n := fill(t, s, 50_000)
	intact(t, s, n)
	for range 3 { // it stays so
		if err := putDocument(s, n, 200_000); !errors.Is(err, store.ErrFull) {
			t.Fatalf("still full: %v", err)
		}
	}
	intact(t, s, n)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if err := putDocument(s, n+i, 50_000); err != nil {
			t.Fatalf("with room again: %v", err)
		}
	}
	intact(t, s, n+10)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	s = openAt(t, path, Options{})
	intact(t, s, n+10)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestFileSizeLimit: EFBIG from growing the file, in a process with a limit.
func TestFileSizeLimit(t *testing.T) {
	out := runChild(t, "limit", filepath.Join(t.TempDir(), "db"))
	if !strings.HasSuffix(out, "ok\n") {
		t.Errorf("child: %s", out)
	}
}

func init() { children["limit"] = limitChild }

func limitChild(path string) error {
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 3 << 20, Max: old.Max}); err != nil {
		return err
	}
	s, err := Open(context.Background(), path, Options{Fatal: func(err error) { fmt.Println("fatal:", err) }})
	if err != nil {
		return err
	}
	n := 0
	for err == nil && n < 1000 {
		if err = putDocument(s, n, 50_000); err == nil {
			n++
		}
	}
	if !errors.Is(err, store.ErrFull) || !strings.Contains(err.Error(), "file resize error: ") {
		return fmt.Errorf("after %d: %w", n, err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	for i := range 100 {
		if err := putDocument(s, n+i, 50_000); err != nil {
			return fmt.Errorf("without the limit: %w", err)
		}
	}
	if err := errors.Join(s.Check(), s.Close()); err != nil {
		return err
	}
	fmt.Println("ok")
	return nil
}

// device opens a store whose file can be replaced by a device and back.
func device(t *testing.T, fatal func(error)) (s *Store, become func(string), back func()) {
	var file *os.File
	s = openAt(t, filepath.Join(t.TempDir(), "db"), Options{Fatal: fatal, openFile: func(name string, flag int, mode os.FileMode) (f *os.File, err error) {
		f, err = os.OpenFile(name, flag, mode)
		file = f
		return f, err
	}})
	for i := range 20 { // pages to be used again, so that no commit below has to grow the file
		if err := putDocument(s, 0, 1000*(20-i)); err != nil {
			t.Fatal(err)
		}
	}
	saved, err := unix.Dup(int(file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(saved) })
	become = func(name string) {
		d, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Skipf("no %s: %v", name, err)
		}
		defer d.Close()
		if err := unix.Dup3(int(d.Fd()), int(file.Fd()), 0); err != nil {
			t.Fatal(err)
		}
	}
	return s, become, func() {
		if err := unix.Dup3(saved, int(file.Fd()), 0); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWriteFails: ENOSPC from write; the same store works on afterwards.
func TestWriteFails(t *testing.T) {
	s, become, back := device(t, func(err error) { t.Errorf("fatal: %v", err) })
	become("/dev/full")
	for range 3 {
		err := s.Update(t.Context(), "op", put("a", "1"))
		if !errors.Is(err, store.ErrFull) || !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("on a full disk: %v", err)
		}
	}
	if v := value(t, s, "a"); v != "" {
		t.Error("written to a full disk")
	}
	back()
	if err := s.Update(t.Context(), "op", put("a", "2")); err != nil || value(t, s, "a") != "2" {
		t.Errorf("with room again: %v", err)
	}
	if err := errors.Join(s.Check(), s.Close()); err != nil {
		t.Error(err)
	}
}

// TestSyncFails: a failed fdatasync is told once and ends everything.
func TestSyncFails(t *testing.T) {
	told := make(chan error, 10)
	s, become, _ := device(t, func(err error) { told <- err })
	become("/dev/null") // takes every write, cannot be synced
	outcomes := gathered(s, put("a", "1"), put("b", "1"), func(store.Tx) error { return errMine })
	for _, o := range outcomes {
		if !strings.Contains(o, store.ErrClosed.Error()) {
			t.Errorf("in the batch: %s", o)
		}
	}
	if err := <-told; !errors.Is(err, syscall.EINVAL) {
		t.Errorf("told: %v", err)
	}
	if err := s.Update(t.Context(), "op", put("a", "1")); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Update: %v", err)
	}
	if err := s.View(t.Context(), func(store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("View: %v", err)
	}
	if err := s.Check(); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Check: %v", err)
	}
	_ = s.Close() // the device cannot be unlocked
	if len(told) != 0 {
		t.Error("told more than once")
	}
}

func TestNoRoom(t *testing.T) {
	write := func(errno syscall.Errno) error { return &fs.PathError{Op: "write", Path: "db", Err: errno} }
	for _, c := range []struct {
		err  error
		room bool
	}{
		{write(syscall.ENOSPC), true}, {write(syscall.EDQUOT), true}, {write(syscall.EFBIG), true},
		{write(syscall.EIO), false}, {syscall.ENOSPC, false}, {syscall.EIO, false},
		{fmt.Errorf("file resize error: %s", &fs.PathError{Op: "truncate", Path: "db", Err: syscall.ENOSPC}), true},
		{fmt.Errorf("file resize error: %s", &fs.PathError{Op: "truncate", Path: "db", Err: syscall.EIO}), false},
		{fmt.Errorf("file sync error: %s", &fs.PathError{Op: "sync", Path: "db", Err: syscall.ENOSPC}), false},
		{errors.New("mmap allocate error: cannot allocate memory"), false},
	} {
		if got := noRoom(c.err); got != c.room {
			t.Errorf("%v: %v", c.err, got)
		}
	}
}
