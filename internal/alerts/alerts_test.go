package alerts

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/internal/test/cost"
)

func payload(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// The bodies in testdata have the shapes that the programs document.
func TestRead(t *testing.T) {
	at := func(s string) time.Time {
		out, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	tests := []struct {
		name string
		want desk.Alert
	}{
		{"alertmanager-firing.json", desk.Alert{Key: `{}/{team="net"}:{alertname="UplinkDown", district="ost"}`, Title: "The uplink of the Ostviertel is down", Firing: true,
			Text: "No packets for 2m through ost-core-1.\nNo packets for 2m through ost-core-2.", URL: "https://alerts.acme.example", Impact: desk.ImpactCritical,
			Since: at("2026-03-01T13:40:12.512Z"), Labels: []string{"internet", "snmp"}}},
		{"alertmanager-resolved.json", desk.Alert{Key: `{}/{team="net"}:{alertname="UplinkDown", district="ost"}`, Title: "The uplink of the Ostviertel is down",
			Text: "No packets for 2m through ost-core-1.", URL: "https://prometheus.acme.example/graph?g0.expr=uplink", Impact: desk.ImpactCritical,
			Since: at("2026-03-01T13:40:12.512Z"), Labels: []string{"internet", "snmp"}}},
		{"uptime-kuma-down.json", desk.Alert{Key: "monitor 7", Title: "Webmail", Text: "connect ECONNREFUSED 192.0.2.7:443", URL: "https://mail.acme.example", Impact: desk.ImpactMinor, Firing: true,
			Since: at("2026-03-01T13:41:05.201Z"), Labels: []string{"Webmail", "Customers", "Webmail", "tier", "gold"}}},
		{"uptime-kuma-up.json", desk.Alert{Key: "monitor 7", Title: "Webmail", Text: "200 - OK", URL: "https://mail.acme.example", Impact: desk.ImpactMinor,
			Since: at("2026-03-01T14:02:05.008Z"), Labels: []string{"Webmail", "Customers", "Webmail", "tier", "gold"}}},
		{"gatus-triggered.json", desk.Alert{Key: `"customers" "webmail"`, Title: "webmail", Text: "healthcheck failed", URL: "https://mail.acme.example/health", Impact: desk.ImpactMinor, Firing: true,
			Labels: []string{"webmail", "customers"}}},
		{"gatus-resolved.json", desk.Alert{Key: `"customers" "webmail"`, Title: "webmail", Text: "healthcheck failed", URL: "https://mail.acme.example/health", Impact: desk.ImpactMinor,
			Labels: []string{"webmail", "customers"}}},
		{"generic-firing.json", desk.Alert{Key: "dsl-12", Title: "DSL lost in the Ostviertel", Text: "412 modems left within a minute.", URL: "https://noc.acme.example/12", Impact: desk.ImpactMajor, Firing: true,
			Since: at("2026-03-01T13:40:00Z"), Services: []string{"Internet", "Telephone"}}},
	}
	for _, test := range tests {
		test.want.Source = sourceOf(test.name)
		got, ok, err := Read(test.want.Source, payload(t, test.name))
		if err != nil || !ok {
			t.Errorf("%s: %v, %v", test.name, ok, err)
		}
		if !got.Since.Equal(test.want.Since) {
			t.Errorf("%s is since %s, want %s", test.name, got.Since, test.want.Since)
		}
		got.Since = test.want.Since
		if !slices.Equal(got.Labels, test.want.Labels) || !slices.Equal(got.Services, test.want.Services) {
			t.Errorf("%s names %q and %q, want %q and %q", test.name, got.Labels, got.Services, test.want.Labels, test.want.Services)
		}
		if a, b := plain(got), plain(test.want); a != b {
			t.Errorf("%s:\n%+v, want\n%+v", test.name, a, b)
		}
	}
}

// plainAlert is what can be compared.
type plainAlert struct {
	source           desk.AlertSource
	key, title, text string
	url              string
	impact           desk.Impact
	firing           bool
}

func plain(a desk.Alert) plainAlert {
	return plainAlert{a.Source, a.Key, a.Title, a.Text, a.URL, a.Impact, a.Firing}
}

// sourceOf is the source of which a file's name begins with the name.
func sourceOf(file string) desk.AlertSource {
	for _, s := range []desk.AlertSource{desk.AlertAlertmanager, desk.AlertGatus, desk.AlertUptimeKuma, desk.AlertGeneric} {
		if strings.HasPrefix(file, string(s)) {
			return s
		}
	}
	return ""
}

func TestReadNothing(t *testing.T) {
	for _, body := range []string{
		`{"heartbeat":null,"monitor":null,"msg":"Webhook Testing"}`,
		`{"heartbeat":{"msg":"soon"},"monitor":null,"msg":"[Webmail] The certificate expires in 7 days"}`,
		`{"heartbeat":{"status":2,"msg":"timeout"},"monitor":{"id":7,"name":"Webmail"},"msg":"[Webmail] pending"}`,
		`{"heartbeat":{"status":3,"msg":""},"monitor":{"id":7,"name":"Webmail"},"msg":"[Webmail] under maintenance"}`,
	} {
		if a, ok, err := Read(desk.AlertUptimeKuma, []byte(body)); ok || err != nil {
			t.Errorf("%s is read as %+v, %v, %v", body, a, ok, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for body, source := range map[string]desk.AlertSource{
		``:                                  desk.AlertGeneric,
		`{`:                                 desk.AlertGatus,
		`[]`:                                desk.AlertAlertmanager,
		`{"version":"3","status":"firing"}`: desk.AlertAlertmanager,
		`{"version":"4","status":"on"}`:     desk.AlertAlertmanager,
		`{"version":"4","status":"firing","alerts":[{"startsAt":"soon"}]}`: desk.AlertAlertmanager,
		`{}`:                                    desk.AlertUptimeKuma,
		`{"msg":1}`:                             desk.AlertUptimeKuma,
		`{"status":"TRIGGERED"}`:                desk.AlertGatus,
		`{"name":"webmail","status":"[ALERT]"}`: desk.AlertGatus,
		`{"key":"a","title":"b","status":"firing","impact":"huge"}`: desk.AlertGeneric,
		`{"key":"a","title":"b","status":"firing","since":"1"}`:     desk.AlertGeneric,
		`{"key":"a","title":"b","status":"firing","titel":"c"}`:     desk.AlertGeneric,
		`{"key":"a","title":"b","status":"firing"} {"key":"b"}`:     desk.AlertGeneric,
	} {
		if a, ok, err := Read(source, []byte(body)); desk.ErrorID(err) != "alert_unreadable" || ok {
			t.Errorf("%s of %s is read as %+v: %v", body, source, a, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 7 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		f.Add(string(sourceOf(filepath.Base(file))), payload(f, filepath.Base(file)))
	}
	f.Fuzz(func(t *testing.T, source string, body []byte) {
		a, ok, err := Read(desk.AlertSource(source), body)
		if err != nil {
			return
		}
		if !ok {
			return
		}
		if a, err = desk.NewAlert(a); err != nil {
			return
		}
		i := desk.Incident{Title: a.Title, Services: a.Services, Impact: a.Impact, Status: desk.IncidentInvestigating}
		if _, err := desk.CheckIncident(i); err != nil {
			t.Errorf("%+v makes no incident: %v", a, err)
		}
	})
}

func TestCost(t *testing.T) {
	cost.NLogN(t, 20_000, func(n int) func() {
		one := `{"status":"firing","labels":{"service":"` + strings.Repeat("s", 50) + `"},"annotations":{"summary":"x"}},`
		body := []byte(`{"version":"4","status":"firing","groupKey":"k","alerts":[` + strings.Repeat(one, n/len(one)) + `{}]}`)
		return func() { _, _, _ = Read(desk.AlertAlertmanager, body) }
	})
}
