package console

import (
	"net/http"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// What was learned becomes a post with one press, as it was shown, and stands beside the
// composer when something like it is heard again. An agent who may not publish has no button.
func TestPostmortemByOnePress(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent(cy, "Cy Cole", desk.RoleLead)
	b, c := r.signedIn(bo), r.signedIn(cy)
	i := must(r.app.OpenIncident(t.Context(), app.By{Agent: cy}, app.IncidentInput{Desk: "help", Title: "No internet in Ostviertel", Language: "en", Publish: true, Now: true}))(t)
	r.publish(i.Root, store.Tally{Delivered: 1})
	at := incidentAddress(i.ID)
	over := must(r.app.CloseIncident(t.Context(), app.By{Agent: cy}, app.CloseInput{Incident: i.ID, Text: "Over.", Surprised: "No alarm rang.", Changed: "It rings now.", Now: true}))(t)
	c.get(at).lacks(t, at+"/postmortem")
	r.publish(over.Updates[0].Post, store.Tally{Delivered: 1})

	b.get(at).lacks(t, at+"/postmortem")
	b.post(at+"/postmortem", nil).wants(t, http.StatusForbidden)
	page := c.get(at)
	page.wants(t, http.StatusOK, "Publish it", "What surprised us: No alarm rang.")
	typed := b.get(at).formOf(t, at+"/learned")
	typed.Set("surprised", "No alarm rang in the night.")
	b.post(at+"/learned", typed).wants(t, http.StatusOK, "No alarm rang in the night.")
	old := page.formOf(t, at+"/learned")
	old.Set("changed", "It rings twice.")
	c.post(at+"/postmortem", old).wants(t, http.StatusConflict, "It rings twice.", "has changed since you read it")
	page = c.get(at)
	long := page.formOf(t, at+"/learned")
	long.Set("changed", "loud "+strings.Repeat("x", app.MaxText/2))
	c.post(at+"/postmortem", long).wants(t, http.StatusUnprocessableEntity, "loud xxx", "characters")
	newer := c.get(at).formOf(t, at+"/learned")
	newer.Set("changed", "It rings now, and loud.")
	c.post(at+"/postmortem", newer).wants(t, http.StatusOK, "What we changed: It rings now, and loud.", at+"/postmortem") // shown first
	if n := len(r.incidentNow(i.ID).Updates); n != 1 {
		t.Fatalf("%d updates: words were published that the page had not shown", n)
	}
	c.post(at+"/postmortem", c.get(at).formOf(t, at+"/learned")).wants(t, http.StatusOK, "What we changed: It rings now, and loud.", at+"/undo")
	post := r.incidentNow(i.ID).Updates[1].Post
	r.publish(post, store.Tally{Delivered: 1})
	c.get(at).lacks(t, at+"/postmortem")
	if s := r.incidentNow(i.ID).Status; s != desk.IncidentPostmortem {
		t.Errorf("the incident is %s", s)
	}

	alike, other := r.report("ana", "Internet is gone, Ostviertel"), r.report("ben", "My invoice is wrong")
	b.get("/console/issues/"+string(alike)).wants(t, http.StatusOK, "What we learned from something like it", "No alarm rang in the night.")
	b.get("/console/issues/"+string(other)).lacks(t, "What we learned from something like it")
}
