package httpsig

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/internal/clock"
)

const (
	testKeyID = "https://peer.example/users/ana#main-key"
	testOwner = "https://peer.example/users/ana"
	testBody  = `{"type":"Create"}`
	testInbox = "https://us.example/inbox"
)

var testNow = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) })
var otherRSAKey = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) })
var edKey = sync.OnceValue(func() ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

func newRSA(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return key
}

// keys returns a Lookup that knows one key.
func keys(public crypto.PublicKey) Lookup {
	return func(_ context.Context, id string, _ bool) (Key, error) {
		if id != testKeyID {
			return Key{}, errors.New("no such key")
		}
		return Key{ID: id, Owner: testOwner, Public: public}, nil
	}
}

func verifier(public crypto.PublicKey) *Verifier {
	return &Verifier{Lookup: keys(public), Clock: clock.NewFake(testNow), BaseURL: &url.URL{Scheme: "https", Host: "us.example"}}
}

func newRequest(t testing.TB, method, rawURL, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, rawURL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/activity+json")
	}
	return r
}

// receive sends r through its wire form, so that it is what a server gets.
func receive(t testing.TB, r *http.Request) *http.Request {
	t.Helper()
	var wire bytes.Buffer
	if err := r.Write(&wire); err != nil {
		t.Fatal(err)
	}
	got, err := http.ReadRequest(bufio.NewReader(&wire))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// handSigned is a cavage-signed request made without the code under test.
type handSigned struct {
	method, url, body string            // default: POST testBody to testInbox
	covered           string            // default: (request-target) host date digest
	target            string            // the signed target, if it differs from the sent one
	algorithm         string            // default: rsa-sha256
	params            string            // added to the Signature header, with a leading comma
	values            map[string]string // of (created) and (expires)
	date              time.Time
	dateText          string // the Date header, if not date's usual form
	digest            string // the Digest header, if not the SHA-256
	key               crypto.Signer
}

func (h handSigned) sign(t testing.TB) (*http.Request, []byte) {
	t.Helper()
	setDefault := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	setDefault(&h.method, "POST")
	setDefault(&h.url, testInbox)
	setDefault(&h.covered, "(request-target) host date digest")
	setDefault(&h.algorithm, "rsa-sha256")
	if h.method == "POST" {
		setDefault(&h.body, testBody)
	}
	if h.date.IsZero() {
		h.date = testNow
	}
	if h.key == nil {
		h.key = rsaKey()
	}
	r := newRequest(t, h.method, h.url, h.body)
	setDefault(&h.target, r.URL.RequestURI())
	sum := sha256.Sum256([]byte(h.body))
	r.Header.Set("Date", h.date.UTC().Format(http.TimeFormat))
	r.Header.Set("Digest", "SHA-256="+base64.StdEncoding.EncodeToString(sum[:]))
	if h.dateText != "" {
		r.Header.Set("Date", h.dateText)
	}
	if h.digest != "" {
		r.Header.Set("Digest", h.digest)
	}
	var lines []string
	for _, name := range strings.Fields(h.covered) {
		value := r.Header.Get(name)
		switch {
		case name == "(request-target)":
			value = strings.ToLower(h.method) + " " + h.target
		case name == "host":
			value = r.URL.Host
		case strings.HasPrefix(name, "("):
			value = h.values[name]
		}
		lines = append(lines, name+": "+value)
	}
	signature := rawSign(t, h.key, h.algorithm, strings.Join(lines, "\n"))
	r.Header.Set("Signature", fmt.Sprintf(`keyId="%s",algorithm="%s",headers="%s",signature="%s"%s`,
		testKeyID, h.algorithm, h.covered, base64.StdEncoding.EncodeToString(signature), h.params))
	return receive(t, r), []byte(h.body)
}

// rawSign signs message; an algorithm it does not know is RSA with SHA-256.
func rawSign(t testing.TB, key crypto.Signer, algorithm, message string) []byte {
	t.Helper()
	var signature []byte
	var err error
	sum256, sum512 := sha256.Sum256([]byte(message)), sha512.Sum512([]byte(message))
	switch _, isRSA := key.(*rsa.PrivateKey); {
	case !isRSA:
		signature, err = key.Sign(rand.Reader, []byte(message), crypto.Hash(0))
	case algorithm == "rsa-sha512":
		signature, err = key.Sign(rand.Reader, sum512[:], crypto.SHA512)
	case algorithm == "rsa-pss-sha512":
		signature, err = key.Sign(rand.Reader, sum512[:], &rsa.PSSOptions{SaltLength: 64, Hash: crypto.SHA512})
	default:
		signature, err = key.Sign(rand.Reader, sum256[:], crypto.SHA256)
	}
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// wantRefusal checks that err is an *Error whose text names the fault.
func wantRefusal(t testing.TB, err error, about string) {
	t.Helper()
	if refusal, ok := errors.AsType[*Error](err); !ok || !strings.Contains(refusal.Reason, about) {
		t.Errorf("got %v, want an *Error about %q", err, about)
	}
}

func wantSigner(t testing.TB, got Signer, err error, scheme Scheme) {
	t.Helper()
	if want := (Signer{testKeyID, testOwner, scheme, got.Ed25519}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}
