package as

import (
	"slices"
	"strconv"
	"strings"
)

// The two media types of ActivityPub documents. We answer and send with the first.
const (
	ContentType   = "application/activity+json"
	LDContentType = ldJSON + `; profile="https://www.w3.org/ns/activitystreams"`
)

// MediaType returns the type of a Content-Type, in lower case and without
// parameters. What cannot be read of the parameters does not matter.
func MediaType(contentType string) string {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(media))
}

// parameter returns a parameter of a media type, also where its value is not
// quoted although it must be, or the quote is not closed.
func parameter(contentType, name string) string {
	_, rest, _ := strings.Cut(contentType, ";")
	for _, part := range splitOutside(rest, ';') {
		key, value, _ := strings.Cut(part, "=")
		if strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return ""
}

// hasProfile knows the spellings of the ActivityStreams profile that are in use.
func hasProfile(contentType string) bool {
	return slices.ContainsFunc(strings.Fields(parameter(contentType, "profile")), func(p string) bool {
		p = strings.TrimSuffix(p, "#")
		return p == Namespace || p == "http"+strings.TrimPrefix(Namespace, "https")
	})
}

// IsActivityPub says whether the Content-Type of a fetched document is one of
// ActivityPub: activity+json, or ld+json with the ActivityStreams profile.
// Anything else, uploaded JSON above all, must not be taken for an actor or
// object (CVE-2024-25623): web servers give uploads ld+json without a profile.
func IsActivityPub(contentType string) bool {
	media := MediaType(contentType)
	return media == ContentType || media == ldJSON && hasProfile(contentType)
}

// MayBeActivity says whether a POST with this Content-Type is read: the two
// ActivityPub types, ld+json without its profile, and plain JSON, which some
// relays use. A body that is signed is never trusted for its type.
func MayBeActivity(contentType string) bool {
	media := MediaType(contentType)
	return media == ContentType || media == ldJSON || media == "application/json"
}

const ldJSON = "application/ld+json"

// PrefersActivityPub says whether an Accept header (RFC 9110, section 12.5.1),
// of one line or several, prefers ActivityStreams to HTML. At the same weight
// the first named wins; wildcards speak for HTML. A part that cannot be read
// says nothing, and takes nothing from the others.
func PrefersActivityPub(accept ...string) bool {
	stream, page := 0.0, 0.0
	streamFirst := false
	for i, part := range splitOutside(strings.Join(accept, ","), ',') {
		if i == 32 {
			break
		}
		switch q := weight(parameter(part, "q")); MediaType(part) {
		case ContentType, ldJSON:
			stream = max(stream, q)
			streamFirst = streamFirst || page == 0
		case "text/html", "application/xhtml+xml":
			page = max(page, q)
		}
	}
	return stream > page || stream > 0 && stream == page && streamFirst
}

func weight(q string) float64 {
	if q == "" {
		return 1
	}
	f, err := strconv.ParseFloat(q, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		return 0
	}
	return f
}

// splitOutside splits at a separator outside quoted strings. Where a quote is
// not closed, nothing is quoted.
func splitOutside(s string, separator rune) []string {
	quoted, broken := false, strings.Count(s, `"`)%2 == 1
	return strings.FieldsFunc(s, func(r rune) bool {
		if r == '"' && !broken {
			quoted = !quoted
		}
		return r == separator && !quoted
	})
}
