package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
)

var eventsTable = table[desk.Event]{
	name:    "events",
	key:     func(e *desk.Event) key { return eventKey(e.ID) },
	indexes: []*index[desk.Event]{eventsByIssue, eventsInThread},
}

var eventsByIssue = &index[desk.Event]{name: "events.issue", keys: func(e *desk.Event) []key {
	return []key{issueKey(e.Issue).time(e.At).raw(eventKey(e.ID))}
}}

func eventKey(id desk.EventID) key { return key(nil).text(string(id)) }

type events struct{ *tx }

// Add replaces an event that has this id.
func (s events) Add(e desk.Event) error { return eventsTable.put(s.tx, &e) }

func (s events) Get(id desk.EventID) (desk.Event, bool, error) {
	return eventsTable.get(s.tx, eventKey(id))
}

func (s events) ByIssue(i desk.IssueID, p store.Page) ([]desk.Event, string, error) {
	return eventsTable.listBy(s.tx, eventsByIssue, issueKey(i), p)
}
