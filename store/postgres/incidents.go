package postgres

import (
	"earshot/internal/desk"
	"earshot/store"
)

var incidentsTable = define(table[desk.Incident]{
	name: "incidents", keys: []string{"id"}, columns: []string{"desk", "state", "opened"},
	key:    func(i *desk.Incident) []any { return []any{ordered(i.ID)} },
	values: func(i *desk.Incident) []any { return []any{ordered(i.Desk), ordered(i.State()), i.OpenedAt} },
})

type incidents struct{ *tx }

func (s incidents) Put(i desk.Incident) error { return incidentsTable.put(s.tx, &i) }

func (s incidents) Get(id desk.IncidentID) (desk.Incident, bool, error) {
	return incidentsTable.get(s.tx, ordered(id))
}

func (s incidents) List(f store.IncidentFilter, p store.Page) ([]desk.Incident, string, error) {
	l := listing{name: "incidents", table: "incidents", order: []string{"opened", "id"}, desc: true}
	if f.Desk != "" {
		l.name, l.where, l.is = l.name+" of desk", append(l.where, "desk"), append(l.is, ordered(f.Desk))
	}
	if f.State != "" {
		l.name, l.where, l.is = l.name+" by state", append(l.where, "state"), append(l.is, ordered(f.State))
	}
	return page(s.tx, incidentsTable, l, p)
}
