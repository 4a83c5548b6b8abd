package app_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// reads is a store that counts how often issues are listed.
type reads struct {
	store.Store
	lists int
}

type countedTx struct {
	store.Tx
	of *reads
}

type countedIssues struct {
	store.Issues
	of *reads
}

func (r *reads) View(ctx context.Context, f func(store.Tx) error) error {
	return r.Store.View(ctx, func(tx store.Tx) error { return f(countedTx{tx, r}) })
}

func (t countedTx) Issues() store.Issues { return countedIssues{t.Tx.Issues(), t.of} }

func (i countedIssues) List(f store.IssueFilter, p store.Page) ([]desk.Issue, string, error) {
	i.of.lists++
	return i.Issues.List(f, p)
}

// An audience that is looked at again is what judging all voices again finds, after
// whatever happened to one of them, and reads their list once.
func TestAudienceIsRemembered(t *testing.T) { inHouses(t, (*house).audienceIsRemembered) }

func (h *house) audienceIsRemembered() {
	s := &reads{Store: h.Store()}
	remembers := app.New(app.Deps{Store: s, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}})
	var crowd []desk.IssueID
	for n := range 12 {
		crowd = append(crowd, h.shouts(fmt.Sprint("p", n), fmt.Sprintf("s%d.example", n%3), n%2 == 0))
	}
	third := h.shouts("dee", "s1.example", false, "https://m.example/eve")
	later := h.shouts("late", "s2.example", true)
	i := h.outage(append(crowd, third)...)
	inputs := []app.TellInput{{}, {Skip: []desk.IssueID{crowd[3], third}}, {Take: []desk.IssueID{third}, Tags: new(false)}}
	looks := func(what string, lists int) {
		h.t.Helper()
		s.lists = 0
		for n, in := range inputs {
			got, err := remembers.Audience(ctx, i, desk.IncidentIdentified, in)
			h.ok(err)
			want, err := app.New(app.Deps{Store: h.Store(), Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}}).Audience(ctx, i, desk.IncidentIdentified, in)
			h.ok(err)
			for n := range got.List { // when it was judged differs
				got.List[n].At = want.List[n].At
			}
			h.equal(fmt.Sprint(what, " ", n), got, want)
		}
		h.equal("lists read "+what, s.lists, lists)
	}
	looks("first", 1)
	looks("again", 0)
	h.clock.Advance(time.Second)
	looks("a second later", 0)
	_, err := h.AddOptOut(ctx, app.By{}, h.view(crowd[1]).Issue.Reporter, "")
	h.ok(err)
	looks("after an opt-out", 0)
	_, err = h.SetStatus(ctx, app.By{}, app.StatusInput{Issue: crowd[2], Change: desk.StatusChange{To: desk.StatusClosed, Reason: "not_a_call"}})
	h.ok(err)
	looks("after one was closed", 0)
	_, err = h.Reply(ctx, app.By{Agent: "bo@acme.example"}, app.ReplyInput{Issue: crowd[5], Text: "Where?"})
	h.ok(err)
	looks("after a reply", 0)
	h.shouts("another", "s2.example", true)
	looks("after a report of no incident", 0)
	_, err = h.UnlinkVoices(ctx, app.By{}, i, []desk.IssueID{crowd[4]})
	h.ok(err)
	looks("after one was unlinked", 1)
	_, err = h.LinkVoices(ctx, app.By{}, i, []desk.IssueID{later})
	h.ok(err)
	looks("after one was linked", 1)
	_, err = h.Merge(ctx, app.By{}, app.MergeInput{Issue: crowd[6], Into: crowd[0]})
	h.ok(err)
	looks("after two were merged", 1)
	h.clock.Advance(time.Minute)
	_, err = h.AddBlock(ctx, app.By{}, "s1.example", "")
	h.ok(err)
	looks("when the servers are looked at again", 1)
}
