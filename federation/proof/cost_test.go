package proof

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"earshot/internal/multikey"
	"earshot/internal/test/cost"
)

// keysOf is an object of so many bytes, made of small keys in no order.
func keysOf(bytes int) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, k := range rand.New(rand.NewSource(1)).Perm(bytes / len(`"k000000":1,`)) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"k%06d":1`, k)
	}
	b.WriteByte('}')
	return b.String()
}

// claimed is a document with a proof that fits nobody's key.
func claimed(object string) []byte {
	value := multikey.EncodeBytes(make([]byte, 64))
	return fmt.Appendf(nil, `{"@context":["https://www.w3.org/ns/activitystreams"],"type":"Create","object":%s,
		"proof":{"type":%q,"cryptosuite":%q,"proofPurpose":%q,"verificationMethod":%q,"created":"2026-01-01T00:00:00Z","proofValue":%q}}`,
		object, proofType, suite, purpose, vectorMethod, value)
}

// Canonicalising sorts keys, which was quadratic once: a request of 60,000 keys
// cost 23 s.
func TestCost(t *testing.T) {
	for name, shape := range map[string]func(n int) string{
		"many keys":                  keysOf,
		"many keys, nested":          func(n int) string { return strings.Repeat(`{"z":`, 28) + keysOf(n) + strings.Repeat(`}`, 28) },
		"keys of one long beginning": func(n int) string { return strings.ReplaceAll(keysOf(n/8), `"k`, `"`+strings.Repeat("k", 80)) },
		"objects":                    func(n int) string { return `[` + strings.Repeat(`{"b":1,"a":2},`, n/14) + `1]` },
		"numbers":                    func(n int) string { return `[` + strings.Repeat(`1.5e300,`, n/8) + `1]` },
		"a long number":              func(n int) string { return strings.Repeat("1", n) + "e-" + fmt.Sprint(n) },
		"escapes":                    func(n int) string { return `"` + strings.Repeat(`\u00e9`, n/6) + `"` },
		"a context":                  func(n int) string { return `1,"@context":` + keysOf(n) },
	} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, MaxDocument/8, func(n int) func() {
				p, err := Read(claimed(shape(n)))
				if err != nil {
					t.Fatal(err)
				}
				p.tooMuch = false // it must be cheap without the bound too
				return func() {
					if p.messages = nil; p.Fits(vectorKey(t).Public()) {
						t.Error("a proof without a signature fits")
					}
				}
			})
		})
	}
}

// RFC 8785: keys are sorted by UTF-16 code units, numbers and strings have one form.
func TestCanonical(t *testing.T) {
	got, err := canonical(decoded(t, `{ "\ufb33":1.50, "\ud83d\ude00":-0.0, "b":{"\u0062":[1E2,2e-7,9007199254740993], "a":"\u00e9\/\u000f\n<"}, "a":1e21, "\r":null }`))
	want := `{"\r":null,"a":1e+21,"b":{"a":"é/\u000f\n<","b":[100,2e-7,9007199254740992]},"😀":0,"\ufb33":1.5}`
	want = strings.ReplaceAll(want, `\ufb33`, "\ufb33")
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s, want\n%s", err, got, want)
	}
	for _, bad := range []string{`{"a":1e999}`, `{"a":"\ud800"}`, `{"a":{"b":1,"\u0062":2}}`} {
		if got, err := canonical(decoded(t, bad)); err == nil {
			t.Errorf("%s is %s", bad, got)
		}
	}
}

// A document that is too large for a proof is not canonicalised: it is fetched
// from its author's server instead.
func TestTooMuch(t *testing.T) {
	key := vectorKey(t)
	for name, object := range map[string]string{
		"bytes":  `"` + strings.Repeat("x", MaxDocument) + `"`,
		"values": `[` + strings.Repeat(`1,`, MaxValues) + `1]`,
		"keys":   keysOf(MaxValues * len(`"k000000":1,`)),
		"levels": strings.Repeat(`[`, 40) + strings.Repeat(`]`, 40),
	} {
		signed, err := Sign([]byte(`{"@context":["https://www.w3.org/ns/activitystreams"],"object":`+object+`}`), vectorMethod, key, time.Unix(1, 0))
		if err != nil {
			t.Fatal(err)
		}
		if fits(t, signed) {
			t.Errorf("too many %s: looked at all the same", name)
		}
	}
	small, err := Sign([]byte(`{"@context":["https://www.w3.org/ns/activitystreams"],"object":`+keysOf(30_000)+`}`), vectorMethod, key, time.Unix(1, 0))
	if err != nil || !fits(t, small) {
		t.Errorf("a large post does not fit: %v", err)
	}
}

// Read parses only the proof's terms: the costly steps wait until the key is
// known.
func TestReadIsCheap(t *testing.T) {
	doc := claimed(keysOf(100_000))
	read := testing.AllocsPerRun(3, func() {
		if _, err := Read(doc); err != nil {
			t.Fatal(err)
		}
	})
	if read > 200 {
		t.Errorf("reading the terms allocates %v times: the document was taken apart", read)
	}
}

func fits(t *testing.T, doc []byte) bool {
	p, err := Read(doc)
	if err != nil {
		t.Fatal(err)
	}
	return p.Fits(vectorKey(t).Public())
}
