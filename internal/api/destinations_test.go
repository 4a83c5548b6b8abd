package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/live"
	"earshot/store"
)

// someDestinations are a destination below each path, with a notification.
type someDestinations map[DestinationPath]desk.DestinationID

func (f *fixture) destinations(t *testing.T) someDestinations {
	t.Helper()
	out := someDestinations{}
	for path, agent := range map[DestinationPath]desk.Email{Webhooks: "", MyDestinations: "bo@acme.example"} {
		d, err := f.app.AddDestination(t.Context(), app.By{}, agent, app.NewDestination{URL: "https://n8n.example/hook"}, true)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.app.TestDestination(t.Context(), app.By{}, agent, d.ID); err != nil {
			t.Fatal(err)
		}
		out[path] = d.ID
	}
	return out
}

// of is the destination for a path of a route, "" for other paths.
func (s someDestinations) of(path string) string {
	for p, id := range s {
		if strings.HasPrefix(path, string(p)+"/") {
			return string(id)
		}
	}
	return ""
}

// A webhook has the data of the stream.
func TestWebhookIsOfTheStream(t *testing.T) {
	f := newFixture(t)
	d, err := f.app.AddDestination(t.Context(), app.By{}, "", app.NewDestination{URL: "https://n8n.example/hook"}, true)
	if err != nil {
		t.Fatal(err)
	}
	f.report(t, 1, "down")
	if _, err := f.app.Feeder().RunOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	sent, _, err := f.app.Notifications(t.Context(), "", d.ID, store.Page{})
	if err != nil || len(sent) == 0 {
		t.Fatal(sent, err)
	}
	var changes []store.Change
	if err := f.app.View(t.Context(), func(tx *app.Tx) error { changes, err = tx.Changes().After("", 99); return err }); err != nil {
		t.Fatal(err)
	}
	for _, n := range sent {
		var body struct {
			Type string         `json:"type"`
			At   time.Time      `json:"timestamp"`
			Data map[string]any `json:"data"`
		}
		if err := json.Unmarshal(n.Body, &body); err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			if c.ID != n.ID {
				continue
			}
			streamed, err := json.Marshal(liveEventOf(live.Event{Change: c}))
			if err != nil {
				t.Fatal(err)
			}
			var want map[string]any
			if err := json.Unmarshal(streamed, &want); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(body.Data, want) || body.Type != string(c.Kind) || !body.At.Equal(c.At) {
				t.Errorf("%s, the stream has %s", n.Body, streamed)
			}
		}
	}
}

// An agent's own destinations show no token, and are none of the instance's. What cannot
// be a destination is refused.
func TestOwnDestinations(t *testing.T) {
	f := newFixture(t)
	w := f.do("POST", Root+"/me/destinations", `{"form":"ntfy","url":"https://ntfy.example/bo","token":"tk_1"}`, map[string]string{HeaderAgent: "bo@acme.example"})
	var made Destination
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || w.Code != http.StatusCreated || made.Secret != "" || bytes.Contains(w.Body.Bytes(), []byte("tk_1")) {
		t.Fatal(w.Code, w.Body, err)
	}
	for _, path := range []string{"/webhooks/" + string(made.ID), "/webhooks/" + string(made.ID) + "/deliveries"} {
		if w := f.do("GET", Root+path, "", nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := f.do("GET", Root+"/me/destinations", "", nil); w.Code != http.StatusBadRequest {
		t.Errorf("without an agent: %d", w.Code)
	}
	for body, id := range map[string]string{
		`{"form":"webhook","url":"http://n8n.example/"}`:                                   "destination_url",
		`{"form":"webhook","url":"https://user@n8n.example/"}`:                             "destination_url",
		`{"form":"ntfy","url":"https://n8n.example/"}`:                                     "destination_form",
		`{"url":"https://n8n.example/","kinds":["all"]}`:                                   "destination_kind",
		`{"url":"https://n8n.example/","reasons":["new"]}`:                                 "destination_filter",
		`{"url":"https://n8n.example/","desks":["nobody"]}`:                                "desk_not_found",
		`{"url":"https://n8n.example/","name":"` + strings.Repeat("n", 101) + `"}`:         "destination_long",
		`{"url":"https://n8n.example/","quiet":{"from":0,"to":0,"zone":"Europe/Nowhere"}}`: "destination_filter",
		`{"url":"https://n8n.example/` + strings.Repeat("x", 500) + `"}`:                   "destination_url",
	} {
		if w := f.do("POST", Root+"/webhooks", body, nil); !strings.Contains(w.Body.String(), "/"+id+`"`) {
			t.Errorf("%.80s: %s", body, w.Body)
		}
	}
}
