package app_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// app returns a node: with PostgreSQL another one than the time before.
func (r *threads) app() *app.App {
	r.clock.Advance(time.Minute)
	r.nodes = append(r.nodes[1:], r.nodes[0])
	return r.nodes[0]
}

func of[T any](v T, err error) func(*threads) T {
	return func(r *threads) T {
		r.Helper()
		fine(r.T, err)
		return v
	}
}

// reports has a person of their own server report something to a desk, or say
// something more in a thread.
func (r *threads) reports(who, name, words, answers string, desks ...desk.Handle) desk.IssueID {
	r.Helper()
	id := desk.ActorID("https://" + who + ".example/" + who)
	h := app.Heard{Source: app.Inbox, Author: desk.Actor{ID: id, Acct: who + "@" + who + ".example", Name: who, Inbox: string(id) + "/inbox"},
		Post: desk.Post{Object: object(who, name), Author: id, Text: words, HTML: words, Visibility: desk.VisibilityPublic, Published: r.clock.Now(), Tags: []string{"acme", "fail"}}}
	if answers != "" {
		h.Post.InReplyTo = desk.ObjectID(answers)
	}
	for _, d := range desks {
		h.Post.Mentions = append(h.Post.Mentions, r.nodes[0].Site().Desk(d))
	}
	return of(r.app().Hear(ctx, h))(r).Issue
}

func object(who, name string) desk.ObjectID {
	return desk.ObjectID("https://" + who + ".example/notes/" + name)
}

// two opens two issues of two reporters who mentioned the desk.
func (r *threads) two() (a, b desk.IssueID) {
	return r.reports("ana", "1", "no light", "", "help"), r.reports("ben", "1", "dark here", "", "help")
}

func (r *threads) merge(into, from desk.IssueID) desk.Issue {
	r.Helper()
	return of(r.app().Merge(ctx, app.By{Agent: bo}, app.MergeInput{Into: into, Issue: from}))(r)
}

func (r *threads) show(id desk.IssueID) app.IssueView {
	r.Helper()
	return of(r.app().ShowIssue(ctx, id))(r)
}

// kept returns an issue as its record is, without looking where it belongs.
func (r *threads) kept(id desk.IssueID) (i desk.Issue) {
	r.Helper()
	fine(r.T, r.app().View(ctx, func(tx *app.Tx) (err error) { i, _, err = tx.Issues().Get(id); return err }))
	return i
}

func (r *threads) reply(in app.ReplyInput) desk.Post {
	r.Helper()
	return of(r.app().Reply(ctx, app.By{Agent: bo}, in))(r)
}

// publish sends the replies of an issue that are due, as the worker does.
func (r *threads) publish(ids ...desk.IssueID) {
	r.Helper()
	for _, id := range ids {
		fine(r.T, r.app().Update(ctx, func(tx *app.Tx) error {
			posts, _, err := tx.Posts().ByIssue(id, store.Page{})
			for _, p := range posts {
				if err == nil && p.State == desk.PostPending {
					_, _, err = tx.PublishPost(p.ID)
				}
			}
			return err
		}))
	}
}

// ours lists our replies in a thread: their state, the mentioned person, their words.
func (r *threads) ours(id desk.IssueID) (out []string) {
	r.Helper()
	fine(r.T, r.app().View(ctx, func(tx *app.Tx) error {
		for p, err := range store.EachOf(tx.Posts().ByIssue, id) {
			if err != nil {
				return err
			}
			if p.Role == desk.RoleReply {
				out = append(out, fmt.Sprintf("%s %s %s %s", p.Desk, p.State, strings.Join(p.MentionNames, ","), p.Text))
			}
		}
		return nil
	}))
	return out
}

func (r *threads) same(what string, got, want any) {
	r.Helper()
	if !reflect.DeepEqual(got, want) {
		r.Errorf("%s: %v, want %v", what, got, want)
	}
}

func (r *threads) listed(f app.ListInput) (out []desk.IssueID) {
	r.Helper()
	list, _, err := r.app().ListIssues(ctx, f)
	fine(r.T, err)
	for _, v := range list {
		out = append(out, v.Issue.ID)
	}
	return out
}

// lines are the entries of a timeline that agents see.
func lines(v app.IssueView) (out []string) {
	for _, e := range v.Timeline {
		text := e.Event.Text
		if e.Post != nil {
			text = e.Post.Text
		}
		out = append(out, string(e.Event.Kind)+" "+text)
	}
	return out
}

func TestMerge(t *testing.T) {
	onStores(t, func(r *threads) {
		a, b := r.two()
		r.reports("ana", "2", "still no light", string(object("ana", "1")))
		before := r.kept(b)
		r.same("merged", r.merge(a, b).ID, a)
		r.same("the list", r.listed(app.ListInput{}), []desk.IssueID{a})
		r.same("found by words of the part", r.listed(app.ListInput{Search: "dark"}), []desk.IssueID{a})
		for _, id := range []desk.IssueID{a, b} {
			v := r.show(id)
			r.same("the issue at "+string(id), v.Issue.ID, a)
			r.same("its timeline", lines(v), []string{"report no light", "report dark here", "post still no light", "merge " + string(b) + " was merged into this issue"})
		}
		r.same("waits as the one that waits longest", r.show(a).Issue.WaitingSince, r.kept(a).OpenedAt)

		p := r.reply(app.ReplyInput{Issue: b, Text: "On our way", Change: desk.StatusChange{To: desk.StatusInProgress}})
		r.same("copies", len(p.Copies), 1)
		r.publish(b)
		r.same("the first copy out sets the status", []desk.Status{r.kept(a).Status, r.kept(b).Status}, []desk.Status{desk.StatusInProgress, desk.StatusInProgress})
		r.same("who has not been answered waits", r.kept(a).WaitingSince.IsZero(), false)
		r.publish(a)
		r.same("and then nobody", r.kept(a).WaitingSince.IsZero(), true)
		r.same("ana's", r.ours(a), []string{"help published ana@ana.example On our way"})
		r.same("ben's", r.ours(b), []string{"help published ben@ben.example On our way"})
		seen := lines(r.show(a))
		r.same("told once", seen[len(seen)-2:], []string{"reply On our way", "status new → in_progress"})

		r.reports("ben", "2", "it flickers", string(object("ben", "1")))
		r.same("a part's reporter spoke", r.kept(a).NeedsUs, true)
		fine(r.T, r.app().View(ctx, func(tx *app.Tx) error {
			last, _, err := tx.Changes().Last()
			r.same("those who follow along hear of the whole", last.Issue, a)
			return err
		}))
		r.same("in the one issue", slices.Contains(lines(r.show(a)), "post it flickers"), true)

		back := of(r.app().UndoChange(ctx, app.By{Agent: bo}, app.UndoInput{Issue: a, Kind: desk.KindMerge}))(r)
		r.same("unmerged", len(back.Merged), 0)
		r.same("only ben needs us", []bool{r.kept(a).NeedsUs, r.kept(b).NeedsUs}, []bool{false, true})
		r.same("both are listed", len(r.listed(app.ListInput{})), 2)
		r.same("ben's thread", lines(r.show(b))[:3], []string{"report dark here", "merge merged into " + string(a), "reply On our way"})
		r.same("ana's thread has none of ben's", slices.Contains(lines(r.show(a)), "post it flickers"), false)
		after := r.kept(b)
		r.same("the part as before", []any{after.Reporter, after.Report, after.OpenedAt, after.Merged, after.MergedInto}, []any{before.Reporter, before.Report, before.OpenedAt, before.Merged, before.MergedInto})
		of(r.app().UndoChange(ctx, app.By{Agent: bo}, app.UndoInput{Issue: a, Kind: desk.KindMerge, Entry: mergeEntry(r.show(a))}))(r) // again: nothing
	})
}

// An undo leaves both issues as they were.
func TestUnmergeExactly(t *testing.T) {
	onStores(t, func(r *threads) {
		a, b := r.two()
		c := r.reports("cem", "1", "dark too", "", "help")
		r.publish(r.reply(app.ReplyInput{Issue: a, Text: "Which street?", Change: desk.StatusChange{To: desk.StatusWaiting}}).Issue)
		r.reports("cem", "2", "hello?", string(object("cem", "1")))
		want := []desk.Issue{r.kept(a), r.kept(b), r.kept(c)}
		r.merge(b, c)
		r.merge(a, b) // a tree
		r.same("one row", r.listed(app.ListInput{}), []desk.IssueID{a})
		r.same("needs us, as one did", r.kept(a).NeedsUs, true)
		for range 2 {
			of(r.app().UndoChange(ctx, app.By{Agent: bo}, app.UndoInput{Issue: a, Kind: desk.KindMerge}))(r)
			if len(r.kept(b).Merged) > 0 { // b has its own again
				r.same("c in b", r.show(c).Issue.ID, b)
				of(r.app().UndoChange(ctx, app.By{Agent: bo}, app.UndoInput{Issue: c, Kind: desk.KindMerge}))(r)
				break
			}
		}
		for n, id := range []desk.IssueID{a, b, c} {
			got := r.kept(id)
			got.UpdatedAt = want[n].UpdatedAt
			if len(got.Merged) == 0 {
				got.Merged = want[n].Merged
			}
			r.same("as before", got, want[n])
		}
	})
}

func mergeEntry(v app.IssueView) desk.EventID {
	for _, e := range v.Timeline {
		if e.Event.Note == desk.NoteMerged {
			return e.Event.ID
		}
	}
	return ""
}

func TestMergeRefused(t *testing.T) {
	onStores(t, func(r *threads) {
		a, b := r.two()
		of(r.app().AddDesk(ctx, app.By{}, desk.Desk{Handle: "tram", Names: []string{"tram"}, Calls: []string{"fail"}}))(r)
		other := r.reports("cem", "1", "late", "", "tram")
		try := func(want string, into, from desk.IssueID, seen ...desk.EventID) {
			r.Helper()
			by, in := app.By{Agent: bo}, app.MergeInput{Into: into, Issue: from}
			if len(seen) == 2 {
				by.Seen, in.Seen = seen[0], seen[1]
			}
			_, err := r.app().Merge(ctx, by, in)
			r.same("merging", desk.ErrorID(err), want)
		}
		newest := func(id desk.IssueID) desk.EventID { t := r.show(id).Timeline; return t[len(t)-1].Event.ID }
		try("merge_itself", a, a)
		try("merge_other_desk", a, other)
		try("issue_not_found", a, "none")
		seenA, seenB := newest(a), newest(b)
		r.reports("ben", "2", "more", string(object("ben", "1")))
		try("issue_moved_on", a, b, seenA, seenB)
		seenB = newest(b)
		r.reports("ana", "2", "more", string(object("ana", "1")))
		try("issue_moved_on", a, b, seenA, seenB)
		try("", a, b, newest(a), seenB)
		try("merge_one_already", a, b)
		try("merge_one_already", b, a)
		c := r.reports("cem", "2", "dark", "", "help")
		try("", b, c) // b is in a: c goes there
		r.same("followed", r.kept(c).MergedInto, a)
		for n := range desk.MaxThreads - 3 {
			try("", a, r.reports(fmt.Sprint("p", n), "1", "dark", "", "help"))
		}
		try("merge_too_many", a, r.reports("last", "1", "dark", "", "help"))
		of(r.app().ShowIssue(ctx, c))(r)
	})
}

// One reporter's will is theirs: it stops nothing for the others.
func TestReplyToMerged(t *testing.T) {
	onStores(t, func(r *threads) {
		a, b := r.two()
		c := r.reports("ben", "9", "dark again", "", "help") // ben once more
		d := r.reports("dee", "1", "no lamps", "")           // heard by tags
		for _, id := range []desk.IssueID{b, c, d} {
			r.merge(a, id)
		}
		r.publish(r.reply(app.ReplyInput{Issue: a, Text: "One"}).Issue)
		r.publish(a, b, c, d)
		r.same("ben gets one, where he spoke last", [][]string{r.ours(b), r.ours(c)}, [][]string{nil, {"help published ben@ben.example One"}})
		r.same("nobody waits", r.kept(a).WaitingSince.IsZero() && r.kept(b).WaitingSince.IsZero(), true)

		r.reports("ana", "stop", "stop", string(object("ana", "1")), "help")
		r.reply(app.ReplyInput{Issue: a, Text: "Two"})
		r.publish(a, b, c, d)
		r.same("ana said stop", len(r.ours(a)), 1)
		r.same("ben goes on", r.ours(c)[1], "help published ben@ben.example Two")
		r.same("dee was only heard by tags", len(r.ours(d)), 1)
		r.reply(app.ReplyInput{Issue: a, Text: "Fixed", Change: desk.StatusChange{To: desk.StatusFixed}})
		r.publish(a, b, c, d)
		r.same("dee hears the end", r.ours(d)[1], "help published dee@dee.example Fixed")
		r.same("the whole is fixed", r.show(a).Issue.Status, desk.StatusFixed)

		r.reports("dee", "2", "works again", string(object("dee", "1")), "help")
		i := of(r.app().SetStatus(ctx, app.By{Agent: bo}, app.StatusInput{Issue: a, Because: string(object("dee", "2")), Change: desk.StatusChange{To: desk.StatusResolved}}))(r)
		r.same("a part's reporter says so", i.Status, desk.StatusResolved)
		_, err := r.app().Reply(ctx, app.By{Agent: bo}, app.ReplyInput{Issue: a, Only: a, Text: "Three"})
		r.same("to ana alone", desk.ErrorID(err), "no_further_word")
		_, err = r.app().Reply(ctx, app.By{Agent: bo}, app.ReplyInput{Issue: a, Only: "none", Text: "Three"})
		r.same("to nobody", desk.ErrorID(err), "part_unknown")
		r.same("to dee alone", len(r.reply(app.ReplyInput{Issue: a, Only: d, Text: "Thanks"}).Copies), 0)
	})
}

// Edits, taking back and deleting go to every copy, until the merge is undone.
func TestCopiesChangeTogether(t *testing.T) {
	onStores(t, func(r *threads) {
		a, b := r.two()
		r.merge(a, b)
		by := app.By{Agent: bo}
		p := r.reply(app.ReplyInput{Issue: a, Text: "Onne"})
		of(r.app().EditPost(ctx, by, p.ID, "One"))(r)
		r.same("edited before it goes out", [][]string{r.ours(a), r.ours(b)}, [][]string{{"help pending  One"}, {"help pending  One"}})
		of(r.app().Undo(ctx, by, string(b)))(r)
		r.same("taken back", [][]string{r.ours(a), r.ours(b)}, [][]string{{"help undone  "}, {"help undone  "}})
		r.same("nothing pending", []int{r.kept(a).Pending, r.kept(b).Pending}, []int{0, 0})

		p = r.reply(app.ReplyInput{Issue: a, Text: "Two"})
		r.publish(b)
		_, err := r.app().Undo(ctx, by, string(p.ID))
		r.same("all or none", desk.ErrorID(err), "reply_sent")
		r.publish(a)
		of(r.app().EditPost(ctx, by, p.Copies[0], "Second"))(r)
		r.same("an edit of one", [][]string{r.ours(a)[1:], r.ours(b)[1:]}, [][]string{{"help published ana@ana.example Second"}, {"help published ben@ben.example Second"}})
		of(r.app().RetractPost(ctx, by, p.ID))(r)
		for _, id := range append(p.Copies, p.ID) {
			fine(r.T, r.app().View(ctx, func(tx *app.Tx) error {
				_, waits, err := tx.Jobs().Get("publish:delete:" + string(id))
				r.same("a Delete of each copy", waits, true)
				return err
			}))
		}
		p = r.reply(app.ReplyInput{Issue: a, Text: "Three"})
		r.publish(a, b)
		of(r.app().UndoChange(ctx, by, app.UndoInput{Issue: a, Kind: desk.KindMerge}))(r)
		of(r.app().EditPost(ctx, by, p.ID, "Third"))(r)
		r.same("apart again", [][]string{r.ours(a)[2:], r.ours(b)[2:]}, [][]string{{"help published ana@ana.example Third"}, {"help published ben@ben.example Three"}})
	})
}

// A deletion takes one reporter's words only.
func TestDeletionInMerged(t *testing.T) {
	onStores(t, func(r *threads) {
		a, b := r.two()
		r.merge(a, b)
		fine(r.T, r.app().Remove(ctx, object("ana", "1"), "https://ana.example/ana"))
		v := r.show(a)
		r.same("ben's report stands", []any{v.Issue.Status, slices.Contains(lines(v), "report dark here"), v.Issue.Excerpt}, []any{desk.StatusNew, true, ""})
		r.reply(app.ReplyInput{Issue: a, Text: "On our way"})
		r.publish(a, b)
		r.same("ben is answered, ana not", [][]string{r.ours(a), r.ours(b)}, [][]string{nil, {"help published ben@ben.example On our way"}})
		more, err := r.app().RemoveActor(ctx, "https://ben.example/ben")
		fine(r.T, err)
		r.same("all of ben's is gone at once", more, false)
		r.same("nobody reports it any more", []any{r.kept(a).Status, r.kept(a).Reason}, []any{desk.StatusClosed, desk.ReasonWithdrawn})
		r.clock.Advance(200 * 24 * time.Hour)
		of(r.app().ExpireWords(ctx))(r)
	})
}

// The words of a part do not expire while the whole goes on, and do after that.
func TestWordsOfPartsExpire(t *testing.T) {
	onStores(t, func(r *threads) {
		a, b := r.two()
		r.merge(a, b)
		r.clock.Advance(80 * 24 * time.Hour)
		r.reports("ana", "2", "again", string(object("ana", "1")))
		r.clock.Advance(20 * 24 * time.Hour)
		of(r.app().ExpireWords(ctx))(r)
		r.same("ben's words", slices.Contains(lines(r.show(a)), "report dark here"), true)
		r.clock.Advance(100 * 24 * time.Hour)
		of(r.app().ExpireWords(ctx))(r)
		r.same("ben's words", slices.Contains(lines(r.show(a)), "report dark here"), false)
	})
}

// Two agents press at the same moment, on two nodes: one merge is made, nothing is
// in a circle, and a reply reaches each reporter of the issue once.
func TestMergeAtOnce(t *testing.T) {
	onStores(t, func(r *threads) {
		for n := range 4 {
			a := r.reports(fmt.Sprint("ana", n), "1", "no light", "", "help")
			b := r.reports(fmt.Sprint("ben", n), "1", "dark", "", "help")
			other := r.nodes[len(r.nodes)-1]
			errs := make([]error, 3)
			var all sync.WaitGroup
			for k, do := range []func() error{
				func() error {
					_, err := r.nodes[0].Merge(ctx, app.By{Agent: bo}, app.MergeInput{Into: a, Issue: b})
					return err
				},
				func() error {
					_, err := other.Merge(ctx, app.By{Agent: cy}, app.MergeInput{Into: b, Issue: a})
					return err
				},
				func() error {
					_, err := other.Reply(ctx, app.By{Agent: cy}, app.ReplyInput{Issue: b, Text: "On it"})
					return err
				},
			} {
				all.Go(func() { errs[k] = do() })
			}
			all.Wait()
			fine(r.T, errs[2])
			if (errs[0] == nil) == (errs[1] == nil) || desk.ErrorID(errs[0])+desk.ErrorID(errs[1]) != "merge_one_already" {
				r.Errorf("merged: %v, %v", errs[0], errs[1])
			}
			home := r.show(a).Issue
			r.same("one issue", r.show(b).Issue.ID, home.ID)
			r.publish(a, b)
			if got := len(r.ours(a)) + len(r.ours(b)); len(r.ours(b)) != 1 || got > 2 {
				r.Errorf("%d replies to ana, %d to ben", len(r.ours(a)), len(r.ours(b)))
			}
		}
	})
}

// The page of a merged thread goes on where the page before ended.
func TestPagesOfMerged(t *testing.T) {
	onStores(t, func(r *threads) {
		a, b := r.two()
		r.merge(a, b)
		for n := range 30 {
			who := []string{"ana", "ben"}[n%2]
			if n > 20 {
				who = "ana"
			}
			r.reports(who, fmt.Sprint("more", n), fmt.Sprint("word ", n), string(object(who, "1")))
		}
		var got []string
		for before := desk.EventID(""); ; {
			v := of(r.app().ShowThread(ctx, b, app.ThreadInput{Before: before, Limit: 7}))(r)
			var page []string
			for _, e := range v.Timeline {
				if e.Post != nil && strings.HasPrefix(e.Post.Text, "word") {
					page = append(page, e.Post.Text)
				}
			}
			got = append(page, got...)
			if before = v.Before; before == "" {
				break
			}
		}
		r.same("the words", len(got), 30)
		for n, w := range got {
			r.same("in order", w, fmt.Sprint("word ", n))
		}
	})
}

func TestMoveToAnotherDesk(t *testing.T) {
	onStores(t, func(r *threads) {
		of(r.app().AddDesk(ctx, app.By{}, desk.Desk{Handle: "tram", Names: []string{"tram"}, Calls: []string{"fail"}}))(r)
		by := app.By{Agent: bo}
		a := r.reports("ana", "1", "no light", "")
		b := r.reports("ben", "1", "dark here", "", "help")
		r.merge(a, b)
		first := r.reply(app.ReplyInput{Issue: a, Text: "One"})
		r.publish(a, b)
		_, err := r.app().MoveIssue(ctx, by, app.MoveInput{Issue: a, To: "none"})
		r.same("to no desk", desk.ErrorID(err), "desk_not_found")
		_, err = r.app().MoveIssue(ctx, by, app.MoveInput{Issue: a, To: "help"})
		r.same("to its own", desk.ErrorID(err), "move_there_already")
		seen := r.show(a).Timeline
		r.same("moved", of(r.app().MoveIssue(ctx, app.By{Agent: bo, Seen: seen[len(seen)-1].Event.ID}, app.MoveInput{Issue: b, To: "tram"}))(r).Desk, desk.Handle("tram"))
		r.same("listed there", []int{len(r.listed(filter("tram"))), len(r.listed(filter("help")))}, []int{1, 0})
		_, err = r.app().MoveIssue(ctx, app.By{Agent: cy, Seen: seen[len(seen)-1].Event.ID}, app.MoveInput{Issue: b, To: "help"})
		r.same("decided on what was seen", desk.ErrorID(err), "issue_moved_on")

		r.reply(app.ReplyInput{Issue: a, Text: "Two", Change: desk.StatusChange{To: desk.StatusFixed}})
		r.publish(a, b)
		r.same("the new desk goes on", [][]string{r.ours(a), r.ours(b)}, [][]string{
			{"help published ana@ana.example One", "tram published ana@ana.example Two"},
			{"help published ben@ben.example One", "tram published ben@ben.example Two"}})
		site := r.nodes[0].Site()
		of(r.app().EditPost(ctx, by, first.ID, "Once"))(r)
		fine(r.T, r.app().View(ctx, func(tx *app.Tx) error {
			p, _, err := tx.Posts().Get(first.ID)
			r.same("the old desk's word stays its own", p.Author, site.Desk("help"))
			return err
		}))
		for n, answers := range []string{string(first.Object), string(object("ana", "1"))} {
			r.same("an answer joins", r.reports("ana", fmt.Sprint("answer", n), "thanks", answers, "help"), a)
		}
		// An edit that keeps the old desk's tags withdraws nothing.
		h := app.Heard{Source: app.Inbox, Author: desk.Actor{ID: "https://ana.example/ana"}, Post: desk.Post{Object: object("ana", "1"), Author: "https://ana.example/ana",
			Text: "no light!", HTML: "no light!", Visibility: desk.VisibilityPublic, Published: r.clock.Now(), Updated: r.clock.Now(), Tags: []string{"acme", "fail"}}}
		of(r.app().Hear(ctx, h))(r)
		r.same("not silenced", r.kept(a).Silenced, desk.Silence(""))
		back := of(r.app().UndoChange(ctx, by, app.UndoInput{Issue: a, Kind: desk.KindMove}))(r)
		r.same("moved back", []desk.Handle{back.Desk, r.kept(b).Desk}, []desk.Handle{"help", "help"})
		of(r.app().UndoChange(ctx, by, app.UndoInput{Issue: a, Kind: desk.KindMove}))(r) // again: nothing
		r.same("still there", r.kept(a).Desk, desk.Handle("help"))
	})
}

func filter(h desk.Handle) app.ListInput {
	return app.ListInput{IssueFilter: store.IssueFilter{Desk: h}}
}
