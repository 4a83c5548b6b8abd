package desk

import (
	"slices"
	"time"
)

// PreparedUpdate is an update of planned work that a person wrote before, and that goes
// out by itself: when the window begins, or when it ends. Until then it can change.
type PreparedUpdate struct {
	Status IncidentStatus `json:"status"` // WorkInProgress at the beginning, WorkCompleted at the end
	Text   string         `json:"text"`
	Agent  Email          `json:"agent,omitempty"`
	// Post is the update that was made of it; "": it waits.
	Post PostID `json:"post,omitempty"`
}

// Prepare sets the text that goes out when planned work gets a status by its window; ""
// removes it. One that has gone out stays.
func (i *Incident) Prepare(to IncidentStatus, text string, by Email) error {
	had := i.PreparedFor(to)
	if had != nil && (had.Post != "" || had.Text == text) || had == nil && text == "" {
		if had != nil && had.Text != text {
			return Conflict("incident_prepared_gone", "this text has gone out already: change the post")
		}
		return nil
	}
	if !i.Planned() {
		return Invalid("incident_prepare_window", "only planned work has texts that go out at its beginning and its end")
	}
	i.Prepared = slices.DeleteFunc(slices.Clone(i.Prepared), func(p PreparedUpdate) bool { return p.Status == to })
	if text != "" {
		i.Prepared = append(i.Prepared, PreparedUpdate{Status: to, Text: text, Agent: by})
	}
	return nil
}

// PreparedFor returns the text for a status; nil: nothing is prepared.
func (i *Incident) PreparedFor(to IncidentStatus) *PreparedUpdate {
	for n := range i.Prepared {
		if i.Prepared[n].Status == to {
			return &i.Prepared[n]
		}
	}
	return nil
}

// PreparedText is the text for a status, "" for none.
func (i Incident) PreparedText(to IncidentStatus) string {
	if p := i.PreparedFor(to); p != nil {
		return p.Text
	}
	return ""
}

// PreparedAt is when the text for a status goes out.
func (i Incident) PreparedAt(to IncidentStatus) time.Time {
	if to == WorkInProgress {
		return i.From
	}
	return i.Until
}

// PreparedStatuses lists the statuses that planned work gets by its window.
func PreparedStatuses() []IncidentStatus { return []IncidentStatus{WorkInProgress, WorkCompleted} }
