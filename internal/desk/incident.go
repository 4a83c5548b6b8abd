package desk

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// IncidentID is the UUIDv7 of an incident.
type IncidentID string

// Impact is how bad an incident is, in the words that status pages use.
type Impact string

// The impacts.
const (
	ImpactNone     Impact = "none"
	ImpactMinor    Impact = "minor"
	ImpactMajor    Impact = "major"
	ImpactCritical Impact = "critical"
)

// Impacts lists every impact, the least first.
func Impacts() []Impact { return []Impact{ImpactNone, ImpactMinor, ImpactMajor, ImpactCritical} }

// IncidentStatus is where an incident stands, in the words that status pages use.
type IncidentStatus string

// The statuses of an incident, and those of planned work.
const (
	IncidentInvestigating IncidentStatus = "investigating"
	IncidentIdentified    IncidentStatus = "identified"
	IncidentMonitoring    IncidentStatus = "monitoring"
	IncidentResolved      IncidentStatus = "resolved"
	IncidentPostmortem    IncidentStatus = "postmortem"

	WorkScheduled  IncidentStatus = "scheduled"
	WorkInProgress IncidentStatus = "in_progress"
	WorkVerifying  IncidentStatus = "verifying"
	WorkCompleted  IncidentStatus = "completed"
)

// IncidentStatuses lists every status, in the order in which an incident usually
// goes, then planned work.
func IncidentStatuses() []IncidentStatus {
	return []IncidentStatus{IncidentInvestigating, IncidentIdentified, IncidentMonitoring, IncidentResolved, IncidentPostmortem,
		WorkScheduled, WorkInProgress, WorkVerifying, WorkCompleted}
}

// Planned says whether a status is one of planned work.
func (s IncidentStatus) Planned() bool {
	return s == WorkScheduled || s == WorkInProgress || s == WorkVerifying || s == WorkCompleted
}

// Over says whether an incident or planned work has ended with a status.
func (s IncidentStatus) Over() bool {
	return s == IncidentResolved || s == IncidentPostmortem || s == WorkCompleted
}

// next are the statuses that an update may set, by the status before. A cause that
// was thought to be fixed may come back; a postmortem is the last word.
var next = map[IncidentStatus][]IncidentStatus{
	IncidentInvestigating: {IncidentInvestigating, IncidentIdentified, IncidentMonitoring, IncidentResolved},
	IncidentIdentified:    {IncidentInvestigating, IncidentIdentified, IncidentMonitoring, IncidentResolved},
	IncidentMonitoring:    {IncidentInvestigating, IncidentIdentified, IncidentMonitoring, IncidentResolved},
	IncidentResolved:      {IncidentInvestigating, IncidentIdentified, IncidentMonitoring, IncidentResolved, IncidentPostmortem},
	IncidentPostmortem:    {IncidentPostmortem},
	WorkScheduled:         {WorkScheduled, WorkInProgress, WorkCompleted},
	WorkInProgress:        {WorkInProgress, WorkVerifying, WorkCompleted},
	WorkVerifying:         {WorkInProgress, WorkVerifying, WorkCompleted},
	WorkCompleted:         {WorkCompleted},
}

// Next lists the statuses that an update may set after this one.
func (s IncidentStatus) Next() []IncidentStatus { return slices.Clone(next[s]) }

// IncidentState groups incidents into those that nobody outside sees, those that
// are going on, and those that are over.
type IncidentState string

// The states.
const (
	IncidentDraft IncidentState = "draft"
	IncidentOpen  IncidentState = "open"
	IncidentOver  IncidentState = "over"
	// IncidentDiscarded is a draft that a person put away.
	IncidentDiscarded IncidentState = "discarded"
)

// Incident is one cause behind many issues, or planned work.
type Incident struct {
	ID       IncidentID     `json:"id"`
	Desk     Handle         `json:"desk"`
	Title    string         `json:"title"` // one line
	Text     string         `json:"text"`  // what the first post says below its first line
	Language string         `json:"language,omitempty"`
	Services []string       `json:"services,omitempty"`
	Impact   Impact         `json:"impact"`
	Status   IncidentStatus `json:"status"`
	// From and Until are the window of planned work; zero of an incident.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
	// NextUpdate is when the next word is promised; zero: nothing is promised.
	NextUpdate time.Time `json:"next_update,omitzero"`

	// Root is the first post: "" while a draft. The incident is published once that
	// has gone out.
	Root        PostID    `json:"root,omitempty"`
	PublishedAt time.Time `json:"published_at,omitzero"`
	// Updates are its later posts, the oldest first, those on their way included.
	Updates []IncidentUpdate `json:"updates,omitempty"`
	// Voices is how many issues are linked to it.
	Voices int `json:"voices"`
	// Answers is how many of them have spoken while it was open, Asking how many of those
	// ask something.
	Answers int `json:"answers,omitempty"`
	Asking  int `json:"asking,omitempty"`
	// Revision counts the changes: who decides on an older one is asked again.
	Revision int `json:"revision"`

	// Surprised and Changed are what was learned, for the agents only.
	Surprised string `json:"surprised,omitempty"`
	Changed   string `json:"changed,omitempty"`

	Agent    Email     `json:"agent,omitempty"` // who of us opened it
	OpenedAt time.Time `json:"opened_at"`
	StatusAt time.Time `json:"status_at"` // when the status was published, or set in a draft
	ClosedAt time.Time `json:"closed_at,omitzero"`

	// FirstStatus is the status with which it was published.
	FirstStatus IncidentStatus `json:"first_status,omitempty"`
	// Alert is what it was made from; nil: a person opened it.
	Alert *IncidentAlert `json:"alert,omitempty"`
	// DiscardedAt is when the draft was put away; zero: it is not.
	DiscardedAt time.Time `json:"discarded_at,omitzero"`
	// Prepared are the updates of planned work that go out by themselves.
	Prepared []PreparedUpdate `json:"prepared,omitempty"`
}

// IncidentUpdate is a later word about an incident. Its text is the post's.
type IncidentUpdate struct {
	Post       PostID         `json:"post"`
	Status     IncidentStatus `json:"status"` // takes effect when the post goes out
	NextUpdate time.Time      `json:"next_update,omitzero"`
	Agent      Email          `json:"agent,omitempty"`
	At         time.Time      `json:"at"`                    // when it was written
	Published  time.Time      `json:"published_at,omitzero"` // zero: it is on its way
}

// The limits of an incident.
const (
	MaxIncidentTitle   = 80 // characters
	MaxIncidentUpdates = 200
	MaxServices        = 20
	MaxService         = 60                  // characters
	MaxWindow          = 31 * 24 * time.Hour // of planned work
	MaxNextUpdate      = 31 * 24 * time.Hour // how far ahead the next word is promised
)

// State says who sees the incident, and whether it goes on.
func (i Incident) State() IncidentState {
	switch {
	case i.PublishedAt.IsZero() && !i.DiscardedAt.IsZero():
		return IncidentDiscarded
	case i.PublishedAt.IsZero():
		return IncidentDraft
	case i.Status.Over():
		return IncidentOver
	}
	return IncidentOpen
}

// Hidden says whether nobody outside may know of it.
func (i Incident) Hidden() bool { return i.PublishedAt.IsZero() }

// Planned says whether it is planned work.
func (i Incident) Planned() bool { return i.Status.Planned() }

// Leaving says whether a post of it is on its way out.
func (i Incident) Leaving() bool {
	return i.Root != "" && i.PublishedAt.IsZero() || len(i.Updates) > 0 && i.Updates[len(i.Updates)-1].Published.IsZero()
}

// CheckIncident checks and cleans what an agent wrote.
func CheckIncident(i Incident) (Incident, error) {
	i.Title = strings.Join(strings.Fields(CleanName(i.Title)), " ")
	switch n := utf8.RuneCountInString(i.Title); {
	case n == 0:
		return i, Invalid("incident_title_missing", "an incident needs a title")
	case n > MaxIncidentTitle:
		return i, Invalid("incident_title_too_long", "the title of an incident has at most %d characters, not %d", MaxIncidentTitle, n)
	case !slices.Contains(Impacts(), i.Impact):
		return i, Invalid("impact_unknown", "there is no impact %q; there are %v", i.Impact, Impacts())
	case !slices.Contains(IncidentStatuses(), i.Status):
		return i, Invalid("incident_status_unknown", "there is no status %q of an incident; there are %v", i.Status, IncidentStatuses())
	case i.Planned() != (!i.From.IsZero() || !i.Until.IsZero()):
		return i, Invalid("incident_window", "planned work, and nothing else, has a beginning and an end")
	case i.Planned() && (i.From.IsZero() || !i.Until.After(i.From) || i.Until.Sub(i.From) > MaxWindow):
		return i, Invalid("incident_window_order", "planned work ends after it begins, and within 31 days")
	}
	var err error
	i.Services, err = cleanServices(i.Services)
	if err == nil && len(i.Services) > MaxServices {
		err = Invalid("services_too_many", "an incident is about at most %d services", MaxServices)
	}
	return i, err
}

// cleanServices cleans names of services; each stands once.
func cleanServices(in []string) (out []string, err error) {
	for _, s := range in {
		s = strings.Join(strings.Fields(CleanName(s)), " ")
		if s == "" || slices.Contains(out, s) {
			continue
		}
		if utf8.RuneCountInString(s) > MaxService {
			return nil, Invalid("service_too_long", "the name of a service has at most %d characters", MaxService)
		}
		out = append(out, s)
	}
	return out, nil
}

// CheckNextUpdate says whether the next word can be promised for a time; the zero
// time promises nothing.
func CheckNextUpdate(at, now time.Time) error {
	if !at.IsZero() && (!at.After(now) || at.Sub(now) > MaxNextUpdate) {
		return Invalid("incident_next_update", "the next update is promised for a time within the next 31 days")
	}
	return nil
}

// MayBegin says whether an incident may begin with its status.
func (i Incident) MayBegin() error {
	if i.Status.Over() {
		return Invalid("incident_begins_over", "an incident does not begin with %q", i.Status)
	}
	return nil
}

// MayPublish says whether the first post may be written.
func (i Incident) MayPublish() error {
	if i.Root != "" {
		return Conflict("incident_published", "this incident is published already, or on its way")
	}
	if err := i.MayEdit(); err != nil {
		return err
	}
	return i.MayBegin()
}

// MayUpdate says whether an update with a status may be written.
func (i Incident) MayUpdate(to IncidentStatus) error {
	switch {
	case i.Hidden():
		return Conflict("incident_not_published", "nobody has been told of this incident yet: publish it first")
	case i.Leaving():
		return i.MayEdit()
	case len(i.Updates) >= MaxIncidentUpdates:
		return Conflict("incident_updates_too_many", "an incident has at most %d updates", MaxIncidentUpdates)
	case !slices.Contains(next[i.Status], to):
		return Conflict("incident_status_order", "from %q an incident goes on to %v, not to %q", i.Status, next[i.Status], to)
	}
	return nil
}

// MayEdit says whether what was said of the incident may change: not while a post of
// it is on its way.
func (i Incident) MayEdit() error {
	if !i.DiscardedAt.IsZero() {
		return Conflict("incident_discarded", "this draft was discarded: take it out again first")
	}
	if i.Leaving() {
		return Conflict("incident_update_leaving", "a post about this incident is on its way: wait until it has gone out, or take it back")
	}
	return nil
}

// MayLink says whether an issue may be linked to the incident.
func (i Incident) MayLink(issue Issue) error {
	switch {
	case !i.DiscardedAt.IsZero():
		return i.MayEdit()
	case issue.Desk != i.Desk && !slices.Contains(issue.Also, i.Desk):
		return Conflict("incident_other_desk", "issue %s is of the desk %q, and the incident of %q", issue.ID, issue.Desk, i.Desk)
	case issue.Incident != "" && issue.Incident != i.ID:
		return Conflict("incident_linked_elsewhere", "issue %s is linked to another incident: end that link first", issue.ID)
	}
	return nil
}

// Publish records that the first post goes out.
func (i *Incident) Publish(at time.Time) { i.PublishedAt, i.StatusAt, i.FirstStatus = at, at, i.Status }

// Discard puts a draft away, or takes it out again.
func (i *Incident) Discard(again bool, now time.Time) error {
	switch {
	case i.Root != "":
		return Conflict("incident_published", "this incident is published already, or on its way")
	case i.Voices > 0:
		return Conflict("incident_has_voices", "issues are linked to this draft: end the links first")
	case again:
		i.DiscardedAt = time.Time{}
	case i.DiscardedAt.IsZero():
		i.DiscardedAt = now
	}
	return nil
}

// Withdraw records that the first post was taken back, withheld or deleted: the
// incident is a draft again.
func (i *Incident) Withdraw() { i.Root, i.PublishedAt, i.FirstStatus = "", time.Time{}, "" }

// UpdatePublished records that an update goes out: its status takes effect. It
// reports whether the update is one of the incident.
func (i *Incident) UpdatePublished(p PostID, at time.Time) bool {
	n := slices.IndexFunc(i.Updates, func(u IncidentUpdate) bool { return u.Post == p })
	if n < 0 {
		return false
	}
	u := &i.Updates[n]
	u.Published = at
	i.Status, i.StatusAt, i.NextUpdate = u.Status, at, u.NextUpdate
	if !i.Status.Over() {
		i.ClosedAt = time.Time{}
	} else if i.ClosedAt.IsZero() {
		i.ClosedAt = at
	}
	return true
}

// DropUpdate removes an update that did not go out.
func (i *Incident) DropUpdate(p PostID) {
	i.Updates = slices.DeleteFunc(i.Updates, func(u IncidentUpdate) bool { return u.Post == p && u.Published.IsZero() })
	i.Prepared = slices.DeleteFunc(i.Prepared, func(u PreparedUpdate) bool { return u.Post == p })
}
