package httpsig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
)

func TestPublicKeyPEM(t *testing.T) {
	for name, public := range map[string]crypto.PublicKey{"RSA": rsaKey().Public(), "Ed25519": edKey().Public()} {
		text, err := MarshalPublicKeyPEM(public)
		if err != nil || !strings.HasPrefix(text, "-----BEGIN PUBLIC KEY-----\n") {
			t.Fatalf("%s: %q, %v", name, text, err)
		}
		for _, form := range []string{text, "\n  " + text, strings.ReplaceAll(text, "\n", "\r\n"), strings.TrimSpace(text)} {
			if got, err := ParsePublicKeyPEM(form); err != nil || !SameKey(got, public) {
				t.Errorf("%s from %q: %v", name, form, err)
			}
		}
	}
	der := x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey)
	for _, label := range []string{"RSA PUBLIC KEY", "PUBLIC KEY"} {
		got, err := ParsePublicKeyPEM(string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})))
		if err != nil || !SameKey(got, rsaKey().Public()) {
			t.Errorf("PKCS #1 as %s: %v", label, err)
		}
	}
}

// An algorithm fits only the kind of key that it is for.
func TestAlgorithmAndKey(t *testing.T) {
	ecdsaKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	for _, tt := range []struct {
		a   algorithm
		key crypto.PublicKey
	}{{rsaSHA256, edKey().Public()}, {ed25519Sign, rsaKey().Public()}, {ed25519Sign, ecdsaKey.Public()}, {"hmac-sha256", rsaKey().Public()}} {
		if tt.a.fits(tt.key, "m", []byte("s")) {
			t.Errorf("%s fits a %T", tt.a, tt.key)
		}
	}
}

// hs2019 leaves the hash to the key, and some sign with SHA-512.
func TestHS2019MeansEitherHash(t *testing.T) {
	message := "(created): 1"
	for _, a := range cavageAlgorithms("hs2019")[:2] {
		if !a.fits(rsaKey().Public(), message, rawSign(t, rsaKey(), string(a), message)) {
			t.Errorf("%s does not fit", a)
		}
	}
}

// Sizes that a library may hand over and nobody should use.
func TestCheckKey(t *testing.T) {
	for name, key := range map[string]crypto.PublicKey{
		"a short Ed25519 key": ed25519.PublicKey("short"),
		"1024 bits":           newRSA(1024).Public(),
		"16,384 bits":         &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 16383), E: 65537},
		"no key":              nil,
	} {
		if err := checkKey(key); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// Errors as senders and logs see them.
func TestErrors(t *testing.T) {
	cause := errors.New("host is down")
	for err, want := range map[error]string{
		refuse("no %s", "digest"):   "request signature: no digest",
		&KeyError{testKeyID, cause}: "look up key " + testKeyID + ": host is down",
	} {
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
}

func TestPublicKeyPEMRefuses(t *testing.T) {
	ecdsaKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	pkix := func(key crypto.PublicKey) string {
		der, err := x509.MarshalPKIXPublicKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	}
	short := newRSA(1024).Public()
	for name, text := range map[string]string{
		"nothing":       "",
		"not PEM":       "ssh-rsa AAAA",
		"garbage":       "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
		"1024 bits":     pkix(short),
		"ECDSA":         pkix(ecdsaKey.Public()),
		"a private key": string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey())})),
	} {
		if _, err := ParsePublicKeyPEM(text); err == nil {
			t.Errorf("%s: read", name)
		}
	}
	for _, key := range []crypto.PublicKey{nil, short, ecdsaKey.Public(), edKey()} {
		if _, err := MarshalPublicKeyPEM(key); err == nil {
			t.Errorf("%T: written", key)
		}
	}
}
