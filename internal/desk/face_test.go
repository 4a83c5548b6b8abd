package desk

import (
	"strings"
	"testing"
)

func TestColour(t *testing.T) {
	for in, want := range map[string]Colour{"": "", " #0B6B66 ": "#0b6b66", "#000000": "#000000", "#9b1c1c": "#9b1c1c"} {
		if got, err := ParseColour(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"red", "#fff", "#12345g", "0b6b66", "#0b6b661"} {
		if _, err := ParseColour(in); ErrorCode(err) != CodeInvalid {
			t.Errorf("%q: %v", in, err)
		}
	}
	// A faint colour is refused with one that is good.
	for _, in := range []string{"#ffffff", "#ffff00", "#6fd3c7", "#ff8800"} {
		_, err := ParseColour(in)
		if err == nil {
			t.Errorf("%s is readable on white", in)
			continue
		}
		_, rest, _ := strings.Cut(err.Error(), "; ")
		better, _, _ := strings.Cut(rest, " ")
		if _, err := ParseColour(better); err != nil {
			t.Errorf("%s: %q is no remedy: %v", in, better, err)
		}
	}
}

func TestPaletteIsReadable(t *testing.T) {
	for _, c := range []Colour{"#000000", "#0b6b66", "#9b1c1c", "#00008b", "#5c2f00"} {
		p := c.Palette()
		for text, behind := range map[Colour]Colour{p.Day: p.DayTint, p.Night: p.NightTint} {
			a, _ := parseRGB(string(text))
			b, _ := parseRGB(string(behind))
			if is := contrast(a, b); is < least {
				t.Errorf("%s: %s on %s has %.2f", c, text, behind, is)
			}
		}
	}
	if is := contrast(rgb{}, white); is != 21 {
		t.Errorf("black on white has %f", is)
	}
}

func TestLinks(t *testing.T) {
	d := Desk{Handle: "help", Links: []Link{{Name: " Web ", URL: "https://acme.example"}, {}, {URL: "https://b.example/x"}, {URL: "https://acme.example"}}}
	got, err := NewDesk(d)
	if err != nil || len(got.Links) != 2 || got.Links[0].Name != "Web" || got.Links[1].Name != "b.example" {
		t.Errorf("%+v, %v", got.Links, err)
	}
	for _, bad := range []string{"javascript:alert(1)", "acme.example", "https://u:p@a.example", "https://" + strings.Repeat("a", 500), "//a.example"} {
		d.Links = []Link{{URL: bad}}
		if _, err := NewDesk(d); ErrorCode(err) != CodeInvalid {
			t.Errorf("%s: %v", bad, err)
		}
	}
	d.Links = []Link{{URL: "https://1"}, {URL: "https://2"}, {URL: "https://3"}, {URL: "https://4"}, {URL: "https://5"}}
	if _, err := NewDesk(d); ErrorCode(err) != CodeInvalid {
		t.Errorf("five links: %v", err)
	}
}
