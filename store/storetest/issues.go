package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

func issueID(i desk.Issue) string { return string(i.ID) }

// issue makes one that waits for nobody.
func issue(id string) desk.Issue {
	return desk.Issue{
		ID: desk.IssueID(id), Desk: "help", Reporter: "https://m.example/users/ana", Report: desk.ObjectID("https://m.example/" + id),
		Post: desk.PostID("post of " + id), Heard: desk.HeardMention, Why: "#acme and #fail", Excerpt: "<b>down</b>", Status: desk.StatusNew,
		Invited: true, Replies: 3, OpenedAt: t0, UpdatedAt: t0, LastWord: at(1),
	}
}

func testIssuesUnique(t *testing.T, s store.Store) {
	one := issue("1")
	one.Broadcast = "https://help.example/posts/b"
	add := func(what string, i desk.Issue, want bool) {
		t.Helper()
		update(t, s, func(tx store.Tx) error {
			added, err := tx.Issues().Add(i)
			same(t, what, added, want)
			return err
		})
	}
	add("the first", one, true)
	add("again", one, false)
	sameReport := issue("2")
	sameReport.Report = one.Report
	add("a second issue of the report", sameReport, false)
	sameBroadcast := issue("2")
	sameBroadcast.Broadcast = one.Broadcast
	add("a second answer to the broadcast", sameBroadcast, false)
	sameBroadcast.Reporter = "https://m.example/users/bea"
	add("another person's answer", sameBroadcast, true)
	add("no broadcast", issue("3"), true)
	add("no broadcast either", issue("4"), true)

	one.Status, one.NeedsUs, one.Also = desk.StatusFixed, true, []desk.Handle{"other"}
	update(t, s, func(tx store.Tx) error { return tx.Issues().Put(one) })
	view(t, s, func(tx store.Tx) error {
		got, ok, err := tx.Issues().Get("1")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "changed", got, one)
		id, ok, err := tx.Issues().ByReport(one.Report)
		noError(t, err)
		same(t, "by report", string(id)+ifFound(ok), "1")
		id, ok, err = tx.Issues().ByBroadcast(one.Broadcast, "https://m.example/users/bea")
		noError(t, err)
		same(t, "by broadcast", string(id)+ifFound(ok), "2")
		_, ok, err = tx.Issues().ByBroadcast(one.Broadcast, "https://m.example/users/cem")
		same(t, "by a broadcast not answered", ok, false)
		noError(t, err)
		_, ok, err = tx.Issues().ByBroadcast("", one.Reporter)
		same(t, "by no broadcast", ok, false)
		noError(t, err)
		_, ok, err = tx.Issues().ByReport("https://m.example/other")
		same(t, "by another report", ok, false)
		return err
	})
	if err := s.Update(t.Context(), newOp(), func(tx store.Tx) error { return tx.Issues().Put(issue("none")) }); err == nil {
		t.Error("an issue that is not there was changed")
	}
}

func testIssuesList(t *testing.T, s store.Store) {
	var want []desk.Issue // in the order of List
	for n, waits := range []int{1, 2, 2, 7, 0, 0, 0, 0} {
		i := issue(fmt.Sprint(n))
		i.Status = desk.Statuses()[n]
		if waits > 0 {
			i.WaitingSince = at(waits)
			i.UpdatedAt = at(100 - waits)
		} else {
			i.UpdatedAt = at(100 - n/2) // 4 and 5, 6 and 7 at once
		}
		i.NeedsUs = n%2 == 0
		if n%4 < 2 {
			i.Assignee = []desk.Email{"bo@acme.example", "cy@acme.example"}[n%4]
		}
		if n%5 < 2 {
			i.Mentioned = []desk.Email{"cy@acme.example", "bo@acme.example"}[n%5:]
		}
		if n%3 == 1 {
			i.Incident = "night"
		}
		if n < 5 {
			i.Pile = "crowd"
		}
		if n%4 == 1 || n == 2 {
			i.Snooze = desk.Snooze{Since: at(3), Until: at(n)}
		}
		if n%3 == 0 {
			i.Desk, i.Also = "other", []desk.Handle{"help", "third"}
		}
		want = append(want, i)
	}
	want[4], want[5] = want[5], want[4] // newest first: the larger id
	want[6], want[7] = want[7], want[6]
	update(t, s, func(tx store.Tx) error {
		for n := range want {
			i := want[(n*5)%len(want)]
			early := i // as if it had changed since
			early.UpdatedAt, early.WaitingSince, early.Status, early.NeedsUs, early.Also = at(1000), at(0), desk.StatusFixed, true, []desk.Handle{"fourth"}
			early.Snooze = desk.Snooze{Since: at(n)}
			early.Assignee, early.Mentioned = "bo@acme.example", []desk.Email{"di@acme.example", "bo@acme.example"}
			noError(t, second(tx.Issues().Add(early)))
			noError(t, tx.Issues().Put(i))
		}
		return nil
	})
	// A part of another issue is on no list, and on those of its own again after that.
	part, again := want[1], want[2]
	part.ID, part.Report, part.MergedInto, part.MergedAt = "part", "part", want[0].ID, at(5)
	update(t, s, func(tx store.Tx) error {
		for _, i := range []desk.Issue{part, again} {
			listed := i
			listed.MergedInto, listed.MergedAt = "", time.Time{}
			if i.ID == part.ID {
				noError(t, second(tx.Issues().Add(listed)))
			}
			i.MergedInto, i.MergedAt = want[0].ID, at(5)
			noError(t, tx.Issues().Put(i))
		}
		return tx.Issues().Put(again)
	})
	filters := []store.IssueFilter{{}}
	for _, h := range []desk.Handle{"", "help", "other", "third", "fourth"} {
		for _, answered := range []bool{false, true} {
			for _, c := range []desk.Category{"", desk.CategoryOpen, desk.CategoryPaused, desk.CategoryDone, "none"} {
				for _, st := range append(desk.Statuses(), "", "none", "a\x00b") {
					for _, to := range []desk.Email{"", "bo@acme.example", "cy@acme.example", "di@acme.example"} {
						for n := range 3 {
							filters = append(filters, store.IssueFilter{Desk: h, NeedsUs: answered, Category: c, Status: st, Assignee: to, Awake: n == 1, Snoozed: n == 2, Rows: len(st) == 0})
						}
						for n := range 3 {
							if to != "" {
								filters = append(filters, store.IssueFilter{Desk: h, NeedsUs: answered, Category: c, Status: st, Mentioned: to, Awake: n == 1, Snoozed: n == 2})
							}
							if to == "" && c == "" {
								filters = append(filters,
									store.IssueFilter{Desk: h, NeedsUs: answered, Status: st, Incident: "night", Awake: n == 1, Snoozed: n == 2, Rows: len(st) == 0},
									store.IssueFilter{Desk: h, NeedsUs: answered, Status: st, Pile: "crowd", Awake: n == 1, Snoozed: n == 2},
									store.IssueFilter{Desk: h, NeedsUs: answered, Status: st, LeftPile: "crowd", Awake: n == 1, Snoozed: n == 2})
							}
						}
					}
				}
			}
		}
	}
	view(t, s, func(tx store.Tx) error {
		for _, f := range filters {
			got := all(t, func(p store.Page) ([]desk.Issue, string, error) { return tx.Issues().List(f, p) })
			listed := filtered(want, f)
			same(t, fmt.Sprintf("%+v", f), got, listed)
			for _, most := range []int{1, 3, 100} {
				n, err := tx.Issues().Count(f, most)
				noError(t, err)
				same(t, fmt.Sprintf("the count up to %d of %+v", most, f), n, min(most, len(listed)))
			}
		}
		return nil
	})
}

func filtered(is []desk.Issue, f store.IssueFilter) (out []desk.Issue) {
	for _, i := range is {
		if i.MergedInto != "" {
			continue
		}
		shown := f.Desk == "" || f.Desk == i.Desk
		for _, h := range i.Also {
			shown = shown || h == f.Desk
		}
		shown = shown && !(f.Awake && i.Snooze.On()) && !(f.Snoozed && !i.Snooze.On())
		shown = shown && (f.Incident == "" || f.Incident == i.Incident) && (f.Pile == "" || f.Pile == i.InPile()) && !(f.Rows && i.InPile() != "")
		shown = shown && (f.LeftPile == "" || f.LeftPile == i.Pile && i.InPile() == "" && !i.OutOfPile)
		if shown && (f.Assignee == "" || f.Assignee == i.Assignee) && (f.Mentioned == "" || slices.Contains(i.Mentioned, f.Mentioned)) && (!f.NeedsUs || i.NeedsUs) && (f.Status == "" || f.Status == i.Status) && (f.Category == "" || f.Category == i.Status.Category()) {
			out = append(out, i)
		}
	}
	return out
}

func testIssuesByReporter(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		for n, opened := range []int{3, 1, 2, 2} {
			i := issue(fmt.Sprint(n))
			i.OpenedAt = at(opened)
			noError(t, second(tx.Issues().Add(i)))
		}
		other := issue("other")
		other.Reporter += "x"
		return second(tx.Issues().Add(other))
	})
	view(t, s, func(tx store.Tx) error {
		got := all(t, func(p store.Page) ([]desk.Issue, string, error) {
			return tx.Issues().ByReporter("https://m.example/users/ana", p)
		})
		same(t, "oldest first", names(got, issueID), []string{"1", "2", "3", "0"})
		return nil
	})
}
