package httpsig

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
)

// algorithm is a way to sign, named as cavage names it (RFC 9421 has other
// names for the same).
type algorithm string

const (
	rsaSHA256    algorithm = "rsa-sha256"
	rsaSHA512    algorithm = "rsa-sha512"
	rsaPSSSHA512 algorithm = "rsa-pss-sha512" // RFC 9421 only
	ed25519Sign  algorithm = "ed25519"
)

// forKey returns those of the algorithms that go with the type of key.
func forKey(key crypto.PublicKey, algorithms ...algorithm) []algorithm {
	_, isEd25519 := key.(ed25519.PublicKey)
	var fitting []algorithm
	for _, a := range algorithms {
		if (a == ed25519Sign) == isEd25519 {
			fitting = append(fitting, a)
		}
	}
	return fitting
}

// fits reports whether signature is key's over message. The key is one that
// checkKey lets pass and forKey gave the algorithm to.
func (a algorithm) fits(key crypto.PublicKey, message string, signature []byte) bool {
	if key, ok := key.(ed25519.PublicKey); ok {
		return a == ed25519Sign && ed25519.Verify(key, []byte(message), signature)
	}
	rsaKey, ok := key.(*rsa.PublicKey)
	if !ok {
		return false
	}
	switch a {
	case rsaSHA256:
		return rsa.VerifyPKCS1v15(rsaKey, crypto.SHA256, sum256([]byte(message)), signature) == nil
	case rsaSHA512:
		return rsa.VerifyPKCS1v15(rsaKey, crypto.SHA512, sum512([]byte(message)), signature) == nil
	case rsaPSSSHA512:
		// RFC 9421 §3.3.1 fixes the salt at 64 bytes.
		return rsa.VerifyPSS(rsaKey, crypto.SHA512, sum512([]byte(message)), signature, &rsa.PSSOptions{SaltLength: 64}) == nil
	}
	return false
}
