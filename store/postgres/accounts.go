package postgres

import (
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

var agentsTable = define(table[desk.Agent]{
	name: "agents", keys: []string{"email"}, columns: []string{"id"},
	key:    func(a *desk.Agent) []any { return []any{ordered(a.Email)} },
	values: func(a *desk.Agent) []any { return []any{ordered(a.ID)} },
})

type agents struct{ *tx }

func (a agents) Put(r desk.Agent) error { return agentsTable.put(a.tx, &r) }
func (a agents) Get(e desk.Email) (desk.Agent, bool, error) {
	return agentsTable.get(a.tx, ordered(e))
}
func (a agents) ByID(id string) (desk.Agent, bool, error) {
	return agentsTable.query(a.tx, "select record from agents where id = $1", ordered(id))
}
func (a agents) List(p store.Page) ([]desk.Agent, string, error) {
	return page(a.tx, agentsTable, listing{name: "agents", table: "agents", order: []string{"email"}}, p)
}

var credentialsTable = define(table[store.Credential]{
	name: "credentials", keys: []string{"agent", "id"},
	key: func(c *store.Credential) []any { return []any{ordered(c.Agent), ordered(c.ID)} },
})

type credentials struct{ *tx }

func (c credentials) Put(r store.Credential) error { return credentialsTable.put(c.tx, &r) }
func (c credentials) Get(e desk.Email, id string) (store.Credential, bool, error) {
	return credentialsTable.get(c.tx, ordered(e), ordered(id))
}
func (c credentials) Delete(e desk.Email, id string) (bool, error) {
	return credentialsTable.delete(c.tx, ordered(e), ordered(id))
}
func (c credentials) ByAgent(e desk.Email) ([]store.Credential, error) {
	all, err := credentialsTable.all(c.tx, "select record from credentials where agent = $1 order by id", ordered(e))
	slices.SortStableFunc(all, func(a, b store.Credential) int { return a.Created.Compare(b.Created) })
	return all, err
}

var grantsTable = define(table[store.Grant]{
	name: "grants", keys: []string{"hash"}, columns: []string{"kind", "agent", "created", "expires"},
	key: func(g *store.Grant) []any { return []any{ordered(g.Hash)} },
	values: func(g *store.Grant) []any {
		return []any{string(g.Kind), ordered(g.Agent), g.Created, orNull(g.Expires)}
	},
})

type grants struct{ *tx }

func (s grants) Put(g store.Grant) error { return grantsTable.put(s.tx, &g) }
func (s grants) Get(hash string) (store.Grant, bool, error) {
	return grantsTable.get(s.tx, ordered(hash))
}
func (s grants) Delete(hash string) (bool, error) { return grantsTable.delete(s.tx, ordered(hash)) }
func (s grants) List(f store.GrantFilter, p store.Page) ([]store.Grant, string, error) {
	l := listing{name: "grants", table: "grants", where: []string{"kind"}, is: []any{string(f.Kind)}, order: []string{"created", "hash"}}
	if f.Agent != "" {
		l.where, l.is = append(l.where, "agent"), append(l.is, ordered(f.Agent))
	}
	return page(s.tx, grantsTable, l, p)
}
func (s grants) Expire(now time.Time, limit int) (int, error) {
	n, err := s.exec("delete from grants where hash in (select hash from grants where expires <= $1 order by expires limit $2)", now, max(limit, 0))
	return int(n), err
}

var actsTable = define(table[store.AuditEntry]{
	name: "acts", keys: []string{"id"}, columns: []string{"agent", "object", "at"},
	key:    func(a *store.AuditEntry) []any { return []any{ordered(a.ID)} },
	values: func(a *store.AuditEntry) []any { return []any{ordered(a.Agent), ordered(a.On), a.At} },
})

type auditLog struct{ *tx }

func (s auditLog) Add(a store.AuditEntry) error { return actsTable.put(s.tx, &a) }
func (s auditLog) List(f store.AuditFilter, p store.Page) ([]store.AuditEntry, string, error) {
	l := listing{name: "acts", table: "acts", order: []string{"at", "id"}, desc: true}
	if f.Agent != "" {
		l.where, l.is = append(l.where, "agent"), append(l.is, ordered(f.Agent))
	}
	if f.On != "" {
		l.name, l.where, l.is = "acts on", append(l.where, "object"), append(l.is, ordered(f.On))
	}
	if p.After == "" && !f.Before.IsZero() {
		p.After = l.cursor([]any{f.Before, []byte{}})
	}
	return page(s.tx, actsTable, l, p)
}
func (s auditLog) Expire(before time.Time, limit int) (int, error) {
	n, err := s.exec("delete from acts where id in (select id from acts where at < $1 order by at limit $2)", before, max(limit, 0))
	return int(n), err
}
