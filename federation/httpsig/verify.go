package httpsig

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"earshot/internal/clock"
	"earshot/internal/desk"
)

// Scheme is a way of signing requests.
type Scheme string

// The schemes.
const (
	Cavage  Scheme = "cavage"  // draft-cavage-http-signatures-12
	RFC9421 Scheme = "rfc9421" // HTTP Message Signatures
)

// DefaultWindow is how far a signature's time may be from ours, both ways. It
// is long because small servers' clocks are wrong by minutes and some by a
// forgotten summer time, and because Mastodon allows the same hour; a replay
// within it does no harm where activities are deduplicated.
const DefaultWindow = time.Hour

// expiryGrace is how long after its own expiry a signature still counts.
const expiryGrace = time.Minute

// maxSignatureBytes bounds the headers that carry signatures.
const maxSignatureBytes = 8 << 10

// A Signer is who signed a request, and how.
type Signer struct {
	KeyID  string
	Actor  desk.ActorID
	Scheme Scheme
	// Ed25519: it is a signature of RFC 9421 by an Ed25519 key.
	Ed25519 bool
}

// A Verifier says who signed a request. It is safe for concurrent use.
type Verifier struct {
	Lookup  Lookup
	Clock   clock.Clock
	Window  time.Duration // 0 means DefaultWindow
	BaseURL *url.URL      // of this instance as peers address it, scheme and host; a server behind a proxy cannot see it
}

// A claim is a complete signature by a sender who claims to own keyID. Only the
// key can prove the claim.
type claim struct {
	scheme Scheme
	keyID  string
	fits   func(crypto.PublicKey) bool
}

// Verify returns who signed r, whose body has been read into body. The scheme
// is RFC 9421 if there is a Signature-Input header, else cavage. Of several
// signatures of RFC 9421 the first complete and correct one counts; keys are
// looked up for at most maxTried of them.
//
// Errors are *Error if the signature is missing or wrong and *KeyError if the
// key cannot be had; of several, the first.
func (v *Verifier) Verify(ctx context.Context, r *http.Request, body []byte) (Signer, error) {
	claims, err := v.claims(r, body)
	if err != nil {
		return Signer{}, err
	}
	var first error
	for _, c := range claims {
		key, err := v.Lookup.Confirm(ctx, c.keyID, c.fits)
		if err == nil {
			_, isEd25519 := key.Public.(ed25519.PublicKey)
			return Signer{c.keyID, key.Owner, c.scheme, isEd25519 && c.scheme == RFC9421}, nil
		}
		first = cmp.Or(first, err)
	}
	return Signer{}, first
}

// KeyIDOf returns which key a request claims to be signed with, without
// verifying anything; of several, the first.
func KeyIDOf(r *http.Request) (string, error) {
	if isRFC9421(r) {
		signatures, err := readSignatures(r)
		if err != nil {
			return "", err
		}
		return signatures[0].keyID, nil
	}
	s, err := parseCavage(r)
	return s.keyID, err
}

func isRFC9421(r *http.Request) bool { return len(r.Header["Signature-Input"]) > 0 }

// claims checks everything that can be checked without the key, and returns
// at least one claim that holds so far.
func (v *Verifier) claims(r *http.Request, body []byte) ([]claim, error) {
	if v.BaseURL == nil || v.Clock == nil || v.Lookup == nil {
		return nil, errors.New("httpsig: Verifier is not set up")
	}
	if host, err := desk.CanonicalHost(r.Host, v.BaseURL.Scheme); err != nil || host != v.host() {
		return nil, refuse("host %q is not %s", r.Host, v.host())
	}
	if isRFC9421(r) {
		return v.claimsRFC9421(r, body)
	}
	c, err := v.claimCavage(r, body)
	return []claim{c}, err
}

func (v *Verifier) host() desk.Host {
	host, _ := desk.CanonicalHost(v.BaseURL.Host, v.BaseURL.Scheme)
	return host
}

// checkTime refuses times outside the window.
func (v *Verifier) checkTime(name string, t time.Time) error {
	window := cmp.Or(v.Window, DefaultWindow)
	if off := v.Clock.Now().Sub(t); off > window || off < -window {
		return refuse("%s is %v, more than %v from our time", name, t.UTC().Format(time.RFC3339), window)
	}
	return nil
}

// checkExpires refuses a signature after the end that its sender gave it.
func (v *Verifier) checkExpires(t time.Time) error {
	if v.Clock.Now().Sub(t) > expiryGrace {
		return refuse("the signature expired at %v", t.UTC().Format(time.RFC3339))
	}
	return nil
}

// isRead reports whether a request may go without a digest: it asks for
// something and brings nothing.
func isRead(r *http.Request, body []byte) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && len(body) == 0
}

// targetOf returns path and query as they were, or will be, sent.
func targetOf(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		return r.RequestURI
	}
	return r.URL.RequestURI() // a request of ours, or one in absolute form
}

// fieldOf returns the values of a header; Host is not among r.Header.
func fieldOf(r *http.Request, name string) []string {
	if strings.EqualFold(name, "host") {
		return []string{r.Host}
	}
	return r.Header.Values(name)
}

// isFieldName reports whether s is the lower-case name of a header.
func isFieldName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}
