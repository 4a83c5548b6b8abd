//go:build linux

package crash

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// saysWhy looks whether a log tells of a disk that failed.
func saysWhy(log string) bool { return strings.Contains(log, syscall.EIO.Error()) }

// fullDisk: the disk fills while the server serves, and empties. The server
// answers 503, lives, and goes on when there is room. Three ways, in turn: a
// limit of the process, a small file system (where one can be mounted), and the
// configured limit, which takes a restart to raise.
func fullDisk(s *site, n int, r *rand.Rand) {
	switch {
	case n%3 == 0:
		s.start("EARSHOT_STORE_MAX_SIZE=" + mebibytes(s.fileSize()+1<<20))
		s.full()
		s.kill()
		s.start()
	case n%3 == 1 && s.small != "":
		s.start()
		ballast := s.fill()
		s.full()
		s.must(os.Remove(ballast))
	default:
		s.start()
		s.limit(uint64(s.fileSize()))
		s.full()
		s.limit(math.MaxUint64)
	}
	s.goesOn("there is room again")
	s.end(r)
}

func mebibytes(n int64) string { return fmt.Sprintf("%dMiB", n>>20) }

func (s *site) fileSize() int64 {
	info, err := os.Stat(s.file())
	s.must(err)
	return info.Size()
}

// limit bounds the files the running server writes; nothing else feels it.
func (s *site) limit(bytes uint64) {
	s.must(unix.Prlimit(s.process.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: math.MaxUint64}, nil))
}

// fill takes the free space of a small file system.
func (s *site) fill() (ballast string) {
	ballast = filepath.Join(s.small, "ballast")
	f, err := os.Create(ballast)
	s.must(err)
	for err == nil {
		_, err = f.Write(make([]byte, 64<<10))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		s.t.Errorf("filling the disk: %v", err)
	}
	s.must(f.Close())
	return ballast
}

// full waits until posts are refused for want of room, and sees that the server lives.
func (s *site) full() {
	before := s.load.full.Load()
	if !within(patience, func() bool { return s.load.full.Load() > before+5 }) {
		s.t.Error("the disk is full, and nobody is told")
	}
	if s.dead() {
		s.t.Error("a full disk is no reason to die")
		return
	}
	res, err := http.Get("http://" + s.addr + "/livez")
	if err != nil {
		s.t.Errorf("a full disk: %v", err)
		return
	}
	defer res.Body.Close()
	if b, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		s.t.Errorf("a full disk is no reason to be dead: %d %s", res.StatusCode, b)
	}
}

// mount puts a small file system at dir, where that is allowed.
func mount(t *testing.T, dir string) (small string) {
	t.Helper()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=48m"); err != nil {
		t.Logf("no small file system: %v", err)
		return ""
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Errorf("unmounting: %v", err)
		}
	})
	return dir
}
