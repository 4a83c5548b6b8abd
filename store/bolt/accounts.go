package bolt

import (
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

var agentsTable = table[desk.Agent]{name: "agents", key: func(a *desk.Agent) key { return emailKey(a.Email) }, indexes: []*index[desk.Agent]{agentsByID}}

var agentsByID = &index[desk.Agent]{name: "agents.id", unique: true, keys: func(a *desk.Agent) []key {
	return []key{key(nil).text(a.ID)}
}}

func emailKey(e desk.Email) key { return key(nil).text(string(e)) }

type agents struct{ *tx }

func (a agents) Put(r desk.Agent) error { return agentsTable.put(a.tx, &r) }
func (a agents) Get(e desk.Email) (desk.Agent, bool, error) {
	return agentsTable.get(a.tx, emailKey(e))
}
func (a agents) ByID(id string) (desk.Agent, bool, error) {
	return agentsTable.by(a.tx, agentsByID, key(nil).text(id))
}
func (a agents) List(p store.Page) ([]desk.Agent, string, error) {
	return agentsTable.list(a.tx, nil, p)
}

var credentialsTable = table[store.Credential]{name: "credentials", key: func(c *store.Credential) key { return emailKey(c.Agent).text(c.ID) }}

type credentials struct{ *tx }

func (c credentials) Put(r store.Credential) error { return credentialsTable.put(c.tx, &r) }

func (c credentials) Get(e desk.Email, id string) (store.Credential, bool, error) {
	return credentialsTable.get(c.tx, emailKey(e).text(id))
}

func (c credentials) Delete(e desk.Email, id string) (bool, error) {
	return credentialsTable.delete(c.tx, emailKey(e).text(id))
}

func (c credentials) ByAgent(e desk.Email) ([]store.Credential, error) {
	all, err := everything(c.tx, &credentialsTable, emailKey(e))
	slices.SortStableFunc(all, func(a, b store.Credential) int { return a.Created.Compare(b.Created) })
	return all, err
}

var grantsTable = table[store.Grant]{
	name: "grants", key: func(g *store.Grant) key { return grantKey(g.Hash) },
	indexes: []*index[store.Grant]{grantsByKind, grantsByAgent, grantsByExpiry},
}

var (
	grantsByKind = &index[store.Grant]{name: "grants.kind", keys: func(g *store.Grant) []key {
		return []key{kindKey(g.Kind).time(g.Created).raw(grantKey(g.Hash))}
	}}
	grantsByAgent = &index[store.Grant]{name: "grants.agent", keys: func(g *store.Grant) []key {
		return []key{kindKey(g.Kind).text(string(g.Agent)).time(g.Created).raw(grantKey(g.Hash))}
	}}
	grantsByExpiry = &index[store.Grant]{name: "grants.expires", keys: func(g *store.Grant) []key {
		if g.Expires.IsZero() {
			return nil
		}
		return []key{key(nil).time(g.Expires).raw(grantKey(g.Hash))}
	}}
)

func grantKey(hash string) key { return key(nil).text(hash) }

func kindKey(k store.GrantKind) key { return key(nil).text(string(k)) }

type grants struct{ *tx }

func (s grants) Put(g store.Grant) error { return grantsTable.put(s.tx, &g) }

func (s grants) Get(hash string) (store.Grant, bool, error) {
	return grantsTable.get(s.tx, grantKey(hash))
}

func (s grants) Delete(hash string) (bool, error) { return grantsTable.delete(s.tx, grantKey(hash)) }

func (s grants) List(f store.GrantFilter, p store.Page) ([]store.Grant, string, error) {
	if f.Agent == "" {
		return grantsTable.listBy(s.tx, grantsByKind, kindKey(f.Kind), p)
	}
	return grantsTable.listBy(s.tx, grantsByAgent, kindKey(f.Kind).text(string(f.Agent)), p)
}

func (s grants) Expire(now time.Time, limit int) (int, error) {
	return expire(s.tx, &grantsTable, grantsByExpiry, now, limit)
}

// expire deletes the first records of an index whose keys begin with a time
// that has come.
func expire[T any](x *tx, t *table[T], ix *index[T], now time.Time, limit int) (int, error) {
	var over [][]byte
	err := walk(x, ix.name, nil, func(k, primary []byte) (bool, error) {
		at, _, err := cutTime(k)
		if err != nil || at.After(now) || len(over) >= limit {
			return false, err
		}
		over = append(over, slices.Clone(primary))
		return true, nil
	})
	for _, k := range over {
		if err == nil {
			_, err = t.delete(x, k)
		}
	}
	return len(over), err
}
