package desk

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func outage() Incident {
	return Incident{ID: "i", Desk: "help", Title: "No internet", Impact: ImpactMajor, Status: IncidentInvestigating, OpenedAt: noon, StatusAt: noon}
}

func work() Incident {
	i := outage()
	i.Status, i.From, i.Until = WorkScheduled, noon.Add(time.Hour), noon.Add(2*time.Hour)
	return i
}

func TestCheckIncident(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Incident)
		id     string // of the error, "" for none
	}{
		{"as it is", func(*Incident) {}, ""},
		{"no title", func(i *Incident) { i.Title = " \n" }, "incident_title_missing"},
		{"80 characters", func(i *Incident) { i.Title = strings.Repeat("ö", 80) }, ""},
		{"81 characters", func(i *Incident) { i.Title = strings.Repeat("ö", 81) }, "incident_title_too_long"},
		{"no impact", func(i *Incident) { i.Impact = "" }, "impact_unknown"},
		{"another status", func(i *Incident) { i.Status = "fixed" }, "incident_status_unknown"},
		{"planned work", func(i *Incident) { *i = work() }, ""},
		{"planned work without a window", func(i *Incident) { i.Status = WorkScheduled }, "incident_window"},
		{"an incident with a window", func(i *Incident) { i.From, i.Until = noon, noon.Add(1) }, "incident_window"},
		{"a window without an end", func(i *Incident) { *i = work(); i.Until = time.Time{} }, "incident_window_order"},
		{"a window without a beginning", func(i *Incident) { *i = work(); i.From = time.Time{} }, "incident_window_order"},
		{"a window that ends before", func(i *Incident) { *i = work(); i.Until = i.From }, "incident_window_order"},
		{"a window of a year", func(i *Incident) { *i = work(); i.Until = i.From.AddDate(1, 0, 0) }, "incident_window_order"},
		{"services", func(i *Incident) { i.Services = []string{"Mail", " Mail ", "", "Web"} }, ""},
		{"a long service", func(i *Incident) { i.Services = []string{strings.Repeat("a", 61)} }, "service_too_long"},
		{"many services", func(i *Incident) {
			i.Services = strings.Split(strings.Repeat("ab cd ef g h i j k l m n o p q r s t u v w x y z", 1), " ")
		}, "services_too_many"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i := outage()
			tt.change(&i)
			got, err := CheckIncident(i)
			if ErrorID(err) != tt.id {
				t.Fatalf("got %v, want %q", err, tt.id)
			}
			if tt.name == "services" && !slices.Equal(got.Services, []string{"Mail", "Web"}) {
				t.Errorf("services %q", got.Services)
			}
		})
	}
}

// Every pair of statuses is either allowed or refused with one id; no update of an
// incident makes planned work of it, and the other way round.
func TestIncidentStatuses(t *testing.T) {
	for _, from := range IncidentStatuses() {
		if len(next[from]) == 0 || !slices.Contains(next[from], from) {
			t.Errorf("from %s nothing goes on", from)
		}
		for _, to := range IncidentStatuses() {
			i := outage()
			i.Status, i.Root = from, "r"
			i.Publish(noon)
			err := i.MayUpdate(to)
			want := slices.Contains(next[from], to)
			if (err == nil) != want || err != nil && ErrorID(err) != "incident_status_order" {
				t.Errorf("%s to %s: %v", from, to, err)
			}
			if err == nil && from.Planned() != to.Planned() {
				t.Errorf("%s to %s is allowed", from, to)
			}
		}
		if from.Planned() != (from == WorkScheduled || from == WorkInProgress || from == WorkVerifying || from == WorkCompleted) {
			t.Errorf("%s: planned is %v", from, from.Planned())
		}
	}
	for s, want := range map[IncidentStatus]string{IncidentInvestigating: "", IncidentMonitoring: "", WorkScheduled: "", WorkInProgress: "", IncidentResolved: "incident_begins_over", IncidentPostmortem: "incident_begins_over", WorkCompleted: "incident_begins_over"} {
		i := outage()
		i.Status = s
		if got := ErrorID(i.MayBegin()); got != want {
			t.Errorf("beginning with %s: %q, want %q", s, got, want)
		}
	}
}

// An incident is seen by nobody until its first post has gone out, and an update
// takes effect when it goes out.
func TestIncidentGoesOn(t *testing.T) {
	i := outage()
	refuse := func(what string, err error, id string) {
		t.Helper()
		if ErrorID(err) != id {
			t.Errorf("%s: %v, want %q", what, err, id)
		}
	}
	state := func(what string, want IncidentState) {
		t.Helper()
		if got := i.State(); got != want {
			t.Errorf("%s: the state is %s, want %s", what, got, want)
		}
	}
	state("at first", IncidentDraft)
	refuse("an update of a draft", i.MayUpdate(IncidentIdentified), "incident_not_published")
	refuse("publishing", i.MayPublish(), "")
	i.Root = "root"
	state("on its way", IncidentDraft)
	refuse("publishing again", i.MayPublish(), "incident_published")
	i.Withdraw()
	refuse("after the take-back", i.MayPublish(), "")
	i.Root = "root"
	i.Publish(noon.Add(time.Minute))
	state("published", IncidentOpen)

	i.Updates = append(i.Updates, IncidentUpdate{Post: "u1", Status: IncidentResolved, NextUpdate: noon.Add(time.Hour)})
	refuse("a second update", i.MayUpdate(IncidentIdentified), "incident_update_leaving")
	state("before it goes out", IncidentOpen)
	if i.UpdatePublished("other", noon) {
		t.Error("an update of another incident was published")
	}
	if !i.UpdatePublished("u1", noon.Add(2*time.Minute)) {
		t.Error("its own update was not published")
	}
	state("resolved", IncidentOver)
	if i.ClosedAt != noon.Add(2*time.Minute) || i.StatusAt != i.ClosedAt || i.NextUpdate != noon.Add(time.Hour) {
		t.Errorf("it is %+v", i)
	}
	i.DropUpdate("u1")
	if len(i.Updates) != 1 {
		t.Error("a published update was dropped")
	}
	i.Updates = append(i.Updates, IncidentUpdate{Post: "u2", Status: IncidentMonitoring})
	i.DropUpdate("u2")
	if len(i.Updates) != 1 {
		t.Error("an update that was taken back is still there")
	}
	i.Updates = append(i.Updates, IncidentUpdate{Post: "u3", Status: IncidentMonitoring})
	i.UpdatePublished("u3", noon.Add(3*time.Minute))
	state("it came back", IncidentOpen)
	if !i.ClosedAt.IsZero() {
		t.Error("an open incident is closed")
	}
	i.Updates = make([]IncidentUpdate, MaxIncidentUpdates)
	for n := range i.Updates {
		i.Updates[n].Published = noon
	}
	refuse("too many", i.MayUpdate(IncidentMonitoring), "incident_updates_too_many")
}

func TestMayLink(t *testing.T) {
	i := outage()
	for _, tt := range []struct {
		issue Issue
		id    string
	}{
		{Issue{Desk: "help"}, ""},
		{Issue{Desk: "help", Incident: "i"}, ""},
		{Issue{Desk: "sales", Also: []Handle{"help"}}, ""},
		{Issue{Desk: "sales"}, "incident_other_desk"},
		{Issue{Desk: "help", Incident: "j"}, "incident_linked_elsewhere"},
	} {
		if got := ErrorID(i.MayLink(tt.issue)); got != tt.id {
			t.Errorf("%+v: %q, want %q", tt.issue, got, tt.id)
		}
	}
}

func TestNextUpdate(t *testing.T) {
	for at, ok := range map[time.Time]bool{{}: true, noon.Add(time.Second): true, noon: false, noon.Add(-1): false, noon.AddDate(0, 2, 0): false} {
		if (CheckNextUpdate(at, noon) == nil) != ok {
			t.Errorf("%s: %v, want %v", at, CheckNextUpdate(at, noon), ok)
		}
	}
}

func TestRootText(t *testing.T) {
	i := outage()
	i.Services, i.Text, i.NextUpdate = []string{"Internet", "Ostviertel"}, "We are looking.", noon.Add(time.Hour)
	planned := work()
	planned.Language = "de-AT"
	over := i
	over.Status, over.StatusAt = IncidentResolved, noon.Add(25*time.Hour)
	for _, tt := range []struct {
		name string
		i    Incident
		want string
	}{
		{"open", i, "[investigating, 12:00 UTC] No internet (Internet, Ostviertel). Next word by 13:00 UTC.\n\nWe are looking."},
		{"over, on another day", over, "[over, 2026-03-02 13:00 UTC] No internet (Internet, Ostviertel).\n\nWe are looking."},
		{"planned, in German", planned, "[geplant, 12:00 UTC] No internet. Von 2026-03-01 13:00 UTC bis 2026-03-01 14:00 UTC."},
	} {
		if got := tt.i.RootText(); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
	for language, w := range incidentLines {
		for _, s := range IncidentStatuses() {
			if w.status[s] == "" {
				t.Errorf("%s has no word for %s", language, s)
			}
		}
	}
}
