package desk

import (
	"net/url"
	"strings"
)

// SameID says whether two ids are one, however they are spelled: the host in
// capitals, in Unicode or in Punycode, and characters as they are or
// percent-encoded. Ids are stored and sent as they came.
func SameID(a, b string) bool {
	if a == b {
		return a != ""
	}
	x, ok := Spelling(a)
	if !ok {
		return false
	}
	y, ok := Spelling(b)
	return ok && x == y
}

// Spelling returns the one spelling of an http or https URL by which spellings
// are compared, RFC 3986 section 6.2.2: the canonical host, and percent-encoding
// for non-ASCII characters only. An encoded character that separates parts of a URL
// stays encoded; @ separates nothing after the host.
func Spelling(id string) (string, bool) {
	host, err := HostOf(id)
	if err != nil {
		return "", false
	}
	scheme, rest, _ := strings.Cut(id, "://")
	after := strings.IndexAny(rest, "/?#")
	if after < 0 {
		return strings.ToLower(scheme) + "://" + string(host) + "/", true
	}
	rest = rest[after:]
	if rest[0] != '/' { // an empty path
		rest = "/" + rest
	}
	return strings.ToLower(scheme) + "://" + string(host) + respelled(rest), true
}

// respelled normalises percent-encoding.
func respelled(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) {
			if decoded, err := url.PathUnescape(s[i : i+3]); err == nil {
				i += 2
				b.WriteString(encoded(decoded[0], true))
				continue
			}
		}
		b.WriteString(encoded(c, false))
	}
	return b.String()
}

// encoded writes one byte. What was encoded and separates parts stays so.
func encoded(c byte, was bool) string {
	const hex = "0123456789ABCDEF"
	plain := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~@", c) >= 0
	if plain || !was && c > ' ' && c < 0x7f {
		return string(rune(c))
	}
	return "%" + string([]byte{hex[c>>4], hex[c&15]})
}
