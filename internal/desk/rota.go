package desk

import (
	"slices"
	"time"
)

// Rota says who of a desk is told of a new issue that nobody has taken, one after the other.
// The zero value: nobody.
type Rota struct {
	Agents  []Email `json:"agents,omitempty"`  // in their order
	Minutes int     `json:"minutes,omitempty"` // after so many the next one is told
}

const (
	// MaxRota is how many agents a rota may have.
	MaxRota = 20
	// DefaultRotaMinutes are the minutes of a rota that names none, maxRotaMinutes the most.
	DefaultRotaMinutes = 10
	maxRotaMinutes     = 24 * 60
)

// NewRota checks and cleans what an admin typed.
func NewRota(r Rota) (Rota, error) {
	out := Rota{Minutes: r.Minutes}
	for _, e := range r.Agents {
		if e = EmailOf(string(e)); e != "" && !slices.Contains(out.Agents, e) {
			out.Agents = append(out.Agents, e)
		}
	}
	if len(out.Agents) > MaxRota {
		return Rota{}, Invalid("rota_too_long", "a rota has at most %d agents", MaxRota)
	}
	if len(out.Agents) == 0 {
		return Rota{}, nil
	}
	if out.Minutes == 0 {
		out.Minutes = DefaultRotaMinutes
	}
	if out.Minutes < 1 || out.Minutes > maxRotaMinutes {
		return Rota{}, Invalid("rota_minutes", "the next one is told after 1 to %d minutes, not %d", maxRotaMinutes, out.Minutes)
	}
	return out, nil
}

// After is the time after which the next one is told.
func (r Rota) After() time.Duration { return time.Duration(r.Minutes) * time.Minute }

// Untaken says that a new issue stands in the list and nobody has taken it: no agent has it,
// no status was set, and it is not put off.
func (i Issue) Untaken() bool {
	return i.Status == StatusNew && i.Assignee == "" && i.MergedInto == "" && !i.Snooze.On() && i.InPile() == ""
}
