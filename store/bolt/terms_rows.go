package bolt

import (
	"earshot/internal/desk"
	"earshot/store/internal/layout"
)

// Earlier formats had two rows for each word of a post. Posts that were not indexed
// again since then still have them; these are found through them.
const (
	rowsByTerm  = "terms.term"  // term, issue, post: to the issue
	rowsByIssue = "terms.issue" // issue, term, post: to the issue
)

// rowKeys returns the keys of a post's rows.
func rowKeys(r *layout.Terms) (byTerm, byIssue []key) {
	for _, term := range r.Terms {
		byTerm = append(byTerm, key(nil).text(term).text(string(r.Issue)).raw(postKey(r.Post)))
		byIssue = append(byIssue, issueKey(r.Issue).text(term).raw(postKey(r.Post)))
	}
	return byTerm, byIssue
}

// removeRows removes the rows of a post that has some.
func (s terms) removeRows(r *layout.Terms) error {
	byTerm, byIssue := rowKeys(r)
	for n := range byTerm {
		if err := s.delete(rowsByTerm, byTerm[n]); err != nil {
			return err
		}
		if err := s.delete(rowsByIssue, byIssue[n]); err != nil {
			return err
		}
	}
	return nil
}

// rows says whether any post has rows.
func (s terms) rows() (bool, error) {
	b, err := s.bucket(rowsByTerm)
	if err != nil {
		return false, err
	}
	k, _ := b.Cursor().First()
	return k != nil, nil
}

// rowsHave says whether a word begins a row's term.
func (s terms) rowsHave(id desk.IssueID, word string) (has bool, err error) {
	err = walk(s.tx, rowsByIssue, issueKey(id).prefix(word), func(_, _ []byte) (bool, error) {
		has = true
		return false, nil
	})
	return has, err
}
