package locale

import (
	"testing"

	"golang.org/x/text/language"
)

func TestTongues(t *testing.T) {
	seen := map[string]bool{}
	for _, one := range Tongues("") {
		if tag, err := language.Parse(one.Code); err != nil || tag.String() != one.Code || one.Name == "" || seen[one.Code] {
			t.Errorf("%q is %q", one.Code, one.Name)
		}
		seen[one.Code] = true
	}
	speech, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range speech.Languages() {
		if TongueName(l.Code) != l.Name {
			t.Errorf("%s is %q here, and %q in its catalogue", l.Code, TongueName(l.Code), l.Name)
		}
	}
	for chosen, want := range map[string]Tongue{"pt-BR": {"pt-BR", "Português (BR)"}, "tlh": {"tlh", "tlh"}, "de": {"ar", "العربية"}} {
		if got := Tongues(chosen)[0]; got != want {
			t.Errorf("with %s the menu begins with %v, want %v", chosen, got, want)
		}
	}
}
