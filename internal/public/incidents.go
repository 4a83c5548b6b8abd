package public

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

const (
	openAtMost       = 50 // open incidents that pages know of, the newest first
	goingOnPage      = 12 // open incidents on the list; how many more there are is said
	plannedOnPage    = 6
	pastOnPage       = 12 // past incidents on a page of the list
	servicesInList   = 2  // of one incident
	pastAtOnce       = 50
	pastAtMost       = 200
	incidentsOnHome  = 5
	servicesAtMost   = 40 // on the front page, those that are affected first
	daysOfHistory    = 14
	longestIncident  = 31 * 24 * time.Hour // an incident that began before that is not looked for in the history
	incidentsInLists = 50                  // of the JSON lists, as Statuspage has it
)

// told is an incident that has been published, and the desk that tells it.
type told struct {
	desk.Incident
	By desk.Desk
}

// Path is the incident's page.
func (i told) Path() string { return "/incidents/" + string(i.ID) }

// StatusKey is the words for where it stands.
func (i told) StatusKey() string { return "incident_status." + string(i.Status) }

// ImpactKey is the words for how bad it is.
func (i told) ImpactKey() string { return "incident_impact." + string(i.Impact) }

// Category groups its status as those of issues are, for its look.
func (i told) Category() desk.Category {
	if i.Status.Over() {
		return desk.CategoryDone
	}
	return desk.CategoryOpen
}

// Some are the first of its services, for a list.
func (i told) Some() []string { return i.Services[:min(len(i.Services), servicesInList)] }

// More says whether it is about more services than Some lists.
func (i told) More() bool { return len(i.Services) > servicesInList }

// Open says whether it goes on.
func (i told) Open() bool { return i.State() == desk.IncidentOpen }

// Begun is when it began: planned work at its window.
func (i told) Begun() time.Time {
	if i.Planned() {
		return i.From
	}
	return i.PublishedAt
}

// going says whether it is felt now: planned work is, while it is under way.
func (i told) going() bool { return i.Open() && i.Status != desk.WorkScheduled }

// Late says whether the next word was promised for an earlier time.
func (i told) Late(now time.Time) bool {
	return i.Open() && !i.NextUpdate.IsZero() && i.NextUpdate.Before(now)
}

// known are the incidents that pages show, and the desks of the instance.
type known struct {
	Desks []desk.Desk
	Open  []told // with planned work, newest first
	Past  []told // newest first
}

// incidents reads the open incidents and those of the past that may have touched a
// time after since.
func (p *Pages) incidents(tx *app.Tx, since time.Time) (k known, err error) {
	if k.Desks, err = tx.Desks().All(); err != nil {
		return k, err
	}
	open, _, err := tx.Incidents().List(store.IncidentFilter{State: desk.IncidentOpen}, store.Page{Limit: openAtMost})
	if err != nil {
		return k, err
	}
	k.Open = k.tell(open)
	for after := ""; ; {
		past, next, err := tx.Incidents().List(store.IncidentFilter{State: desk.IncidentOver}, store.Page{After: after, Limit: pastAtOnce})
		if err != nil {
			return k, err
		}
		k.Past = append(k.Past, k.tell(past)...)
		if after = next; next == "" || len(k.Past) >= pastAtMost || past[len(past)-1].OpenedAt.Before(since.Add(-longestIncident)) {
			return k, nil
		}
	}
}

func (k known) tell(incidents []desk.Incident) (out []told) {
	for _, i := range incidents {
		if n := slices.IndexFunc(k.Desks, func(d desk.Desk) bool { return d.Handle == i.Desk }); n >= 0 {
			out = append(out, told{i, k.Desks[n]})
		}
	}
	return out
}

// split parts what goes on from planned work that has not begun.
func (k known) split() (going, planned []told) {
	for _, i := range k.Open {
		if i.Status == desk.WorkScheduled {
			planned = append(planned, i)
		} else {
			going = append(going, i)
		}
	}
	slices.SortStableFunc(planned, func(a, b told) int { return a.From.Compare(b.From) })
	return going, planned
}

// incidentsData is the list of incidents.
type incidentsData struct {
	Going, Planned, Past []told
	Hidden               int    // open and planned ones that are not shown
	Later                bool   // this is not the first page
	Older                string // path of the next page, "" at the end
}

// incidentsPage lists the incidents: open ones, planned work, the past.
func (p *Pages) incidentsPage(w http.ResponseWriter, r *http.Request) {
	after := r.URL.Query().Get("after")
	d := incidentsData{Later: after != ""}
	err := p.app.View(r.Context(), func(tx *app.Tx) (err error) {
		var k known
		if k.Desks, err = tx.Desks().All(); err != nil {
			return err
		}
		if !d.Later {
			open, _, err := tx.Incidents().List(store.IncidentFilter{State: desk.IncidentOpen}, store.Page{Limit: openAtMost})
			if err != nil {
				return err
			}
			k.Open = k.tell(open)
			d.Going, d.Planned = k.split()
			d.Going, d.Planned = d.Going[:min(len(d.Going), goingOnPage)], d.Planned[:min(len(d.Planned), plannedOnPage)]
			d.Hidden = len(k.Open) - len(d.Going) - len(d.Planned)
		}
		past, next, err := tx.Incidents().List(store.IncidentFilter{State: desk.IncidentOver}, store.Page{After: after, Limit: pastOnPage})
		if d.Past = k.tell(past); next != "" {
			d.Older = "/incidents?" + url.Values{"after": {next}}.Encode()
		}
		return err
	})
	if err == nil {
		v := p.voice(r)
		err = p.send(w, r, "incidents", frame{Title: v.T("incident.list_title", "domain", p.site.HandleDomain), Canonical: p.site.URL + "/incidents", Kind: "website",
			Description: v.T("incident.list_description", "domain", p.site.HandleDomain), NoIndex: d.Later, Data: d})
	}
	p.fail(w, r, err)
}
