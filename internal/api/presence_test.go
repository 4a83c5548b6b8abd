package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/store"
)

// Agents report their own presence, and need the right to reply.
func TestPresenceNeedsAScope(t *testing.T) {
	f := newFixture(t)
	public := NewPublic(f.deps)
	issue := string(f.report(t, 1, "My line is down"))
	may := f.token(t, "cem@acme.example", desk.RoleAgent)
	reads, _, err := f.accounts.AddToken(t.Context(), app.By{}, auth.NewToken{Agent: "cem@acme.example", Name: "reader", Scopes: []desk.Scope{desk.ScopeRead}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		token, issue, body string
		want               int
	}{
		{"", issue, `{"state":"looks"}`, http.StatusUnauthorized},
		{reads.Reveal(), issue, `{"state":"looks"}`, http.StatusForbidden},
		{may, "no-such-issue", `{"state":"looks"}`, http.StatusNotFound},
		{may, issue, `{"state":"sleeps"}`, http.StatusBadRequest},
		{may, issue, `{"state":"looks","agent":"bo@acme.example"}`, http.StatusBadRequest},
		{may, issue, `{"state":"writes"}`, http.StatusNoContent},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://help.acme.example"+Root+"/issues/"+tt.issue+"/presence", strings.NewReader(tt.body))
		if tt.token != "" {
			r.Header.Set("Authorization", "Bearer "+tt.token)
		}
		r.Header.Set(HeaderAgent, "bo@acme.example") // counts for nothing
		w := httptest.NewRecorder()
		public.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s at %s: %d, want %d: %s", tt.body, tt.issue, w.Code, tt.want, w.Body)
		}
	}
	var told []string
	err = f.app.View(t.Context(), func(tx *app.Tx) error {
		all, err := tx.Changes().After("", 100)
		for _, c := range all {
			if c.Kind == store.ChangePresence {
				told = append(told, string(c.Agent)+" "+c.State)
			}
		}
		return err
	})
	if err != nil || len(told) != 1 || told[0] != "cem@acme.example writes" {
		t.Errorf("told %q, %v", told, err)
	}
}
