package console

import (
	"net/http"
	"net/url"
	"testing"

	"earshot/internal/desk"
)

// An admin changes an agent's name, signature and role.
func TestEditPerson(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	b := r.signedIn(ada)
	b.get("/console/people").lacks(t, `action="/console/people/edit"`) // its rows are read, not typed into
	b.get("/console/people/"+bo).wants(t, http.StatusOK, `value="Bo Berg"`, `name="signature" maxlength="4" size="4" value="BB"`)
	b.post("/console/people/edit", url.Values{"email": {bo}, "name": {" Bo Björk "}, "signature": {"BJ"}, "role": {"lead"}}).wants(t, http.StatusOK, "Saved.", "Bo Björk", `value="BJ"`)
	b.post("/console/people/edit", url.Values{"email": {bo}, "role": {"lead"}}).wants(t, http.StatusOK, "Bo Björk", `value="BJ"`) // what a form does not have stays
	b.post("/console/people/edit", url.Values{"email": {bo}, "name": {""}, "role": {"lead"}}).wants(t, http.StatusBadRequest)
	b.post("/console/people/edit", url.Values{"email": {bo}, "signature": {""}, "role": {"lead"}}).wants(t, http.StatusOK, "Bo Björk")
}
