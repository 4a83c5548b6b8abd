package live

import (
	"cmp"
	"slices"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// Attendance is what an agent does with an issue right now.
type Attendance struct {
	Agent desk.Email
	State app.Presence
	Until time.Time
}

// recordPresence keeps in mind who is where; mu is held.
func (h *Hub) recordPresence(c store.Change) {
	if c.Kind != store.ChangePresence {
		return
	}
	until, now := c.At.Add(app.PresenceFor), h.clock.Now()
	for issue, agents := range h.present { // few are at work at a time
		for agent, a := range agents {
			if !a.Until.After(now) {
				delete(agents, agent)
			}
		}
		if len(agents) == 0 {
			delete(h.present, issue)
		}
	}
	if app.Presence(c.State) == app.PresenceLeft || !until.After(now) {
		delete(h.present[c.Issue], c.Agent)
		return
	}
	if h.present[c.Issue] == nil {
		h.present[c.Issue] = map[desk.Email]Attendance{}
	}
	h.present[c.Issue][c.Agent] = Attendance{Agent: c.Agent, State: app.Presence(c.State), Until: until}
	h.dropOldest(c.Agent)
}

// maxPlaces bounds the issues at which an agent can be present at a time: about
// as many tabs as a person can follow. A program could claim to be at all of
// them.
const maxPlaces = 20

// dropOldest takes an agent who is in too many places out of the one that they
// confirmed the longest ago; mu is held.
func (h *Hub) dropOldest(agent desk.Email) {
	places, oldest := 0, desk.IssueID("")
	for issue, agents := range h.present {
		a, here := agents[agent]
		if !here {
			continue
		}
		if places++; oldest == "" || a.Until.Before(h.present[oldest][agent].Until) {
			oldest = issue
		}
	}
	if places > maxPlaces {
		delete(h.present[oldest], agent)
	}
}

// Present lists who looks at an issue or writes in it, by address.
func (h *Hub) Present(issue desk.IssueID) []Attendance {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := []Attendance{}
	for _, a := range h.present[issue] {
		if a.Until.After(h.clock.Now()) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b Attendance) int { return cmp.Compare(a.Agent, b.Agent) })
	return out
}
