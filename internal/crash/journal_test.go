//go:build linux

package crash

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// entry is one thing that was done to a file: a write of bytes at an offset, or
// (bytes is nil) a truncation to a size.
type entry struct {
	offset int64
	bytes  []byte
}

// disk is a file as the power leaves it: what was synced is there for certain,
// of what came after any part may be.
type disk struct {
	image   []byte
	pending []entry
}

// replay reads what was done to a file that began as base.
func replay(base, journal []byte) (disk, error) {
	d := disk{image: slices.Clone(base)}
	for len(journal) >= 13 {
		kind, offset, n := journal[0], int64(binary.BigEndian.Uint64(journal[1:])), int(binary.BigEndian.Uint32(journal[9:]))
		if len(journal) < 13+n {
			break // it died while noting; what was not noted did not happen
		}
		e := entry{offset, journal[13 : 13+n]}
		journal = journal[13+n:]
		switch kind {
		case 'w':
			d.pending = append(d.pending, e)
		case 't':
			d.pending = append(d.pending, entry{offset, nil})
		case 's':
			for _, e := range d.pending {
				d.apply(e)
			}
			d.pending = nil
		default:
			return d, fmt.Errorf("a journal entry of the kind %q", kind)
		}
	}
	return d, nil
}

func (d *disk) resize(n int64) {
	if n <= int64(len(d.image)) {
		d.image = d.image[:n]
		return
	}
	d.image = append(d.image, make([]byte, n-int64(len(d.image)))...)
}

func (d *disk) apply(e entry) {
	if e.bytes == nil {
		d.resize(e.offset)
		return
	}
	if end := e.offset + int64(len(e.bytes)); end > int64(len(d.image)) {
		d.resize(end)
	}
	copy(d.image[e.offset:], e.bytes)
}

// cut is a power cut: every sector that was not synced is there or not, in any
// combination, whatever the order in which they were written.
func (d *disk) cut(r *rand.Rand) []byte {
	chance := []float64{0, 0.1, 0.5, 0.9, 1}[r.IntN(5)]
	for _, e := range d.pending {
		if e.bytes == nil {
			if r.Float64() < chance {
				d.apply(e)
			}
			continue
		}
		for at := 0; at < len(e.bytes); at += sector {
			if r.Float64() < chance {
				d.apply(entry{e.offset + int64(at), e.bytes[at:min(at+sector, len(e.bytes))]})
			}
		}
	}
	return d.image
}

// tear is a disk that stops in the middle of a write: what came before is
// there, the last write ends at any byte with rubbish behind it, and where the
// file was growing it has any length, with rubbish at its end.
func (d *disk) tear(r *rand.Rand) []byte {
	if len(d.pending) == 0 {
		return d.image
	}
	last := r.IntN(len(d.pending))
	for _, e := range d.pending[:last] {
		d.apply(e)
	}
	e := d.pending[last]
	if e.bytes == nil {
		if grown := e.offset - int64(len(d.image)); grown > 0 {
			d.apply(entry{int64(len(d.image)), rubbish(r, r.IntN(int(grown)))})
		}
		return d.image
	}
	whole := r.IntN(len(e.bytes))
	torn := min(len(e.bytes)-whole, sector-whole%sector) // the rest of the sector
	d.apply(entry{e.offset, slices.Concat(e.bytes[:whole], rubbish(r, torn))})
	return d.image
}

func rubbish(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func note(kind byte, offset uint64, b string) []byte {
	e := binary.BigEndian.AppendUint64([]byte{kind}, offset)
	return append(binary.BigEndian.AppendUint32(e, uint32(len(b))), b...)
}

func TestReplay(t *testing.T) {
	journal := slices.Concat(note('w', 1, "XY"), note('t', 6, ""), note('s', 0, ""), note('w', 0, "lost"), note('w', 4, "half")[:15])
	d, err := replay([]byte("abcd"), journal)
	if err != nil {
		t.Fatal(err)
	}
	if string(d.image) != "aXYd\x00\x00" || len(d.pending) != 1 {
		t.Errorf("%q, %d pending", d.image, len(d.pending))
	}
	if _, err := replay(nil, note('?', 0, "")); err == nil {
		t.Error("an unknown entry was taken")
	}
}

// Whatever a power cut leaves, it leaves what was synced where nothing was
// written since, and writes nothing that nobody wrote.
func TestCutAndTear(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	old, synced, unsynced := bytes.Repeat([]byte("o"), 8*sector), bytes.Repeat([]byte("s"), 2*sector), bytes.Repeat([]byte("u"), 3*sector)
	states := map[string]bool{}
	for range 300 {
		fresh := func() disk {
			d, err := replay(old, slices.Concat(note('w', 0, string(synced)), note('s', 0, ""), note('w', 4*sector, string(unsynced))))
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		d := fresh()
		image := d.cut(r)
		states[string(image)] = true
		for at := 0; at < len(image); at += sector {
			s := image[at : at+sector]
			switch n := at / sector; {
			case n < 2 && !bytes.Equal(s, synced[:sector]):
				t.Fatalf("sector %d was synced and is lost", n)
			case n >= 4 && n < 7:
				if c := bytes.Count(s, []byte("u")); c != 0 && c != sector {
					t.Fatalf("sector %d is torn", n)
				}
			case n >= 2 && !bytes.Equal(s, old[:sector]):
				t.Fatalf("sector %d was written by nobody", n)
			}
		}
		d = fresh()
		image = d.tear(r)
		if !bytes.Equal(image[:2*sector], synced) || !bytes.Equal(image[7*sector:], old[7*sector:]) {
			t.Fatal("torn where nothing was written")
		}
	}
	if len(states) != 8 {
		t.Errorf("%d of 8 states of three sectors", len(states))
	}
}
