package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"earshot/internal/desk"
)

// A post that is held back comes back as it was heard, with every field.
func TestHeldBackPostKeepsEveryField(t *testing.T) {
	above := Heard{Post: desk.Post{Object: "https://a.example/0", Text: "before"}, Author: desk.Actor{ID: "https://a.example/u"}, Addressed: []desk.ActorID{"https://c.example/"}, Source: Inbox}
	h := Heard{Post: desk.Post{Object: "https://a.example/1", Text: "now"}, Author: desk.Actor{ID: "https://a.example/u"}, Addressed: []desk.ActorID{"https://b.example/"},
		IsVote: true, Source: "s", Ancestors: []Heard{above}, Above: "https://a.example/top"}
	if d := cmp.Diff(h, heardOf(heldOf(h)), cmp.AllowUnexported(Heard{})); d != "" {
		t.Error(d)
	}
}

// Of long posts above one, the nearest are held back with it; the others are fetched
// when it is released.
func TestHeldBackPostIsBounded(t *testing.T) {
	h := Heard{Post: desk.Post{Object: "https://a.example/now", InReplyTo: "https://a.example/19"}}
	for n := range 20 {
		h.Ancestors = append(h.Ancestors, Heard{Post: desk.Post{Object: desk.ObjectID(fmt.Sprint("https://a.example/", n)), Text: strings.Repeat("x", 20<<10)}})
	}
	back := heardOf(heldOf(h))
	if n := len(back.Ancestors); n != 3 || back.Ancestors[0].Post.Object != "https://a.example/17" || back.Above != "https://a.example/16" {
		t.Errorf("%d posts above are held back, from %s; above them is %s", n, back.Ancestors[0].Post.Object, back.Above)
	}
}
