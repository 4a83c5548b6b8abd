package httpsig

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"strings"

	"github.com/dunglas/httpsfv"
)

// maxDigests bounds the digests in one request; one is usual.
const maxDigests = 8

// checkDigest compares body with the Digest header (RFC 3230): there must be
// a SHA-256 or SHA-512 value, in any letter case, and every value whose
// algorithm we know must fit.
func checkDigest(values []string, body []byte) error {
	list := strings.Split(strings.Join(values, ","), ",")
	if len(values) == 0 || len(list) > maxDigests {
		return refuse("Digest header with 1 to %d values is needed", maxDigests)
	}
	seen := false
	for _, item := range list {
		name, value, _ := strings.Cut(strings.TrimSpace(item), "=")
		var sum []byte
		switch strings.ToLower(name) {
		case "sha-256":
			sum = sum256(body)
		case "sha-512":
			sum = sum512(body)
		default:
			continue
		}
		if value != base64.StdEncoding.EncodeToString(sum) {
			return refuse("Digest does not match the body")
		}
		seen = true
	}
	if !seen {
		return refuse("Digest has neither a SHA-256 nor a SHA-512 value")
	}
	return nil
}

// checkContentDigest compares body with the Content-Digest header (RFC 9530):
// there must be a sha-256 or sha-512 value, and both must fit if there are two.
func checkContentDigest(values []string, body []byte) error {
	dict, err := parseDictionary("Content-Digest", values, maxDigests)
	if err != nil {
		return err
	}
	seen := false
	for name, sum := range map[string]func([]byte) []byte{"sha-256": sum256, "sha-512": sum512} {
		member, ok := dict.Get(name)
		if !ok {
			continue
		}
		item, _ := member.(httpsfv.Item)
		value, _ := item.Value.([]byte)
		if !bytes.Equal(value, sum(body)) {
			return refuse("Content-Digest does not match the body")
		}
		seen = true
	}
	if !seen {
		return refuse("Content-Digest has neither a sha-256 nor a sha-512 value")
	}
	return nil
}

func sum256(b []byte) []byte { sum := sha256.Sum256(b); return sum[:] }

func sum512(b []byte) []byte { sum := sha512.Sum512(b); return sum[:] }
