package fed_test

import (
	"net/http"
	"strings"
	"testing"

	"earshot/internal/desk"
)

// TestBlindCopy: a post whose audience was taken off before delivery is for the
// desk in whose inbox it is, and is answered directly.
func TestBlindCopy(t *testing.T) {
	t.Parallel()
	w := newWithdrawing(t)
	create := func(n int) M {
		a := w.create(n)
		note := a["object"].(M)
		for _, m := range []M{a, note} {
			m["to"], m["cc"] = []string{}, []string{}
		}
		delete(note, "tag")
		return a
	}
	w.sends(create(1)) // to the shared inbox, which is no desk's
	if got := w.sees(); got != "" {
		t.Fatalf("after the shared inbox: %q", got)
	}
	if status, answer := w.peer.Send(w.s.desk.Site.URL+"/desks/help/inbox", create(2)); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, answer)
	}
	w.s.Settle()
	issue := w.s.desk.Only().Issue
	reply := w.s.desk.Say(issue.ID, "Since when?")
	w.s.Settle()
	if reply.Visibility != desk.VisibilityDirect {
		t.Errorf("the reply is %s", reply.Visibility)
	}
	for _, g := range w.peer.Got() {
		if g.Body["type"] == "Create" && strings.Contains(string(g.Raw), "#Public") {
			t.Errorf("the reply went out in public: %s", g.Raw)
		}
	}
}
