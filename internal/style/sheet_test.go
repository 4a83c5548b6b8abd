package style

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sheets are the stylesheets of all pages, by their paths.
func sheets(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range []string{"console/static/console.css", "public/static/style.css", "demo/town/static/town.css"} {
		own, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(own)
	}
	return out
}

// The pages have five sizes of text, by their names.
func TestSizesOfText(t *testing.T) {
	all, _, err := Sheet(nil)
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`--(tiny|small|text|large|title): (\.8125|\.875|1|1\.25|1\.75)rem;`)
	if n := len(named.FindAll(all, -1)); n != 5 {
		t.Errorf("%d sizes have a name", n)
	}
	size := regexp.MustCompile(`font(?:-size)?: ([^;}]+)`)
	allowed := regexp.MustCompile(`^(600 )?(var\(--(tiny|small|text|large|title)\)|inherit$)`)
	for name, sheet := range sheets(t) {
		found := size.FindAllStringSubmatch(sheet, -1)
		if len(found) < 20 {
			t.Fatalf("%s: %d sizes found", name, len(found))
		}
		for _, m := range found {
			if !allowed.MatchString(m[1]) {
				t.Errorf("%s: another size: %s", name, m[0])
			}
		}
		if !strings.Contains(sheet, "var(--face)") {
			t.Errorf("%s has another font", name)
		}
	}
}

// The parts of the font are named by the sheet, and are small.
func TestFont(t *testing.T) {
	sheet, parts, err := Sheet([]byte("a {}"))
	if err != nil || !strings.Contains(string(sheet), "a {}") {
		t.Fatalf("%v: %s", err, sheet)
	}
	if len(parts) == 0 {
		t.Skip("the program is built without the font: make assets brings it")
	}
	sum := 0
	for _, p := range parts {
		sum += len(p.Body)
		if !strings.Contains(string(sheet), "url("+p.Name+")") {
			t.Errorf("the sheet does not name %s", p.Name)
		}
	}
	if sum > 32_000 {
		t.Errorf("the font has %d bytes", sum)
	}
}
