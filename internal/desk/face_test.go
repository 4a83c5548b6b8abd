package desk

import (
	"os"
	"regexp"
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

// Whatever colour a desk may have, it can be read on everything that our pages put
// behind text and links, by day and by night.
func TestColourOnEverySurface(t *testing.T) {
	surface := regexp.MustCompile(`--(paper|card|inside|open-tint): (#[0-9a-f]+);`)
	var day, night []rgb
	for _, name := range []string{"../console/static/console.css", "../public/static/style.css"} {
		sheet, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		byDay, rest, _ := strings.Cut(string(sheet), "@media (prefers-color-scheme: dark)")
		byNight, _, _ := strings.Cut(rest, "@media")
		for to, part := range map[*[]rgb]string{&day: byDay, &night: byNight} {
			for _, m := range surface.FindAllStringSubmatch(part, -1) {
				if m[2] == "#fff" {
					m[2] = "#ffffff"
				}
				c, ok := parseRGB(m[2])
				if !ok {
					t.Fatalf("%s: %s is no colour", name, m[2])
				}
				*to = append(*to, c)
			}
		}
	}
	if len(day) != 7 || len(night) != 7 {
		t.Fatalf("%d surfaces by day, %d by night", len(day), len(night))
	}
	const step = 15
	tried := 0
	for n := range 18 * 18 * 18 {
		c := rgb{float64(n % 18 * step), float64(n / 18 % 18 * step), float64(n / 18 / 18 * step)}
		if !c.readable() {
			continue
		}
		tried++
		p := c.colour().Palette()
		for text, behind := range map[Colour][]rgb{p.Day: day, p.Night: night} {
			a, _ := parseRGB(string(text))
			for _, b := range behind {
				if is := contrast(a, b); is < least {
					t.Fatalf("%s: %s on %s has %.2f", c.colour(), text, b.colour(), is)
				}
			}
		}
	}
	t.Logf("%d colours on %d surfaces", tried, len(day)+len(night))
}
