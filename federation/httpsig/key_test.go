package httpsig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
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
			if got, err := ParsePublicKeyPEM(form); err != nil || !sameKey(got, public) {
				t.Errorf("%s from %q: %v", name, form, err)
			}
		}
	}
	der := x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey)
	for _, label := range []string{"RSA PUBLIC KEY", "PUBLIC KEY"} {
		got, err := ParsePublicKeyPEM(string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})))
		if err != nil || !sameKey(got, rsaKey().Public()) {
			t.Errorf("PKCS #1 as %s: %v", label, err)
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
