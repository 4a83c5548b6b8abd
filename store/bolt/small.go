package bolt

// Tables without indexes.

import (
	"bytes"
	"cmp"
	"slices"
	"sync/atomic"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

var metaTable = table[layout.Meta]{name: "meta", key: func(m *layout.Meta) key { return metaKey(m.Key) }}

func metaKey(name string) key { return key(nil).text(name) }

type meta struct{ *tx }

func (m meta) Get(name string) (string, bool, error) {
	r, ok, err := metaTable.get(m.tx, metaKey(name))
	return r.Value, ok, err
}

func (m meta) Put(name, value string) error {
	return metaTable.put(m.tx, &layout.Meta{Key: name, Value: value})
}

var desksTable = table[desk.Desk]{name: "desks", key: func(d *desk.Desk) key { return deskKey(d.Handle) }}

func deskKey(h desk.Handle) key { return key(nil).text(string(h)) }

type desks struct{ *tx }

func (d desks) Put(r desk.Desk) error                      { return desksTable.put(d.tx, &r) }
func (d desks) Get(h desk.Handle) (desk.Desk, bool, error) { return desksTable.get(d.tx, deskKey(h)) }

// memory is what was decoded last of records that are read for every post.
type memory struct{ desks atomic.Pointer[readDesks] }

// readDesks are all desks, with the records that they were decoded from.
type readDesks struct {
	records [][]byte
	desks   []desk.Desk
}

func (d desks) All() ([]desk.Desk, error) {
	var records [][]byte
	err := walk(d.tx, desksTable.name, nil, func(_, v []byte) (bool, error) { records = append(records, v); return true, nil })
	if err != nil {
		return nil, err
	}
	if d.known == nil {
		d.known = &memory{}
	}
	was := d.known.desks.Load()
	if was == nil || !slices.EqualFunc(was.records, records, bytes.Equal) {
		if was, err = decodeDesks(records); err != nil {
			return nil, err
		}
		d.known.desks.Store(was)
	}
	all := slices.Clone(was.desks)
	for i := range all { // the caller may change them
		all[i].Names, all[i].Calls, all[i].Aliases = slices.Clone(all[i].Names), slices.Clone(all[i].Calls), slices.Clone(all[i].Aliases)
		all[i].Links = slices.Clone(all[i].Links)
	}
	return all, nil
}

func decodeDesks(records [][]byte) (*readDesks, error) {
	var out readDesks
	for _, raw := range records {
		r, err := desksTable.decode(raw)
		if err != nil {
			return nil, err
		}
		out.records, out.desks = append(out.records, bytes.Clone(raw)), append(out.desks, r)
	}
	slices.SortStableFunc(out.desks, func(a, b desk.Desk) int { return cmp.Compare(a.Order, b.Order) })
	return &out, nil
}

var keysTable = table[store.Key]{name: "keys", key: func(k *store.Key) key { return deskKey(k.Owner).text(k.Fragment) }}

type keys struct{ *tx }

func (k keys) Put(r store.Key) error { return keysTable.put(k.tx, &r) }

func (k keys) List(h desk.Handle) ([]store.Key, error) {
	all, err := everything(k.tx, &keysTable, deskKey(h))
	slices.SortStableFunc(all, func(a, b store.Key) int { return b.Created.Compare(a.Created) })
	return all, err
}

var actorsTable = table[desk.Actor]{name: "actors", key: func(a *desk.Actor) key { return actorKey(a.ID) }}

func actorKey(a desk.ActorID) key { return key(nil).text(string(a)) }

type actors struct{ *tx }

func (a actors) Put(r desk.Actor) error { return actorsTable.put(a.tx, &r) }
func (a actors) Get(id desk.ActorID) (desk.Actor, bool, error) {
	return actorsTable.get(a.tx, actorKey(id))
}
func (a actors) GetAll(ids []desk.ActorID) (map[desk.ActorID]desk.Actor, error) {
	out := map[desk.ActorID]desk.Actor{}
	for _, id := range ids[:min(len(ids), store.MaxLimit)] {
		r, ok, err := a.Get(id)
		if err != nil {
			return nil, err
		}
		if ok {
			out[id] = r
		}
	}
	return out, nil
}
func (a actors) Delete(id desk.ActorID) error {
	_, err := actorsTable.delete(a.tx, actorKey(id))
	return err
}

var documentsTable = table[store.Document]{name: "documents", key: func(d *store.Document) key { return key(nil).text(d.ID) }}

type documents struct{ *tx }

func (d documents) Put(r store.Document) error { return documentsTable.put(d.tx, &r) }
func (d documents) Get(id string) (store.Document, bool, error) {
	return documentsTable.get(d.tx, key(nil).text(id))
}

var blocksTable = table[desk.Block]{name: "blocks", key: func(b *desk.Block) key { return key(nil).text(b.Target) }}

type blocks struct{ *tx }

func (b blocks) Put(r desk.Block) error { return blocksTable.put(b.tx, &r) }
func (b blocks) Get(target string) (desk.Block, bool, error) {
	return blocksTable.get(b.tx, key(nil).text(target))
}
func (b blocks) First(targets ...string) (r desk.Block, ok bool, err error) {
	for _, target := range targets {
		if r, ok, err = b.Get(target); err != nil || ok {
			break
		}
	}
	return r, ok, err
}
func (b blocks) Delete(target string) (bool, error) {
	return blocksTable.delete(b.tx, key(nil).text(target))
}
func (b blocks) List(p store.Page) ([]desk.Block, string, error) {
	return blocksTable.list(b.tx, nil, p)
}

var optOutsTable = table[desk.OptOut]{name: "optouts", key: func(o *desk.OptOut) key { return actorKey(o.Actor) }}

type optOuts struct{ *tx }

func (o optOuts) Put(r desk.OptOut) error { return optOutsTable.put(o.tx, &r) }
func (o optOuts) Get(a desk.ActorID) (desk.OptOut, bool, error) {
	return optOutsTable.get(o.tx, actorKey(a))
}
func (o optOuts) Of(actors ...desk.ActorID) (all []desk.OptOut, err error) {
	for _, a := range actors {
		r, ok, err := o.Get(a)
		if err != nil {
			return nil, err
		}
		if ok {
			all = append(all, r)
		}
	}
	return all, nil
}
func (o optOuts) Delete(a desk.ActorID) (bool, error) { return optOutsTable.delete(o.tx, actorKey(a)) }
func (o optOuts) List(p store.Page) ([]desk.OptOut, string, error) {
	return optOutsTable.list(o.tx, nil, p)
}

var hostsTable = table[store.HostState]{name: "hosts", key: func(h *store.HostState) key { return hostKey(h.Host) }}

func hostKey(h desk.Host) key { return key(nil).text(string(h)) }

type hosts struct{ *tx }

// Put stores a state; the default one is deleted instead.
func (h hosts) Put(r store.HostState) error {
	if r == (store.HostState{Host: r.Host}) {
		return h.Delete(r.Host)
	}
	return hostsTable.put(h.tx, &r)
}
func (h hosts) Get(host desk.Host) (store.HostState, bool, error) {
	return hostsTable.get(h.tx, hostKey(host))
}
func (h hosts) Delete(host desk.Host) error {
	_, err := hostsTable.delete(h.tx, hostKey(host))
	return err
}
func (h hosts) List(p store.Page) ([]store.HostState, string, error) {
	return hostsTable.list(h.tx, nil, p)
}

var sightingsTable = table[store.Sighting]{name: "sightings", key: func(s *store.Sighting) key { return objectKey(s.Object).text(s.Source) }}

func objectKey(o desk.ObjectID) key { return key(nil).text(string(o)) }

type sightings struct{ *tx }

func (s sightings) Add(r store.Sighting) (added bool, err error) {
	_, there, err := sightingsTable.get(s.tx, sightingsTable.key(&r))
	if err != nil || there {
		return false, err
	}
	return true, sightingsTable.put(s.tx, &r)
}

func (s sightings) ByObject(o desk.ObjectID) ([]store.Sighting, error) {
	all, err := everything(s.tx, &sightingsTable, objectKey(o))
	slices.SortStableFunc(all, func(a, b store.Sighting) int { return a.At.Compare(b.At) })
	return all, err
}

func (s sightings) DeleteByObject(o desk.ObjectID) error {
	var found [][]byte
	prefix := objectKey(o)
	err := walk(s.tx, sightingsTable.name, prefix, func(suffix, _ []byte) (bool, error) {
		found = append(found, slices.Concat(prefix, suffix))
		return true, nil
	})
	for _, k := range found {
		if err == nil {
			_, err = sightingsTable.delete(s.tx, k)
		}
	}
	return err
}

// everything reads all records under a prefix; only for a few records.
func everything[T any](x *tx, t *table[T], prefix key) (all []T, err error) {
	err = walk(x, t.name, prefix, func(_, v []byte) (bool, error) {
		r, err := t.decode(v)
		all = append(all, r)
		return true, err
	})
	return all, err
}
