package api

import (
	"bytes"
	"fmt"
)

// EscapeControls writes as \u escapes what JSON may hold as it is and a terminal
// obeys: DEL, the controls of C1, and characters that turn the direction of
// writing. They stand in strings only, so the value stays the same.
func EscapeControls(json []byte) []byte {
	if !bytes.ContainsFunc(json, obeyed) {
		return json
	}
	var b bytes.Buffer
	for _, r := range string(json) {
		if obeyed(r) {
			fmt.Fprintf(&b, "\\u%04x", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.Bytes()
}

func obeyed(r rune) bool {
	return r >= 0x7F && r <= 0x9F || r == 0x061C || r == 0x200E || r == 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}
