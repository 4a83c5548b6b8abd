package app

import (
	"errors"
	"slices"

	"earshot/internal/desk"
	"earshot/store"
)

// ErrNoRoom says that nobody here has answered a domain, and that it has as many open
// issues as it may have. Later may be different.
var ErrNoRoom = errors.New("there is no room for more issues of this server")

// opening is the cost of opening an issue, and whose limits it counts for.
type opening struct {
	flood     desk.Flood // it is held back for that; "" if not
	full      bool       // it is not accepted: see ErrNoRoom
	standings []desk.Standing
	room      desk.Domain // of which it takes its part; "": its author is known here
	text      string      // the key of its text, "" for a short one: see Tx.remember
}

// earlierRead is how many earlier issues of a person are looked at.
const earlierRead = 10

// mayOpen says whether an author may open an issue now, and what their
// standings are if they do. Nothing is written.
func (t *Tx) mayOpen(p placement, h Heard) (o opening, err error) {
	if !t.floodLimits {
		return opening{}, nil
	}
	who := h.Author.ID
	if err := o.take(t, string(who), desk.FloodOfPerson, desk.ActorRate); err != nil || o.flood != "" {
		return o, err
	}
	earlier, _, err := t.Issues().ByReporter(who, store.Page{Limit: earlierRead})
	if err != nil {
		return o, err
	}
	if slices.ContainsFunc(earlier, answeredIn) { // an acquaintance: what others send is not theirs
		return o, nil
	}
	domain, err := t.standing(who.Host())
	if err != nil {
		return o, err
	}
	if o.flood, o.text, err = t.likelySpam(p, h, domain); err != nil || o.flood != "" {
		return o, err
	}
	strangers, _, err := t.Standings().Get(desk.Strangers)
	if err != nil {
		return o, err
	}
	o.full = !t.room.Fits(domain, strangers)
	o.room = desk.Domain(domain.Key)
	if len(earlier) == 0 {
		domain.People++
		domain.Expires = t.Now.Add(hostRemembered)
		o.standings = append(o.standings, domain)
	}
	return o, nil
}

func answeredIn(i desk.Issue) bool { return i.Replies > 0 }

// acquainted says whether a person was answered here.
func (t *Tx) acquainted(who desk.ActorID) (bool, error) {
	earlier, _, err := t.Issues().ByReporter(who, store.Page{Limit: earlierRead})
	return slices.ContainsFunc(earlier, answeredIn), err
}

// overflows says whether an author's post would open an issue for which there is no
// room. Then it must not be accepted.
func (t *Tx) overflows(p placement, h Heard) (bool, error) {
	o, err := t.mayOpen(p, h)
	return o.full, err
}

// take takes one of a limit.
func (o *opening) take(t *Tx, key string, flood desk.Flood, rate desk.Rate) error {
	s, ok, err := t.Standings().Get(key)
	if err != nil {
		return err
	}
	if !ok {
		s = desk.Standing{Key: key, Since: t.Now}
	}
	if s.Busy, ok = rate.Take(s.Busy, t.Now); !ok {
		o.flood = flood
		return nil
	}
	s.Expires = t.Now.Add(actorRemembered)
	o.standings = append(o.standings, s)
	return nil
}

// standing is that of a host's domain: a further host below a domain costs its
// owner nothing. Standings of before were of single hosts, and still count.
func (t *Tx) standing(h desk.Host) (desk.Standing, error) {
	domain := string(h.Domain())
	s, ok, err := t.Standings().Get(domain)
	if err != nil {
		return s, err
	}
	if !ok {
		s = desk.Standing{Key: domain, Since: t.Now}
	}
	if domain == string(h) {
		return s, nil
	}
	older, ok, err := t.Standings().Get(string(h))
	if err != nil || !ok {
		return s, err
	}
	return s.Joined(older), nil
}

// pay stores the cost of opening an issue.
func (t *Tx) pay(o opening) error {
	for _, s := range o.standings {
		if err := t.putStanding(s); err != nil {
			return err
		}
	}
	return nil
}

// moveStanding takes along what an author has used of its limit: a chain of
// accounts, each the new one of the last, is one person.
func (t *Tx) moveStanding(from, to desk.ActorID) error {
	s, ok, err := t.Standings().Get(string(from))
	if err != nil || !ok {
		return err
	}
	if theirs, ok, err := t.Standings().Get(string(to)); err != nil || ok && theirs.Busy.After(s.Busy) {
		return err
	}
	s.Key = string(to)
	return t.Standings().Put(s)
}
