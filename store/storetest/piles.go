package storetest

import (
	"fmt"
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

func pileID(p desk.Pile) string { return string(p.ID) }

// pile makes one of every member.
func pile(id string) desk.Pile {
	return desk.Pile{ID: desk.PileID(id), Desk: "help", Others: true, Since: t0, Last: at(3), Words: []string{"no internet"}, Weights: map[string]float64{"internet": 1.5},
		Came: 5, Learned: 4, People: 3, Servers: map[desk.Host]int{"m.example": 2}, Further: 1, Languages: map[string]int{"": 1, "de": 2}, Incident: "in",
		Act: &desk.PileAct{ID: "a", Do: desk.PileStatus, Agent: "bo@acme.example", At: at(4), Change: desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotOurs, Next: "x"},
			Assignee: "cy@acme.example", Incident: "in", Server: "m.example", Alike: "said", Portion: 2, After: "c", Done: 2, Skipped: 1, Over: true, Undoing: true}}
}

func testPiles(t *testing.T, s store.Store) {
	var kept []desk.Pile // newest first
	for n, since := range []int{5, 4, 4, 3, 2, 1} {
		p := pile(fmt.Sprint(9 - n)) // of the same time the larger id is first
		p.Since = at(since)
		if n%2 == 1 {
			p.Desk = "other"
		}
		if n%3 == 0 {
			p.People, p.Servers, p.Languages, p.Act = 0, nil, nil, nil
		}
		kept = append(kept, p)
	}
	update(t, s, func(tx store.Tx) error {
		for n := range kept {
			p := kept[(n*5)%len(kept)]
			early := p // as if it had changed since
			early.Desk, early.People, early.Since = "third", 1, at(200)
			noError(t, tx.Piles().Put(early))
			noError(t, tx.Piles().Put(p))
		}
		noError(t, tx.Piles().Put(pile("gone")))
		same(t, "deleted", deleted(t, tx, "gone"), true)
		same(t, "deleted again", deleted(t, tx, "gone"), false)
		return nil
	})
	view(t, s, func(tx store.Tx) error {
		for _, h := range []desk.Handle{"", "help", "other", "third"} {
			for _, standing := range []bool{false, true} {
				var want []desk.Pile
				for _, p := range kept {
					if (h == "" || h == p.Desk) && (!standing || p.People > 0) {
						want = append(want, p)
					}
				}
				f := store.PileFilter{Desk: h, Standing: standing}
				got := all(t, func(p store.Page) ([]desk.Pile, string, error) { return tx.Piles().List(f, p) })
				same(t, fmt.Sprintf("%+v", f), names(got, pileID), names(want, pileID))
			}
		}
		got, ok, err := tx.Piles().Get(kept[1].ID)
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "pile", got, kept[1])
		_, ok, err = tx.Piles().Get("none")
		same(t, "one that is not there", ok, false)
		return err
	})
}

func deleted(t *testing.T, tx store.Tx, id desk.PileID) bool {
	ok, err := tx.Piles().Delete(id)
	noError(t, err)
	return ok
}

// testPiled lists the issues of a pile, while they stand in it and after they left.
func testPiled(t *testing.T, s store.Store) {
	put := func(id string, change func(*desk.Issue)) {
		i := issue(id)
		i.Replies, i.Also, i.Pile = 0, []desk.Handle{"third"}, "one"
		change(&i)
		update(t, s, func(tx store.Tx) error {
			added, err := tx.Issues().Add(i)
			if err == nil && !added {
				err = tx.Issues().Put(i)
			}
			return err
		})
	}
	for n := range 8 {
		put(fmt.Sprint(n), func(*desk.Issue) {})
	}
	put("8", func(i *desk.Issue) { i.Pile = "two" })
	put("9", func(i *desk.Issue) { i.Pile = "" })
	put("1", func(i *desk.Issue) { i.Assignee = "bo@acme.example" })
	put("2", func(i *desk.Issue) { i.Status, i.Reason = desk.StatusClosed, desk.ReasonNotACall })
	put("3", func(i *desk.Issue) { i.NeedsUs = true })
	put("4", func(i *desk.Issue) { i.OutOfPile = true })
	put("5", func(i *desk.Issue) { i.Incident = "in" })
	put("6", func(i *desk.Issue) { i.NeedsUs = true })
	put("6", func(*desk.Issue) {}) // it is back
	view(t, s, func(tx store.Tx) error {
		for _, tt := range []struct {
			f    store.IssueFilter
			want []string
		}{
			{store.IssueFilter{Pile: "one"}, []string{"7", "6", "0"}},
			{store.IssueFilter{Pile: "one", Desk: "third"}, []string{"7", "6", "0"}},
			{store.IssueFilter{Pile: "one", Desk: "none"}, nil},
			{store.IssueFilter{Pile: "one", Status: desk.StatusAcknowledged}, nil},
			{store.IssueFilter{Pile: "two"}, []string{"8"}},
			{store.IssueFilter{LeftPile: "one"}, []string{"5", "3", "2", "1"}},
			{store.IssueFilter{LeftPile: "one", Status: desk.StatusClosed}, []string{"2"}},
			{store.IssueFilter{Rows: true}, []string{"9", "5", "4", "3", "2", "1"}},
			{store.IssueFilter{Rows: true, Desk: "third"}, []string{"9", "5", "4", "3", "2", "1"}},
			{store.IssueFilter{Rows: true, Desk: "help", Status: desk.StatusNew}, []string{"9", "5", "4", "3", "1"}},
			{store.IssueFilter{NeedsUs: true}, []string{"3"}},
			{store.IssueFilter{Assignee: "bo@acme.example", Desk: "third"}, []string{"1"}},
			{store.IssueFilter{Incident: "in"}, []string{"5"}},
			{store.IssueFilter{}, []string{"9", "8", "7", "6", "5", "4", "3", "2", "1", "0"}},
			{store.IssueFilter{Desk: "help"}, []string{"9", "8", "7", "6", "5", "4", "3", "2", "1", "0"}},
			{store.IssueFilter{Desk: "third", Status: desk.StatusNew}, []string{"9", "8", "7", "6", "5", "4", "3", "1", "0"}},
		} {
			got := names(all(t, func(p store.Page) ([]desk.Issue, string, error) { return tx.Issues().List(tt.f, p) }), issueID)
			same(t, fmt.Sprintf("%+v", tt.f), got, tt.want)
		}
		// A cursor of one list is none of the other.
		_, next, err := tx.Issues().List(store.IssueFilter{Rows: true}, store.Page{Limit: 1})
		noError(t, err)
		if _, _, err := tx.Issues().List(store.IssueFilter{}, store.Page{Limit: 1, After: next}); err == nil {
			t.Error("a cursor of the rows is one of all issues")
		}
		return nil
	})
}
