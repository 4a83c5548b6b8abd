package postgres

import (
	"fmt"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

var termsTable = define(table[layout.Terms]{
	name: "terms", keys: []string{"post"}, columns: []string{"issue"},
	key:    func(r *layout.Terms) []any { return []any{ordered(r.Post)} },
	values: func(r *layout.Terms) []any { return []any{ordered(r.Issue)} },
	more: func(x *tx, r *layout.Terms) error {
		post, words := ordered(r.Post), orderedAll(r.Terms)
		if err := x.later("delete from words where post = $1 and (issue <> $2 or term <> all($3))", post, ordered(r.Issue), words); err != nil {
			return err
		}
		return x.later("insert into words (post, term, issue) select $1, term, $2 from unnest($3::bytea[]) term on conflict do nothing", post, ordered(r.Issue), words)
	},
})

// rareTerm is how many words of the index a search reads to find out whether
// one of its terms is rare.
const rareTerm = 2000

type terms struct{ *tx }

func (s terms) Set(post desk.PostID, issue desk.IssueID, words []string) error {
	words = layout.Words(words)
	if len(words) > 0 {
		return termsTable.put(s.tx, &layout.Terms{Post: post, Issue: issue, Terms: words})
	}
	if _, err := s.exec("delete from words where post = $1", ordered(post)); err != nil {
		return err
	}
	_, err := termsTable.delete(s.tx, ordered(post))
	return err
}

// Search for nothing finds nothing. If some of the terms are rare, it checks the
// issues with the rarest; otherwise it goes through all issues from the newest,
// as most will do.
func (s terms) Search(words []string, p store.Page) ([]desk.IssueID, string, error) {
	words = layout.Words(words)
	l := listing{name: "search", order: []string{"issue"}}
	var has string // conditions on an issue
	var args []any
	for i, w := range words {
		if !store.ValidText(w) {
			return nil, "", nil
		}
		from := ordered(w)[:min(len(w), maxKey)]
		l.is = append(l.is, from)
		args = append(args, from, beyond(from))
		has += fmt.Sprintf(" and exists (select 1 from words w where w.issue = c.issue and w.term >= $%d and w.term < $%d)", 2*i+1, 2*i+2)
	}
	after, err := l.position(p.After, l.kinds())
	if err != nil || len(words) == 0 {
		return nil, "", err
	}
	candidates, err := s.candidates(args)
	if err != nil {
		return nil, "", err
	}
	if after != nil {
		args = append(args, after[0])
		has += fmt.Sprintf(" and c.issue < $%d", len(args))
	}
	args = append(args, p.Size()+1)
	// An issue's id is read back from a record, as its key may be cut.
	sql := fmt.Sprintf(`select (select record from terms t where t.issue = c.issue limit 1), c.issue
		from (select distinct issue from %s) c where true%s order by c.issue desc limit $%d`, candidates, has, len(args))
	return collect(s.tx, l, p, sql, args, func() (id desk.IssueID, into []any, finish func(*desk.IssueID) error) {
		var raw []byte
		return id, []any{&raw}, func(id *desk.IssueID) error {
			r, err := termsTable.decode(raw)
			*id = r.Issue
			return err
		}
	})
}

// candidates says where to look for issues: at the words of the rarest term, if
// it is rare, or else at all that have words.
func (s terms) candidates(ranges []any) (where string, err error) {
	where, least := "terms", rareTerm+1
	for i := 0; i < len(ranges); i += 2 {
		var n int
		_, err := s.one("select count(*) from (select 1 from words where term >= $1 and term < $2 limit $3) w",
			[]any{ranges[i], ranges[i+1], rareTerm + 1}, &n)
		if err != nil {
			return "", err
		}
		if n < least {
			where, least = fmt.Sprintf("words where term >= $%d and term < $%d", i+1, i+2), n
		}
	}
	return where, nil
}
