package httpsig

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"earshot/internal/desk"
)

// RSA keys outside these sizes are refused: shorter ones can be broken,
// longer ones cost us time that the sender chooses.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

const maxKeyIDBytes = 2048

// A Key is a public key and the actor whose it is. That the actor's document
// names this key is checked by the Lookup that returns it.
type Key struct {
	ID     string
	Owner  desk.ActorID
	Public crypto.PublicKey // *rsa.PublicKey or ed25519.PublicKey
}

// Lookup finds the key for a keyId. fresh bypasses every cache: it is the one
// forced refetch after a signature did not fit. Its errors reach the caller
// of Verify wrapped in *KeyError.
type Lookup func(ctx context.Context, keyID string, fresh bool) (Key, error)

// Confirm returns the key with this id if fits says that something was signed
// with it. It is looked up once, and once more, fresh, if it does not fit: its
// owner may have changed it. Errors are *Error or *KeyError.
func (l Lookup) Confirm(ctx context.Context, keyID string, fits func(crypto.PublicKey) bool) (Key, error) {
	cached, err := l.find(ctx, keyID, false)
	if err != nil {
		return Key{}, err
	}
	problem := check(cached, fits)
	if problem == nil {
		return cached, nil
	}
	fresh, err := l.find(ctx, keyID, true)
	if err != nil {
		return Key{}, err
	}
	if SameKey(cached.Public, fresh.Public) {
		return Key{}, problem
	}
	return fresh, check(fresh, fits)
}

func (l Lookup) find(ctx context.Context, keyID string, fresh bool) (Key, error) {
	key, err := l(ctx, keyID, fresh)
	if err == nil && key.Owner == "" {
		err = errors.New("the key has no owner")
	}
	if err != nil {
		return Key{}, &KeyError{keyID, err}
	}
	return key, nil
}

func check(key Key, fits func(crypto.PublicKey) bool) error {
	if err := checkKey(key.Public); err != nil {
		return refuse("key %s cannot be used: %v", key.ID, err)
	}
	if !fits(key.Public) {
		return refuse("the signature does not fit key %s", key.ID)
	}
	return nil
}

// checkKey returns why a key cannot be used.
func checkKey(key crypto.PublicKey) error {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return fmt.Errorf("an RSA key has %d to %d bits, this one %d", minRSABits, maxRSABits, bits)
		}
		return nil
	case ed25519.PublicKey:
		if len(key) != ed25519.PublicKeySize {
			return fmt.Errorf("an Ed25519 key has %d bytes, this one %d", ed25519.PublicKeySize, len(key))
		}
		return nil
	}
	return fmt.Errorf("keys are RSA or Ed25519, not %T", key)
}

// SameKey says whether two public keys are one.
func SameKey(a, b crypto.PublicKey) bool {
	comparable, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && comparable.Equal(b)
}

// checkKeyID returns why a keyId cannot be one: it is the http or https URL
// of a key, in printable ASCII or, as some servers write their ids, in UTF-8.
func checkKeyID(id string) error {
	if id == "" || len(id) > maxKeyIDBytes {
		return refuse("keyId has %d bytes", len(id))
	}
	if !utf8.ValidString(id) || strings.ContainsFunc(id, func(r rune) bool {
		return r == '"' || r == '\\' || r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsGraphic(r)
	}) {
		return refuse("keyId is not a URL: %q", id)
	}
	u, err := url.Parse(id)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.User != nil {
		return refuse("keyId is not an http or https URL: %q", id)
	}
	return nil
}

// ParsePublicKeyPEM reads a public key in PEM, PKIX ("PUBLIC KEY") or PKCS #1
// ("RSA PUBLIC KEY", which Activity-Relay sends). The label is not believed,
// as some say one and send the other.
func ParsePublicKeyPEM(s string) (crypto.PublicKey, error) {
	block, _ := pem.Decode([]byte(strings.TrimSpace(s)))
	if block == nil {
		return nil, errors.New("parse public key: not PEM")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		pkcs1, pkcs1Err := x509.ParsePKCS1PublicKey(block.Bytes)
		if pkcs1Err != nil {
			return nil, fmt.Errorf("parse public key: %w", err)
		}
		key = pkcs1
	}
	if err := checkKey(key); err != nil {
		return nil, fmt.Errorf("parse public key: %w", err)
	}
	return key, nil
}

// MarshalPublicKeyPEM writes a public key as PKIX in PEM, the form that every
// peer reads.
func MarshalPublicKeyPEM(key crypto.PublicKey) (string, error) {
	if err := checkKey(key); err != nil {
		return "", fmt.Errorf("marshal public key: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), err
}
