package bolt

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// FuzzKey: texts come back as they were; lists of texts compare like their
// keys, and different ones make different keys; so do times.
func FuzzKey(f *testing.F) {
	f.Add("a", "b", "a\x00", "b", int64(0), int64(1))
	f.Add("", "\x00\x01", "\x00", "\x01", int64(-1), int64(1))
	f.Add("a", "", "a\x00\x01", "", int64(-62135596800000000), int64(253402300799000000))
	f.Add("a\x00\xff", "x", "a", "\xffx", int64(1), int64(1))
	long := strings.Repeat("x", maxPart)
	f.Add(long+"a", "", long+"b", "", int64(5), int64(4))
	f.Add(long, "\x02", long+"\x00", "", int64(5), int64(4))
	f.Fuzz(func(t *testing.T, a1, a2, b1, b2 string, at, bt int64) {
		a, b := key(nil).text(a1).text(a2), key(nil).text(b1).text(b2)
		same := a1 == b1 && a2 == b2
		if bytes.Equal(a, b) != same {
			t.Fatalf("%q %q and %q %q: the same key is %v", a1, a2, b1, b2, !same)
		}
		if max(len(a1), len(a2), len(b1), len(b2)) <= maxPart {
			want := strings.Compare(a1, b1)
			if want == 0 {
				want = strings.Compare(a2, b2)
			}
			if got := bytes.Compare(a, b); got != want {
				t.Fatalf("%q %q and %q %q: %d, want %d", a1, a2, b1, b2, got, want)
			}
			if got := bytes.Compare(key(nil).rawDesc(a), key(nil).rawDesc(b)); got != -want {
				t.Fatalf("%q %q and %q %q the other way: %d, want %d", a1, a2, b1, b2, got, -want)
			}
			g1, rest, err1 := cutText(a)
			g2, rest, err2 := cutText(rest)
			if g1 != a1 || g2 != a2 || len(rest) != 0 || err1 != nil || err2 != nil {
				t.Fatalf("%q %q came back as %q %q, rest %q, %v, %v", a1, a2, g1, g2, rest, err1, err2)
			}
		}
		if strings.HasPrefix(a1, b1) && len(a1) <= maxPart && !bytes.HasPrefix(a, key(nil).prefix(b1)) {
			t.Fatalf("%q begins with %q, the key does not", a1, b1)
		}
		ta, tb := time.UnixMicro(at).UTC(), time.UnixMicro(bt).UTC()
		ka, kb := key(nil).time(ta), key(nil).time(tb)
		if got := bytes.Compare(ka, kb); got != ta.Compare(tb) {
			t.Fatalf("%v and %v: %d", ta, tb, got)
		}
		if got := bytes.Compare(key(nil).timeDesc(ta), key(nil).timeDesc(tb)); got != -ta.Compare(tb) {
			t.Fatalf("%v and %v the other way: %d", ta, tb, got)
		}
		if back, rest, err := cutTime(ka); !back.Equal(ta) || len(rest) != 0 || err != nil {
			t.Fatalf("%v came back as %v, %v", ta, back, err)
		}
	})
}

func FuzzCutText(f *testing.F) {
	f.Add([]byte("a\x00\x01"))
	f.Add([]byte("a\x00\xff\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, rest, err := cutText(b)
		if err == nil && len(s) <= maxPart && !bytes.Equal(key(nil).text(s).raw(rest), b) {
			t.Fatalf("%q is read as %q and %q", b, s, rest)
		}
		_, _, _ = cutTime(b)
	})
}
