package bolt

import (
	"bytes"
	"slices"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

// termsTable keeps the terms of each post, and the blocks in which they are found:
// docs/adr/0027.
var termsTable = termIndex{table[layout.Terms]{
	name:    "terms",
	key:     func(r *layout.Terms) key { return postKey(r.Post) },
	indexes: []*index[layout.Terms]{termsByIssue},
}}

// termsByIssue lists the posts of an issue that are in blocks, and walks over issues.
var termsByIssue = &index[layout.Terms]{
	name:  "terms.posts",
	keys:  func(r *layout.Terms) []key { return []key{issueKey(r.Issue).raw([]byte(packID(string(r.Post))))} },
	value: func(*layout.Terms) []byte { return []byte{1} },
}

type termIndex struct{ table[layout.Terms] }

func (t *termIndex) put(x *tx, r *layout.Terms) error {
	r.Terms = layout.Words(r.Terms)
	if err := store.CheckText(r); err != nil { // before the first write
		return err
	}
	if err := t.move(x, r.Post, r); err != nil {
		return err
	}
	return t.table.put(x, r)
}

func (t *termIndex) delete(x *tx, post desk.PostID) error {
	if err := t.move(x, post, nil); err != nil {
		return err
	}
	_, err := t.table.delete(x, postKey(post))
	return err
}

func (t *termIndex) load(x *tx, record []byte) error {
	r, err := t.decode(record)
	if err != nil {
		return err
	}
	return t.put(x, &r)
}

// move brings the blocks from a post's stored terms to others; nil: it has none.
func (t *termIndex) move(x *tx, post desk.PostID, after *layout.Terms) error {
	before, had, err := t.get(x, postKey(post))
	if err != nil {
		return err
	}
	s := terms{x}
	if had {
		in, err := s.inBlocks(&before)
		if err != nil {
			return err
		}
		if !in {
			if err := s.removeRows(&before); err != nil {
				return err
			}
			had = false
		}
	}
	stays := map[string]bool{}
	if had && after != nil && before.Issue == after.Issue {
		for _, w := range after.Terms {
			_, stays[w] = slices.BinarySearch(before.Terms, w)
		}
	}
	if had {
		for _, w := range before.Terms {
			if stays[w] {
				continue
			}
			if err := s.count(w, before.Issue, false); err != nil {
				return err
			}
		}
	}
	if after == nil {
		return nil
	}
	for _, w := range after.Terms {
		if stays[w] {
			continue
		}
		if err := s.count(w, after.Issue, true); err != nil {
			return err
		}
	}
	return nil
}

// check verifies that each post's terms are in blocks or in rows, and nothing else is.
func (t *termIndex) check(c *check) error {
	s := terms{c.tx}
	var listed, counted, rows int
	err := walk(c.tx, t.name, nil, func(k, v []byte) (bool, error) {
		r, err := t.decode(v)
		if err != nil {
			return false, err
		}
		if !bytes.Equal(k, t.key(&r)) {
			c.fault("%s: a record is under another's key: %q", t.name, k)
		}
		in, err := s.inBlocks(&r)
		if err != nil {
			return false, err
		}
		if !in {
			rows += len(r.Terms)
			return true, s.checkRows(c, &r)
		}
		listed, counted = listed+1, counted+len(r.Terms)
		for _, w := range r.Terms {
			if has, err := s.has(w, r.Issue); err != nil || !has {
				c.fault("%s: issue %q is not under %q: %w", blocksBucket, r.Issue, w, err)
			}
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	for bucket, want := range map[string]int{termsByIssue.name: listed, rowsByTerm: rows, rowsByIssue: rows} {
		n := 0
		if err := walk(c.tx, bucket, nil, func(_, _ []byte) (bool, error) { n++; return true, nil }); err != nil {
			return err
		}
		if n != want {
			c.fault("%s: %d entries, and records for %d", bucket, n, want)
		}
	}
	err = walk(c.tx, blocksBucket, nil, func(_, v []byte) (bool, error) {
		list, err := decodeBlock(v)
		for _, p := range list {
			counted -= int(p.posts)
		}
		return true, err
	})
	if counted != 0 {
		c.fault("%s: %d terms of posts are missing; below 0: have no post", blocksBucket, counted)
	}
	return err
}

func (s terms) checkRows(c *check, r *layout.Terms) error {
	byTerm, byIssue := rowKeys(r)
	for n := range byTerm {
		one, err := s.get(rowsByTerm, byTerm[n])
		if err != nil {
			return err
		}
		two, err := s.get(rowsByIssue, byIssue[n])
		if err != nil {
			return err
		}
		if one == nil || two == nil {
			c.fault("%s: no row for %q of post %q", rowsByTerm, r.Terms[n], r.Post)
		}
	}
	return nil
}

type terms struct{ *tx }

func (s terms) Set(post desk.PostID, issue desk.IssueID, words []string) error {
	words = layout.Words(words)
	if len(words) == 0 {
		return termsTable.delete(s.tx, post)
	}
	return termsTable.put(s.tx, &layout.Terms{Post: post, Issue: issue, Terms: words})
}

func (s terms) inBlocks(r *layout.Terms) (bool, error) {
	v, err := s.get(termsByIssue.name, termsByIssue.keys(r)[0])
	return v != nil, err
}
