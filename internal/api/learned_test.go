package api

import (
	"encoding/json"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// What was learned is shown, found and published; a suggestion is dismissed; a retry says
// that there is nothing to send again.
func TestLearned(t *testing.T) {
	f := newFixture(t)
	made, err := f.app.OpenIncident(t.Context(), app.By{}, app.IncidentInput{Desk: "help", Title: "No internet in Ostviertel", Language: "en", Publish: true, Now: true})
	if err != nil {
		t.Fatal(err)
	}
	publish := func(p desk.PostID) {
		t.Helper()
		if err := f.app.Update(t.Context(), func(tx *app.Tx) error { _, _, err := tx.PublishPost(p); return err }); err != nil {
			t.Fatal(err)
		}
	}
	publish(made.Root)
	over, err := f.app.CloseIncident(t.Context(), app.By{}, app.CloseInput{Incident: made.ID, Text: "Over.", Surprised: "No alarm rang.", Now: true})
	if err != nil {
		t.Fatal(err)
	}
	publish(over.Updates[0].Post)

	at := Root + "/incidents/" + string(made.ID)
	var full FullIncident
	if w := f.do("GET", at, "", nil); json.Unmarshal(w.Body.Bytes(), &full) != nil || full.Postmortem != "What surprised us: No alarm rang." || full.More == nil {
		t.Errorf("%s", w.Body)
	}
	var found []Incident
	if w := f.do("GET", Root+"/desks/help/lessons?like=internet+Ostviertel", "", nil); json.Unmarshal(w.Body.Bytes(), &found) != nil || len(found) != 1 || found[0].Surprised == "" {
		t.Errorf("%s", w.Body)
	}
	if w := f.do("POST", at+"/postmortem", `{"changed":"It rings now.","now":true}`, nil); w.Code != 200 || !strings.Contains(w.Body.String(), "It rings now.") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := f.do("POST", at+"/retry", "", nil); w.Code != 404 || !strings.Contains(w.Body.String(), "round_not_found") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := f.do("POST", Root+"/desks/help/suggestions/dismiss", `{"issues":["0190c7f0-0000-7000-8000-000000000000"]}`, nil); w.Code/100 != 2 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := f.do("POST", Root+"/desks/help/suggestions/dismiss", `{"issues":[]}`, nil); w.Code != 400 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
