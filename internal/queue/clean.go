package queue

import "strings"

// Clean makes an error's text fit to be stored: a peer's words may be in it.
func Clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "")
}
