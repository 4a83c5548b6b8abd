package bolt

import (
	"fmt"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

var issuesTable = table[desk.Issue]{
	name:    "issues",
	key:     func(i *desk.Issue) key { return issueKey(i.ID) },
	indexes: []*index[desk.Issue]{issuesByReport, issuesByBroadcast, issuesByReporter, issuesByStatus, issuesAnswered},
}

var (
	issuesByReport = &index[desk.Issue]{name: "issues.report", unique: true, keys: func(i *desk.Issue) []key {
		if i.Report == "" {
			return nil
		}
		return []key{objectKey(i.Report)}
	}}
	issuesByBroadcast = &index[desk.Issue]{name: "issues.broadcast", unique: true, keys: func(i *desk.Issue) []key {
		if i.Broadcast == "" {
			return nil
		}
		return []key{broadcastKey(i.Broadcast, i.Reporter)}
	}}
	issuesByReporter = &index[desk.Issue]{name: "issues.reporter", keys: func(i *desk.Issue) []key {
		return []key{actorKey(i.Reporter).time(i.OpenedAt).raw(issueKey(i.ID))}
	}}
	// issuesByStatus has an entry for all desks ("") and one for every desk
	// that shows the issue: what a filter by category or by nothing needs is
	// merged from at most eight statuses.
	issuesByStatus = &index[desk.Issue]{name: "issues.status", keys: func(i *desk.Issue) []key {
		var ks []key
		for _, d := range shownOn(i) {
			ks = append(ks, statusKey(d, i.Status).raw(issueOrder(i)))
		}
		return ks
	}}
	// issuesAnswered has the few that the reporter answered; the other
	// filters read through them.
	issuesAnswered = &index[desk.Issue]{name: "issues.answered", keys: func(i *desk.Issue) []key {
		if !i.Answered {
			return nil
		}
		var ks []key
		for _, d := range shownOn(i) {
			ks = append(ks, deskKey(d).raw(issueOrder(i)))
		}
		return ks
	}}
)

func issueKey(id desk.IssueID) key { return key(nil).text(string(id)) }

func broadcastKey(b desk.ObjectID, a desk.ActorID) key { return objectKey(b).text(string(a)) }

func statusKey(d desk.Handle, s desk.Status) key { return deskKey(d).text(string(s)) }

// issueOrder is the order of List: those waiting, the longest first, by id
// among equals; then the others, everything the other way round.
func issueOrder(i *desk.Issue) key {
	if !i.WaitingSince.IsZero() {
		return key{0}.time(i.WaitingSince).raw(issueKey(i.ID))
	}
	return key{1}.timeDesc(i.UpdatedAt).rawDesc(issueKey(i.ID))
}

// shownOn returns every list an issue is in: all desks' and its desks'.
func shownOn(i *desk.Issue) []desk.Handle {
	shown := []desk.Handle{"", i.Desk}
	for _, also := range i.Also {
		if also != i.Desk {
			shown = append(shown, also)
		}
	}
	return shown
}

type issues struct{ *tx }

func (s issues) Add(i desk.Issue) (added bool, err error) {
	if err := layout.CheckStatus(i); err != nil {
		return false, err
	}
	_, byID, err := s.Get(i.ID)
	if err != nil || byID {
		return false, err
	}
	_, byReport, err := s.ByReport(i.Report)
	if err != nil || byReport {
		return false, err
	}
	_, byBroadcast, err := s.ByBroadcast(i.Broadcast, i.Reporter)
	if err != nil || byBroadcast {
		return false, err
	}
	return true, issuesTable.put(s.tx, &i)
}

func (s issues) Put(i desk.Issue) error {
	if err := layout.CheckStatus(i); err != nil {
		return err
	}
	_, ok, err := s.Get(i.ID)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("bolt: there is no issue %q to change", i.ID)
	}
	return issuesTable.put(s.tx, &i)
}

func (s issues) Get(id desk.IssueID) (desk.Issue, bool, error) {
	return issuesTable.get(s.tx, issueKey(id))
}

func (s issues) ByReport(o desk.ObjectID) (desk.IssueID, bool, error) {
	i, ok, err := issuesTable.by(s.tx, issuesByReport, objectKey(o))
	return i.ID, ok, err
}

func (s issues) ByBroadcast(b desk.ObjectID, a desk.ActorID) (desk.IssueID, bool, error) {
	i, ok, err := issuesTable.by(s.tx, issuesByBroadcast, broadcastKey(b, a))
	return i.ID, ok, err
}

func (s issues) ByReporter(a desk.ActorID, p store.Page) ([]desk.Issue, string, error) {
	return issuesTable.listBy(s.tx, issuesByReporter, actorKey(a), p)
}

func (s issues) List(f store.IssueFilter, p store.Page) ([]desk.Issue, string, error) {
	l := listing{bucket: issuesByStatus.name, id: statusKey(f.Desk, f.Status).text(string(f.Category))}
	if f.Answered {
		l.bucket = issuesAnswered.name
		l.prefixes = []key{deskKey(f.Desk)}
	} else {
		for _, status := range desk.Statuses() {
			if allows(f, status) {
				l.prefixes = append(l.prefixes, statusKey(f.Desk, status))
			}
		}
	}
	return page(s.tx, l, p, func(v []byte) (desk.Issue, bool, error) {
		i, err := issuesTable.must(s.tx, v)
		return i, allows(f, i.Status), err
	})
}

// allows says whether a filter by status and category lets a status through.
func allows(f store.IssueFilter, s desk.Status) bool {
	return (f.Status == "" || f.Status == s) && (f.Category == "" || f.Category == s.Category())
}
