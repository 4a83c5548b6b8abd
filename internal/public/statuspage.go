package public

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// StatusRoot is where programs for Statuspage look for its documents; they are at the
// root too.
const StatusRoot = "/api/v2/"

// Limits of a document: what Statuspage lists, and how many posts are read for one.
const (
	updatesInLists = 10  // of one incident
	postsInLists   = 200 // of all
)

// The objects of Statuspage's public API, version 2
// (https://metastatuspage.com/api). Every member that it has is there.
type (
	spPage struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		URL      string `json:"url"`
		TimeZone string `json:"time_zone"`
		Updated  spTime `json:"updated_at"`
	}
	spStatus struct {
		Indicator   string `json:"indicator"` // none, minor, major, critical, maintenance
		Description string `json:"description"`
	}
	spComponent struct {
		ID           string   `json:"id"`
		Name         string   `json:"name"`
		Status       string   `json:"status"`
		Created      spTime   `json:"created_at"`
		Updated      spTime   `json:"updated_at"`
		Position     int      `json:"position"`
		Description  *string  `json:"description"`
		Showcase     bool     `json:"showcase"`
		StartDate    *string  `json:"start_date"`
		GroupID      *string  `json:"group_id"`
		PageID       string   `json:"page_id"`
		Group        bool     `json:"group"`
		OnlyDegraded bool     `json:"only_show_if_degraded"`
		Components   []string `json:"components,omitempty"` // of a group
	}
	spIncident struct {
		ID             string        `json:"id"`
		Name           string        `json:"name"`
		Status         string        `json:"status"`
		Created        spTime        `json:"created_at"`
		Updated        spTime        `json:"updated_at"`
		Monitoring     *spTime       `json:"monitoring_at"`
		Resolved       *spTime       `json:"resolved_at"`
		Impact         string        `json:"impact"`
		Shortlink      string        `json:"shortlink"`
		Started        spTime        `json:"started_at"`
		PageID         string        `json:"page_id"`
		Updates        []spUpdate    `json:"incident_updates"`
		Components     []spComponent `json:"components"`
		ScheduledFor   *spTime       `json:"scheduled_for,omitempty"`
		ScheduledUntil *spTime       `json:"scheduled_until,omitempty"`
	}
	spUpdate struct {
		ID         string       `json:"id"`
		Status     string       `json:"status"`
		Body       string       `json:"body"`
		IncidentID string       `json:"incident_id"`
		Created    spTime       `json:"created_at"`
		Updated    spTime       `json:"updated_at"`
		Display    spTime       `json:"display_at"`
		Affected   []spAffected `json:"affected_components"`
		Notify     bool         `json:"deliver_notifications"`
		Custom     *string      `json:"custom_tweet"`
		Tweet      *string      `json:"tweet_id"`
	}
	spAffected struct {
		Code string `json:"code"`
		Name string `json:"name"`
		Old  string `json:"old_status"`
		New  string `json:"new_status"`
	}
	spDocument struct {
		Page       spPage         `json:"page"`
		Components *[]spComponent `json:"components,omitempty"`
		Incidents  *[]spIncident  `json:"incidents,omitempty"`
		Work       *[]spIncident  `json:"scheduled_maintenances,omitempty"`
		Status     *spStatus      `json:"status,omitempty"`
	}
)

// spTime is a time with milliseconds, as Statuspage writes it.
type spTime time.Time

// MarshalJSON implements json.Marshaler.
func (t spTime) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Time(t).UTC().Format("2006-01-02T15:04:05.000Z07:00"))
}

// maybe is a time, or null.
func maybe(at time.Time) *spTime {
	if at.IsZero() {
		return nil
	}
	t := spTime(at)
	return &t
}

// statuspage lists the documents by their paths. They are about the whole instance;
// each desk is a group of its services.
func (p *Pages) statuspage() map[string]http.HandlerFunc {
	incidents := func(want func(told) bool) http.HandlerFunc {
		return p.statusDocument(func(s *statusReader, d *spDocument) (err error) { d.Incidents, err = s.list(want, false); return err })
	}
	work := func(want func(told) bool) http.HandlerFunc {
		return p.statusDocument(func(s *statusReader, d *spDocument) (err error) { d.Work, err = s.list(want, true); return err })
	}
	all := func(told) bool { return true }
	return map[string]http.HandlerFunc{
		"summary.json":                         p.statusDocument((*statusReader).summary),
		"status.json":                          p.statusDocument(func(s *statusReader, d *spDocument) error { d.Status = s.known.indicator(); return nil }),
		"components.json":                      p.statusDocument(func(s *statusReader, d *spDocument) error { d.Components = s.components(); return nil }),
		"incidents.json":                       incidents(all),
		"incidents/unresolved.json":            incidents(told.Open),
		"scheduled-maintenances.json":          work(all),
		"scheduled-maintenances/upcoming.json": work(func(i told) bool { return i.Status == desk.WorkScheduled }),
		"scheduled-maintenances/active.json":   work(told.going),
	}
}

// statusDocument answers with one document. Programs on other sites may read it.
func (p *Pages) statusDocument(fill func(*statusReader, *spDocument) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var d spDocument
		err := p.app.View(r.Context(), func(tx *app.Tx) error {
			k, err := p.incidents(tx, p.app.Now().AddDate(0, 0, -daysOfHistory))
			if err != nil {
				return err
			}
			s := &statusReader{tx: tx, site: p.site, known: k, page: statusID(p.site.URL), posts: postsInLists}
			d = spDocument{Page: s.header()}
			return fill(s, &d)
		})
		if err != nil {
			p.fail(w, r, err)
			return
		}
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(d); err != nil {
			p.fail(w, r, err)
			return
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		serveAsset(w, r, "application/json; charset=utf-8", "public, max-age=10", b.Bytes())
	}
}

// statusReader makes the objects of one document.
type statusReader struct {
	tx    *app.Tx
	site  desk.Site
	known known
	page  string
	posts int // that may still be read
}

// statusID is a short id that stays the same: of the page, of a desk, of a service.
func statusID(parts ...string) string {
	h := sha256.New()
	for _, s := range parts {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return fmt.Sprintf("%x", h.Sum(nil))[:12]
}

func (s *statusReader) header() spPage {
	var at time.Time
	for _, d := range s.known.Desks {
		if c := s.known.whole(d); c.Changed.After(at) {
			at = c.Changed
		}
	}
	return spPage{ID: s.page, Name: string(s.site.HandleDomain), URL: s.site.URL, TimeZone: "Etc/UTC", Updated: spTime(at)}
}

func (s *statusReader) summary(d *spDocument) (err error) {
	d.Status, d.Components = s.known.indicator(), s.components()
	if d.Incidents, err = s.list(told.Open, false); err != nil {
		return err
	}
	d.Work, err = s.list(told.Open, true)
	return err
}

// indicator is the state of the whole, in Statuspage's words.
func (k known) indicator() *spStatus {
	worst := operational
	for _, i := range k.Open {
		worst = worse(worst, i.effect())
	}
	s := map[string]spStatus{
		operational:      {"none", "All Systems Operational"},
		underMaintenance: {"maintenance", "Service Under Maintenance"},
		effects[2]:       {"minor", "Minor Service Outage"},
		effects[3]:       {"major", "Partial System Outage"},
		effects[4]:       {"critical", "Major Service Outage"},
	}[worst]
	return &s
}

// components lists the desks, each a group if it has services, and their services.
func (s *statusReader) components() *[]spComponent {
	out := []spComponent{}
	for n, d := range s.known.Desks {
		whole := s.component(s.known.whole(d), n+1)
		whole.ID = statusID(string(d.Handle))
		services := s.known.components(d)
		whole.Group = len(services) > 0
		if d.Summary != "" {
			whole.Description = &d.Summary
		}
		at := len(out)
		out = append(out, whole)
		for m, c := range services {
			one := s.component(c, m+1)
			one.GroupID = &whole.ID
			out = append(out, one)
			out[at].Components = append(out[at].Components, one.ID)
		}
	}
	return &out
}

func (s *statusReader) component(c component, position int) spComponent {
	return spComponent{ID: statusID(string(c.Desk.Handle), c.Name), Name: c.Name, Status: c.Status, Created: spTime(c.Desk.Created), Updated: spTime(c.Changed),
		Position: position, Showcase: true, PageID: s.page}
}

// list makes the incidents, or the planned work, newest first.
func (s *statusReader) list(want func(told) bool, planned bool) (*[]spIncident, error) {
	out := []spIncident{}
	for _, i := range slices.Concat(s.known.Open, s.known.Past) {
		if i.Planned() != planned || !want(i) || len(out) == incidentsInLists {
			continue
		}
		one, err := s.incident(i)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b spIncident) int { return time.Time(b.Created).Compare(time.Time(a.Created)) })
	return &out, nil
}

func (s *statusReader) incident(i told) (spIncident, error) {
	out := spIncident{ID: string(i.ID), Name: i.Title, Status: string(i.Status), Created: spTime(i.PublishedAt), Updated: spTime(i.StatusAt),
		Resolved: maybe(i.ClosedAt), Impact: string(i.Impact), Shortlink: s.site.URL + i.Path(), Started: spTime(i.Begun()), PageID: s.page,
		Updates: []spUpdate{}, Components: []spComponent{}, ScheduledFor: maybe(i.From), ScheduledUntil: maybe(i.Until)}
	var affected []spAffected
	for _, c := range s.known.components(i.By) {
		if !slices.Contains(i.Services, c.Name) {
			continue
		}
		one, group := s.component(c, len(out.Components)+1), statusID(string(i.Desk))
		one.GroupID = &group
		out.Components = append(out.Components, one)
		affected = append(affected, spAffected{one.ID, c.Name, c.Status, c.Status})
	}
	for _, u := range i.Updates {
		if u.Status == desk.IncidentMonitoring && !u.Published.IsZero() {
			out.Monitoring = maybe(u.Published)
		}
	}
	words, err := wordsOf(s.tx, i.Incident, min(updatesInLists, s.posts))
	s.posts -= len(words)
	for _, w := range words {
		out.Updates = append(out.Updates, spUpdate{ID: string(w.Post.ID), Status: string(w.Status), Body: w.Post.Text, IncidentID: out.ID,
			Created: spTime(w.Post.PublishedAt), Updated: spTime(changed(w.Post)), Display: spTime(w.Post.PublishedAt), Affected: affected, Notify: true})
	}
	return out, err
}
