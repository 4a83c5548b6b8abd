package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestPackID(t *testing.T) {
	for id, size := range map[string]int{
		"019aa3c4-7c1e-7000-8000-0123456789ab": 17,
		"019AA3C4-7c1e-7000-8000-0123456789ab": 37, // another text
		"019aa3c4+7c1e-7000-8000-0123456789ab": 37,
		"019aa3c4-7c1e-7000-8000-0123456789ag": 37,
		"i1":                                   3,
		"":                                     1,
	} {
		p := packID(id)
		if len(p) != size || unpackID(p) != id {
			t.Errorf("%q: %d bytes, back to %q", id, len(p), unpackID(p))
		}
	}
}

func TestBlocks(t *testing.T) {
	of := func(ids ...string) (list []posting) {
		slices.Sort(ids)
		for n, id := range ids {
			list = append(list, posting{packID(id), uint64(1 + n%3*100)})
		}
		return list
	}
	var uuids []string
	for range 50 {
		uuids = append(uuids, uuid.Must(uuid.NewV7()).String())
	}
	long := strings.Repeat("x", 100)
	for name, list := range map[string][]posting{
		"none":  nil,
		"one":   of("i1"),
		"texts": of("i1", "i10", "i2", "j", long+"1", long+"2"),
		"uuids": of(uuids...),
		"mixed": of(append(uuids[:5:5], "0", "019", "i", "zz")...),
	} {
		got, err := decodeBlock(encodeBlock(list))
		if err != nil || !reflect.DeepEqual(got, list) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if size := len(encodeBlock(of(uuids...))); size > 50*16 {
		t.Errorf("50 new ids take %d bytes", size)
	}
}

// Put behind the others in short, an issue makes the block that it makes in full.
func TestAppendedToBlocks(t *testing.T) {
	var list []posting
	short := 0
	for n := range 400 {
		id := packID(uuid.Must(uuid.NewV7()).String())
		if n%50 == 49 { // in the middle
			id = packID("0" + unpackID(list[n/2].issue)[1:35] + "0")
		}
		block := encodeBlock(list)
		at, there := find(list, id)
		got, ok := appended(block, id)
		if want := n > 0 && at == len(list) && !there; ok != want {
			t.Fatalf("issue %d behind all %t: %t", n, want, ok)
		}
		if !there {
			list = slices.Insert(list, at, posting{id, uint64(1 + n%3*100)})
		}
		if again, ok := appended(encodeBlock(list), list[len(list)-1].issue); ok {
			t.Fatalf("the last issue once more: %x", again)
		}
		if !ok {
			continue
		}
		short++
		one := slices.Clone(list)
		one[at].posts = 1
		if !bytes.Equal(got, encodeBlock(one)) {
			t.Fatalf("issue %d: %x, want %x", n, got, encodeBlock(one))
		}
	}
	if short < 350 {
		t.Errorf("%d of 400 in short", short)
	}
	for _, list := range [][]posting{{{packID("i1"), 1}}, {{packID("0"), 1}, {packID("01234567-89ab-7def-8123-456789abcdef"), 1}}} {
		if got, ok := appended(encodeBlock(list), packID(uuid.NewString())); ok {
			t.Errorf("with texts: %x", got)
		}
	}
	if got, ok := appended(encodeBlock([]posting{{packID(uuid.NewString()), 1}}), packID("zz")); ok {
		t.Errorf("a text: %x", got)
	}
}

func TestDamagedBlocks(t *testing.T) {
	good := encodeBlock([]posting{{packID("i1"), 1}, {packID("i2"), 2}})
	for name, b := range map[string][]byte{
		"cut":               good[:len(good)-2],
		"shares with none":  {0x03, 1, 2, 3},
		"shares too much":   slices.Concat(make([]byte, 17), []byte{17}),
		"in wrong order":    slices.Concat(encodeBlock([]posting{{packID("b"), 1}}), encodeBlock([]posting{{packID("a"), 1}})),
		"twice":             slices.Concat(good[:4], good[:4]),
		"counted as none":   {entryText | entryMany, 1, 'a', 0},
		"a length too long": {entryText, 200, 'a'},
	} {
		if _, err := decodeBlock(b); !errors.Is(err, errBlock) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A block is what its entries make it, whatever comes in.
func FuzzBlock(f *testing.F) {
	f.Add(encodeBlock([]posting{{packID("i1"), 1}, {packID(uuid.NewString()), 7}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := decodeBlock(b)
		if err != nil {
			return
		}
		again, err := decodeBlock(encodeBlock(list))
		if err != nil || fmt.Sprint(again) != fmt.Sprint(list) {
			t.Errorf("%x: %v, then %v, %v", b, list, again, err)
		}
	})
}

func TestPartsOfKeys(t *testing.T) {
	for _, s := range []string{"", "line", "a\x00b", strings.Repeat("x", maxPart+1)} {
		want := key(nil).text(s)
		part, rest, err := cutPart(bytes.Clone(append(want, 7, 0)))
		if err != nil || !bytes.Equal(part, want) || !bytes.Equal(rest, []byte{7, 0}) {
			t.Errorf("%.10q: %x, %x, %v", s, part, rest, err)
		}
		if next := beyond(part); bytes.Compare(next, append(part, 0xff, 0xff)) <= 0 || len(s) <= maxPart && bytes.Compare(next, key(nil).text(s+"\x01")) > 0 {
			t.Errorf("%.10q: beyond it is %x", s, next)
		}
	}
	for _, b := range []string{"", "a", "a\x00", "a\x00\x03", "a\x00\x02short"} {
		if _, _, err := cutPart([]byte(b)); !errors.Is(err, errKey) {
			t.Errorf("%q: %v", b, err)
		}
	}
}
