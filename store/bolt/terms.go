package bolt

import (
	"bytes"
	"slices"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

var termsTable = table[layout.Terms]{
	name:    "terms",
	key:     func(r *layout.Terms) key { return postKey(r.Post) },
	indexes: []*index[layout.Terms]{termsByTerm, termsByIssue},
}

var (
	// termsByTerm finds the issues of a rare term.
	termsByTerm = &index[layout.Terms]{name: "terms.term", value: termsIssue, keys: func(r *layout.Terms) (ks []key) {
		for _, term := range r.Terms {
			ks = append(ks, key(nil).text(term).text(string(r.Issue)).raw(postKey(r.Post)))
		}
		return ks
	}}
	// termsByIssue says whether an issue has a term, and walks over issues.
	termsByIssue = &index[layout.Terms]{name: "terms.issue", value: termsIssue, keys: func(r *layout.Terms) (ks []key) {
		for _, term := range r.Terms {
			ks = append(ks, issueKey(r.Issue).text(term).raw(postKey(r.Post)))
		}
		return ks
	}}
)

func termsIssue(r *layout.Terms) []byte { return []byte(r.Issue) }

// rareTerm is how many entries of the index a search reads to find out whether
// one of its terms is rare.
const rareTerm = 2000

type terms struct{ *tx }

func (s terms) Set(post desk.PostID, issue desk.IssueID, words []string) error {
	words = layout.Words(words)
	if len(words) == 0 {
		_, err := termsTable.delete(s.tx, postKey(post))
		return err
	}
	return termsTable.put(s.tx, &layout.Terms{Post: post, Issue: issue, Terms: words})
}

// Search for nothing finds nothing. If one of the terms is rare, it checks the
// issues with that term; otherwise it goes through all issues from the newest,
// as most will do.
func (s terms) Search(words []string, p store.Page) ([]desk.IssueID, string, error) {
	words = layout.Words(words)
	l := listing{bucket: termsByTerm.name}
	for _, w := range words {
		l.id = l.id.text(w)
	}
	after, err := l.position(p.After)
	if err != nil || len(words) == 0 {
		return nil, "", err
	}
	candidates, err := s.candidates(words, after)
	if err != nil {
		return nil, "", err
	}
	var found []desk.IssueID
	for id, err := candidates(); ; id, err = candidates() {
		if err != nil || id == "" {
			return found, "", err
		}
		all, err := s.hasAll(id, words)
		if err != nil {
			return nil, "", err
		}
		if !all {
			continue
		}
		if len(found) == p.Size() {
			return found, l.cursor(issueKey(found[len(found)-1])), nil
		}
		found = append(found, id)
	}
}

// candidates returns a function that returns one issue after the other, newest
// first, those before the key `before` only, and "" at the end.
func (s terms) candidates(words []string, before []byte) (func() (desk.IssueID, error), error) {
	for _, w := range words {
		ids, rare, err := s.rare(w, before)
		if err != nil {
			return nil, err
		}
		if rare {
			return func() (id desk.IssueID, err error) {
				if len(ids) > 0 {
					id, ids = ids[0], ids[1:]
				}
				return id, nil
			}, nil
		}
	}
	b, err := s.bucket(termsByIssue.name)
	if err != nil {
		return nil, err
	}
	c := b.Cursor()
	return func() (desk.IssueID, error) {
		var k, v []byte
		if before == nil {
			k, v = c.Last()
		} else {
			if at, _ := c.Seek(before); at == nil {
				k, v = c.Last()
			} else {
				k, v = c.Prev()
			}
		}
		if k == nil {
			return "", nil
		}
		id := desk.IssueID(v)
		before = issueKey(id)
		return id, nil
	}, nil
}

// rare lists the issues with a word that begins with w, newest first, unless
// the word is not rare.
func (s terms) rare(w string, before []byte) (ids []desk.IssueID, rare bool, err error) {
	read := 0
	seen := map[desk.IssueID]bool{}
	err = walk(s.tx, termsByTerm.name, key(nil).prefix(w), func(_, v []byte) (bool, error) {
		read++
		seen[desk.IssueID(v)] = true
		return read <= rareTerm, nil
	})
	if err != nil || read > rareTerm {
		return nil, false, err
	}
	for id := range seen {
		if before == nil || bytes.Compare(issueKey(id), before) < 0 {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b desk.IssueID) int { return bytes.Compare(issueKey(b), issueKey(a)) })
	return ids, true, nil
}

// hasAll says whether every word begins one of the issue's terms.
func (s terms) hasAll(id desk.IssueID, words []string) (bool, error) {
	for _, w := range words {
		has := false
		err := walk(s.tx, termsByIssue.name, issueKey(id).prefix(w), func(_, _ []byte) (bool, error) {
			has = true
			return false, nil
		})
		if err != nil || !has {
			return false, err
		}
	}
	return true, nil
}
