package console

import (
	"regexp"
	"testing"
)

// The style has five sizes of text, by their names.
func TestSizesOfText(t *testing.T) {
	style := string(must(staticFiles.ReadFile("static/console.css"))(t))
	named := regexp.MustCompile(`--(tiny|small|text|large|title): (\.8125|\.875|1|1\.25|1\.75)rem;`)
	if n := len(named.FindAllString(style, -1)); n != 5 {
		t.Errorf("%d sizes have a name", n)
	}
	size := regexp.MustCompile(`font(?:-size)?: ([^;}]+)`)
	allowed := regexp.MustCompile(`^(var\(--(tiny|small|text|large|title)\)|inherit$)`)
	found := size.FindAllStringSubmatch(style, -1)
	if len(found) < 40 {
		t.Fatalf("%d sizes found", len(found))
	}
	for _, m := range found {
		if !allowed.MatchString(m[1]) {
			t.Errorf("another size: %s", m[0])
		}
	}
}
