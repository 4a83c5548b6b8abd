// This file takes the place of bbolt's own of the same name in the binary that
// the crash tests build. It writes down every write, truncation and sync of the
// database's file as it happens, dies at chosen moments, and lets a sync fail.
package bbolt

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// The kinds of entries in the journal: kind, offset or size (8 bytes), length
// (4 bytes), and the bytes of a write.
const (
	entryWrite    = 'w'
	entryTruncate = 't'
	entrySync     = 's'
)

var crash = openJournal()

type journal struct {
	file   *os.File     // nil: nothing is written down
	of     string       // the name of the file whose journal this is
	point  string       // where to die
	count  int64        // the how many-eth time
	hits   atomic.Int64 // so far
	sync   int64        // which sync fails, 0 for none
	synced int64
	meta   bool // the last write was of a meta page
}

func openJournal() *journal {
	j := &journal{}
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
func (j *journal) note(f *os.File, kind byte, offset int64, b []byte) {
	if j.file == nil || f.Name() != j.of {
		return
	}
	entry := binary.BigEndian.AppendUint64([]byte{kind}, uint64(offset))
	entry = binary.BigEndian.AppendUint32(entry, uint32(len(b)))
	if _, err := j.file.Write(append(entry, b...)); err != nil {
		panic(err)
	}
}

// A write is noted before it happens, so that what was not noted was not written.
func crashWriteAt(f *os.File) func([]byte, int64) (int, error) {
	return func(b []byte, offset int64) (int, error) {
		if crash.meta = offset < 2*int64(os.Getpagesize()); crash.meta {
			point("bbolt.meta.write")
		} else {
			point("bbolt.pages.write")
		}
		crash.note(f, entryWrite, offset, b)
		return f.WriteAt(b, offset)
	}
}

func crashTruncate(f *os.File, size int64) error {
	point("bbolt.grow")
	crash.note(f, entryTruncate, size, nil)
	return f.Truncate(size)
}

// A sync is noted when it has succeeded.
func crashSync(f *os.File) error {
	point("bbolt.grow.sync")
	return crash.after(f, f.Sync)
}

func fdatasync(db *DB) error {
	if crash.meta {
		point("bbolt.meta.sync")
	} else {
		point("bbolt.pages.sync")
	}
	err := crash.after(db.file, func() error { return syscall.Fdatasync(int(db.file.Fd())) })
	if crash.meta {
		point("bbolt.meta.synced")
	} else {
		point("bbolt.pages.synced")
	}
	return err
}

func (j *journal) after(f *os.File, sync func() error) error {
	if j.synced++; j.synced == j.sync {
		return syscall.EIO
	}
	err := sync()
	if err == nil {
		j.note(f, entrySync, 0, nil)
	}
	return err
}
