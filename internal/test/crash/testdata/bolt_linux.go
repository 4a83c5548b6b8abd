// This file takes the place of bbolt's own of the same name in the binary that
// the crash tests build. It writes down every write, truncation and sync of the
// database's file as it happens, dies at chosen moments, and lets a sync fail.
package bbolt

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// The kinds of entries in the journal: kind, number of the file (4 bytes),
// offset or size (8 bytes), length (4 bytes), and the bytes of a write or the
// name of a file that was opened.
const (
	entryOpen     = 'o'
	entryWrite    = 'w'
	entryTruncate = 't'
	entrySync     = 's'
)

var crash = openJournal()

type journal struct {
	file   *os.File     // nil: nothing is written down
	of     string       // the name of the file whose journal this is, and of its compaction's
	point  string       // where to die
	count  int64        // the how many-eth time
	hits   atomic.Int64 // so far
	sync   int64        // which sync fails, 0 for none
	synced atomic.Int64

	mu    sync.Mutex
	files map[*os.File]*traced
}

// traced is an open file. One goroutine at a time writes to it.
type traced struct {
	number uint32 // 0: nothing of it is written down
	meta   bool   // the last write was of a meta page
}

// traced returns the state of a file, and records a new one.
func (j *journal) traced(f *os.File) *traced {
	j.mu.Lock()
	defer j.mu.Unlock()
	t := j.files[f]
	if t == nil {
		t = &traced{}
		if name := f.Name(); j.file != nil && strings.TrimSuffix(name, ".compact") == j.of {
			t.number = uint32(len(j.files) + 1)
			j.note(t, entryOpen, 0, []byte(name))
		}
		j.files[f] = t
	}
	return t
}

func openJournal() *journal {
	j := &journal{files: map[*os.File]*traced{}}
	var n string
	j.point, n, _ = strings.Cut(os.Getenv("EARSHOT_FAILPOINT"), ":")
	j.count, _ = strconv.ParseInt(n, 10, 64)
	j.sync, _ = strconv.ParseInt(os.Getenv("EARSHOT_CRASH_SYNC_FAILS"), 10, 64)
	if name := os.Getenv("EARSHOT_CRASH_JOURNAL"); name != "" {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			panic(err)
		}
		j.file, j.of = f, strings.TrimSuffix(name, ".journal")
	}
	return j
}

// point dies here if this is the chosen moment.
func point(name string) {
	if name != crash.point || crash.hits.Add(1) != crash.count {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// note appends one entry with one write, which outlives the process.
func (j *journal) note(t *traced, kind byte, offset int64, b []byte) {
	if t.number == 0 {
		return
	}
	entry := binary.BigEndian.AppendUint32([]byte{kind}, t.number)
	entry = binary.BigEndian.AppendUint64(entry, uint64(offset))
	entry = binary.BigEndian.AppendUint32(entry, uint32(len(b)))
	if _, err := j.file.Write(append(entry, b...)); err != nil {
		panic(err)
	}
}

// A write is recorded before it happens, so an unrecorded write did not happen.
func crashWriteAt(f *os.File) func([]byte, int64) (int, error) {
	t := crash.traced(f)
	return func(b []byte, offset int64) (int, error) {
		if t.meta = offset < 2*int64(os.Getpagesize()); t.meta {
			point("bbolt.meta.write")
		} else {
			point("bbolt.pages.write")
		}
		crash.note(t, entryWrite, offset, b)
		return f.WriteAt(b, offset)
	}
}

func crashTruncate(f *os.File, size int64) error {
	point("bbolt.grow")
	crash.note(crash.traced(f), entryTruncate, size, nil)
	return f.Truncate(size)
}

// A sync is noted when it has succeeded.
func crashSync(f *os.File) error {
	point("bbolt.grow.sync")
	return crash.after(f, f.Sync)
}

func fdatasync(db *DB) error {
	t := crash.traced(db.file)
	if t.meta {
		point("bbolt.meta.sync")
	} else {
		point("bbolt.pages.sync")
	}
	err := crash.after(db.file, func() error { return syscall.Fdatasync(int(db.file.Fd())) })
	if t.meta {
		point("bbolt.meta.synced")
	} else {
		point("bbolt.pages.synced")
	}
	return err
}

func (j *journal) after(f *os.File, sync func() error) error {
	if j.synced.Add(1) == j.sync {
		return syscall.EIO
	}
	err := sync()
	if err == nil {
		j.note(j.traced(f), entrySync, 0, nil)
	}
	return err
}
