package console

import (
	"strings"
	"testing"

	"earshot/internal/test/browser"
)

// On paper there is the thread, all of it, and nothing that one would click on.
func TestPrint(t *testing.T) {
	x := newExhibition(t)
	s := x.screen(browser.View{})
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	s.open("/console/issues/" + string(x.talk) + "?view=open")
	visible := func(selector string) bool {
		return s.is(`[...document.querySelectorAll('` + selector + `')].some((e) => e.checkVisibility() && e.getBoundingClientRect().height > 1)`)
	}
	chrome := []string{".top", ".views", ".list", ".composer", ".beside form", ".said button", ".presence", "a.skip"}
	for _, c := range chrome[:7] {
		if c != ".presence" && !visible(c) {
			t.Errorf("%s is not on the screen: this tells nothing", c)
		}
	}
	s.Look(browser.View{Print: true, Width: 794, Height: 1123})
	for _, c := range chrome {
		if visible(c) {
			t.Errorf("%s is printed", c)
		}
	}
	words := strings.Join(strings.Fields(s.reads("#timeline")), " ")
	for _, want := range []string{"Telephone is dead in the whole block", "Same here in Mill Lane 14", "The power is back", "Which number in the lane is she?"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is not printed", want)
		}
	}
	if s.is(`[...document.querySelectorAll('main, .desktop, .thread, .timeline')].some((e) => getComputedStyle(e).overflowY !== 'visible' || e.scrollHeight > e.clientHeight + 1)`) {
		t.Error("some of the thread is cut off")
	}
	if !visible("#about") || !visible(".beside") {
		t.Error("it does not say what it is about")
	}
}
