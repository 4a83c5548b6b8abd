package console

import (
	"net/http"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// A reply that waits for its reader's approval says so and can be taken back;
// one that was withheld says that it was not sent, and why.
func TestReplyShowsItsState(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	p := must(r.app.Reply(t.Context(), app.By{Agent: "bo@acme.example"}, app.ReplyInput{Issue: issue, Text: "Which street?"}))(t)
	b := r.signedIn("bo@acme.example")
	for _, want := range []struct {
		state    desk.PostState
		withheld string
		says     string
		takeBack bool
	}{
		{desk.PostAwaitingApproval, "", "awaits the author’s approval", true},
		{desk.PostWithheld, "no further word may be sent here: they said <stop>", "was not sent: no further word may be sent here: they said &lt;stop&gt;", false},
		{desk.PostWithheld, "", "was not sent; the reason is below", false}, // by a version that did not keep why
	} {
		p.State, p.Withheld = want.state, want.withheld
		check(t, r.app.Update(t.Context(), func(tx *app.Tx) error { return tx.Posts().Put(p) }))
		page := b.get("/console/issues/" + string(issue))
		page.wants(t, http.StatusOK, want.says)
		if strings.Contains(page.body, `<button class="undo"`) != want.takeBack {
			t.Errorf("%s: taking it back is offered or not, the wrong way round", want.state)
		}
	}
}
