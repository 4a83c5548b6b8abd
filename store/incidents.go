package store

import "earshot/internal/desk"

// Incidents keeps the incidents of the desks, and planned work.
type Incidents interface {
	Put(desk.Incident) error
	Get(desk.IncidentID) (desk.Incident, bool, error)
	// List lists them by the time at which they were opened, newest first.
	List(IncidentFilter, Page) (incidents []desk.Incident, next string, err error)
}

// IncidentFilter narrows a list of incidents; a zero field does not.
type IncidentFilter struct {
	Desk  desk.Handle
	State desk.IncidentState
}
