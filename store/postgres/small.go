package postgres

// Tables that are found by their keys only.

import (
	"cmp"
	"slices"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

var metaTable = define(table[layout.Meta]{name: "meta", keys: []string{"key"}, key: func(m *layout.Meta) []any { return []any{ordered(m.Key)} }})

type meta struct{ *tx }

func (m meta) Get(name string) (string, bool, error) {
	r, ok, err := metaTable.get(m.tx, ordered(name))
	return r.Value, ok, err
}
func (m meta) Put(name, value string) error {
	return metaTable.put(m.tx, &layout.Meta{Key: name, Value: value})
}

var desksTable = define(table[desk.Desk]{name: "desks", keys: []string{"handle"}, key: func(d *desk.Desk) []any { return []any{ordered(d.Handle)} }})

type desks struct{ *tx }

func (d desks) Put(r desk.Desk) error                      { return desksTable.put(d.tx, &r) }
func (d desks) Get(h desk.Handle) (desk.Desk, bool, error) { return desksTable.get(d.tx, ordered(h)) }
func (d desks) All() ([]desk.Desk, error) {
	all, err := desksTable.all(d.tx, "select record from desks order by handle")
	slices.SortStableFunc(all, func(a, b desk.Desk) int { return cmp.Compare(a.Order, b.Order) })
	return all, err
}

var keysTable = define(table[store.Key]{name: "keys", keys: []string{"owner", "fragment"}, key: func(k *store.Key) []any {
	return []any{ordered(k.Owner), ordered(k.Fragment)}
}})

type keys struct{ *tx }

func (k keys) Put(r store.Key) error { return keysTable.put(k.tx, &r) }
func (k keys) List(h desk.Handle) ([]store.Key, error) {
	all, err := keysTable.all(k.tx, "select record from keys where owner = $1 order by fragment", ordered(h))
	slices.SortStableFunc(all, func(a, b store.Key) int { return b.Created.Compare(a.Created) })
	return all, err
}

var actorsTable = define(table[desk.Actor]{name: "actors", keys: []string{"id"}, key: func(a *desk.Actor) []any { return []any{ordered(a.ID)} }})

type actors struct{ *tx }

func (a actors) Put(r desk.Actor) error { return actorsTable.put(a.tx, &r) }
func (a actors) Get(id desk.ActorID) (desk.Actor, bool, error) {
	return actorsTable.get(a.tx, ordered(id))
}
func (a actors) GetAll(ids []desk.ActorID) (map[desk.ActorID]desk.Actor, error) {
	all, err := actorsTable.all(a.tx, "select record from actors where id = any($1)", orderedAll(ids[:min(len(ids), store.MaxLimit)]))
	out := map[desk.ActorID]desk.Actor{}
	for _, r := range all {
		out[r.ID] = r
	}
	return out, err
}
func (a actors) Delete(id desk.ActorID) error {
	_, err := actorsTable.delete(a.tx, ordered(id))
	return err
}

var documentsTable = define(table[store.Document]{name: "documents", keys: []string{"id"}, key: func(d *store.Document) []any { return []any{ordered(d.ID)} }})

type documents struct{ *tx }

func (d documents) Put(r store.Document) error { return documentsTable.put(d.tx, &r) }
func (d documents) Get(id string) (store.Document, bool, error) {
	return documentsTable.get(d.tx, ordered(id))
}

var blocksTable = define(table[desk.Block]{name: "blocks", keys: []string{"target"}, key: func(b *desk.Block) []any { return []any{ordered(b.Target)} }})

type blocks struct{ *tx }

func (b blocks) Put(r desk.Block) error { return blocksTable.put(b.tx, &r) }
func (b blocks) Get(target string) (desk.Block, bool, error) {
	return blocksTable.get(b.tx, ordered(target))
}
func (b blocks) First(targets ...string) (desk.Block, bool, error) {
	return blocksTable.query(b.tx, "select record from blocks where target = any($1) order by array_position($1, target) limit 1", orderedAll(targets))
}
func (b blocks) Delete(target string) (bool, error) {
	return blocksTable.delete(b.tx, ordered(target))
}
func (b blocks) List(p store.Page) ([]desk.Block, string, error) {
	return page(b.tx, blocksTable, listing{name: "blocks", table: "blocks", order: []string{"target"}}, p)
}

var optOutsTable = define(table[desk.OptOut]{name: "optouts", keys: []string{"actor"}, key: func(o *desk.OptOut) []any { return []any{ordered(o.Actor)} }})

type optOuts struct{ *tx }

func (o optOuts) Put(r desk.OptOut) error { return optOutsTable.put(o.tx, &r) }
func (o optOuts) Get(a desk.ActorID) (desk.OptOut, bool, error) {
	return optOutsTable.get(o.tx, ordered(a))
}
func (o optOuts) Of(actors ...desk.ActorID) ([]desk.OptOut, error) {
	return optOutsTable.all(o.tx, "select record from optouts where actor = any($1) order by array_position($1, actor)", orderedAll(actors))
}
func (o optOuts) Delete(a desk.ActorID) (bool, error) { return optOutsTable.delete(o.tx, ordered(a)) }
func (o optOuts) List(p store.Page) ([]desk.OptOut, string, error) {
	return page(o.tx, optOutsTable, listing{name: "optouts", table: "optouts", order: []string{"actor"}}, p)
}

var hostsTable = define(table[store.HostState]{name: "hosts", keys: []string{"host"}, key: func(h *store.HostState) []any { return []any{ordered(h.Host)} }})

type hosts struct{ *tx }

// Put stores a state; the default one is deleted instead.
func (h hosts) Put(r store.HostState) error {
	if r == (store.HostState{Host: r.Host}) {
		return h.Delete(r.Host)
	}
	return hostsTable.put(h.tx, &r)
}
func (h hosts) Get(host desk.Host) (store.HostState, bool, error) {
	return hostsTable.get(h.tx, ordered(host))
}
func (h hosts) Delete(host desk.Host) error {
	_, err := hostsTable.delete(h.tx, ordered(host))
	return err
}
func (h hosts) List(p store.Page) ([]store.HostState, string, error) {
	return page(h.tx, hostsTable, listing{name: "hosts", table: "hosts", order: []string{"host"}}, p)
}
