package api

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"earshot/internal/app"
)

// GET suggests and asks nobody; POST asks every suggested server for its rules. One
// that does not answer says why, and the others are told all the same.
func TestSuggestionsThatAreAsked(t *testing.T) {
	f := newFixture(t)
	names := []string{"acme", "akme"}
	if _, err := f.app.EditDesk(t.Context(), app.By{}, "help", app.DeskEdit{Names: names}); err != nil {
		t.Fatal(err)
	}
	list := func(method string) (out []Suggestion) {
		t.Helper()
		w := f.do(method, Root+"/sources/suggestions", "", nil)
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 200 || len(out) == 0 {
			t.Fatalf("%s: %d %s", method, w.Code, w.Body)
		}
		return out
	}
	suggested := list("GET")
	for _, s := range suggested {
		if s.Says != nil {
			t.Errorf("%s was asked", s.URL)
		}
	}
	asked := list("POST")
	if len(asked) != len(suggested) {
		t.Errorf("%d suggestions, %d when asked", len(suggested), len(asked))
	}
	for _, s := range asked {
		switch {
		case s.URL == "":
			if s.Says != nil || s.Kind != "tag-actor" {
				t.Errorf("a service: %+v", s)
			}
		case s.Says == nil || !slices.Equal(s.Tags, names):
			t.Errorf("%+v", s)
		case s.Kind == "misskey":
			if !strings.Contains(s.Says.Error, s.URL+" is out") || s.Says.Uses != -1 || len(s.Says.Rules) != 0 {
				t.Errorf("%s says %+v", s.URL, s.Says)
			}
		case s.Says.Access != "local" || !slices.Equal(s.Says.Rules, []string{"Be kind. <b>"}) || s.Says.Uses != len(s.URL):
			t.Errorf("%s says %+v", s.URL, s.Says)
		}
	}
	var order []int
	for _, s := range asked {
		if s.Says != nil {
			order = append(order, s.Says.Uses)
		}
	}
	if !slices.IsSortedFunc(order, func(a, b int) int { return b - a }) {
		t.Errorf("the order of uses is %v", order)
	}
}
