// Package origin decides who may say what about whose object (FEP-fe34). It is
// pure: claims come in as arguments, a refusal comes out as an error with the
// reason.
//
// The rules, all of them about ids and never about a post's `url`:
//   - An actor speaks for itself only: the signer of the request is the actor
//     of the activity (CVE-2025-54888). A forwarded or relayed body is signed
//     by another actor; of it, only the ids count.
//   - A new object is its author's, and author, object and activity are on one
//     host (CVE-2024-52591, CVE-2026-58593). The scheme is part of the host.
//   - A change needs the author that was stored with the object, not merely
//     an actor from the same server (CVE-2024-52592).
//   - No other server may say anything about ids on our own host.
//   - A fetched document speaks for the host that served it (CVE-2024-23832).
package origin

import (
	"errors"
	"fmt"
	"strings"

	"earshot/internal/desk"
)

// ErrRefused is wrapped by every error of this package. Their text may be
// shown to the sender.
var ErrRefused = errors.New("not theirs to say")

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRefused, fmt.Sprintf(format, args...))
}

// id is any of the typed ids.
type id interface {
	~string
}

// sameHost says whether two ids are on one host, however it is spelled
// (CVE-2023-42451), and reached by the same scheme: an attacker who can forge
// http must not speak for https.
func sameHost[A, B id](a A, b B) bool {
	ha, errA := desk.HostOf(string(a))
	hb, errB := desk.HostOf(string(b))
	return errA == nil && errB == nil && ha == hb && isHTTPS(string(a)) == isHTTPS(string(b))
}

func isHTTPS(s string) bool {
	const scheme = "https:"
	return len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme)
}
