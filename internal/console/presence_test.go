package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// sees checks which agents the browser's page of an issue shows.
func (b *plainBrowser) sees(issue desk.IssueID, want ...string) {
	b.Helper()
	b.settle()
	page := b.get("/console/issues/" + string(issue))
	_, rest, _ := strings.Cut(page.body, `id="presence" role="status">`)
	line, _, _ := strings.Cut(rest, "</p>")
	for _, w := range want {
		if !strings.Contains(line, w) {
			b.Errorf("who is there: %q, want %q", line, w)
		}
	}
	if len(want) == 0 && line != "" {
		b.Errorf("who is there: %q, want nobody", line)
	}
}

// settle waits until all earlier events have been sent: it sends one more, in
// an issue of its own, and that comes last.
func (r *room) settle() {
	r.Helper()
	f := must(r.hub.Follow(r.Context(), ""))(r.T)
	defer f.Close()
	mark := r.report("mark", "Is this on?")
	for {
		if e := must(f.Next(r.Context()))(r.T); e.Issue == mark {
			return
		}
	}
}

// Agents see which others read or write, until those leave or are silent;
// nobody sees themselves.
func TestPresence(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent("cy@acme.example", "Cy Cole", desk.RoleAgent)
	r.agent("dee@acme.example", "Dee Dahl", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	b, cy, dee := r.signedIn(bo), r.signedIn("cy@acme.example"), r.signedIn("dee@acme.example")
	says := func(who *plainBrowser, at desk.IssueID, state string) int {
		return who.post("/console/issues/"+string(at)+"/presence", url.Values{"state": {state}}).status
	}
	for _, step := range []struct {
		who   *plainBrowser
		state string
		bo    []string // Bo's page
	}{
		{b, "looks", nil},
		{cy, "looks", []string{"Cy Cole is reading"}},
		{dee, "writes", []string{"Cy Cole is reading", "Dee Dahl is writing"}},
		{cy, "writes", []string{"Cy Cole is writing", "Dee Dahl is writing"}},
		{dee, "left", []string{"Cy Cole is writing"}},
	} {
		if got := says(step.who, issue, step.state); got != http.StatusNoContent {
			t.Errorf("%s answers %d", step.state, got)
		}
		b.sees(issue, step.bo...)
	}
	b.get("/console/issues?view=all").wants(t, http.StatusOK, `id="here-`+string(issue)+`"><b>Cy Cole is writing</b>`)
	r.clock.Advance(app.PresenceFor)
	b.sees(issue)

	for _, tt := range []struct {
		at    desk.IssueID
		state string
		want  int
	}{
		{"no-such-issue", "looks", http.StatusNotFound},
		{issue, "sleeps", http.StatusBadRequest},
		{issue, "", http.StatusBadRequest},
		{issue, strings.Repeat("looks", 1000), http.StatusBadRequest},
	} {
		if got := says(cy, tt.at, tt.state); got != tt.want {
			t.Errorf("%.20q at %s answers %d, want %d", tt.state, tt.at, got, tt.want)
		}
	}
	b.sees(issue)
	if got := says(r.plainBrowser(), issue, "looks"); got != http.StatusOK { // the page where one signs in
		t.Errorf("a visitor who is not signed in: %d", got)
	}
	b.sees(issue)
}
