// Package multikey reads and writes public keys as Multikeys (W3C Controlled
// Identifiers 1.0, §2.2.2; FEP-521a): `z`, then base58btc of a multicodec
// prefix and the key. FEP-521a defines Ed25519; Fedify publishes RSA (PKCS #1)
// beside it.
package multikey

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
)

// maxBytes of a key: RSA with 8192 bits, its exponent and their encoding.
const maxBytes = 1100

// The multicodec prefixes ed25519-pub (0xed) and rsa-pub (0x1205), as varints.
var (
	ed25519Prefix = []byte{0xed, 0x01}
	rsaPrefix     = []byte{0x85, 0x24}
)

var errForm = errors.New("parse public key: not an Ed25519 or RSA Multikey")

// Encode writes an ed25519.PublicKey or *rsa.PublicKey.
func Encode(key crypto.PublicKey) (string, error) {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return EncodeBytes(append(bytes.Clone(ed25519Prefix), key...)), nil
	case *rsa.PublicKey:
		return EncodeBytes(append(bytes.Clone(rsaPrefix), x509.MarshalPKCS1PublicKey(key)...)), nil
	}
	return "", fmt.Errorf("write a Multikey: a %T has no form", key)
}

// Parse reads a key: an ed25519.PublicKey or *rsa.PublicKey. Whether its size
// is good enough is for the caller.
func Parse(s string) (crypto.PublicKey, error) {
	raw, err := DecodeBytes(s, maxBytes)
	if err != nil {
		return nil, err
	}
	if key, ok := bytes.CutPrefix(raw, ed25519Prefix); ok && len(key) == ed25519.PublicKeySize {
		return ed25519.PublicKey(key), nil
	}
	if der, ok := bytes.CutPrefix(raw, rsaPrefix); ok {
		if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
			return key, nil
		}
	}
	return nil, errForm
}
