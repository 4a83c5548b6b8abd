package console

import (
	"net/http"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// A lead sees who would be told, has the voices told with an update, pauses and goes on;
// an agent looks on.
func TestVoicesAreTold(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent(cy, "Cy Cole", desk.RoleLead)
	ana, ben := r.report("ana", "My line is down"), r.report("ben", "No light here")
	i := must(r.app.OpenIncident(t.Context(), app.By{Agent: cy}, app.IncidentInput{Desk: "help", Title: "No internet", Publish: true, Now: true}))(t)
	must(r.app.LinkVoices(t.Context(), app.By{Agent: cy}, i.ID, []desk.IssueID{ana, ben}))(t)
	r.publish(r.incidentNow(i.ID).Root, store.Tally{Delivered: 1})
	at := incidentAddress(i.ID)
	c, b := r.signedIn(cy), r.signedIn(bo)

	page := c.get(at)
	page.wants(t, http.StatusOK, "Answer the 2 voices, each in its own thread", at+"/told")
	c.get(at+"/told").wants(t, http.StatusOK, "answered into 2 threads", "Nothing was told to the voices.", at+"/tell")
	b.get(at+"/told").wants(t, http.StatusOK, "answered into 2 threads")
	b.get(at+"/told").lacks(t, at+"/tell", at+"/hold")
	b.post(at+"/tell", nil).wants(t, http.StatusForbidden)
	b.post(at+"/hold", nil).wants(t, http.StatusForbidden)

	say := page.form()
	say.Set("status", "identified")
	say.Set("text", "Send me your password")
	say.Set("tell", "1")
	refused := c.post(at+"/say", say)
	refused.wants(t, http.StatusUnprocessableEntity, "Send me your password</textarea>", `name="tell" value="1" checked`)
	say = refused.form()
	say.Set("status", "identified")
	say.Set("text", "A cable was cut.")
	say.Set("tell", "1")
	c.post(at+"/say", say).wants(t, http.StatusOK, "A cable was cut.")
	told := c.get(at + "/told")
	told.wants(t, http.StatusOK, "A cable was cut.", "waits for the post", "0 told")
	update := r.incidentNow(i.ID).Updates[0].Post
	r.publish(update, store.Tally{Delivered: 1})
	told = c.get(at + "/told")
	told.wants(t, http.StatusOK, "is being told", `value="pause"`)
	hold := told.formOf(t, at+"/hold")
	hold.Set("do", "pause")
	paused := c.post(at+"/hold", hold)
	paused.wants(t, http.StatusOK, "paused", `value="resume"`, "Saved.")
	again := paused.formOf(t, at+"/hold")
	again.Set("do", "resume")
	c.post(at+"/hold", again).wants(t, http.StatusOK, "is being told")
	stop := c.get(at+"/told").formOf(t, at+"/hold")
	stop.Set("do", "stop")
	c.post(at+"/hold", stop).wants(t, http.StatusOK, "stopped")
	stop.Set("key", "another")
	stop.Set("seen", "")
	if page := c.post(at+"/hold", stop); page.status != http.StatusUnprocessableEntity || !strings.Contains(page.body, `role="alert"`) {
		t.Errorf("stopping twice: %d", page.status)
	}
}

// Failed voices are counted up to a bound, however many there are.
func TestCountsFailedVoices(t *testing.T) {
	for all, want := range map[int]any{0: 0, 50: 50, 51: 51, 999: 999, 1000: "999+", 10_000: "999+"} {
		read := 0
		page := func(p store.Page) ([]desk.RoundVoice, string, error) {
			n, next := min(p.Limit, all-read), "more"
			if read += n; read >= all {
				next = ""
			}
			return make([]desk.RoundVoice, n), next, nil
		}
		first, next, _ := page(store.Page{Limit: pageSize})
		if got, err := counted(len(first), next, page); err != nil || got != want || read > maxFailed {
			t.Errorf("of %d: %v, %d were read, %v", all, got, read, err)
		}
	}
}
