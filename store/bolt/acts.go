package bolt

import (
	"time"

	"earshot/store"
)

var actsTable = table[store.Act]{
	name: "acts", key: func(a *store.Act) key { return actKey(a.ID) },
	indexes: []*index[store.Act]{actsByTime, actsByAgent, actsByObject},
}

var (
	actsByTime = &index[store.Act]{name: "acts.at", keys: func(a *store.Act) []key {
		return []key{key(nil).time(a.At).raw(actKey(a.ID))}
	}}
	// actsByAgent has an entry for everybody ("") and one for the agent.
	actsByAgent = &index[store.Act]{name: "acts.agent", keys: func(a *store.Act) []key {
		all := emailKey("").raw(newest(a))
		if a.Agent == "" {
			return []key{all}
		}
		return []key{all, emailKey(a.Agent).raw(newest(a))}
	}}
	actsByObject = &index[store.Act]{name: "acts.on", keys: func(a *store.Act) []key {
		return []key{objectOf(a.On).raw(newest(a))}
	}}
)

func actKey(id string) key { return key(nil).text(id) }

func objectOf(on string) key { return key(nil).text(on) }

// newest orders acts so that the newest is the first.
func newest(a *store.Act) key { return key(nil).timeDesc(a.At).rawDesc(actKey(a.ID)) }

type acts struct{ *tx }

func (s acts) Add(a store.Act) error { return actsTable.put(s.tx, &a) }

func (s acts) List(f store.ActFilter, p store.Page) ([]store.Act, string, error) {
	l := listing{bucket: actsByAgent.name, prefixes: []key{emailKey(f.Agent)}, id: emailKey(f.Agent).text(f.On)}
	if f.On != "" {
		l.bucket, l.prefixes = actsByObject.name, []key{objectOf(f.On)}
	}
	return page(s.tx, l, p, func(v []byte) (store.Act, bool, error) {
		a, err := actsTable.must(s.tx, v)
		return a, f.Agent == "" || f.Agent == a.Agent, err
	})
}

func (s acts) Expire(before time.Time, limit int) (int, error) {
	return expire(s.tx, &actsTable, actsByTime, before.Add(-time.Microsecond), limit)
}
