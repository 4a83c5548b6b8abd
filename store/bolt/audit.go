package bolt

import (
	"time"

	"earshot/store"
)

var actsTable = table[store.AuditEntry]{
	name: "acts", key: func(a *store.AuditEntry) key { return actKey(a.ID) },
	indexes: []*index[store.AuditEntry]{actsByTime, actsByAgent, actsByObject},
}

var (
	actsByTime = &index[store.AuditEntry]{name: "acts.at", keys: func(a *store.AuditEntry) []key {
		return []key{key(nil).time(a.At).raw(actKey(a.ID))}
	}}
	// actsByAgent has an entry for everybody ("") and one for the agent.
	actsByAgent = &index[store.AuditEntry]{name: "acts.agent", keys: func(a *store.AuditEntry) []key {
		all := emailKey("").raw(newest(a))
		if a.Agent == "" {
			return []key{all}
		}
		return []key{all, emailKey(a.Agent).raw(newest(a))}
	}}
	actsByObject = &index[store.AuditEntry]{name: "acts.on", keys: func(a *store.AuditEntry) []key {
		return []key{objectOf(a.On).raw(newest(a))}
	}}
)

func actKey(id string) key { return key(nil).text(id) }

func objectOf(on string) key { return key(nil).text(on) }

// newest orders acts so that the newest is the first.
func newest(a *store.AuditEntry) key { return key(nil).timeDesc(a.At).rawDesc(actKey(a.ID)) }

type auditLog struct{ *tx }

func (s auditLog) Add(a store.AuditEntry) error { return actsTable.put(s.tx, &a) }

func (s auditLog) List(f store.AuditFilter, p store.Page) ([]store.AuditEntry, string, error) {
	l := listing{bucket: actsByAgent.name, prefixes: []key{emailKey(f.Agent)}, id: emailKey(f.Agent).text(f.On)}
	if f.On != "" {
		l.bucket, l.prefixes = actsByObject.name, []key{objectOf(f.On)}
	}
	if p.After == "" && !f.Before.IsZero() {
		p.After = l.cursor(key(nil).timeDesc(f.Before.Add(-time.Microsecond)))
	}
	return page(s.tx, l, p, func(v []byte) (store.AuditEntry, bool, error) {
		a, err := actsTable.must(s.tx, v)
		return a, f.Agent == "" || f.Agent == a.Agent, err
	})
}

func (s auditLog) Expire(before time.Time, limit int) (int, error) {
	return expire(s.tx, &actsTable, actsByTime, before.Add(-time.Microsecond), limit)
}
