package storetest

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"earshot/internal/desk"
	"earshot/store"
)

func drawIssue(t *rapid.T) step {
	i := issue(few("i").Draw(t, "id"))
	i.Report = desk.ObjectID(few("report").Draw(t, "report"))
	i.Reporter = desk.ActorID(few("actor").Draw(t, "reporter"))
	i.Broadcast = desk.ObjectID(rapid.SampledFrom([]string{"", "", "b1", "b2"}).Draw(t, "broadcast"))
	i.Desk = desk.Handle(rapid.SampledFrom([]string{"help", "other"}).Draw(t, "desk"))
	i.Also = rapid.SampledFrom([][]desk.Handle{nil, {"other"}, {"third", "other"}}).Draw(t, "also")
	i.MergedInto = desk.IssueID(rapid.SampledFrom([]string{"", "", "", "i1"}).Draw(t, "merged"))
	i.Snooze.Since = rapid.SampledFrom([]time.Time{{}, {}, at(4)}).Draw(t, "snoozed")
	i.Status = rapid.SampledFrom(desk.Statuses()).Draw(t, "status")
	i.NeedsUs = rapid.Bool().Draw(t, "answered")
	i.UpdatedAt = at(minute(t, "updated"))
	if n := minute(t, "waits"); n > 3 {
		i.WaitingSince = at(n)
	}
	return func(t fatal, tx store.Tx, m *model) {
		old, there := m.issues[i.ID]
		if there { // its identity does not change
			changed := i
			changed.Report, changed.Reporter, changed.Broadcast = old.Report, old.Reporter, old.Broadcast
			noError(t, tx.Issues().Put(changed))
			m.issues[i.ID] = changed
			return
		}
		want := true
		for _, o := range m.issues {
			if o.Report == i.Report || (i.Broadcast != "" && o.Broadcast == i.Broadcast && o.Reporter == i.Reporter) {
				want = false
			}
		}
		added, err := tx.Issues().Add(i)
		noError(t, err)
		same(t, "issue added", added, want)
		if added {
			m.issues[i.ID] = i
		}
	}
}

func drawPost(t *rapid.T) step {
	id := few("p").Draw(t, "id")
	p := rapid.SampledFrom([]desk.Post{remote(id, 0), ours(id, desk.RoleReply, 0), ours(id, desk.RoleBroadcast, 0)}).Draw(t, "post")
	p.Issue = desk.IssueID(few("i").Draw(t, "issue"))
	p.Received = at(minute(t, "received"))
	p.PublishedAt = p.Received
	p.Deleted = rapid.Bool().Draw(t, "deleted")
	p.InReplyTo = desk.ObjectID(rapid.SampledFrom([]string{"", "o1", "o2"}).Draw(t, "answers"))
	p.Context = rapid.SampledFrom([]string{"", "c1", "c2"}).Draw(t, "context")
	return func(t fatal, tx store.Tx, m *model) {
		noError(t, tx.Posts().Put(p))
		m.posts[p.ID] = p
	}
}

func drawFollow(t *rapid.T) step {
	local, actor := few("desk").Draw(t, "local"), few("actor").Draw(t, "actor")
	f := store.Follow{Local: desk.Handle(local), Actor: desk.ActorID(actor), Since: at(minute(t, "since"))}
	put := rapid.Bool().Draw(t, "put")
	return func(t fatal, tx store.Tx, m *model) {
		k := [2]string{local, actor}
		if put {
			noError(t, tx.Follows().Put(f))
			m.follows[k] = f
			return
		}
		deleted, err := tx.Follows().Delete(f.Local, f.Actor)
		noError(t, err)
		_, there := m.follows[k]
		same(t, "follow deleted", deleted, there)
		delete(m.follows, k)
	}
}

func drawDelivery(t *rapid.T) step {
	d := store.Delivery{
		Activity: desk.ActivityID(few("a").Draw(t, "activity")), Inbox: few("in").Draw(t, "inbox"),
		State: rapid.SampledFrom([]store.DeliveryState{store.DeliveryQueued, store.DeliveryDelivered, store.DeliveryFailed}).Draw(t, "state"),
	}
	return func(t fatal, tx store.Tx, m *model) {
		noError(t, tx.Deliveries().Put(d))
		m.deliveries[[2]string{string(d.Activity), d.Inbox}] = d
	}
}

func drawOnce(t *rapid.T) step {
	name, value, n := few("k").Draw(t, "key"), few("v").Draw(t, "value"), minute(t, "time")
	act := rapid.SampledFrom([]string{"put", "set", "expire", "delete"}).Draw(t, "act")
	limit := rapid.IntRange(0, 3).Draw(t, "limit")
	return func(t fatal, tx store.Tx, m *model) {
		if act == "delete" {
			_, there := m.once[name]
			deleted, err := tx.Once().Delete(name)
			noError(t, err)
			same(t, "once deleted", deleted, there)
			delete(m.once, name)
			delete(m.expires, name)
			return
		}
		if act == "set" {
			noError(t, tx.Once().Set(name, []byte(value), at(n)))
			m.once[name], m.expires[name] = value, n
			return
		}
		if act == "put" {
			old, there := m.once[name]
			kept, added, err := tx.Once().Put(name, []byte(value), at(n))
			noError(t, err)
			same(t, "once added", added, !there)
			if added {
				m.once[name], m.expires[name] = value, n
				old = value
			}
			same(t, "once kept", string(kept), old)
			return
		}
		forgotten, err := tx.Once().Expire(at(n), limit)
		noError(t, err)
		want := 0
		for _, k := range slices.Sorted(maps.Keys(m.once)) {
			over := m.expires[k] <= n
			_, left, err := tx.Once().Get(k)
			noError(t, err)
			if !left && !over {
				t.Fatalf("%s was forgotten before its time", k)
			}
			if over {
				want++
			}
			if !left {
				delete(m.once, k)
				delete(m.expires, k)
			}
		}
		same(t, "forgotten", forgotten, min(want, limit))
	}
}

// compareRecords compares all that is not about jobs.
func (m *model) compareRecords(t fatal, tx store.Tx) {
	issues := slices.SortedFunc(maps.Values(m.issues), func(a, b desk.Issue) int {
		if w := !a.WaitingSince.IsZero(); w != !b.WaitingSince.IsZero() {
			if w {
				return -1
			}
			return 1
		} else if w {
			return cmp.Or(a.WaitingSince.Compare(b.WaitingSince), cmp.Compare(a.ID, b.ID))
		}
		return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(b.ID, a.ID))
	})
	for _, f := range []store.IssueFilter{{}, {Desk: "other"}, {Category: desk.CategoryPaused}, {Desk: "third", NeedsUs: true}, {Status: desk.StatusNew, Desk: "help"}, {Awake: true}, {Snoozed: true, Desk: "other"}} {
		got := all(t, func(p store.Page) ([]desk.Issue, string, error) { return tx.Issues().List(f, p) })
		same(t, "issues", got, filtered(issues, f))
		n, err := tx.Issues().Count(f, 100)
		noError(t, err)
		same(t, "count of issues", n, len(got))
	}
	for _, i := range issues {
		id, ok, err := tx.Issues().ByReport(i.Report)
		noError(t, err)
		same(t, "by report", string(id)+ifFound(ok), string(i.ID))
	}
	m.comparePosts(t, tx)
	follows := map[desk.Handle]int{}
	for _, f := range m.follows {
		got, _, err := tx.Follows().Get(f.Local, f.Actor)
		noError(t, err)
		same(t, "follow", got, f)
		follows[f.Local]++
	}
	for n := range 5 {
		local := desk.Handle("desk" + string(rune('0'+n)))
		count, err := tx.Follows().Count(local)
		noError(t, err)
		same(t, "follows", count, follows[local])
	}
	tallies := map[desk.ActivityID]store.Tally{}
	for _, d := range m.deliveries {
		tally := tallies[d.Activity]
		switch d.State {
		case store.DeliveryQueued:
			tally.Queued++
		case store.DeliveryDelivered:
			tally.Delivered++
		case store.DeliveryFailed:
			tally.Failed++
		}
		tallies[d.Activity] = tally
	}
	for a, want := range tallies {
		got, err := tx.Deliveries().Tally(a)
		noError(t, err)
		same(t, "tally", got, want)
	}
	for k, want := range m.once {
		got, ok, err := tx.Once().Get(k)
		noError(t, err)
		same(t, "once", string(got)+ifFound(ok), want)
	}
}

func (m *model) comparePosts(t fatal, tx store.Tx) {
	posts := slices.SortedFunc(maps.Values(m.posts), func(a, b desk.Post) int {
		return cmp.Or(a.Received.Compare(b.Received), cmp.Compare(a.ID, b.ID))
	})
	is := func(keep func(desk.Post) bool) (out []desk.Post) {
		return slices.DeleteFunc(slices.Clone(posts), func(p desk.Post) bool { return !keep(p) })
	}
	issue1 := all(t, func(p store.Page) ([]desk.Post, string, error) { return tx.Posts().ByIssue("i1", p) })
	same(t, "by issue", issue1, is(func(p desk.Post) bool { return p.Issue == "i1" }))
	byAna := all(t, func(p store.Page) ([]desk.Post, string, error) { return tx.Posts().ByAuthor(ana, p) })
	same(t, "by author", byAna, is(func(p desk.Post) bool { return p.Author == ana }))
	answers := all(t, func(p store.Page) ([]desk.Post, string, error) { return tx.Posts().Replies("o1", p) })
	same(t, "answers", answers, is(func(p desk.Post) bool { return p.InReplyTo == "o1" }))
	outbox := all(t, func(p store.Page) ([]desk.Post, string, error) { return tx.Posts().Outbox("help", p) })
	published := is(func(p desk.Post) bool { return p.Ours() && !p.Deleted })
	slices.Reverse(published)
	same(t, "outbox", outbox, published)
	n, err := tx.Posts().OutboxCount("help")
	noError(t, err)
	same(t, "outbox count", n, len(published))
	in, ok, err := tx.Posts().ByContext("c1", ana)
	noError(t, err)
	want := " (not found)"
	if spoken := is(func(p desk.Post) bool { return p.Context == "c1" && p.Author == ana }); len(spoken) > 0 {
		want = string(spoken[len(spoken)-1].Issue)
	}
	same(t, "by context", string(in)+ifFound(ok), want)
}
