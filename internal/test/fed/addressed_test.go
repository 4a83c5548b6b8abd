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

// A Create may name its post by id alone. The desks that it addresses itself count, if it is the
// author's own: not a neighbour's, and not as it is forwarded.
func TestActivityWithOnlyAnIDAddresses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sender, actor string
		to            bool // the activity addresses the desk
		heard         bool
	}{
		"the author's":          {"eve", "eve", true, true},
		"the author's, to none": {"eve", "eve", false, false},
		"a neighbour's":         {"mal", "mal", true, false},
		"forwarded":             {"mal", "eve", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWithdrawing(t)
			w.peer.Person("mal", nil)
			note := w.peer.Note(1, w.s.desk.Site.Desk("help"), "<p>no light</p>")
			note["cc"] = []string{}
			delete(note, "tag")
			w.peer.Serve("/notes/1", note)
			a := M{"id": w.peer.URL + "/creates/1", "type": "Create", "actor": w.peer.URL + "/users/" + c.actor, "to": note["to"], "object": note["id"]}
			if c.to {
				a["cc"] = []string{string(w.s.desk.Site.Desk("help"))}
			}
			if c.sender != c.actor {
				a["object"] = note
			}
			status, answer := w.peer.Do(w.peer.RequestAs(w.peer.URL+"/users/"+c.sender+"#main-key", w.s.desk.Site.SharedInbox(), encode(t, a)))
			if status != http.StatusAccepted {
				t.Fatal(status, answer)
			}
			w.s.Settle()
			if n := len(w.s.desk.Issues()); (n == 1) != c.heard {
				t.Errorf("%d issues", n)
			}
		})
	}
}
