package public

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/npm"
)

//go:embed all:testdata/statuspage
var statuspageClient embed.FS

// A client for Statuspage that another project wrote reads our documents, at the
// addresses that it knows.
func TestStatuspageClient(t *testing.T) {
	if os.Getenv("EARSHOT_FOREIGN") == "off" {
		t.Skip("foreign implementations are off (EARSHOT_FOREIGN=off)")
	}
	files := must(fs.Sub(statuspageClient, "testdata/statuspage"))(t)
	dir := must(npm.Packages{Name: "statuspage", Files: files, Off: "EARSHOT_FOREIGN=off"}.Install(t.Context()))(t)
	p := newPlace(t)
	i := p.incident(app.IncidentInput{Desk: "help", Title: "No internet", Services: []string{"Internet"}, Impact: desk.ImpactMajor, Publish: true})
	p.saysOf(i.ID, desk.IncidentResolved, "Over.")
	p.incident(app.IncidentInput{Desk: "help", Title: "No mail", Services: []string{"Mail"}, Impact: desk.ImpactMinor, Publish: true})
	p.incident(app.IncidentInput{Desk: "help", Title: "New switch", From: p.clock.Now().Add(time.Hour), Until: p.clock.Now().Add(2 * time.Hour), Publish: true})
	s := httptest.NewServer(p.pages.Handler())
	t.Cleanup(s.Close)

	cmd := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "read.cjs"), s.URL)
	cmd.Dir = dir
	cmd.Stderr = t.Output()
	out := must(cmd.Output())(t)
	var got struct{ Summary, Status, Components, All, Unresolved, Upcoming statusDoc }
	check(t, json.Unmarshal(out, &got))
	if got.Summary.Status.Indicator != "minor" || got.Status.Status != got.Summary.Status || len(got.Components.Components) != 3 || len(got.Summary.Components) != 3 {
		t.Errorf("%s", out)
	}
	for what, c := range map[string]struct{ got, want string }{
		"all": {names(got.All.Incidents), "No mail, No internet"}, "unresolved": {names(got.Unresolved.Incidents), "No mail"},
		"the summary": {names(got.Summary.Incidents), "No mail"}, "its work": {names(got.Summary.Work), "New switch"}, "upcoming": {names(got.Upcoming.Work), "New switch"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", what, c.got, c.want)
		}
	}
}
