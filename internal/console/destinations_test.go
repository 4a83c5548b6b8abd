package console

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

// whsec finds the secret that a page shows.
var whsec = regexp.MustCompile(`whsec_[A-Za-z0-9+/=&#;]+`)

// An admin adds a webhook, sees its secret once, pauses, resumes and removes it; other
// agents do not see it.
func TestWebhooks(t *testing.T) {
	r := newRoom(t)
	r.agent("ada@acme.example", "Ada Alt", desk.RoleAdmin)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	b := r.signedIn("ada@acme.example")
	b.get("/console/webhooks").wants(t, http.StatusOK, "None yet.")
	bad := b.post("/console/webhooks", url.Values{"form": {"webhook"}, "url": {"ftp://n8n.example"}, "desks": {"help"}, "kind": {"opened"}})
	bad.wants(t, http.StatusBadRequest, "a destination has an https address", `value="ftp://n8n.example"`, `value="opened" checked`)
	made := b.post("/console/webhooks", url.Values{"form": {"webhook"}, "url": {"https://n8n.example/hook"}, "desks": {"@help"}, "kind": {"opened", "incident"}})
	made.wants(t, http.StatusOK, "n8n.example", "@help", "new issue, incident", "active")
	first := whsec.FindString(made.body)
	if first == "" {
		t.Fatal("the secret is not shown")
	}
	b.get("/console/webhooks").lacks(t, "whsec_")
	d := must(r.app.Destinations(t.Context(), ""))(t)[0]
	act := func(do string) seen {
		return b.post("/console/webhooks/act", url.Values{"destination": {string(d.ID)}, "do": {do}})
	}
	act("paused").wants(t, http.StatusOK, "Paused: nothing is sent there.", "paused since")
	act("paused").wants(t, http.StatusConflict, "it is paused already")
	act("resumed").wants(t, http.StatusOK, "active")
	act("tested").wants(t, http.StatusOK, "A test is on its way.", "on its way")
	if second := whsec.FindString(act("rotated").body); second == "" || second == first {
		t.Errorf("the new secret is %q", second)
	}
	act("other").wants(t, http.StatusNotFound)
	agent := r.signedIn("bo@acme.example")
	if page := agent.get("/console/webhooks"); page.status != http.StatusForbidden {
		t.Errorf("an agent is answered %d", page.status)
	}
	// A webhook of the instance is none of an agent's own.
	agent.post("/console/notify/act", url.Values{"destination": {string(d.ID)}, "do": {"removed"}}).wants(t, http.StatusNotFound, "there is no destination")
	act("removed").wants(t, http.StatusOK, "Removed.", "None yet.")
}

// An agent says where and when they want to be notified.
func TestNotify(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	b := r.signedIn("bo@acme.example")
	form := url.Values{"form": {"ntfy"}, "url": {"https://ntfy.example/bo"}, "reason": {"mentioned", "assigned"}, "quiet": {"22-7"}, "zone": {"Europe/Berlin"}}
	b.post("/console/notify", form).wants(t, http.StatusBadRequest, "quiet hours are written like 22:00-07:00", `value="22-7"`)
	form.Set("quiet", "22:00-07:00")
	b.post("/console/notify", form).wants(t, http.StatusOK, "You will be notified there.", "ntfy.example", "mentioned, assigned to you", "quiet 22:00-07:00, Europe/Berlin")
	all := must(r.app.Destinations(t.Context(), "bo@acme.example"))(t)
	if len(all) != 1 || all[0].ByAdmin || all[0].Language != "en" || all[0].Quiet != (desk.QuietHours{From: 22 * 60, To: 7 * 60, Zone: "Europe/Berlin"}) {
		t.Errorf("%+v", all)
	}
	if _, _, err := r.app.Notifications(t.Context(), "eve@acme.example", all[0].ID, store.Page{}); desk.ErrorCode(err) != desk.CodeNotFound {
		t.Errorf("another agent: %v", err)
	}
}
