package safehttp

import "errors"

// Errors that another attempt cannot mend. Everything else (DNS, refused
// connections, certificates, time limits) may pass.
var (
	// ErrForbiddenAddress: the host has an address we do not connect to.
	ErrForbiddenAddress = errors.New("forbidden address")
	// ErrTooLarge: the body is longer than Options.MaxBytes.
	ErrTooLarge = errors.New("response too large")
	// ErrRedirect: too many redirects, or one to where we do not follow.
	ErrRedirect = errors.New("redirect refused")
	// ErrBadURL: not a URL that we fetch from.
	ErrBadURL = errors.New("bad URL")
	// ErrEncoding: the body is encoded in a way that we did not ask for.
	ErrEncoding = errors.New("unknown content encoding")
)

// Permanent reports whether the same request would fail in the same way
// again, so that a retry is a waste.
func Permanent(err error) bool {
	for _, permanent := range []error{ErrForbiddenAddress, ErrTooLarge, ErrRedirect, ErrBadURL, ErrEncoding} {
		if errors.Is(err, permanent) {
			return true
		}
	}
	return false
}
