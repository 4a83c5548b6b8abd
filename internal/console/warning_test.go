package console

import (
	"net/http"
	"net/url"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// The composer says behind which warning a reply goes out, keeps a box that was
// cleared when the form comes back, and sends what the box says.
func TestWarningOfAReply(t *testing.T) {
	for _, tt := range []struct {
		what, warning string
		sensitive     bool
		form          url.Values
		wants         string
		unwarned      bool
	}{
		{"with it", "a rant", true, url.Values{"warned": {"on"}, "warning": {"on"}}, "a rant", false},
		{"cleared", "a rant", true, url.Values{"warned": {"on"}}, "a rant", true},
		{"only the mark", "", true, url.Values{"warned": {"on"}}, "second look", true},
		{"from a page without the box", "a rant", true, url.Values{}, "a rant", false},
	} {
		t.Run(tt.what, func(t *testing.T) {
			r := newRoom(t)
			r.agent(bo, "Bo Berg", desk.RoleAgent)
			issue := r.report("ana", "My line is down")
			r.warn(issue, tt.warning, tt.sensitive)
			b := r.signedIn(bo)
			at := "/console/issues/" + string(issue)
			b.get(at).wants(t, http.StatusOK, tt.wants, `name="warning" checked`)
			tt.form.Set("key", "k")
			tt.form.Set("to", "quiet")
			again := b.post(at+"/say", tt.form) // without a text: the form comes back
			again.wants(t, http.StatusUnprocessableEntity, tt.wants)
			if tt.unwarned {
				again.lacks(t, `name="warning" checked`)
			}
			tt.form.Set("text", "Which street?")
			b.post(at+"/say", tt.form)
			v := must(r.app.ShowIssue(t.Context(), issue))(t)
			if last := v.Timeline[len(v.Timeline)-1].Post; last == nil || last.Unwarned != tt.unwarned {
				t.Errorf("the reply is %+v", last)
			}
		})
	}
}

// What the reporter's server drops is said before the agent writes.
func TestCaveatsOfAReply(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	b := r.signedIn(bo)
	at := "/console/issues/" + string(issue)
	b.get(at).lacks(t, "ignores edits", "drops direct replies")
	for software, wants := range map[string]string{"misskey": "ignores edits", "wordpress": "drops direct replies", "threads": "may not show the reply"} {
		check(t, r.app.LearnServer(t.Context(), "m.example", 0, software))
		b.get(at).wants(t, http.StatusOK, wants)
		if v := must(r.app.ShowThread(t.Context(), issue, app.ThreadInput{}))(t); len(v.Caveats) == 0 {
			t.Errorf("%s has no caveats", software)
		}
	}
}

// warn puts a report behind a warning, or the mark that it is sensitive.
func (r *room) warn(issue desk.IssueID, warning string, sensitive bool) {
	r.Helper()
	check(r.T, r.app.Update(r.Context(), func(tx *app.Tx) error {
		i, _, err := tx.Issues().Get(issue)
		if err != nil {
			return err
		}
		p, _, err := tx.Posts().ByObject(i.Report)
		if err != nil {
			return err
		}
		p.Warning, p.Sensitive = warning, sensitive
		return tx.Posts().Put(p)
	}))
}
