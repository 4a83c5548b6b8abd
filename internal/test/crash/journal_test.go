//go:build linux

package crash

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// compactSuffix ends the name of the file that a compaction writes.
const compactSuffix = ".compact"

// folder is the store's folder after a power cut: the files that had the
// store's name, and those that a compaction wrote.
type folder struct {
	files map[uint32]*disk
	named uint32 // which file has the store's name for certain
	next  uint32 // which has it as well if its renaming has reached the disk; 0 for none
	last  uint32 // the file that the last compaction wrote
}

// header is the length of an entry's beginning.
const header = 1 + 4 + 8 + 4

// replay reads the writes to a store's file that began as base, and to those of
// its compactions. The journal is written by testdata/bolt_linux.go and by
// internal/failpoint.
func replay(base, journal []byte) (*folder, error) {
	f := &folder{files: map[uint32]*disk{}}
	for len(journal) >= header {
		kind, number, offset := journal[0], binary.BigEndian.Uint32(journal[1:]), int64(binary.BigEndian.Uint64(journal[5:]))
		end := header + int(binary.BigEndian.Uint32(journal[13:]))
		if len(journal) < end {
			break // it died while recording; an unrecorded write did not happen
		}
		b := journal[header:end]
		journal = journal[end:]
		switch kind {
		case 'o':
			f.open(number, string(b), base)
			continue
		case 'h':
			f.moment(string(b))
			continue
		}
		d := f.files[number]
		if d == nil {
			return nil, fmt.Errorf("a journal entry for file %d, which was never opened", number)
		}
		if err := d.note(kind, entry{offset, b}); err != nil {
			return nil, err
		}
	}
	if f.named == 0 { // it died before it opened anything
		f.open(1, "", base)
	}
	return f, nil
}

// open notes a file that was opened: the store's, or a new one.
func (f *folder) open(number uint32, name string, base []byte) {
	if strings.HasSuffix(name, compactSuffix) {
		f.files[number], f.last = &disk{}, number
		return
	}
	f.files[number], f.named = &disk{image: slices.Clone(base)}, number
}

// moment notes what a fail point tells of the folder.
func (f *folder) moment(name string) {
	switch name {
	case "bolt.compact.rename":
		f.next = f.last
	case "bolt.compact.placed":
		f.named, f.next = f.next, 0
	}
}

// note takes one thing that was done to a file.
func (d *disk) note(kind byte, e entry) error {
	switch kind {
	case 'w':
		d.pending = append(d.pending, e)
	case 't':
		d.pending = append(d.pending, entry{e.offset, nil})
	case 's':
		for _, e := range d.pending {
			d.apply(e)
		}
		d.pending = nil
	default:
		return fmt.Errorf("a journal entry of the kind %q", kind)
	}
	return nil
}

// begun says whether a compaction was under way.
func (f *folder) begun() bool { return f.last != 0 && f.last != f.named }

// unsynced is how much the power may take from the store's file.
func (f *folder) unsynced() int { return len(f.files[f.named].pending) }

// cut is a power cut. It returns the file that then has the store's name, and
// the possible rest of a compaction's file, nil for none.
func (f *folder) cut(r *rand.Rand) (file, begun []byte) {
	return f.pick(r, func(d *disk) []byte { return d.cut(r) })
}

// tear is a disk that stops in the middle of a write.
func (f *folder) tear(r *rand.Rand) (file, begun []byte) {
	return f.pick(r, func(d *disk) []byte { return d.tear(r) })
}

func (f *folder) pick(r *rand.Rand, broken func(*disk) []byte) (file, begun []byte) {
	named := f.named
	if f.next != 0 && r.IntN(2) == 0 {
		named = f.next
	}
	if f.begun() && named != f.last && r.IntN(2) == 0 {
		begun = broken(f.files[f.last])
	}
	return broken(f.files[named]), begun
}

// noted is an entry of a journal.
func noted(kind byte, file uint32, offset uint64, b string) []byte {
	e := binary.BigEndian.AppendUint32([]byte{kind}, file)
	e = binary.BigEndian.AppendUint64(e, offset)
	return append(binary.BigEndian.AppendUint32(e, uint32(len(b))), b...)
}

func TestReplay(t *testing.T) {
	journal := slices.Concat(noted('o', 1, 0, "/earshot.db"), noted('w', 1, 1, "XY"), noted('t', 1, 6, ""), noted('s', 1, 0, ""),
		noted('w', 1, 0, "lost"), noted('w', 1, 4, "half")[:header+2])
	f, err := replay([]byte("abcd"), journal)
	if err != nil {
		t.Fatal(err)
	}
	if d := f.files[f.named]; string(d.image) != "aXYd\x00\x00" || len(d.pending) != 1 {
		t.Errorf("%q, %d pending", d.image, len(d.pending))
	}
	if _, err := replay(nil, slices.Concat(noted('o', 1, 0, ""), noted('?', 1, 0, ""))); err == nil {
		t.Error("an unknown entry was taken")
	}
	if _, err := replay(nil, noted('w', 7, 0, "x")); err == nil {
		t.Error("a write to no file was taken")
	}
}

// A compaction's file has the store's name when its renaming is on disk, and
// until then has it or has not.
func TestReplayCompaction(t *testing.T) {
	began := slices.Concat(noted('o', 1, 0, "/earshot.db"), noted('h', 0, 0, "bolt.compact"), noted('o', 2, 0, "/earshot.db.compact"), noted('w', 2, 0, "new"))
	synced := slices.Concat(began, noted('s', 2, 0, ""))
	renamed := slices.Concat(synced, noted('h', 0, 0, "bolt.compact.rename"))
	placed := slices.Concat(renamed, noted('h', 0, 0, "bolt.compact.placed"))
	for name, c := range map[string]struct {
		journal []byte
		left    []string // under the store's name, in some power cut
		begun   bool
	}{
		"begun":   {began, []string{"old"}, true},
		"synced":  {synced, []string{"old"}, true},
		"renamed": {renamed, []string{"new", "old"}, true},
		"placed":  {placed, []string{"new"}, false},
		"written": {slices.Concat(placed, noted('w', 2, 0, "NEW"), noted('s', 2, 0, "")), []string{"NEW"}, false},
		"again":   {slices.Concat(placed, noted('o', 3, 0, "/earshot.db.compact"), noted('w', 3, 0, "third")), []string{"new"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			left := map[string]bool{}
			r := rand.New(rand.NewPCG(1, 2))
			for range 50 {
				f, err := replay([]byte("old"), c.journal)
				if err != nil {
					t.Fatal(err)
				}
				if f.begun() != c.begun {
					t.Fatalf("under way: %v", f.begun())
				}
				file, _ := f.cut(r)
				left[string(file)] = true
			}
			for _, want := range c.left {
				if !left[want] {
					t.Errorf("%q is never left", want)
				}
			}
			if len(left) != len(c.left) {
				t.Errorf("left are %v", left)
			}
		})
	}
}
