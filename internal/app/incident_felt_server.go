package app

import (
	"encoding/json"
	"slices"

	"earshot/internal/desk"
	"earshot/store"
)

const (
	// maxFeltAt is how many people of a server are found when it is blocked, over all
	// incidents: of more, those of the oldest incident stay in its number.
	maxFeltAt = 2000
	// maxFeltSuffixes is under how many names a server is found: itself and the last ones.
	maxFeltSuffixes = 5
	// plainFeltIn is in how many incidents, the newest, a person is looked for whose key is
	// their address.
	plainFeltIn = 200
)

// feltAt are the people of a server who reacted, as digests, by incident.
type feltAt struct {
	In []feltInOne `json:"in"` // the oldest first
}

type feltInOne struct {
	Incident desk.IncidentID `json:"incident"`
	Who      []string        `json:"who"`
}

func (f *feltAt) add(i desk.IncidentID, who string) {
	n := slices.IndexFunc(f.In, func(one feltInOne) bool { return one.Incident == i })
	if n < 0 {
		n = len(f.In)
		f.In = append(f.In, feltInOne{Incident: i})
	}
	if !slices.Contains(f.In[n].Who, who) {
		f.In[n].Who = append(f.In[n].Who, who)
	}
	all := 0
	for _, one := range f.In {
		all += len(one.Who)
	}
	for ; all > maxFeltAt; all-- {
		if f.In[0].Who = f.In[0].Who[1:]; len(f.In[0].Who) == 0 {
			f.In = f.In[1:]
		}
	}
}

func (f *feltAt) remove(i desk.IncidentID, who string) {
	for n := range f.In {
		if f.In[n].Incident == i {
			f.In[n].Who = slices.DeleteFunc(f.In[n].Who, func(one string) bool { return one == who })
		}
	}
	f.In = slices.DeleteFunc(f.In, func(one feltInOne) bool { return len(one.Who) == 0 })
}

// feltNames are the names by which a block of a server may mean a host, as digests.
func (t *Tx) feltNames(h desk.Host) (keys []string, err error) {
	names := domains(h)
	if over := len(names) - maxFeltSuffixes; over > 0 {
		names = slices.Delete(names, 1, 1+over)
	}
	for _, name := range names {
		key, err := t.feltAtKey(name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func (t *Tx) feltAtKey(name string) (string, error) {
	key, err := t.deletionKey(true)
	return "felt at:" + deletionHash(key, "felt at\n"+name), err
}

func (t *Tx) readFeltAt(key string) (f feltAt, err error) {
	raw, ok, err := t.Once().Get(key)
	if err != nil || !ok {
		return f, err
	}
	return f, json.Unmarshal(raw, &f)
}

// changeFeltAt changes who of a person's server is counted.
func (t *Tx) changeFeltAt(who desk.ActorID, change func(f *feltAt, digest string)) error {
	digest, err := t.feltDigest(who)
	if err != nil {
		return err
	}
	keys, err := t.feltNames(who.Host())
	for _, key := range keys {
		if err != nil {
			return err
		}
		var f feltAt
		if f, err = t.readFeltAt(key); err != nil {
			return err
		}
		if change(&f, digest); len(f.In) == 0 {
			_, err = t.Once().Delete(key)
			continue
		}
		var raw []byte
		if raw, err = json.Marshal(f); err == nil {
			err = t.rememberAs(key, raw, feltRemembered)
		}
	}
	return err
}

// forgetFeltAt forgets what the people of a blocked server reacted to.
func (t *Tx) forgetFeltAt(name string) error {
	key, err := t.feltAtKey(name)
	if err != nil {
		return err
	}
	f, err := t.readFeltAt(key)
	for _, one := range f.In {
		gone := 0
		for _, who := range one.Who {
			if err != nil {
				return err
			}
			var was bool
			if was, err = t.Once().Delete(feltKeyOf(one.Incident, who)); was {
				gone++
			}
		}
		if err == nil && gone > 0 {
			err = t.countFelt(one.Incident, -gone)
		}
	}
	if err == nil {
		_, err = t.Once().Delete(key)
	}
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
