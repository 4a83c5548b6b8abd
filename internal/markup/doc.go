// Package markup turns the HTML of other servers into HTML we may show and into
// plain text, and our plain text into the HTML that other servers show.
//
// Everything here is pure, linear in the length of its input and bounded: input
// beyond MaxInput bytes is not looked at. Remote HTML is never trusted to be
// well formed; a parser that panics costs the formatting, not the message
// (CVE-2026-50129).
package markup

import "unicode/utf8"

// MaxInput is how many bytes of remote HTML are read.
const MaxInput = 256 << 10

// clip cuts s to at most max bytes, between runes.
func clip(s string, max int) string {
	if len(s) <= max {
		return s
	}
	for max > 0 && !utf8.RuneStart(s[max]) {
		max--
	}
	return s[:max]
}
