package keyring

import (
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"earshot/internal/desk"
)

// PushKey returns the key pair with which we sign pushes to browsers (VAPID, RFC 8292),
// in base64url: the scalar, and the uncompressed point. It follows from the secret, so
// every node has the same one, and a backup needs nothing more for it.
func (k *Keyring) PushKey() (private, public string, err error) {
	for n := 0; ; n++ { // a scalar is out of range about once in 2^32
		b, err := hkdf.Key(sha256.New, k.secret[:], nil, fmt.Sprintf("earshot web push %d", n), 32)
		if err != nil {
			return "", "", fmt.Errorf("making the key for pushes: %w", err)
		}
		if key, err := ecdh.P256().NewPrivateKey(b); err == nil {
			return base64.RawURLEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()), nil
		}
	}
}

// OffCode makes the code of a link that turns a destination off.
func (k *Keyring) OffCode(d desk.DestinationID) string {
	m := hmac.New(sha256.New, k.secret[:])
	m.Write([]byte("earshot off " + string(d)))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:16])
}

// IsOffCode says whether a code is that of a destination.
func (k *Keyring) IsOffCode(d desk.DestinationID, code string) bool {
	return hmac.Equal([]byte(k.OffCode(d)), []byte(code))
}
