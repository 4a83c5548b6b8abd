package httpsig

import (
	"net/http"
	"slices"
)

// Needed returns a copy of those headers of r that Verify reads: the rest of a
// request need not be kept to verify it later. Host is not among them.
func Needed(r *http.Request) http.Header {
	names := []string{"Signature", "Signature-Input", "Date", "Digest", "Content-Digest"}
	if isRFC9421(r) {
		signatures, _ := readSignatures(r)
		for _, s := range signatures {
			names = append(names, s.covered...)
		}
	} else if s, err := parseCavage(r); err == nil {
		names = append(names, s.covered...)
	}
	needed := http.Header{}
	for _, name := range names {
		name = http.CanonicalHeaderKey(name)
		if values, ok := r.Header[name]; ok {
			needed[name] = slices.Clone(values)
		}
	}
	return needed
}
