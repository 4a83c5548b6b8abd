package resolve

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"errors"
	"math/big"
	"strings"
)

// An Ed25519 Multikey (FEP-521a) is `z`, then base58btc of the multicodec
// prefix ed25519-pub and the 32 bytes of the key.
const (
	base58Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	maxMultikey    = 64 // characters; an Ed25519 key has 48
)

var ed25519Prefix = []byte{0xed, 0x01}

var errMultikey = errors.New("parse public key: not an Ed25519 Multikey")

func parseMultikey(s string) (crypto.PublicKey, error) {
	digits, ok := strings.CutPrefix(s, "z")
	if !ok || len(s) > maxMultikey {
		return nil, errMultikey
	}
	n, base := new(big.Int), big.NewInt(int64(len(base58Alphabet)))
	for _, c := range []byte(digits) {
		value := strings.IndexByte(base58Alphabet, c)
		if value < 0 {
			return nil, errMultikey
		}
		n.Add(n.Mul(n, base), big.NewInt(int64(value)))
	}
	// The prefix is no zero byte, so no leading zeros are lost in n.
	raw, ok := bytes.CutPrefix(n.Bytes(), ed25519Prefix)
	if !ok || len(raw) != ed25519.PublicKeySize {
		return nil, errMultikey
	}
	return ed25519.PublicKey(raw), nil
}
