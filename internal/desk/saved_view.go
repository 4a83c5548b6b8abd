package desk

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// SavedViewID is the UUIDv7 of a saved view.
type SavedViewID string

// ViewOwner is to which agent or desk a saved view belongs, as in an address.
type ViewOwner string

// ViewsOfAgent are the views that only one agent sees.
func ViewsOfAgent(e Email) ViewOwner { return ViewOwner("agents/" + string(e)) }

// ViewsOfDesk are the views that every agent sees.
func ViewsOfDesk(h Handle) ViewOwner { return ViewOwner("desks/" + string(h)) }

// Desk is the desk that has the view, "" if an agent has it.
func (o ViewOwner) Desk() Handle {
	h, ok := strings.CutPrefix(string(o), "desks/")
	if !ok {
		return ""
	}
	return Handle(h)
}

// SavedView is a list of issues under a name: one of the lists, narrowed, or a search.
type SavedView struct {
	ID      SavedViewID `json:"id"`
	Owner   ViewOwner   `json:"owner"`
	Name    string      `json:"name"` // one of an owner
	List    string      `json:"list"` // one of ViewLists; "mine" and "mentioned" are those of the reading agent
	At      Handle      `json:"at,omitempty"`
	Status  Status      `json:"status,omitempty"`
	Search  string      `json:"search,omitempty"` // it finds in all lists
	Changed time.Time   `json:"changed_at"`
}

// MaxSavedViews is how many views an agent may save, and a desk.
const MaxSavedViews = 20

// MaxViewName is how many characters the name of a view has at most.
const MaxViewName = 40

const maxViewSearch = 200

// ViewLists names the lists that a view can be saved of.
func ViewLists() []string {
	return []string{"new", "mine", "mentioned", "needs_us", "open", "waiting", "snoozed", "done", "all"}
}

// NewSavedView checks and normalises the typed fields.
func NewSavedView(v SavedView) (SavedView, error) {
	v.Name = CleanName(v.Name)
	if v.Name == "" || utf8.RuneCountInString(v.Name) > MaxViewName {
		return v, Invalid("view_name_length", "the name of a view has 1 to %d characters", MaxViewName)
	}
	if v.List == "" {
		v.List = "all"
	}
	if !slices.Contains(ViewLists(), v.List) {
		return v, Invalid("view_list_unknown", "there is no list %.50q; there are %v", v.List, ViewLists())
	}
	if v.Status != "" && !slices.Contains(Statuses(), v.Status) {
		return v, Invalid("status_unknown", "there is no status %q; there are %v", v.Status, Statuses())
	}
	v.Search = strings.TrimSpace(v.Search)
	if utf8.RuneCountInString(v.Search) > maxViewSearch || !utf8.ValidString(v.Search) {
		return v, Invalid("view_search_length", "the search of a view has at most %d characters", maxViewSearch)
	}
	return v, nil
}

// Names reports whether the words of a view name a person: by handle, address, or a
// display name of several words. A single word may mean something else.
func (v SavedView) Names(a Actor) bool {
	user, _, _ := strings.Cut(a.Acct, "@")
	for _, text := range []string{v.Search, v.Name} {
		text = " " + strings.Join(strings.Fields(strings.ToLower(text)), " ") + " "
		for _, part := range []string{a.Acct, string(a.ID), a.URL} {
			if part != "" && strings.Contains(text, strings.ToLower(part)) {
				return true
			}
		}
		name := strings.Join(strings.Fields(strings.ToLower(a.Name)), " ")
		if strings.Contains(name, " ") && strings.Contains(text, name) {
			return true
		}
		for _, word := range []string{"@" + user, "from:" + user, "from:@" + user} {
			if user != "" && strings.Contains(text, " "+strings.ToLower(word)+" ") {
				return true
			}
		}
	}
	return false
}
