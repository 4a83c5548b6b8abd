package desk

import (
	"strings"
	"testing"
)

func TestParseEmail(t *testing.T) {
	long := strings.Repeat("a", MaxEmail-len("@acme.example"))
	for typed, want := range map[string]Email{
		"bo@acme.example":       "bo@acme.example",
		" BO@Acme.Example\n":    "bo@acme.example",
		"bo.ek+x@acme.example":  "bo.ek+x@acme.example",
		"o'hara_1@acme.example": "o'hara_1@acme.example",
		"bo@bücher.example":     "bo@xn--bcher-kva.example",
		"bo@localhost":          "bo@localhost",
		long + "@acme.example":  Email(long + "@acme.example"),
		"":                      "",
		"bo":                    "",
		"@acme.example":         "",
		"bo@":                   "",
		"bo@@acme.example":      "",
		"bo@a@acme.example":     "",
		".bo@acme.example":      "",
		"bo..ek@acme.example":   "",
		"bo ek@acme.example":    "",
		"Bo <bo@acme.example>":  "",
		`"bo"@acme.example`:     "",
		"bo@-acme.example":      "",
		"bo@acme.example\x00":   "",
		"bö@acme.example":       "",
		"bo/ek@acme.example":    "", // it stands in paths
		long + "a@acme.example": "",
	} {
		got, err := ParseEmail(typed)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
		if again, err := ParseEmail(string(got)); got != "" && (again != got || err != nil) {
			t.Errorf("%q is %q the second time, %v", got, again, err)
		}
		if got == "" {
			got = Email(typed) // it stays, and names no agent
		}
		if found := EmailOf(typed); found != got {
			t.Errorf("EmailOf(%q) = %q, want %q", typed, found, got)
		}
	}
}
