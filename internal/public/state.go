package public

import (
	"cmp"
	"slices"
	"time"

	"earshot/internal/desk"
)

// component is a service, or a desk that has none, as status pages know it.
type component struct {
	Desk    desk.Desk
	Name    string
	Status  string // of Statuspage: operational, degraded_performance, partial_outage, major_outage, under_maintenance
	Changed time.Time
}

// Key is the words for its status.
func (c component) Key() string { return "service." + c.Status }

// OK says whether it works.
func (c component) OK() bool { return c.Status == operational }

const (
	operational      = "operational"
	underMaintenance = "under_maintenance"
)

// effects are the statuses of components by the impact of an incident, the least
// first, and between the first two that of planned work.
var effects = []string{operational, underMaintenance, "degraded_performance", "partial_outage", "major_outage"}

// effect is what an incident does to a service that it names.
func (i told) effect() string {
	switch {
	case !i.going():
		return operational
	case i.Planned():
		return underMaintenance
	}
	return effect(i.Impact)
}

func effect(i desk.Impact) string {
	switch i {
	case desk.ImpactMinor:
		return effects[2]
	case desk.ImpactMajor:
		return effects[3]
	case desk.ImpactCritical:
		return effects[4]
	}
	return operational
}

// worse returns the worse of two statuses of components.
func worse(a, b string) string {
	return effects[max(slices.Index(effects, a), slices.Index(effects, b))]
}

// components lists the services of a desk: its own list, in its order, and others that
// open incidents name; without a list all that its incidents name. These are in the
// order of their names. An incident that names none is felt by all services.
func (k known) components(d desk.Desk) (out []component) {
	all := slices.Concat(k.Open, k.Past)
	var names []string
	for _, i := range all {
		if i.Desk == d.Handle && (len(d.Services) == 0 || i.State() == desk.IncidentOpen) {
			names = append(names, i.Services...)
		}
	}
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(n string) bool { return slices.Contains(d.Services, n) })
	for _, name := range slices.Concat(d.Services, names) {
		c := component{Desk: d, Name: name, Status: operational, Changed: d.Created}
		for _, i := range all {
			if i.Desk == d.Handle && (len(i.Services) == 0 || slices.Contains(i.Services, name)) {
				c.feel(i)
			}
		}
		out = append(out, c)
	}
	return out
}

// whole is a desk as one component.
func (k known) whole(d desk.Desk) component {
	c := component{Desk: d, Name: d.Name, Status: operational, Changed: d.Created}
	for _, i := range slices.Concat(k.Open, k.Past) {
		if i.Desk == d.Handle {
			c.feel(i)
		}
	}
	return c
}

func (c *component) feel(i told) {
	c.Status = worse(c.Status, i.effect())
	if i.StatusAt.After(c.Changed) {
		c.Changed = i.StatusAt
	}
}

// services lists the services of all desks, those that are affected first, and how
// many more there are.
func (k known) services(most int) (out []component, more int) {
	for _, d := range k.Desks {
		out = append(out, k.components(d)...)
	}
	slices.SortStableFunc(out, func(a, b component) int {
		return cmp.Compare(slices.Index(effects, b.Status), slices.Index(effects, a.Status))
	})
	if len(out) > most {
		out, more = out[:most], len(out)-most
	}
	return out, more
}

// day is one day of the history.
type day struct {
	At     time.Time // its beginning, UTC
	Status string    // the worst that was felt on it, as of a component
	Count  int       // incidents and planned work
}

// Key is the words for the worst of the day.
func (d day) Key() string { return "service_day." + d.Status }

// history lists the last days, the oldest first.
func (k known) history(now time.Time) (out []day) {
	today := now.UTC().Truncate(24 * time.Hour)
	for n := daysOfHistory - 1; n >= 0; n-- {
		d := day{At: today.AddDate(0, 0, -n), Status: operational}
		for _, i := range slices.Concat(k.Open, k.Past) {
			if !i.felt(d.At, now) {
				continue
			}
			d.Count++
			if i.Planned() {
				d.Status = worse(d.Status, underMaintenance)
			} else {
				d.Status = worse(d.Status, effect(i.Impact))
			}
		}
		out = append(out, d)
	}
	return out
}

// felt says whether an incident went on during a day that is not over before now.
func (i told) felt(begin, now time.Time) bool {
	from, until := i.Begun(), now
	if !i.ClosedAt.IsZero() {
		until = i.ClosedAt
	}
	return i.Status != desk.WorkScheduled && !from.After(until) && from.Before(begin.AddDate(0, 0, 1)) && until.After(begin)
}

// state is how things are, as one sentence.
type state struct {
	Key         string // of the catalogue
	News        bool   // it is worth a look
	N           int
	Title, Path string
	At          time.Time
}

// state says the most important: an incident, planned work that goes on, planned work
// to come. Its key is "" if there is nothing of it.
func (k known) state() state {
	going, planned := k.split()
	var broken, working []told
	for _, i := range going {
		if i.Planned() {
			working = append(working, i)
		} else {
			broken = append(broken, i)
		}
	}
	of := func(key string, all []told, at func(told) time.Time) state {
		return state{Key: key, News: true, N: len(all), Title: all[0].Title, Path: all[0].Path(), At: at(all[0])}
	}
	switch {
	case len(broken) > 0:
		slices.SortStableFunc(broken, func(a, b told) int { return cmp.Compare(impactRank(b.Impact), impactRank(a.Impact)) })
		return of("home.state_open", broken, func(i told) time.Time { return i.StatusAt })
	case len(working) > 0:
		return of("home.state_work", working, func(i told) time.Time { return i.Until })
	case len(planned) > 0:
		s := of("home.state_planned", planned, func(i told) time.Time { return i.From })
		s.News = false
		return s
	}
	return state{}
}

func impactRank(i desk.Impact) int { return slices.Index(desk.Impacts(), i) }
