package console

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/store"
)

const boPage = "/console/people/" + bo

// sessionOf returns an agent's newest session.
func (r *room) sessionOf(who desk.Email) string {
	r.Helper()
	list, _, err := r.accounts.Sessions(r.Context(), who, store.Page{})
	check(r.T, err)
	return slices.MaxFunc(list, func(a, b auth.Session) int { return a.Since.Compare(b.Since) }).ID
}

// audited looks for what an admin did to Bo.
func (b *plainBrowser) audited(t *testing.T, what string) {
	t.Helper()
	page := b.get("/console/audit?agent=" + ada + "&on=agents/" + bo)
	page.wants(t, http.StatusOK, ada, `data-what="`+what+`"`)
}

// An admin ends another's sessions, one or all of them, and nobody else's.
func TestSessionsOfOthers(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	inside := func(b *plainBrowser) bool { return !strings.Contains(b.get("/console/you").path, "sign-in") }
	admin := r.signedIn(ada)
	r.clock.Advance(1)
	phone := r.signedIn(bo)
	onPhone := r.sessionOf(bo)
	r.clock.Advance(1)
	laptop := r.signedIn(bo)

	admin.get("/console/people").wants(t, http.StatusOK, `<a href="`+boPage+`">Bo Berg</a>`)
	admin.get(boPage).wants(t, http.StatusOK, "<h1>Bo Berg</h1>", `action="`+boPage+`/sessions/end"`, `value="`+onPhone+`"`)
	admin.post(boPage+"/sessions/end", url.Values{"session": {onPhone}}).wants(t, http.StatusOK, "That session has ended.")
	if inside(phone) || !inside(laptop) {
		t.Error("one session ends, and the other goes on")
	}
	admin.audited(t, "session.end")

	admin.post(boPage+"/sessions/end", url.Values{"session": {r.sessionOf(ada)}}).wants(t, http.StatusNotFound)
	admin.post("/console/people/"+ada+"/sessions/end", url.Values{"session": {r.sessionOf(bo)}}).wants(t, http.StatusNotFound)
	if !inside(admin) || !inside(laptop) {
		t.Error("a session was ended under another agent's address")
	}
	admin.post(boPage+"/sessions/end-all", url.Values{}).wants(t, http.StatusOK, "All of their sessions have ended.", "No sessions.")
	if inside(laptop) || !inside(admin) {
		t.Error("all sessions of one person end, and no other's")
	}
	for _, path := range []string{"/sessions/end", "/sessions/end-all", "/tokens/end", "/credentials/remove"} {
		admin.post("/console/people/nobody@acme.example"+path, url.Values{}).wants(t, http.StatusNotFound)
	}
	admin.get("/console/people/nobody@acme.example").wants(t, http.StatusNotFound)
}

var tokenField = regexp.MustCompile(`name="token" value="([^"]+)"`)

// An admin makes a token in another's name, sees theirs, and ends them.
func TestTokensOfOthers(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	admin := r.signedIn(ada)
	in := url.Values{"name": {"board"}, "scope": {"read"}, "lasts": {"month"}}
	made := admin.post(boPage+"/tokens", in)
	made.wants(t, http.StatusOK, "<h1>Bo Berg</h1>", `value="`+auth.TokenPrefix, "<b>board</b> may read")
	in.Set("scope", "admin")
	in.Set("name", "more")
	admin.post(boPage+"/tokens", in).wants(t, http.StatusForbidden) // nor may Bo
	found := tokenField.FindStringSubmatch(made.body)
	if found == nil {
		t.Fatal("the page lists no token")
	}
	admin.post("/console/people/"+ada+"/tokens/end", url.Values{"token": {found[1]}}).wants(t, http.StatusNotFound)
	admin.get(boPage).wants(t, http.StatusOK, "<b>board</b> may read")
	admin.post(boPage+"/tokens/end", url.Values{"token": {found[1]}}).wants(t, http.StatusOK, "Removed.", "None. A token")
	admin.audited(t, "token.add")
	admin.audited(t, "token.revoke")
}

// The last way in stays.
func TestCredentialsOfOthers(t *testing.T) {
	r := newRoom(t)
	r.agent(ada, "Ada Alt", desk.RoleAdmin)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	admin := r.signedIn(ada)
	only := url.Values{"credential": {"password"}}
	admin.post(boPage+"/credentials/remove", only).wants(t, http.StatusConflict)
	check(t, r.app.Update(t.Context(), func(tx *app.Tx) error {
		return tx.Credentials().Put(store.Credential{Agent: bo, ID: "key", Kind: store.CredentialPasskey, Name: "The old laptop", Created: tx.Now})
	}))
	admin.get(boPage).wants(t, http.StatusOK, "The old laptop")
	admin.post("/console/people/"+ada+"/credentials/remove", url.Values{"credential": {"key"}}).wants(t, http.StatusNotFound)
	admin.post(boPage+"/credentials/remove", only).wants(t, http.StatusOK, "Removed.", "The old laptop")
	admin.audited(t, "password.remove")
}
