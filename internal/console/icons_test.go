package console

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// Every icon is in use, stands beside words, and is not read out.
func TestIcons(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	i := r.report("ana", "No internet")
	r.answer(bo, app.ReplyInput{Issue: i, Text: "We look at it"}, store.Tally{Delivered: 1})
	must(r.app.Reply(t.Context(), app.By{Agent: bo}, app.ReplyInput{Issue: i, Text: "It works again"}))(t)
	must(r.app.AddView(t.Context(), app.By{Agent: bo}, desk.SavedView{Owner: desk.ViewsOfAgent(bo), Name: "Sundays", List: "open"}))(t)
	page := r.signedIn(bo).get("/console/issues/" + string(i) + "?view=all")
	page.wants(t, http.StatusOK)
	unused := maps.Clone(drawings)
	for _, m := range regexp.MustCompile(`<(a|button|summary)[^>]*>(<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="([^"]+)"/></svg>)\s*(.*?)</(a|button|summary)>`).FindAllStringSubmatch(page.body, -1) {
		if words := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(m[4], ""); strings.TrimSpace(words) == "" {
			t.Errorf("an icon without words: %s", m[0])
		}
		maps.DeleteFunc(unused, func(_, lines string) bool { return lines == m[3] })
	}
	if left := slices.Sorted(maps.Keys(unused)); len(left) > 0 {
		t.Errorf("icons that the page does not show, or not beside words: %v", left)
	}
	for _, v := range viewOrder {
		if _, err := viewIcon(v); err != nil {
			t.Errorf("%s: %v", v, err)
		}
	}
	if _, err := icon("dragon"); err == nil {
		t.Error("a dragon")
	}
}
