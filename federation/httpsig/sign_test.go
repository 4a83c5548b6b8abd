package httpsig

import (
	"crypto"
	"crypto/rsa"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"
)

type signFunc func(*http.Request, []byte, string, crypto.Signer, time.Time) error

var schemes = map[Scheme]signFunc{Cavage: by(Cavage), RFC9421: by(RFC9421)}

func by(s Scheme) signFunc {
	return func(r *http.Request, body []byte, keyID string, key crypto.Signer, now time.Time) error {
		return Sign(s, r, body, keyID, key, now)
	}
}

func TestRoundTrips(t *testing.T) {
	for scheme, sign := range schemes {
		for _, tt := range []struct{ method, url, body string }{
			{"POST", testInbox, testBody},
			{"POST", "https://us.example/in%2Fbox%20a/ü?q=%20&r", testBody},
			{"GET", testInbox, ""},
			{"GET", "https://us.example/outbox?page=2", ""},
			{"GET", "https://us.example", ""},
		} {
			r := newRequest(t, tt.method, tt.url, tt.body)
			if err := sign(r, []byte(tt.body), testKeyID, rsaKey(), testNow); err != nil {
				t.Fatal(err)
			}
			got, err := verifier(rsaKey().Public()).Verify(t.Context(), receive(t, r), []byte(tt.body))
			wantSigner(t, got, err, scheme)
			if got.Ed25519 {
				t.Error("an RSA key is taken for an Ed25519 key")
			}
		}
	}
}

// An Ed25519 key signs as RFC 9421, and only so.
func TestSignEd25519(t *testing.T) {
	r := newRequest(t, "POST", testInbox, testBody)
	if err := SignCavage(r, []byte(testBody), testKeyID, edKey(), testNow); err == nil || r.Header.Get("Signature") != "" {
		t.Errorf("draft-cavage: signed, %v", err)
	}
	if err := SignRFC9421(r, []byte(testBody), testKeyID, edKey(), testNow); err != nil {
		t.Fatal(err)
	}
	if got, want := r.Header.Get("Signature-Input"), `;alg="ed25519"`; !strings.HasSuffix(got, want) {
		t.Errorf("Signature-Input: %s", got)
	}
	got, err := verifier(edKey().Public()).Verify(t.Context(), receive(t, r), []byte(testBody))
	wantSigner(t, got, err, RFC9421)
	if !got.Ed25519 {
		t.Error("the signer is not known by an Ed25519 key")
	}
}

// The headers that peers demand, to the letter.
func TestSignCavageHeaders(t *testing.T) {
	r := newRequest(t, "POST", testInbox, testBody)
	if err := SignCavage(r, []byte(testBody), testKeyID, rsaKey(), testNow); err != nil {
		t.Fatal(err)
	}
	prefix := `keyId="` + testKeyID + `",algorithm="rsa-sha256",headers="(request-target) host date digest content-type",signature="`
	if got := r.Header.Get("Signature"); !strings.HasPrefix(got, prefix) {
		t.Errorf("Signature: %s", got)
	}
	if got := r.Header.Get("Digest"); !strings.HasPrefix(got, "SHA-256=") {
		t.Errorf("Digest: %s", got)
	}
	if got := r.Header.Get("Date"); got != "Sun, 22 Nov 2026 10:00:00 GMT" {
		t.Errorf("Date: %s", got)
	}
	r = newRequest(t, "GET", testInbox, "")
	if err := SignCavage(r, nil, testKeyID, rsaKey(), testNow); err != nil {
		t.Fatal(err)
	}
	if got := r.Header.Get("Signature"); !strings.Contains(got, `headers="(request-target) host date"`) || r.Header.Get("Digest") != "" {
		t.Errorf("GET: %v", r.Header)
	}
}

func TestSignRFC9421Headers(t *testing.T) {
	r := newRequest(t, "POST", testInbox, testBody)
	if err := SignRFC9421(r, []byte(testBody), testKeyID, rsaKey(), testNow); err != nil {
		t.Fatal(err)
	}
	want := `sig1=("@method" "@target-uri" "content-digest" "content-type");created=1795341600;keyid="` + testKeyID + `";alg="rsa-v1_5-sha256"`
	if got := r.Header.Get("Signature-Input"); got != want {
		t.Errorf("Signature-Input: %s\nwant: %s", got, want)
	}
}

// A retry signs the same request again, with another scheme maybe.
func TestSignAgain(t *testing.T) {
	r := newRequest(t, "POST", testInbox, testBody)
	for _, scheme := range []Scheme{Cavage, RFC9421, Cavage, Cavage} {
		if err := schemes[scheme](r, []byte(testBody), testKeyID, rsaKey(), testNow); err != nil {
			t.Fatal(err)
		}
		got, err := verifier(rsaKey().Public()).Verify(t.Context(), receive(t, newBody(r, testBody)), []byte(testBody))
		wantSigner(t, got, err, scheme)
	}
}

func newBody(r *http.Request, body string) *http.Request {
	r.Body = http.NoBody
	if body, err := r.GetBody(); err == nil {
		r.Body = body
	}
	return r
}

// A private key that does not belong to its public half signs nothing.
func TestSignWithABrokenKey(t *testing.T) {
	broken := *newRSA(2048)
	broken.D, broken.Primes, broken.Precomputed = big.NewInt(3), nil, rsa.PrecomputedValues{}
	for scheme, sign := range schemes {
		r := newRequest(t, "POST", testInbox, testBody)
		if err := sign(r, []byte(testBody), testKeyID, &broken, testNow); err == nil || r.Header.Get("Signature") != "" {
			t.Errorf("%s: signed, %v", scheme, err)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	for scheme, sign := range schemes {
		for name, tt := range map[string]struct {
			change func(*http.Request)
			keyID  string
			key    crypto.Signer
		}{
			"no Content-Type":    {func(r *http.Request) { r.Header.Del("Content-Type") }, testKeyID, rsaKey()},
			"no host":            {func(r *http.Request) { r.URL.Host = "" }, testKeyID, rsaKey()},
			"no keyId":           {nil, "", rsaKey()},
			"quote in the keyId": {nil, `https://us.example/"`, rsaKey()},
			"comma in the keyId": {nil, `https://us.example/a,b`, rsaKey()},
			"short key":          {nil, testKeyID, newRSA(1024)},
			"no key":             {nil, testKeyID, nil},
		} {
			r := newRequest(t, "POST", testInbox, testBody)
			if tt.change != nil {
				tt.change(r)
			}
			if err := sign(r, []byte(testBody), tt.keyID, tt.key, testNow); err == nil || r.Header.Get("Signature") != "" {
				t.Errorf("%s, %s: signed", scheme, name)
			}
		}
	}
}
