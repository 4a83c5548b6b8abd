package httpsig

import (
	"cmp"
	"context"
	"crypto"
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
}

// A Verifier says who signed a request. It is safe for concurrent use.
type Verifier struct {
	Lookup  Lookup
	Clock   clock.Clock
	Window  time.Duration // 0 means DefaultWindow
	BaseURL *url.URL      // of this instance as peers address it, scheme and host; what sits behind a proxy cannot see it
}

// A claim is a signature that says what it must, by somebody who says to be
// the owner of keyID. Whether that is true only the key can tell.
type claim struct {
	scheme Scheme
	keyID  string
	fits   func(crypto.PublicKey) bool
}

// Verify returns who signed r, whose body has been read into body. The scheme
// is RFC 9421 if there is a Signature-Input header, else cavage.
//
// Errors are *Error if the signature is missing or wrong and *KeyError if the
// key cannot be had. The key is looked up once, and once more, fresh, if the
// signature does not fit it.
func (v *Verifier) Verify(ctx context.Context, r *http.Request, body []byte) (Signer, error) {
	c, err := v.claim(r, body)
	if err != nil {
		return Signer{}, err
	}
	cached, err := v.lookup(ctx, c.keyID, false)
	if err != nil {
		return Signer{}, err
	}
	problem := c.check(cached.Public)
	if problem == nil {
		return Signer{c.keyID, cached.Owner, c.scheme}, nil
	}
	fresh, err := v.lookup(ctx, c.keyID, true)
	if err != nil {
		return Signer{}, err
	}
	if sameKey(cached.Public, fresh.Public) {
		return Signer{}, problem
	}
	if problem := c.check(fresh.Public); problem != nil {
		return Signer{}, problem
	}
	return Signer{c.keyID, fresh.Owner, c.scheme}, nil
}

// KeyIDOf returns which key a request claims to be signed with, without
// verifying anything.
func KeyIDOf(r *http.Request) (string, error) {
	if isRFC9421(r) {
		s, err := chooseSignature(r)
		return s.keyID, err
	}
	s, err := parseCavage(r)
	return s.keyID, err
}

func isRFC9421(r *http.Request) bool { return len(r.Header["Signature-Input"]) > 0 }

// claim checks everything that can be checked without the key.
func (v *Verifier) claim(r *http.Request, body []byte) (claim, error) {
	if v.BaseURL == nil || v.Clock == nil || v.Lookup == nil {
		return claim{}, errors.New("httpsig: Verifier is not set up")
	}
	if host, err := desk.CanonicalHost(r.Host, v.BaseURL.Scheme); err != nil || host != v.host() {
		return claim{}, refuse("host %q is not %s", r.Host, v.host())
	}
	if isRFC9421(r) {
		return v.claimRFC9421(r, body)
	}
	return v.claimCavage(r, body)
}

func (v *Verifier) host() desk.Host {
	host, _ := desk.CanonicalHost(v.BaseURL.Host, v.BaseURL.Scheme)
	return host
}

func (v *Verifier) lookup(ctx context.Context, keyID string, fresh bool) (Key, error) {
	key, err := v.Lookup(ctx, keyID, fresh)
	if err == nil && key.Owner == "" {
		err = errors.New("the key has no owner")
	}
	if err != nil {
		return Key{}, &KeyError{keyID, err}
	}
	return key, nil
}

func (c claim) check(key crypto.PublicKey) error {
	if err := checkKey(key); err != nil {
		return refuse("key %s cannot be used: %v", c.keyID, err)
	}
	if !c.fits(key) {
		return refuse("the signature does not fit key %s", c.keyID)
	}
	return nil
}

// checkTime refuses times outside the window.
func (v *Verifier) checkTime(name string, t time.Time) error {
	window := cmp.Or(v.Window, DefaultWindow)
	if off := v.Clock.Now().Sub(t); off > window || off < -window {
		return refuse("%s is %v, more than %v from our time", name, t.UTC().Format(time.RFC3339), window)
	}
	return nil
}

// checkExpires refuses what its sender no longer stands for.
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
