package desk_test

import (
	"testing"

	"earshot/internal/desk"
)

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"Ada Lovelace": "Ada Lovelace", " Ada\n\tLovelace ": "Ada Lovelace", "علي": "علي", "می\u200cخواهم": "می\u200cخواهم", "👩\u200d🚀": "👩\u200d🚀",
		"\u202eada": "ada", "a\u2066b\u2069": "ab", "a\u200f\u061cb": "ab", "a\u009b31mb": "a31mb", "a\x1b[31mb": "a[31mb", "a\x7f\x00b": "ab",
		"": "", "\u202e": "", "\u200b\u200d": "", "\u3164": "", "\u2800 \u2800": "", "\u0301": "", "\u2028": "",
	} {
		if got := desk.CleanName(in); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", in, got, want)
		}
	}
}
