package bolt

import (
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

var quarantineTable = table[desk.Quarantined]{
	name:    "quarantine",
	key:     func(q *desk.Quarantined) key { return objectKey(q.Object) },
	indexes: []*index[desk.Quarantined]{quarantineByAge, quarantineByHost, quarantineByActor, quarantineByFlood, quarantineDropped},
	counts: func(q *desk.Quarantined) []key {
		if q.Dropped != nil {
			return nil
		}
		return []key{hostKey(""), hostKey(q.Host())}
	},
}

var (
	quarantineByAge = &index[desk.Quarantined]{name: "quarantine.since", keys: func(q *desk.Quarantined) []key {
		return unlessDropped(q, key(nil).time(q.Since).raw(objectKey(q.Object)))
	}}
	quarantineByHost = &index[desk.Quarantined]{name: "quarantine.host", keys: func(q *desk.Quarantined) []key {
		return unlessDropped(q, hostKey(q.Host()).time(q.Since).raw(objectKey(q.Object)))
	}}
	quarantineByActor = &index[desk.Quarantined]{name: "quarantine.actor", keys: func(q *desk.Quarantined) []key {
		return []key{actorKey(q.Author.ID).time(q.Stands()).raw(objectKey(q.Object))}
	}}
	// quarantineByFlood has the parts of a sum, so that no record is read for that.
	quarantineByFlood = &index[desk.Quarantined]{name: "quarantine.flood", keys: func(q *desk.Quarantined) []key {
		return unlessDropped(q, floodKey(q.Reason()).time(q.Since).raw(objectKey(q.Object)).text(string(q.Host())).text(q.Language()))
	}}
	quarantineDropped = &index[desk.Quarantined]{name: "quarantine.dropped", keys: func(q *desk.Quarantined) []key {
		if q.Dropped == nil {
			return nil
		}
		return []key{floodKey(q.Reason()).time(q.Dropped.At).raw(objectKey(q.Object))}
	}}
)

func floodKey(f desk.Flood) key { return key(nil).text(string(f)) }

func unlessDropped(q *desk.Quarantined, k key) []key {
	if q.Dropped != nil {
		return nil
	}
	return []key{k}
}

type quarantine struct{ *tx }

func (s quarantine) Put(q desk.Quarantined) error { return quarantineTable.put(s.tx, &q) }

func (s quarantine) Get(o desk.ObjectID) (desk.Quarantined, bool, error) {
	return quarantineTable.get(s.tx, objectKey(o))
}

func (s quarantine) Delete(o desk.ObjectID) (bool, error) {
	return quarantineTable.delete(s.tx, objectKey(o))
}

func (s quarantine) List(f store.QuarantineFilter, p store.Page) ([]desk.Quarantined, string, error) {
	switch {
	case f.Actor != "":
		return quarantineTable.listBy(s.tx, quarantineByActor, actorKey(f.Actor), p)
	case f.Dropped != "":
		return quarantineTable.listBy(s.tx, quarantineDropped, floodKey(f.Dropped), p)
	case f.Flood != "":
		return quarantineTable.listBy(s.tx, quarantineByFlood, floodKey(f.Flood), p)
	case f.Host != "":
		return quarantineTable.listBy(s.tx, quarantineByHost, hostKey(f.Host), p)
	}
	return quarantineTable.listBy(s.tx, quarantineByAge, nil, p)
}

func (s quarantine) Count() (int, error) { return quarantineTable.count(s.tx, hostKey("")) }

func (s quarantine) CountActor(who desk.ActorID) (n int, err error) {
	err = walk(s.tx, quarantineByActor.name, actorKey(who), func(_, _ []byte) (bool, error) {
		n++
		return true, nil
	})
	return n, err
}

func (s quarantine) HeldBack(f desk.Flood) (store.HeldSum, error) {
	sum := store.HeldSum{Servers: map[desk.Host]int{}, Languages: map[string]int{}}
	err := walk(s.tx, quarantineByFlood.name, floodKey(f), func(k, _ []byte) (bool, error) {
		since, k, err := cutTime(k)
		if err != nil {
			return false, err
		}
		_, k, err = cutPart(k) // the object
		if err != nil {
			return false, err
		}
		host, k, err := cutText(k)
		if err != nil {
			return false, err
		}
		language, _, err := cutText(k)
		sum.Add(since, desk.Host(host), language, 1)
		return true, err
	})
	return sum, err
}

func (s quarantine) Hosts() (map[desk.Host]int, error) {
	var hosts []desk.Host
	err := walk(s.tx, countersBucket, quarantineTable.counter(nil), func(k, _ []byte) (bool, error) {
		host, _, err := cutText(k)
		if host != "" {
			hosts = append(hosts, desk.Host(host))
		}
		return true, err
	})
	out := map[desk.Host]int{}
	for _, h := range hosts {
		n, err := quarantineTable.count(s.tx, hostKey(h))
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out[h] = n
		}
	}
	return out, err
}

var standingsTable = table[desk.Standing]{
	name:    "standings",
	key:     func(s *desk.Standing) key { return key(nil).text(s.Key) },
	indexes: []*index[desk.Standing]{standingsByExpiry},
}

var standingsByExpiry = &index[desk.Standing]{name: "standings.expires", keys: func(s *desk.Standing) []key {
	return []key{key(nil).time(s.Expires).text(s.Key)}
}}

type standings struct{ *tx }

func (s standings) Put(r desk.Standing) error { return standingsTable.put(s.tx, &r) }

func (s standings) Get(name string) (desk.Standing, bool, error) {
	return standingsTable.get(s.tx, key(nil).text(name))
}

func (s standings) Expire(now time.Time, limit int) (forgotten int, err error) {
	return expire(s.tx, &standingsTable, standingsByExpiry, now, limit)
}
