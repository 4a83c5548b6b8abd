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

func sameKey(a, b crypto.PublicKey) bool {
	comparable, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && comparable.Equal(b)
}

// checkKeyID returns why a keyId cannot be one: it is the http or https URL
// of a key, in printable ASCII.
func checkKeyID(id string) error {
	if id == "" || len(id) > maxKeyIDBytes {
		return refuse("keyId has %d bytes", len(id))
	}
	if strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\\' }) {
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
	if err != nil {
		return "", fmt.Errorf("marshal public key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}
