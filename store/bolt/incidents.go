package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
)

var incidentsTable = table[desk.Incident]{
	name:    "incidents",
	key:     func(i *desk.Incident) key { return key(nil).text(string(i.ID)) },
	indexes: []*index[desk.Incident]{incidentsByState},
}

// incidentsByState has an entry for every filter that lets the incident through.
var incidentsByState = &index[desk.Incident]{name: "incidents.state", keys: func(i *desk.Incident) (ks []key) {
	for _, h := range []desk.Handle{"", i.Desk} {
		for _, s := range []desk.IncidentState{"", i.State()} {
			ks = append(ks, incidentList(h, s).timeDesc(i.OpenedAt).rawDesc(key(nil).text(string(i.ID))))
		}
	}
	return ks
}}

func incidentList(h desk.Handle, s desk.IncidentState) key {
	return key(nil).text(string(h)).text(string(s))
}

type incidents struct{ *tx }

func (s incidents) Put(i desk.Incident) error { return incidentsTable.put(s.tx, &i) }

func (s incidents) Get(id desk.IncidentID) (desk.Incident, bool, error) {
	return incidentsTable.get(s.tx, key(nil).text(string(id)))
}

func (s incidents) List(f store.IncidentFilter, p store.Page) ([]desk.Incident, string, error) {
	return incidentsTable.listBy(s.tx, incidentsByState, incidentList(f.Desk, f.State), p)
}
