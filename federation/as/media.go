package as

import (
	"mime"
	"slices"
	"strconv"
	"strings"
)

// The two media types of ActivityPub documents. We answer and send with the first.
const (
	ContentType   = "application/activity+json"
	LDContentType = `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`
)

// IsActivityPub says whether a Content-Type is one of ActivityPub: activity+json,
// or ld+json with the ActivityStreams profile. Anything else, uploaded JSON
// above all, must not be taken for an actor or object (CVE-2024-25623).
func IsActivityPub(contentType string) bool {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	return media == ContentType ||
		media == "application/ld+json" && slices.Contains(strings.Fields(params["profile"]), Namespace)
}

// PrefersActivityPub says whether an Accept header (RFC 9110, section 12.5.1)
// prefers ActivityStreams to HTML. At the same weight the first named wins;
// wildcards speak for HTML.
func PrefersActivityPub(accept string) bool {
	stream, page := 0.0, 0.0
	streamFirst := false
	for i, part := range splitHeader(accept) {
		if i == 32 {
			break
		}
		media, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		switch q := weight(params["q"]); media {
		case ContentType, "application/ld+json":
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

// splitHeader splits at commas outside quoted strings.
func splitHeader(s string) []string {
	quoted := false
	return strings.FieldsFunc(s, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ',' && !quoted
	})
}
