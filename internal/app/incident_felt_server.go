package app

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	"earshot/internal/desk"
	"earshot/store"
)

const (
	// feltRows is over how many rows the people of a server are spread, so that a reaction
	// writes little, and two at once seldom the same row.
	feltRows = 128
	// maxFeltInRow is how many people stand in a row, with room for rows that fill unevenly:
	// more are not found when their server is blocked, and stay in the number.
	maxFeltInRow = 24
	// plainFeltIn is in how many incidents, the newest, a person is looked for whose key is
	// their address.
	plainFeltIn = 200
)

// feltAt are people of a server who reacted, as digests, by incident.
type feltAt struct {
	In []feltInOne `json:"in"`
}

type feltInOne struct {
	Incident desk.IncidentID `json:"incident"`
	Who      []string        `json:"who"`
}

func (f *feltAt) len() (n int) {
	for _, one := range f.In {
		n += len(one.Who)
	}
	return n
}

func (f *feltAt) has(i desk.IncidentID, who string) bool {
	return slices.ContainsFunc(f.In, func(one feltInOne) bool { return one.Incident == i && slices.Contains(one.Who, who) })
}

func (f *feltAt) add(i desk.IncidentID, who string) {
	n := slices.IndexFunc(f.In, func(one feltInOne) bool { return one.Incident == i })
	if n < 0 {
		n = len(f.In)
		f.In = append(f.In, feltInOne{Incident: i})
	}
	f.In[n].Who = append(f.In[n].Who, who)
}

// keep removes the people for which is returns false.
func (f *feltAt) keep(is func(i desk.IncidentID, who string) bool) {
	for n, one := range f.In {
		f.In[n].Who = slices.DeleteFunc(one.Who, func(who string) bool { return !is(one.Incident, who) })
	}
	f.In = slices.DeleteFunc(f.In, func(one feltInOne) bool { return len(one.Who) == 0 })
}

// feltNames are the names under which the people of a host are found: its own, and the
// registrable domain. A block of a name between the two leaves them in the number.
func feltNames(h desk.Host) []string {
	names := []string{string(h)}
	if domain := string(h.Domain()); domain != names[0] {
		names = append(names, domain)
	}
	return names
}

func (t *Tx) feltAtKey(name string) (string, error) {
	key, err := t.deletionKey(true)
	return "felt at:" + deletionHash(key, "felt at\n"+name), err
}

// feltRow is the key of a row of a server's people.
func feltRow(server string, n int) string { return fmt.Sprintf("%s:%d", server, n) }

// feltRowOf is the number of the row in which a person stands.
func feltRowOf(i desk.IncidentID, who string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(string(i) + who))
	return int(h.Sum32() % feltRows)
}

func (t *Tx) readFeltAt(key string) (f feltAt, err error) {
	raw, ok, err := t.Once().Get(key)
	if err != nil || !ok {
		return f, err
	}
	return f, json.Unmarshal(raw, &f)
}

func (t *Tx) putFeltAt(key string, f feltAt) error {
	if len(f.In) == 0 {
		_, err := t.Once().Delete(key)
		return err
	}
	raw, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return t.rememberAs(key, raw, feltRemembered)
}

// eachFeltServer calls with the names under which a person is found, as keys, and with
// their digest.
func (t *Tx) eachFeltServer(who desk.ActorID, do func(server, digest string) error) error {
	digest, err := t.feltDigest(who)
	for _, name := range feltNames(who.Host()) {
		if err != nil {
			return err
		}
		var server string
		if server, err = t.feltAtKey(name); err == nil {
			err = do(server, digest)
		}
	}
	return err
}

// addFeltAt notes under the names of their server that a person reacted. A full row takes
// no more, so that a crowd writes nothing: first it loses those who are not counted any more.
func (t *Tx) addFeltAt(i desk.IncidentID, who desk.ActorID) error {
	return t.eachFeltServer(who, func(server, digest string) error {
		key := feltRow(server, feltRowOf(i, digest))
		row, err := t.readFeltAt(key)
		if err != nil {
			return err
		}
		if row.has(i, digest) {
			return t.putFeltAt(key, row) // it lasts as long as the reaction
		}
		if row.len() >= maxFeltInRow {
			if err := t.keepCounted(&row); err != nil || row.len() >= maxFeltInRow {
				return err
			}
		}
		row.add(i, digest)
		return t.putFeltAt(key, row)
	})
}

func (t *Tx) keepCounted(row *feltAt) (err error) {
	row.keep(func(i desk.IncidentID, who string) (still bool) {
		if err == nil {
			_, still, err = t.Once().Get(feltKeyOf(i, who))
		}
		return still
	})
	return err
}

// removeFeltAt forgets that a person of a server reacted, in the row of all too.
func (t *Tx) removeFeltAt(i desk.IncidentID, who desk.ActorID) error {
	return t.eachFeltServer(who, func(server, digest string) error {
		for _, key := range []string{server, feltRow(server, feltRowOf(i, digest))} {
			row, err := t.readFeltAt(key)
			if err == nil && row.has(i, digest) {
				row.keep(func(of desk.IncidentID, one string) bool { return of != i || one != digest })
				err = t.putFeltAt(key, row)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// forgetFeltAt forgets what the people of a blocked server reacted to.
func (t *Tx) forgetFeltAt(name string) error {
	server, err := t.feltAtKey(name)
	if err != nil {
		return err
	}
	gone := map[desk.IncidentID]int{}
	if err := t.forgetFeltRow(server, gone); err != nil { // one row had all of a server once: it is read until it expires
		return err
	}
	for n := range feltRows {
		if err := t.forgetFeltRow(feltRow(server, n), gone); err != nil {
			return err
		}
	}
	for _, i := range slices.Sorted(maps.Keys(gone)) {
		if err := t.countFelt(i, -gone[i]); err != nil {
			return err
		}
	}
	return nil
}

// forgetFeltRow forgets the people of a row, and adds how many of each incident were counted.
func (t *Tx) forgetFeltRow(key string, gone map[desk.IncidentID]int) error {
	row, err := t.readFeltAt(key)
	if err != nil || len(row.In) == 0 {
		return err
	}
	for _, one := range row.In {
		for _, who := range one.Who {
			was, err := t.Once().Delete(feltKeyOf(one.Incident, who))
			if err != nil {
				return err
			}
			if was {
				gone[one.Incident]++
			}
		}
	}
	_, err = t.Once().Delete(key)
	return err
}

// forgetPlainFelt forgets what a person reacted to while keys were addresses.
func (t *Tx) forgetPlainFelt(who desk.ActorID) error {
	looked := 0
	for i, err := range store.EachOf(t.Incidents().List, store.IncidentFilter{}) {
		if err != nil {
			return err
		}
		if looked++; looked > plainFeltIn {
			return nil
		}
		gone, err := t.Once().Delete(plainFeltKey(i.ID, who))
		if err == nil && gone {
			err = t.countFelt(i.ID, -1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
