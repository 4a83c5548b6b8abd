package public

import "testing"

// Every page can be read in every language, also where no test shows it.
func TestPagesAreRead(t *testing.T) {
	p, err := New(Deps{})
	if err != nil {
		t.Fatal(err)
	}
	all := p.pages
	if len(all) == 0 {
		t.Error("there are no pages")
	}
	for page, read := range all {
		if _, err := read(); err != nil {
			t.Errorf("%+v: %v", page, err)
		}
	}
}
