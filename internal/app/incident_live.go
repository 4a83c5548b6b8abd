package app

import (
	"earshot/internal/desk"
	"earshot/store"
)

// Incidents are the store's. Those who follow along are told of each change of one.
func (t *Tx) Incidents() store.Incidents { return followedIncidents{t.Tx.Incidents(), t} }

type followedIncidents struct {
	store.Incidents
	tx *Tx
}

func (s followedIncidents) Put(i desk.Incident) error {
	if err := s.Incidents.Put(i); err != nil {
		return err
	}
	return s.tx.Changes().Add(store.Change{ID: s.tx.NewID(), At: s.tx.Now, Kind: store.ChangeIncident, Incident: i.ID, Desks: []desk.Handle{i.Desk}})
}
