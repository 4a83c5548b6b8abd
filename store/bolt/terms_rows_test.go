package bolt

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"go.etcd.io/bbolt"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
	"earshot/store/storetest"
)

// asRows gives a file the search index of the format before blocks.
func asRows(t *testing.T, path string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	raw(t, path, func(tx *bbolt.Tx) error {
		for _, name := range []string{"terms.blocks", "terms.posts"} {
			must(tx.DeleteBucket([]byte(name)))
			must(createBuckets(tx, name)) // as the migration does
		}
		return tx.Bucket([]byte("terms")).ForEach(func(_, v []byte) error {
			r, err := termsTable.decode(v)
			must(err)
			byTerm, byIssue := rowKeys(&r)
			for n := range byTerm {
				must(tx.Bucket([]byte(rowsByTerm)).Put(byTerm[n], []byte(r.Issue)))
				must(tx.Bucket([]byte(rowsByIssue)).Put(byIssue[n], []byte(r.Issue)))
			}
			return nil
		})
	})
}

// Posts that an earlier program indexed are found before, while and after they are
// indexed again, together with those that are indexed now.
func TestRowsAreSearchedToo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "earshot.db")
	s := openAt(t, path, Options{})
	set := func(n int, words ...string) {
		t.Helper()
		if err := s.Update(t.Context(), "", func(tx store.Tx) error {
			return tx.Terms().Set(desk.PostID(fmt.Sprintf("p%05d", n)), desk.IssueID(fmt.Sprintf("i%05d", n/2)), words)
		}); err != nil {
			t.Fatal(err)
		}
	}
	find := func(words ...string) (n int) {
		t.Helper()
		if err := s.View(t.Context(), func(tx store.Tx) error {
			for p := (store.Page{Limit: 7}); ; {
				ids, next, err := tx.Terms().Search(words, p)
				if err != nil || !slices.IsSortedFunc(ids, func(a, b desk.IssueID) int { return -compareIDs(packID(string(a)), packID(string(b))) }) {
					t.Fatal(ids, err)
				}
				if n += len(ids); next == "" {
					return nil
				}
				p.After = next
			}
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	check := func(when string) {
		t.Helper()
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", when, err)
		}
		for word, want := range map[string]int{"odd": 20, "lin": 20, "p7": 1, "zebra": 0} {
			if got := find(word); got != want {
				t.Errorf("%s: %q is found %d times, want %d", when, word, got, want)
			}
		}
		if got := find("even", "odd"); got != 20 { // of two posts of one issue
			t.Errorf("%s: two words are found %d times", when, got)
		}
	}
	words := func(n int) []string { return []string{"line", []string{"even", "odd"}[n%2], fmt.Sprint("p", n, "x")} }
	for n := range 40 {
		set(n, words(n)...)
	}
	check("in blocks")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	asRows(t, path)
	s = openAt(t, path, Options{})
	check("in rows")
	for n := 0; n < 40; n += 3 {
		set(n, words(n)...)
	}
	check("some in rows")
	for n := range 40 {
		set(n, words(n)...)
	}
	check("in blocks again")
	if err := s.View(t.Context(), func(x store.Tx) error {
		if rows, err := (terms{x.(*tx)}).rows(); rows || err != nil {
			t.Errorf("rows are left: %v, %v", rows, err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// Lists that end up in many blocks, in any order, are read from the newest, page by page.
func TestManyBlocks(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "earshot.db"), Options{})
	defer s.Close()
	const n = rareTerm * 3 / 2
	err := s.Update(t.Context(), "", func(tx store.Tx) error {
		for i := range n {
			at := i * 7919 % n // ids do not ascend
			if err := tx.Terms().Set(desk.PostID(fmt.Sprint("p", at)), desk.IssueID(fmt.Sprintf("i%05d", at)), layout.Words([]string{"line", fmt.Sprint("k", at%2)})); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{{"line"}, {"k"}, {"k", "lin"}} {
		var got []desk.IssueID
		if err := s.View(t.Context(), func(tx store.Tx) error {
			for p := (store.Page{Limit: 499}); ; {
				ids, next, err := tx.Terms().Search(words, p)
				if got = append(got, ids...); err != nil || next == "" {
					return err
				}
				p.After = next
			}
		}); err != nil {
			t.Fatal(err)
		}
		for at := range n {
			if want := desk.IssueID(fmt.Sprintf("i%05d", n-1-at)); len(got) != n || got[at] != want {
				t.Fatalf("%v: %d issues, at %d not %q", words, len(got), at, want)
			}
		}
	}
}

// Of two rare words, the issues of the rarer one are looked at, in whichever order they stand.
func TestRarestWord(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "earshot.db"), Options{})
	defer s.Close()
	rare := storetest.RareWord(t, s)
	for _, words := range [][]string{{"line", "zebra"}, {"zebra", "line"}} {
		if err := s.View(t.Context(), func(x store.Tx) error {
			next, err := terms{x.(*tx)}.candidates(words, nil)
			if err != nil {
				return err
			}
			var got []desk.IssueID
			for id, err := next(); id != "" || err != nil; id, err = next() {
				if err != nil {
					return err
				}
				got = append(got, id)
			}
			if len(got) != 1 || got[0] != rare {
				t.Errorf("%v: %d issues are looked at", words, len(got))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// A transaction that empties pages reads over them.
func TestEmptiedPages(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "earshot.db"), Options{})
	defer s.Close()
	const n = 300
	all := func(words func(int) []string) {
		t.Helper()
		if err := s.Update(t.Context(), "", func(tx store.Tx) error {
			for i := n - 1; i >= 0; i-- {
				if err := tx.Terms().Set(desk.PostID(fmt.Sprint("p", i)), desk.IssueID(fmt.Sprintf("i%05d", i)), words(i)); err != nil {
					return fmt.Errorf("%d: %w", i, err)
				}
			}
			ids, _, err := tx.Terms().Search([]string{"z"}, store.Page{})
			if len(ids) != n {
				t.Errorf("%d issues are found", len(ids))
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.Check(); err != nil {
			t.Error(err)
		}
	}
	for range 2 {
		all(func(i int) (words []string) {
			for w := range 20 {
				words = append(words, fmt.Sprintf("%c%05d", 'a'+w, i))
			}
			return append(words, "z")
		})
		all(func(int) []string { return []string{"a", "z"} })
		all(func(int) []string { return []string{"z"} })
	}
}
