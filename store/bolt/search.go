package bolt

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

// rareTerm is how many entries of blocks a search reads to find out whether one of its
// words is rare, and fewTerms how many different terms a word may begin so that their
// lists are read together.
const (
	rareTerm = 2000
	fewTerms = 32
)

// Search for nothing finds nothing. It goes through the issues of one word, newest
// first, and checks the others: those of the rarest word, if it is rare, else of a word
// that begins few terms, else all issues, as most will do.
func (s terms) Search(words []string, p store.Page) ([]desk.IssueID, string, error) {
	words = layout.Words(words)
	l := listing{bucket: rowsByTerm} // names the list in cursors
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

// following returns one issue after the other, newest first, and "" at the end.
type following func() (desk.IssueID, error)

// candidates are the issues before the key `before`; nil: all.
func (s terms) candidates(words []string, before []byte) (following, error) {
	rows, err := s.rows()
	if err != nil {
		return nil, err
	}
	var few []key
	var rarest map[desk.IssueID]bool
	for _, w := range words {
		seen, begun, err := s.look(w)
		if err != nil {
			return nil, err
		}
		if rows && seen != nil {
			seen, err = s.lookAtRows(w, seen)
			if err != nil {
				return nil, err
			}
		}
		if seen != nil && (rarest == nil || len(seen) < len(rarest)) {
			rarest = seen
		}
		if begun != nil && few == nil {
			few = begun
		}
	}
	if rarest != nil {
		return inOrder(rarest, before), nil
	}
	if few != nil && !rows {
		return s.merged(few, before)
	}
	return s.everything(before)
}

// look returns the issues with a term that a word begins, nil if the word is not rare;
// and the keys of these terms, nil if they are not few.
func (s terms) look(word string) (seen map[desk.IssueID]bool, begun []key, err error) {
	b, err := s.bucket(blocksBucket)
	if err != nil {
		return nil, nil, err
	}
	prefix := key(nil).prefix(word)
	seen, read := map[desk.IssueID]bool{}, 0
	c := b.Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); {
		term, _, err := cutPart(k)
		if err != nil {
			return nil, nil, err
		}
		if len(begun) == 0 || !bytes.Equal(begun[len(begun)-1], term) {
			begun = append(begun, slices.Clone(term))
		}
		if seen == nil && len(begun) > fewTerms {
			return nil, nil, nil
		}
		if seen == nil { // on to the next term
			k, v = c.Seek(beyond(term))
			continue
		}
		list, err := decodeBlock(v)
		if err != nil {
			return nil, nil, err
		}
		for _, p := range list {
			seen[desk.IssueID(unpackID(p.issue))] = true
		}
		if read += len(list); read > rareTerm {
			seen = nil
		}
		k, v = c.Next()
	}
	if len(begun) > fewTerms {
		begun = nil
	}
	return seen, begun, nil
}

// lookAtRows adds the issues of rows, nil if there are too many.
func (s terms) lookAtRows(word string, seen map[desk.IssueID]bool) (map[desk.IssueID]bool, error) {
	read := 0
	err := walk(s.tx, rowsByTerm, key(nil).prefix(word), func(_, v []byte) (bool, error) {
		read++
		seen[desk.IssueID(v)] = true
		return read <= rareTerm, nil
	})
	if read > rareTerm {
		seen = nil
	}
	return seen, err
}

func inOrder(seen map[desk.IssueID]bool, before []byte) following {
	var ids []desk.IssueID
	for id := range seen {
		if before == nil || bytes.Compare(issueKey(id), before) < 0 {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b desk.IssueID) int { return strings.Compare(string(b), string(a)) })
	return func() (id desk.IssueID, err error) {
		if len(ids) > 0 {
			id, ids = ids[0], ids[1:]
		}
		return id, nil
	}
}

// merged goes through the lists of several terms at once.
func (s terms) merged(of []key, before []byte) (following, error) {
	b, err := s.bucket(blocksBucket)
	if err != nil {
		return nil, err
	}
	var lists []*backwards
	for _, term := range of {
		lists = append(lists, &backwards{b: b, c: b.Cursor(), of: term, before: before})
	}
	return func() (desk.IssueID, error) {
		newest := ""
		for _, l := range lists {
			id, err := l.first()
			if err != nil {
				return "", err
			}
			if id != "" && (newest == "" || compareIDs(id, newest) > 0) {
				newest = id
			}
		}
		if newest == "" {
			return "", nil
		}
		for _, l := range lists {
			l.pass(newest)
		}
		return desk.IssueID(unpackID(newest)), nil
	}, nil
}

// backwards reads the list of a term from its end.
type backwards struct {
	of     key
	before []byte // the key of the issue that comes after those wanted; nil: all
	list   []posting
	at     []byte // the key of the block that was read last
	over   bool
	b      *bbolt.Bucket
	c      *bbolt.Cursor
}

// first returns the newest issue that is left, "" at the end.
func (l *backwards) first() (string, error) {
	for len(l.list) == 0 && !l.over {
		k, v := l.step()
		if l.over = !bytes.HasPrefix(k, l.of); l.over {
			break
		}
		var err error
		if l.list, err = decodeBlock(v); err != nil {
			return "", err
		}
		for l.before != nil && len(l.list) > 0 && bytes.Compare(issueKey(desk.IssueID(unpackID(l.list[len(l.list)-1].issue))), l.before) >= 0 {
			l.list = l.list[:len(l.list)-1]
		}
	}
	if len(l.list) == 0 {
		return "", nil
	}
	return l.list[len(l.list)-1].issue, nil
}

// step goes to the block before, at first to that in which `before` would be.
func (l *backwards) step() (k, v []byte) {
	switch {
	case l.at != nil:
	case l.before != nil:
		l.at = slices.Clone(l.of).raw(l.before)
	default:
		l.at = beyond(l.of)
	}
	k, v = lastBefore(l.b, l.c, l.at)
	l.at = bytes.Clone(k)
	return k, v
}

// pass leaves an issue behind if it is the first.
func (l *backwards) pass(id string) {
	if n := len(l.list); n > 0 && l.list[n-1].issue == id {
		l.list = l.list[:n-1]
	}
}

// everything goes through all issues that have terms.
func (s terms) everything(before []byte) (following, error) {
	var ends []following
	for _, bucket := range []string{termsByIssue.name, rowsByIssue} {
		b, err := s.bucket(bucket)
		if err != nil {
			return nil, err
		}
		c, at := b.Cursor(), slices.Clone(before)
		ends = append(ends, func() (desk.IssueID, error) {
			var k []byte
			if at == nil {
				k, _ = c.Last()
			} else {
				k, _ = lastBefore(b, c, at)
			}
			if k == nil {
				return "", nil
			}
			issue, _, err := cutPart(k)
			at = slices.Clone(issue)
			if err != nil {
				return "", err
			}
			id, _, err := cutText(issue)
			return desk.IssueID(id), err
		})
	}
	return newestOf(ends), nil
}

// newestOf merges several, each issue once.
func newestOf(of []following) following {
	heads, begun := make([]desk.IssueID, len(of)), false
	return func() (newest desk.IssueID, err error) {
		for n := range of {
			if !begun {
				if heads[n], err = of[n](); err != nil {
					return "", err
				}
			}
			newest = max(newest, heads[n])
		}
		begun = true
		for n := range of {
			if heads[n] != newest || newest == "" {
				continue
			}
			if heads[n], err = of[n](); err != nil {
				return "", err
			}
		}
		return newest, nil
	}
}

// hasAll says whether every word begins one of the issue's terms.
func (s terms) hasAll(id desk.IssueID, words []string) (bool, error) {
	missing := slices.Clone(words)
	prefix := issueKey(id)
	err := walk(s.tx, termsByIssue.name, prefix, func(post, _ []byte) (bool, error) {
		r, err := termsTable.must(s.tx, postKey(desk.PostID(unpackID(string(post)))))
		if err != nil {
			return false, err
		}
		missing = slices.DeleteFunc(missing, func(w string) bool {
			at, _ := slices.BinarySearch(r.Terms, w)
			return at < len(r.Terms) && strings.HasPrefix(r.Terms[at], w)
		})
		return len(missing) > 0, nil
	})
	if err != nil {
		return false, fmt.Errorf("reading the terms of an issue: %w", err)
	}
	for _, w := range missing {
		if has, err := s.rowsHave(id, w); err != nil || !has {
			return false, err
		}
	}
	return true, nil
}
