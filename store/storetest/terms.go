package storetest

import (
	"fmt"
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

// search returns a function that searches, in pages of several sizes.
func search(t *testing.T, s store.Store) func(words ...string) []string {
	return func(words ...string) (ids []string) {
		t.Helper()
		view(t, s, func(tx store.Tx) error {
			found := all(t, func(p store.Page) ([]desk.IssueID, string, error) { return tx.Terms().Search(words, p) })
			ids = names(found, func(i desk.IssueID) string { return string(i) })
			return nil
		})
		return ids
	}
}

func testTerms(t *testing.T, s store.Store) {
	set := func(post desk.PostID, issue desk.IssueID, words ...string) {
		t.Helper()
		update(t, s, func(tx store.Tx) error { return tx.Terms().Set(post, issue, words) })
	}
	find := search(t, s)
	set("p1", "i1", "line", "down", "line", "straße", "日本語", "überall")
	set("p2", "i1", "router", "linear")
	set("p3", "i2", "line", "router", "ключ")
	set("p4", "i3", "liner", "")
	same(t, "a word", find("line"), []string{"i3", "i2", "i1"})
	same(t, "a beginning", find("rou"), []string{"i2", "i1"})
	same(t, "not a middle", find("ine"), []string{})
	same(t, "words of several posts", find("down", "router"), []string{"i1"})
	same(t, "the same word twice", find("down", "down"), []string{"i1"})
	same(t, "one begins the other", find("line", "liner"), []string{"i3"})
	same(t, "one that nobody has", find("line", "zebra"), []string{})
	same(t, "letters", find("stra"), []string{"i1"})
	same(t, "ß", find("straß"), []string{"i1"})
	same(t, "a beginning in kanji", find("日"), []string{"i1"})
	same(t, "a beginning in Cyrillic", find("клю"), []string{"i2"})
	same(t, "ü", find("ü"), []string{"i1"})
	same(t, "u is not ü", find("u"), []string{})
	same(t, "nothing", find(), []string{})
	set("p3", "i2", "other")
	same(t, "replaced", find("line"), []string{"i3", "i1"})
	same(t, "the new one", find("other"), []string{"i2"})
	set("p1", "i1")
	same(t, "removed", find("line"), []string{"i3", "i1"}) // p2 has "linear"
	same(t, "removed", find("down"), []string{})
	set("p2", "i9", "linear")
	same(t, "moved to another issue", find("line"), []string{"i9", "i3"})
}

// testCommonTerms: the same with more entries than a store should sort.
func testCommonTerms(t *testing.T, s store.Store) {
	const issues, each = 1200, 2
	for n := 0; n < issues; n += 400 {
		update(t, s, func(tx store.Tx) error {
			for i := n; i < n+400; i++ {
				for p := range each {
					words := []string{"acme", "fail"}
					if i%100 == 7 && p == 1 {
						words = append(words, "rare")
					}
					id := fmt.Sprintf("%05d", i)
					if err := tx.Terms().Set(desk.PostID(fmt.Sprint(id, "-", p)), desk.IssueID(id), words); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	view(t, s, func(tx store.Tx) error {
		got := paged(t, 499, func(p store.Page) ([]desk.IssueID, string, error) {
			return tx.Terms().Search([]string{"acm", "fail"}, p)
		})
		same(t, "found", len(got), issues)
		for i, id := range got {
			if want := desk.IssueID(fmt.Sprintf("%05d", issues-1-i)); id != want {
				t.Fatalf("%d: %q instead of %q", i, id, want)
			}
		}
		return nil
	})
	same(t, "with a rare one", len(search(t, s)("acme", "rare")), issues/100)
}

// RareWord fills a store with 100 issues that have the word "line", and returns the one
// that has the word "zebra" too.
func RareWord(t testing.TB, s store.Store) (rare desk.IssueID) {
	t.Helper()
	update(t, s, func(tx store.Tx) error {
		for n := range 100 {
			issue, words := desk.IssueID(fmt.Sprintf("i%05d", n)), []string{"line"}
			if n == 40 {
				rare, words = issue, append(words, "zebra")
			}
			if err := tx.Terms().Set(desk.PostID(fmt.Sprint("p", n)), issue, words); err != nil {
				return err
			}
		}
		return nil
	})
	return rare
}
