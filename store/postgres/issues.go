package postgres

import (
	"fmt"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

var issuesTable = define(table[desk.Issue]{
	name: "issues", keys: []string{"id"}, columns: []string{"report", "broadcast", "reporter", "opened"},
	key: func(i *desk.Issue) []any { return []any{ordered(i.ID)} },
	values: func(i *desk.Issue) []any {
		return []any{optional(short, i.Report), optional(short, i.Broadcast), ordered(i.Reporter), i.OpenedAt}
	},
	more: enlist,
})

// enlist puts an issue on its lists.
func enlist(x *tx, i *desk.Issue) error {
	id, shown := ordered(i.ID), listKeys(i)
	if err := x.later("delete from issue_lists where issue = $1 and desk <> all($2)", id, shown); err != nil {
		return err
	}
	return x.later(`insert into issue_lists as l (issue, desk, status, answered, position)
		select $1, desk, $3, $4, $5 from unnest($2::bytea[]) desk
		on conflict (issue, desk) do update set status = excluded.status, answered = excluded.answered, position = excluded.position
		where (l.status, l.answered, l.position) <> (excluded.status, excluded.answered, excluded.position)`,
		id, shown, string(i.Status), i.NeedsUs, position(i))
}

// position is an issue's place in a list: those waiting, the longest first, by
// id among equals; then the others, everything the other way round.
func position(i *desk.Issue) []byte {
	if !i.WaitingSince.IsZero() {
		return append(earliest([]byte{0}, i.WaitingSince), ordered(i.ID)...)
	}
	b := inverted([]byte{1}, earliest(nil, i.UpdatedAt))
	return inverted(b[:len(b)-1], ordered(i.ID))
}

// listKeys are the keys of the lists that an issue is in.
func listKeys(i *desk.Issue) [][]byte { return orderedAll(layout.Lists(i)) }

type issues struct{ *tx }

func (s issues) Add(i desk.Issue) (added bool, err error) {
	if err := layout.CheckStatus(i); err != nil {
		return false, err
	}
	args, err := issuesTable.row(&i)
	if err != nil {
		return false, err
	}
	n, err := s.exec("insert into issues (id, report, broadcast, reporter, opened, record) values ($1, $2, $3, $4, $5, $6) on conflict do nothing", args...)
	if err != nil || n == 0 {
		return false, err
	}
	return true, enlist(s.tx, &i)
}

func (s issues) Put(i desk.Issue) error {
	if err := layout.CheckStatus(i); err != nil {
		return err
	}
	args, err := issuesTable.row(&i)
	if err != nil {
		return err
	}
	n, err := s.exec("update issues set report = $2, broadcast = $3, reporter = $4, opened = $5, record = $6 where id = $1", args...)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("postgres: there is no issue %q to change", i.ID)
	}
	return enlist(s.tx, &i)
}

func (s issues) Get(id desk.IssueID) (desk.Issue, bool, error) {
	return issuesTable.get(s.tx, ordered(id))
}

func (s issues) ByReport(o desk.ObjectID) (desk.IssueID, bool, error) {
	i, ok, err := issuesTable.query(s.tx, "select record from issues where report = $1", short(o))
	return i.ID, ok, err
}

func (s issues) ByBroadcast(b desk.ObjectID, a desk.ActorID) (desk.IssueID, bool, error) {
	i, ok, err := issuesTable.query(s.tx, "select record from issues where broadcast = $1 and reporter = $2", short(b), ordered(a))
	return i.ID, ok, err
}

func (s issues) ByReporter(a desk.ActorID, p store.Page) ([]desk.Issue, string, error) {
	return page(s.tx, issuesTable, listing{
		name: "issues by reporter", table: "issues", where: []string{"reporter"}, is: []any{ordered(a)}, order: []string{"opened", "id"},
	}, p)
}

// List merges the lists of the statuses that the filter lets through; of those
// that the reporter answered there are few.
func (s issues) List(f store.IssueFilter, p store.Page) ([]desk.Issue, string, error) {
	statuses := statusesOf(f)
	l := listing{
		name: fmt.Sprintf("issues %v %v %v %v", f.NeedsUs, f.Rows, f.Awake, f.Snoozed), order: []string{"position"},
		is: []any{ordered(f.Desk), string(f.Status), string(f.Category), f.Assignee, f.Mentioned, f.Incident, f.Pile, f.LeftPile},
	}
	after, err := l.position(p.After, l.kinds())
	if err != nil {
		return nil, "", err
	}
	from := []byte{}
	if after != nil {
		from = after[0].([]byte)
	}
	lists, inAlso := layout.ListsOf(f), ""
	args := []any{orderedAll(lists), statuses, from, p.Size() + 1}
	if also := layout.Also(f); also != nil {
		args, inAlso = append(args, orderedAll(also)), " and exists (select from issue_lists d where d.issue = a.issue and d.desk = any($5))"
	}
	sql := `select record, position from unnest($1::bytea[]) w cross join unnest($2::text[]) s cross join lateral (
			select issue, position from issue_lists a where desk = w and status = s and position > $3` + inAlso + ` order by position limit $4
		) l join issues on id = issue order by position limit $4`
	if f.NeedsUs {
		sql = `select record, position from issue_lists a join issues on id = issue
			where desk = any($1) and answered and status = any($2) and position > $3` + inAlso + ` order by position limit $4`
	}
	return collect(s.tx, l, p, sql, args, issuesTable.item)
}

// statusesOf are those that a filter lets through.
func statusesOf(f store.IssueFilter) []string {
	statuses := []string{}
	for _, status := range desk.Statuses() {
		if (f.Status == "" || f.Status == status) && (f.Category == "" || f.Category == status.Category()) {
			statuses = append(statuses, string(status))
		}
	}
	return statuses
}

// Count counts entries of the lists alone.
func (s issues) Count(f store.IssueFilter, most int) (n int, err error) {
	args, inAlso := []any{orderedAll(layout.ListsOf(f)), statusesOf(f), most, most * store.CountLooks}, ""
	if also := layout.Also(f); also != nil {
		args, inAlso = append(args, orderedAll(also)), " where exists (select from issue_lists d where d.issue = a.issue and d.desk = any($5))"
	}
	sql := `select count(*) from (select from (select a.issue from unnest($1::bytea[]) w cross join unnest($2::text[]) s cross join lateral (
			select issue from issue_lists where desk = w and status = s limit $4
		) a limit $4) a` + inAlso + ` limit $3) n`
	if f.NeedsUs {
		sql = `select count(*) from (select from (select issue from issue_lists
			where desk = any($1) and answered and status = any($2) limit $4) a` + inAlso + ` limit $3) n`
	}
	_, err = s.one(sql, args, &n)
	return n, err
}
