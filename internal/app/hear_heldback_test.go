package app

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"earshot/internal/desk"
)

// A post that is held back comes back as it was heard, with every field.
func TestHeldBackPostKeepsEveryField(t *testing.T) {
	above := Heard{Post: desk.Post{Object: "https://a.example/0", Text: "before"}, Author: desk.Actor{ID: "https://a.example/u"}, Addressed: []desk.ActorID{"https://c.example/"}, Source: Inbox}
	h := Heard{Post: desk.Post{Object: "https://a.example/1", Text: "now"}, Author: desk.Actor{ID: "https://a.example/u"}, Addressed: []desk.ActorID{"https://b.example/"},
		IsVote: true, Source: "s", Ancestors: []Heard{above}}
	if d := cmp.Diff(h, heardOf(heldOf(h)), cmp.AllowUnexported(Heard{})); d != "" {
		t.Error(d)
	}
}
