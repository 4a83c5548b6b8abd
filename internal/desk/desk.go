package desk

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxDesks is how many desks one instance may have: matching looks at all.
const MaxDesks = 100

// MaxAliases is how many aliases a desk may have.
const MaxAliases = 20

// MaxDeskServices is how many services a desk may list.
const MaxDeskServices = 50

// Desk is a provider's account on the instance: one ActivityPub actor, the
// tags it answers to.
type Desk struct {
	Handle  Handle   `json:"handle"`
	Name    string   `json:"name"`
	Summary string   `json:"summary"` // plain text for the profile
	Names   []string `json:"names"`   // tags that name the provider, as written
	Calls   []string `json:"calls"`   // tags that say something is wrong, as written
	// Services are what the desk provides: status pages list them. Empty: those that its
	// incidents name.
	Services []string `json:"services,omitempty"`
	// Aliases are addresses that the desk had in software that ran on the domain
	// before, as package address spells them.
	Aliases []string `json:"aliases,omitempty"`
	// Icon and Header are its pictures, Colour that of its pages, Links those on
	// its profile.
	Icon   Picture `json:"icon,omitzero"`
	Header Picture `json:"header,omitzero"`
	Colour Colour  `json:"colour,omitempty"`
	Links  []Link  `json:"links,omitempty"`
	// Rota says who is told of its new issues that nobody takes.
	Rota    Rota      `json:"rota,omitzero"`
	Order   int       `json:"order"` // decides between desks that match alike, lowest first
	Created time.Time `json:"created_at"`
	// Edits counts the changes of the profile; each is told to the followers
	// under an id of its own.
	Edits int `json:"edits"`
}

// DefaultCalls are the calls of a desk that was given none.
func DefaultCalls() []string { return []string{"fail", "down", "broken", "help", "outage"} }

// NewDesk checks and cleans what an admin typed. Tags that the desk has already,
// had, are not checked again.
func NewDesk(d Desk, had ...string) (Desk, error) {
	if _, err := ParseHandle(string(d.Handle)); err != nil {
		return Desk{}, err
	}
	d.Name = CleanName(d.Name)
	if d.Name == "" {
		d.Name = string(d.Handle)
	}
	if utf8.RuneCountInString(d.Name) > 100 {
		return Desk{}, Invalid("desk_name_too_long", "a desk's name has at most 100 characters")
	}
	if utf8.RuneCountInString(d.Summary) > 2000 {
		return Desk{}, Invalid("desk_summary_too_long", "a desk's summary has at most 2,000 characters")
	}
	var err error
	if d.Names, err = ParseTags(d.Names, had...); err != nil {
		return Desk{}, err
	}
	if len(d.Calls) == 0 {
		d.Calls = DefaultCalls()
	}
	if d.Calls, err = ParseTags(d.Calls, had...); err != nil {
		return Desk{}, err
	}
	if len(d.Names) > 50 || len(d.Calls) > 100 {
		return Desk{}, Invalid("desk_keys_too_many", "a desk has at most 50 names and 100 calls")
	}
	if d.Services, err = cleanServices(d.Services); err != nil {
		return Desk{}, err
	}
	if len(d.Services) > MaxDeskServices {
		return Desk{}, Invalid("desk_services_too_many", "a desk lists at most %d services", MaxDeskServices)
	}
	if d.Colour, err = ParseColour(string(d.Colour)); err != nil {
		return Desk{}, err
	}
	if d.Links, err = cleanLinks(d.Links); err != nil {
		return Desk{}, err
	}
	if !d.hearsTags() && !slices.Equal(had, d.Tags()) {
		return Desk{}, Invalid("desk_keys_one", "no post is heard by #%s: a name and a call must be two different hashtags", d.Names[0])
	}
	return d, nil
}

// Tags lists the desk's names, then its calls.
func (d Desk) Tags() []string { return slices.Concat(d.Names, d.Calls) }

// ServicesNamed returns those of its services that a program names, in any case.
func (d Desk) ServicesNamed(in []string) (out []string) {
	for _, s := range d.Services {
		if len(out) < MaxServices && slices.ContainsFunc(in, func(n string) bool { return strings.EqualFold(n, s) }) {
			out = append(out, s)
		}
	}
	return out
}

// hearsTags says whether a name and a call are two tags. A desk without names
// is meant to be mentioned.
func (d Desk) hearsTags() bool {
	for _, n := range d.Names {
		if slices.ContainsFunc(d.Calls, func(c string) bool { return !SameTag(n, c) }) {
			return true
		}
	}
	return len(d.Names) == 0
}
