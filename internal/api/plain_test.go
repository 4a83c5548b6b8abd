package api

import (
	"bytes"
	"encoding/json"
	"testing"
)

// What a terminal would obey is escaped, and means the same.
func TestEscapeControls(t *testing.T) {
	said := "a\u009b31mb\u0085\u007f\u202ec\u2066\u200f\u061c ü 漢 👩\u200d🚀 \x1b[0m"
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(map[string]string{said: said}); err != nil {
		t.Fatal(err)
	}
	got := EscapeControls(b.Bytes())
	for _, r := range "\u009b\u0085\u007f\u202e\u2066\u200f\u061c\x1b" {
		if bytes.ContainsRune(got, r) {
			t.Errorf("%U is left in %q", r, got)
		}
	}
	var back map[string]string
	if err := json.Unmarshal(got, &back); err != nil || back[said] != said {
		t.Errorf("%q is read as %q, %v", got, back, err)
	}
	if plain := []byte(`{"a":"ü"}`); &EscapeControls(plain)[0] != &plain[0] {
		t.Error("a copy for nothing")
	}
}
