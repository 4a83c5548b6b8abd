package postgres

import (
	"fmt"
	"testing"

	"earshot/internal/desk"
	"earshot/internal/test/pg"
	"earshot/store"
)

// Of two rare words, the issues of the rarer one are looked at, in whichever order they stand.
func TestRarestWord(t *testing.T) {
	s := openAt(t, pg.Start(t).Database(t), Options{})
	defer s.Close()
	if err := s.Update(t.Context(), "", func(tx store.Tx) error {
		for i := range 100 {
			words := []string{"line"}
			if i == 40 {
				words = append(words, "zebra")
			}
			if err := tx.Terms().Set(desk.PostID(fmt.Sprint("p", i)), desk.IssueID(fmt.Sprintf("i%05d", i)), words); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for zebra, words := range [][]string{1: {"line", "zebra"}, 0: {"zebra", "line"}} {
		if err := s.View(t.Context(), func(x store.Tx) error {
			var ranges []any
			for _, w := range words {
				ranges = append(ranges, ordered(w), beyond(ordered(w)))
			}
			where, err := terms{x.(*tx)}.candidates(ranges)
			if want := fmt.Sprintf("words where term >= $%d and term < $%d", 2*zebra+1, 2*zebra+2); where != want {
				t.Errorf("%v: it looks at %s", words, where)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}
