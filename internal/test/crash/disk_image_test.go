//go:build linux

package crash

import (
	"bytes"
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

// disk is a file after a power cut: synced writes are there for certain, and
// any part of the later ones may be.
type disk struct {
	image   []byte
	pending []entry
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
// combination and in any order.
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

// tear is a disk that stops in the middle of a write: earlier writes are there,
// the last one ends at any byte with rubbish behind it, and a growing file has
// any length, with rubbish at its end.
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

// After every power cut, synced bytes that were not overwritten are there, and
// no bytes appear that were never written.
func TestCutAndTear(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	old, synced, unsynced := bytes.Repeat([]byte("o"), 8*sector), bytes.Repeat([]byte("s"), 2*sector), bytes.Repeat([]byte("u"), 3*sector)
	states := map[string]bool{}
	for range 300 {
		fresh := func() *disk {
			return &disk{image: slices.Concat(synced, old[len(synced):]), pending: []entry{{4 * sector, unsynced}}}
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
