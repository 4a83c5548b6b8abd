package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// Secret gives access to a client that knows it. It is shown once and never
// logged: printing one shows nothing.
type Secret struct{ s string }

// TokenPrefix begins every API token, so that those who look for secrets in
// places where none should be recognise it.
const TokenPrefix = "earshot_"

// newSecret makes a secret of 130 random bits.
func newSecret(prefix string) Secret { return Secret{prefix + rand.Text()} }

// SecretOf makes a Secret of a client's text.
func SecretOf(s string) Secret { return Secret{s} }

// Reveal returns the secret itself, to hand it to its owner.
func (s Secret) Reveal() string { return s.s }

// String implements fmt.Stringer.
func (Secret) String() string { return "(secret)" }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return "(secret)" }

// maxSecret: a longer text is none of our secrets.
const maxSecret = 200

// hash names the grant of a secret. A random secret needs no slow hash.
func (s Secret) hash() string {
	if s.s == "" || len(s.s) > maxSecret {
		return ""
	}
	sum := sha256.Sum256([]byte(s.s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
