package origin

import "earshot/internal/desk"

// Verdict says how far a fetched document is to be believed.
type Verdict int

// The verdicts.
const (
	// Refused: not at all; the error says why.
	Refused Verdict = iota
	// Trusted: it speaks for its id.
	Trusted
	// Refetch: ask for it by its own id, once, and believe only Trusted.
	Refetch
)

// Fetched judges a document by the requested URL, the URL that answered after
// redirects, the document's id, and its attributedTo (empty for actors and
// keys).
//
// It is trusted if its id is the requested URL and its own host answered. If
// another host did, an open redirect could have put words into the first one's
// mouth. An id that differs is worth asking for if it is on one of the two
// hosts involved (a web page's address, an alias, a move to another name); the
// answer to that question stands on its own. A third host's id is forged or
// uploaded (CVE-2024-23832, CVE-2024-25623).
func Fetched(requested, final string, id desk.ObjectID, attributedTo []desk.ActorID) (Verdict, error) {
	if !sameHost(id, requested) && !sameHost(id, final) {
		return Refused, refused("%s gave a document with the id %q, which is on another host", requested, id)
	}
	for _, author := range attributedTo {
		if !sameHost(author, id) {
			return Refused, refused("%q is attributed to %q, who is on another host", id, author)
		}
	}
	if string(id) == requested {
		if !sameHost(id, final) {
			return Refused, refused("%q was answered by another host, %s", id, final)
		}
		return Trusted, nil
	}
	return Refetch, nil
}
