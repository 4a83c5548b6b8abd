package public

import (
	"testing"
	"time"

	"earshot/internal/desk"
)

// A desk's list says which services there are, in its order, and open incidents add
// theirs; without a list the incidents alone name them.
func TestComponents(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	d := desk.Desk{Handle: "help", Created: at}
	of := func(s desk.IncidentStatus, services ...string) told {
		return told{desk.Incident{Desk: "help", Status: s, Impact: desk.ImpactMajor, Services: services, PublishedAt: at, StatusAt: at, OpenedAt: at}, d}
	}
	k := known{Open: []told{of(desk.IncidentInvestigating, "Radio", "Mail")}, Past: []told{of(desk.IncidentResolved, "Fax")}}
	for _, test := range []struct {
		list []string
		want string
	}{
		{nil, "Fax: operational, Mail: partial_outage, Radio: partial_outage, "},
		{[]string{"Web", "Mail"}, "Web: operational, Mail: partial_outage, Radio: partial_outage, "},
	} {
		d.Services = test.list
		got := ""
		for _, c := range k.components(d) {
			got += c.Name + ": " + c.Status + ", "
		}
		if got != test.want {
			t.Errorf("with the list %q: %s, want %s", test.list, got, test.want)
		}
	}
}
