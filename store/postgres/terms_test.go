package postgres

import (
	"fmt"
	"testing"

	"earshot/internal/test/pg"
	"earshot/store"
	"earshot/store/storetest"
)

// Of two rare words, the issues of the rarer one are looked at, in whichever order they stand.
func TestRarestWord(t *testing.T) {
	s := openAt(t, pg.Start(t).Database(t), Options{})
	defer s.Close()
	storetest.RareWord(t, s)
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
