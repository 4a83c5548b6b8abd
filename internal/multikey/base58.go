package multikey

import (
	"errors"
	"math/big"
	"slices"
	"strings"
)

const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

var base = big.NewInt(int64(len(alphabet)))

var errBase58 = errors.New("not multibase base58btc, or too long")

// EncodeBytes writes bytes as multibase in base58btc: `z` and the digits, of
// which leading ones are leading zero bytes.
func EncodeBytes(b []byte) string {
	var digits []byte
	for n, rest := new(big.Int).SetBytes(b), new(big.Int); n.Sign() > 0; {
		n.DivMod(n, base, rest)
		digits = append(digits, alphabet[rest.Int64()])
	}
	for _, zero := range b {
		if zero != 0 {
			break
		}
		digits = append(digits, alphabet[0])
	}
	slices.Reverse(digits)
	return "z" + string(digits)
}

// DecodeBytes reads the output of EncodeBytes, if it is at most limit bytes.
func DecodeBytes(s string, limit int) ([]byte, error) {
	digits, ok := strings.CutPrefix(s, "z")
	if !ok || len(digits) > limit*138/100+1 { // log 256 / log 58 = 1.37
		return nil, errBase58
	}
	n := new(big.Int)
	for _, c := range []byte(digits) {
		value := strings.IndexByte(alphabet, c)
		if value < 0 {
			return nil, errBase58
		}
		n.Add(n.Mul(n, base), big.NewInt(int64(value)))
	}
	zeros := len(digits) - len(strings.TrimLeft(digits, alphabet[:1]))
	b := append(make([]byte, zeros), n.Bytes()...)
	if len(b) > limit {
		return nil, errBase58
	}
	return b, nil
}
