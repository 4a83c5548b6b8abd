// Package layout is what all backends keep alike: the shapes of records that
// only backends see, so that one reads what another wrote, and which of the
// lists a record is in.
package layout

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// Meta is a fact of the store. See store.Meta.
type Meta struct{ Key, Value string }

// Once is a key that is remembered for a while. See store.Once.
type Once struct {
	Key     string
	Value   []byte
	Expires time.Time
}

// Terms are the words of a post, for searching. See store.Terms.
type Terms struct {
	Post  desk.PostID
	Issue desk.IssueID
	Terms []string // see Words
}

// Job is a job as copies carry it: without its lease, with its place in its lane.
type Job struct {
	store.Job
	Lease       uint64    `json:"lease,omitempty"` // always 0
	LeasedUntil time.Time `json:"leased_until,omitzero"`
	Place       uint64    `json:"place,omitempty"` // the smaller is before
}

// Encode makes a record's JSON: characters are not escaped, and no newline ends
// it.
func Encode(record any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(record); err != nil {
		return nil, fmt.Errorf("store: encoding: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Words returns words sorted, each once, none empty.
func Words(words []string) []string {
	words = slices.Compact(slices.Sorted(slices.Values(words)))
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}

// InOutbox says whether a post is among those that everybody may list.
func InOutbox(p *desk.Post) bool {
	return (p.Role == desk.RoleReply || p.Role == desk.RoleBroadcast) &&
		p.State == desk.PostPublished && p.Visibility.IsPublic() && !p.Deleted
}

// Published is when a post of ours was published, or else written.
func Published(p *desk.Post) time.Time {
	if p.PublishedAt.IsZero() {
		return p.Received
	}
	return p.PublishedAt
}

// Lists names the lists that an issue is in: that of all, those of the desks
// that show it, its assignee's, its incident's, and those of who was called. No
// handle begins with "=", "!", "@", "^" or "~". One that was merged into another is in
// none. One that stands in a pile is in the pile's list, and in others of all and of
// the desks; one that left is in the list of those that left. A snoozed one is in others
// of all, of the desks and of its assignee.
func Lists(i *desk.Issue) []string {
	if i.MergedInto != "" {
		return nil
	}
	pile, in := i.InPile(), ""
	switch {
	case pile != "":
		in = piled
	case i.Snooze.On():
		in = snoozed
	}
	lists := []string{in, in + string(i.Desk)}
	for _, also := range i.Also {
		if !slices.Contains(lists, in+string(also)) {
			lists = append(lists, in+string(also))
		}
	}
	switch {
	case pile != "":
		return append(lists, inPile(pile))
	case i.Pile != "" && !i.OutOfPile:
		lists = append(lists, leftPile(i.Pile))
	}
	if i.Assignee != "" {
		lists = append(lists, in+assigned(i.Assignee))
	}
	if i.Incident != "" {
		lists = append(lists, voices(i.Incident))
	}
	for _, who := range i.Mentioned {
		lists = append(lists, called(who))
	}
	return lists
}

// piled begins the lists of those that stand in piles: of all, and of a desk.
const piled = "^"

// snoozed begins the lists of those that are: of all, of a desk, and of an agent.
const snoozed = "~"

func inPile(p desk.PileID) string { return piled + "^" + string(p) }

func leftPile(p desk.PileID) string { return piled + "-" + string(p) }

// Also names lists of which an issue must be in one besides those of ListsOf, nil if a
// filter asks for no more than they have: those of its desk, or of all desks, with the
// snoozed ones, without them, or these alone.
func Also(f store.IssueFilter) []string {
	if ofDesk(f) || f.Desk == "" && !f.Rows && !f.Awake && !f.Snoozed {
		return nil
	}
	row, pile, asleep := string(f.Desk), piled+string(f.Desk), snoozed+string(f.Desk)
	switch {
	case f.Snoozed:
		return []string{asleep}
	case f.Rows && f.Awake:
		return []string{row}
	case f.Rows:
		return []string{row, asleep}
	case f.Awake:
		return []string{row, pile}
	}
	return []string{row, pile, asleep}
}

// InAlso says whether an issue is in one of those.
func InAlso(i *desk.Issue, also []string) bool {
	lists := Lists(i)
	return also == nil || slices.ContainsFunc(also, func(l string) bool { return slices.Contains(lists, l) })
}

func voices(of desk.IncidentID) string { return "!" + string(of) }

func called(who desk.Email) string { return "@" + string(who) }

func assigned(to desk.Email) string { return "=" + string(to) }

// ListsOf names the lists that a filter looks through: one, or those of a desk or of an
// agent.
func ListsOf(f store.IssueFilter) []string {
	split := func(list string) []string {
		switch {
		case f.Snoozed:
			return []string{snoozed + list}
		case f.Awake:
			return []string{list}
		}
		return []string{list, snoozed + list}
	}
	switch {
	case f.Assignee != "":
		return split(assigned(f.Assignee))
	case f.Incident != "":
		return []string{voices(f.Incident)}
	case f.Mentioned != "":
		return []string{called(f.Mentioned)}
	case f.LeftPile != "":
		return []string{leftPile(f.LeftPile)}
	case f.Pile != "":
		return []string{inPile(f.Pile)}
	case f.Rows || f.NeedsUs || f.Snoozed: // who spoke again, or was snoozed, stands in no pile
		return split(string(f.Desk))
	}
	return append(split(string(f.Desk)), piled+string(f.Desk))
}

// ofDesk says whether these lists are the desk's own, or all desks': on others an issue
// may be of another desk, or snoozed.
func ofDesk(f store.IssueFilter) bool {
	return f.Assignee == "" && f.Incident == "" && f.Mentioned == "" && f.LeftPile == "" && f.Pile == ""
}

// CheckStatus refuses a status that no list would show.
func CheckStatus(i desk.Issue) error {
	if i.Status.Category() == "" {
		return fmt.Errorf("store: issue %q has no known status: %q", i.ID, i.Status)
	}
	return nil
}
