package bolt

import (
	"bytes"
	"fmt"
	"slices"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

var issuesTable = table[desk.Issue]{
	name:    "issues",
	key:     func(i *desk.Issue) key { return issueKey(i.ID) },
	indexes: []*index[desk.Issue]{issuesByReport, issuesByBroadcast, issuesByReporter, issuesByStatus, issuesNeedUs},
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
	// issuesByStatus has an entry for every list that the issue is in: what a filter by category or by nothing needs is
	// merged from at most eight statuses of two lists.
	issuesByStatus = &index[desk.Issue]{name: "issues.status", keys: func(i *desk.Issue) []key {
		var ks []key
		for _, list := range layout.Lists(i) {
			ks = append(ks, statusKey(list, i.Status).raw(issueOrder(i)))
		}
		return ks
	}}
	// issuesNeedUs has the few that the reporter answered; the other
	// filters read through them.
	issuesNeedUs = &index[desk.Issue]{name: "issues.answered", keys: func(i *desk.Issue) []key {
		if !i.NeedsUs {
			return nil
		}
		var ks []key
		for _, list := range layout.Lists(i) {
			ks = append(ks, listKey(list).raw(issueOrder(i)))
		}
		return ks
	}}
)

func issueKey(id desk.IssueID) key { return key(nil).text(string(id)) }

func broadcastKey(b desk.ObjectID, a desk.ActorID) key { return objectKey(b).text(string(a)) }

func listKey(list string) key { return key(nil).text(list) }

func statusKey(list string, s desk.Status) key { return listKey(list).text(string(s)) }

// issueOrder is the order of List: those waiting, the longest first, by id
// among equals; then the others, everything the other way round.
func issueOrder(i *desk.Issue) key {
	if !i.WaitingSince.IsZero() {
		return key{0}.time(i.WaitingSince).raw(issueKey(i.ID))
	}
	return key{1}.timeDesc(i.UpdatedAt).rawDesc(issueKey(i.ID))
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
	lists, also := layout.ListsOf(f), layout.Also(f)
	l := listing{bucket: issuesByStatus.name, id: statusKey(lists[0], f.Status).text(string(f.Category)).text(string(f.Desk))}
	for _, more := range slices.Concat(lists[1:], also) {
		l.id = l.id.text(more)
	}
	if f.NeedsUs {
		l.bucket = issuesNeedUs.name
	}
	l.prefixes = issuePrefixes(f, lists)
	return page(s.tx, l, p, func(v []byte) (desk.Issue, bool, error) {
		i, err := issuesTable.must(s.tx, v)
		return i, allows(f, i.Status) && layout.InAlso(&i, also), err
	})
}

// issuePrefixes are those of the entries through which a filter looks.
func issuePrefixes(f store.IssueFilter, lists []string) (prefixes []key) {
	for _, list := range lists {
		if f.NeedsUs {
			prefixes = append(prefixes, listKey(list))
			continue
		}
		prefixes = append(prefixes, statusKeys(f, list)...)
	}
	return prefixes
}

// statusKeys are the prefixes of a list's entries in the statuses that a filter lets
// through.
func statusKeys(f store.IssueFilter, list string) (keys []key) {
	for _, status := range desk.Statuses() {
		if allows(f, status) {
			keys = append(keys, statusKey(list, status))
		}
	}
	return keys
}

// Count looks at keys alone: in each list that an issue is in, the same comes after the
// status. What else the filter wants is looked up in the other lists.
func (s issues) Count(f store.IssueFilter, most int) (n int, err error) {
	bucket, needed := issuesByStatus.name, [][]key(nil)
	lists := layout.ListsOf(f)
	if f.NeedsUs {
		bucket = issuesNeedUs.name
		if f.Status != "" || f.Category != "" {
			needed = append(needed, nil)
			for _, list := range lists {
				needed[0] = append(needed[0], statusKeys(f, list)...)
			}
		}
	}
	if also := layout.Also(f); also != nil {
		var on []key
		for _, list := range also {
			on = append(on, statusKeys(f, list)...)
		}
		needed = append(needed, on)
	}
	inEach, err := s.finder()
	if err != nil {
		return 0, err
	}
	looks := most * store.CountLooks
	for _, prefix := range issuePrefixes(f, lists) {
		err = walk(s.tx, bucket, prefix, func(suffix, _ []byte) (bool, error) {
			looks--
			if inEach(needed, suffix) {
				n++
			}
			return n < most && looks > 0, nil
		})
		if err != nil || n >= most || looks <= 0 {
			break
		}
	}
	return n, err
}

// finder says whether an entry is under one of the prefixes of each set. It takes little
// memory, however often it is asked.
func (s issues) finder() (func(sets [][]key, suffix []byte) bool, error) {
	b, err := s.bucket(issuesByStatus.name)
	if err != nil {
		return nil, err
	}
	c, sought := b.Cursor(), key(nil)
	under := func(prefix key, suffix []byte) bool {
		sought = append(append(sought[:0], prefix...), suffix...)
		k, _ := c.Seek(sought)
		return bytes.Equal(k, sought)
	}
	return func(sets [][]key, suffix []byte) bool {
		for _, set := range sets {
			if !slices.ContainsFunc(set, func(prefix key) bool { return under(prefix, suffix) }) {
				return false
			}
		}
		return true
	}, nil
}

// allows says whether a filter by status and category lets a status through.
func allows(f store.IssueFilter, s desk.Status) bool {
	return (f.Status == "" || f.Status == s) && (f.Category == "" || f.Category == s.Category())
}
