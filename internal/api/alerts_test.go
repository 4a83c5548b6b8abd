package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
)

// A token of the scope alerts drafts, and can do nothing else. Refused ones are counted
// by their reason: too much of a body, too many a minute, unreadable.
func TestAlerts(t *testing.T) {
	f := newFixture(t)
	counts := map[string]int{}
	f.deps.Alert = func(source, result string) { counts[source+" "+result]++ }
	secret, _, err := f.accounts.AddToken(t.Context(), app.By{}, auth.NewToken{Agent: "bo@acme.example", Name: "pager", Scopes: []desk.Scope{desk.ScopeAlerts}})
	if err != nil {
		t.Fatal(err)
	}
	public := NewPublic(f.deps)
	post := func(path, body string, want int) (out AlertTaken) {
		t.Helper()
		w := ask(public, secret.Reveal(), "POST", path, body)
		if w.Code != want {
			t.Fatalf("%s: %d, want %d: %s", path, w.Code, want, w.Body)
		}
		if want == 200 {
			if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
				t.Fatal(err)
			}
		}
		return out
	}
	alert := func(status string) string {
		return fmt.Sprintf(`{"name":"webmail","group":"customers","status":%q}`, status)
	}
	drafted := post("/alerts/gatus", alert("TRIGGERED"), 200)
	if drafted.Result != app.AlertDrafted || drafted.Incident == "" {
		t.Errorf("%+v", drafted)
	}
	if again := post("/alerts/gatus", alert("TRIGGERED"), 200); again.Result != app.AlertUpdated || again.Incident != drafted.Incident {
		t.Errorf("%+v", again)
	}
	if test := post("/alerts/uptime-kuma", `{"heartbeat":null,"monitor":null,"msg":"Testing"}`, 200); test.Result != app.AlertIgnored || test.Incident != "" {
		t.Errorf("%+v", test)
	}
	post("/alerts/gatus", alert("MAYBE"), 400)
	post("/alerts/alertmanager", strings.Repeat(" ", desk.MaxAlert)+"{}", 413)
	post("/incidents", `{"desk":"help","title":"No mail"}`, 403)
	post("/issues/bulk", `{}`, 403)

	w := f.do("GET", Root+"/incidents/"+string(drafted.Incident), "", nil)
	var i FullIncident
	if err := json.Unmarshal(w.Body.Bytes(), &i); err != nil || i.State != desk.IncidentDraft || i.Alert == nil || i.Alert.Times != 2 || !i.Alert.Firing || i.Alert.Sender != "bo@acme.example/pager" || i.First != nil {
		t.Errorf("%v: %s", err, w.Body)
	}
	for range 60 - 4 {
		post("/alerts/gatus", alert("TRIGGERED"), 200)
	}
	post("/alerts/gatus", alert("TRIGGERED"), 429)
	f.clock.Advance(alertRate.Every)
	post("/alerts/gatus", alert("TRIGGERED"), 200)
	want := map[string]int{"gatus drafted": 1, "gatus updated": 58, "uptime-kuma ignored": 1, "gatus alert_unreadable": 1, "alertmanager request_too_large": 1, "gatus alerts_too_many": 1}
	if fmt.Sprint(counts) != fmt.Sprint(want) {
		t.Errorf("counted %v, want %v", counts, want)
	}
}

// ask makes a request with a token.
func ask(h http.Handler, token, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://help.acme.example"+Root+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
