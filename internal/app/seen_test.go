package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

const report = "https://m.example/notes/1"

// What was decided on an older view than there is, is refused; what others said
// meanwhile counts, and nothing else.
func TestDecidedOnWhatWasSeen(t *testing.T) {
	for name, tc := range map[string]struct {
		meanwhile func(h *house, id desk.IssueID)
		stale     bool
	}{
		"nothing":                     {func(*house, desk.IssueID) {}, false},
		"a post of the reporter":      {func(h *house, _ desk.IssueID) { h.hear("ana", "2", "still down", report) }, true},
		"a colleague's comment":       {func(h *house, id desk.IssueID) { h.remark(bo, id) }, true},
		"one's own comment":           {func(h *house, id desk.IssueID) { h.remark(cy, id) }, false},
		"a colleague's status":        {func(h *house, id desk.IssueID) { h.set(bo, id, desk.StatusInProgress) }, true},
		"one's own status":            {func(h *house, id desk.IssueID) { h.set(cy, id, desk.StatusInProgress) }, false},
		"a colleague's reply":         {func(h *house, id desk.IssueID) { h.says(bo, id) }, true},
		"a post of a third person":    {func(h *house, _ desk.IssueID) { h.hear("eve", "3", "me too", report) }, false},
		"much, and one's own at last": {func(h *house, id desk.IssueID) { h.hear("ana", "2", "still", report); h.remark(cy, id) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.agents()
			id := h.hear("ana", "1", "down", "").Issue
			seen := h.newest(id)
			at := h.Now()
			h.clock.Advance(time.Minute)
			tc.meanwhile(h, id)
			h.clock.Advance(time.Minute)
			code := desk.Code("")
			if tc.stale {
				code = desk.CodeStale
			}
			by := app.By{Agent: cy, Seen: seen}
			_, err := h.Reply(ctx, by, app.ReplyInput{Issue: id, Text: "We are on it"})
			h.code("a reply", err, code)
			_, err = h.SetStatus(ctx, by, app.StatusInput{Issue: id, Change: desk.StatusChange{To: desk.StatusWaiting}})
			h.code("a status", err, code)
			out, err := h.Bulk(ctx, app.By{Agent: cy, SeenAt: at}, app.BulkInput{Issues: []desk.IssueID{id}, Change: desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotACall}})
			h.ok(err)
			h.code("one of many", out.Results[0].Err, code)
			// Once more, on what there is now.
			by.Seen = h.newest(id)
			if tc.stale {
				_, err = h.SetStatus(ctx, by, app.StatusInput{Issue: id, Change: desk.StatusChange{To: desk.StatusWaiting}})
				h.ok(err)
			}
		})
	}
	h := newHouse(t)
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	_, err := h.SetStatus(ctx, app.By{Seen: "no such entry"}, app.StatusInput{Issue: id, Change: desk.StatusChange{To: desk.StatusWaiting}})
	h.code("of no entry", err, desk.CodeNotFound)
}

// Who gives an issue to a colleague does not take it from another who took it meanwhile,
// without having seen so. What else was said does not count.
func TestAssignsWhatWasSeen(t *testing.T) { inHouses(t, (*house).assignsWhatWasSeen) }

func (h *house) assignsWhatWasSeen() {
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	seen, at := h.newest(id), h.Now()
	to := func(what string, by app.By, who desk.Email, want desk.Code) {
		h.t.Helper()
		_, err := h.Assign(ctx, by, id, who)
		h.code(what, err, want)
	}
	many := func(what string, at time.Time, want desk.Code) {
		h.t.Helper()
		out, err := h.Bulk(ctx, app.By{Agent: cy, SeenAt: at}, app.BulkInput{Issues: []desk.IssueID{id}, Assignee: new(desk.Email(cy))})
		h.ok(err)
		h.code(what, out.Results[0].Err, want)
	}
	h.clock.Advance(time.Minute)
	h.remark(bo, id)
	h.clock.Advance(time.Minute)
	to("after a comment", app.By{Agent: bo, Seen: seen}, bo, "")
	h.clock.Advance(time.Minute)
	to("a colleague took it since", app.By{Agent: cy, Seen: seen}, cy, desk.CodeStale)
	to("to nobody", app.By{Agent: cy, Seen: seen}, "", desk.CodeStale)
	to("who has it already", app.By{Agent: cy, Seen: seen}, bo, "")
	to("one's own change", app.By{Agent: bo, Seen: seen}, "", "")
	to("as it was", app.By{Agent: bo, Seen: seen}, bo, "")
	h.clock.Advance(time.Minute)
	many("among many", at, desk.CodeStale)
	status := h.view(id).Issue.Status
	out, err := h.Bulk(ctx, app.By{Agent: cy, SeenAt: at.Add(90 * time.Second)}, app.BulkInput{Issues: []desk.IssueID{id}, Change: desk.StatusChange{To: desk.StatusInProgress}, Assignee: new(desk.Email(cy))})
	h.ok(err)
	h.code("with a status", out.Results[0].Err, desk.CodeStale)
	if now := h.view(id).Issue; now.Status != status || now.Assignee != bo {
		h.t.Errorf("a change that was refused in part: %s of %s", now.Status, now.Assignee)
	}
	out, err = h.Bulk(ctx, app.By{Agent: cy, SeenAt: h.Now()}, app.BulkInput{Issues: []desk.IssueID{id}, Change: desk.StatusChange{To: desk.StatusInProgress}, Assignee: new(desk.Email(cy))})
	h.ok(err)
	h.code("with a status, seen", out.Results[0].Err, "")
	if now := h.view(id).Issue; now.Status != desk.StatusInProgress || now.Assignee != cy {
		h.t.Errorf("both changed: %s of %s", now.Status, now.Assignee)
	}
	h.clock.Advance(time.Minute)
	to("back", app.By{Agent: cy}, bo, "")
	many("among many, seen", h.Now(), "")
	to("seen, not said", app.By{Agent: bo}, bo, "")
}

func (h *house) code(what string, err error, want desk.Code) {
	h.t.Helper()
	if got := desk.ErrorCode(err); got != want {
		h.t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func (h *house) newest(id desk.IssueID) desk.EventID {
	h.t.Helper()
	v, err := h.ShowIssue(ctx, id)
	h.ok(err)
	return v.Timeline[len(v.Timeline)-1].Event.ID
}

func (h *house) remark(by desk.Email, id desk.IssueID) {
	h.t.Helper()
	_, err := h.Comment(ctx, app.By{Agent: by}, id, "The cabinet again")
	h.ok(err)
}

func (h *house) says(by desk.Email, id desk.IssueID) { h.t.Helper(); h.replies(by, id, true) }

// Two agents answer at the same moment: one reply goes out, the other agent is
// asked again.
func TestTwoAnswersAtOnce(t *testing.T) {
	h := newHouse(t)
	h.agents()
	for n := range 10 {
		id := h.hear("ana", fmt.Sprint("at once ", n), "down", "").Issue
		seen := h.newest(id)
		codes := make(chan desk.Code, 2)
		for _, by := range []desk.Email{bo, cy} {
			go func() {
				_, err := h.Reply(ctx, app.By{Agent: by, Seen: seen}, app.ReplyInput{Issue: id, Text: "Which street?"})
				codes <- desk.ErrorCode(err)
			}()
		}
		got := []desk.Code{<-codes, <-codes}
		slices.Sort(got)
		if !slices.Equal(got, []desk.Code{"", desk.CodeStale}) {
			t.Fatalf("%q", got)
		}
		if replies := h.entries(id, desk.KindReply); len(replies) != 1 {
			t.Fatalf("%d replies", len(replies))
		}
	}
}

// The entries that a merged issue's parts repeat are shown by no page, so that nobody has to
// have seen them.
func TestSeenOfMergedIssues(t *testing.T) { inHouses(t, (*house).seesMerged) }

func (h *house) seesMerged() {
	h.agents()
	into, part := h.hear("ana", "1", "No light", "").Issue, h.hear("ben", "2", "It is dark", "").Issue
	change := func(what string, to desk.Status, want desk.Code) {
		h.t.Helper()
		_, err := h.SetStatus(ctx, app.By{Agent: bo, Seen: h.newest(into)}, app.StatusInput{Issue: into, Change: desk.StatusChange{To: to}})
		h.code(what, err, want)
	}
	_, err := h.Merge(ctx, app.By{Agent: cy}, app.MergeInput{Into: into, Issue: part})
	h.ok(err)
	change("after a merge", desk.StatusInProgress, "")
	h.clock.Advance(time.Minute)
	seen := h.newest(into)
	_, err = h.Reply(ctx, app.By{Agent: cy}, app.ReplyInput{Issue: into, Text: "We are on it"})
	h.ok(err)
	change("after a reply to both", desk.StatusWaiting, "")
	_, err = h.SetStatus(ctx, app.By{Agent: cy}, app.StatusInput{Issue: into, Change: desk.StatusChange{To: desk.StatusInProgress}})
	h.ok(err)
	change("after a colleague's change", desk.StatusWaiting, "")
	_, err = h.SetStatus(ctx, app.By{Agent: bo, Seen: seen}, app.StatusInput{Issue: into, Change: desk.StatusChange{To: desk.StatusInProgress}})
	h.code("from an older page", err, desk.CodeStale)
}

// What was decided on an older page than there is takes back nothing that a colleague
// decided on: a change, a merge, a snooze, the words of a reply.
func TestTakesBackWhatWasSeen(t *testing.T) { inHouses(t, (*house).takesBackSeen) }

func (h *house) takesBackSeen() {
	h.agents()
	for name, tc := range map[string]struct {
		before, meanwhile func(id, other desk.IssueID)
		act               func(by app.By, id, other desk.IssueID) error
		more              bool // other news than this counts too
	}{
		"a change of status": {
			func(id, _ desk.IssueID) { h.set(cy, id, desk.StatusInProgress) },
			func(id, _ desk.IssueID) { h.remark(bo, id) },
			func(by app.By, id, _ desk.IssueID) error {
				_, err := h.UndoChange(ctx, by, app.UndoInput{Issue: id, Kind: desk.KindStatus})
				return err
			}, true,
		},
		"a merge": {
			func(id, other desk.IssueID) {
				_, err := h.Merge(ctx, app.By{Agent: cy}, app.MergeInput{Into: id, Issue: other})
				h.ok(err)
			},
			func(id, _ desk.IssueID) { h.set(bo, id, desk.StatusInProgress) },
			func(by app.By, id, _ desk.IssueID) error {
				_, err := h.UndoChange(ctx, by, app.UndoInput{Issue: id, Kind: desk.KindMerge})
				return err
			}, true,
		},
		"a snooze": {
			func(id, _ desk.IssueID) { h.doze(cy, id, time.Hour) },
			func(id, _ desk.IssueID) { h.doze(bo, id, 2*time.Hour) },
			func(by app.By, id, _ desk.IssueID) error { _, err := h.Wake(ctx, by, id); return err }, true,
		},
		"a split": {
			func(id, _ desk.IssueID) {
				h.hear("ana", "words of it", "and the mail", "https://m.example/notes/a split")
			},
			func(id, _ desk.IssueID) { h.remark(bo, id) },
			func(by app.By, id, _ desk.IssueID) error {
				_, err := h.Split(ctx, by, id, h.entries(id, desk.KindPost)[0].Post)
				return err
			}, true,
		},
		"a reply that waits": {
			func(id, _ desk.IssueID) { h.replies(cy, id, false) },
			func(id, _ desk.IssueID) { h.edits(bo, id) },
			func(by app.By, id, _ desk.IssueID) error { _, err := h.Undo(ctx, by, string(id)); return err }, false,
		},
		"a reply that has gone out": {
			func(id, _ desk.IssueID) { h.replies(cy, id, true) },
			func(id, _ desk.IssueID) { h.edits(bo, id) },
			func(by app.By, id, _ desk.IssueID) error {
				_, err := h.RetractPost(ctx, by, h.entries(id, desk.KindReply)[0].Post)
				return err
			}, false,
		},
	} {
		id, other := h.hear("ana", name, "down", "").Issue, h.hear("ben", name+" too", "down", "").Issue
		h.clock.Advance(time.Second)
		tc.before(id, other)
		by := app.By{Agent: cy, Seen: h.newest(id)}
		at := h.Now()
		h.clock.Advance(time.Second)
		if !tc.more {
			h.remark(bo, id)
			h.clock.Advance(time.Second)
		}
		tc.meanwhile(id, other)
		h.clock.Advance(time.Second)
		h.code(name, tc.act(by, id, other), desk.CodeStale)
		h.code(name+", of a list", tc.act(app.By{Agent: cy, SeenAt: at}, id, other), desk.CodeStale)
		by.Seen = h.newest(id)
		h.code(name+", seen", tc.act(by, id, other), "")
	}
}

// Another snooze is a decision that no reply and no snooze passes over unseen. The end of
// its time is none.
func TestSnoozesWhatWasSeen(t *testing.T) { inHouses(t, (*house).snoozesSeen) }

func (h *house) snoozesSeen() {
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	seen := h.newest(id)
	h.clock.Advance(time.Minute)
	h.doze(bo, id, time.Hour)
	_, err := h.Snooze(ctx, app.By{Agent: cy, Seen: seen}, app.SnoozeInput{Issue: id, Until: h.Now().Add(2 * time.Hour)})
	h.code("another snooze", err, desk.CodeStale)
	_, err = h.Reply(ctx, app.By{Agent: cy, Seen: seen}, app.ReplyInput{Issue: id, Text: "We are on it"})
	h.code("a reply", err, desk.CodeStale)
	seen = h.newest(id)
	h.clock.Advance(time.Hour)
	h.ok(h.SnoozeOver(ctx, id, h.Now()))
	_, err = h.Reply(ctx, app.By{Agent: cy, Seen: seen}, app.ReplyInput{Issue: id, Text: "We are on it"})
	h.code("a reply after its time", err, "")
}

// A change of many is taken back as far as nothing is newer than the page on which that was
// decided.
func TestTakesBackManySeen(t *testing.T) { inHouses(t, (*house).takesBackManySeen) }

func (h *house) takesBackManySeen() {
	h.agents()
	first, second := h.hear("ana", "1", "down", "").Issue, h.hear("ben", "2", "down", "").Issue
	done, err := h.Bulk(ctx, app.By{Agent: cy}, app.BulkInput{Issues: []desk.IssueID{first, second}, Assignee: new(desk.Email(bo))})
	h.ok(err)
	at := h.Now()
	h.clock.Advance(time.Minute)
	h.remark(bo, first) // who works on it by now
	h.clock.Advance(time.Minute)
	out, err := h.UndoBulk(ctx, app.By{Agent: cy, SeenAt: at}, done.Act)
	h.ok(err)
	h.code("with a word since", out[0].Err, desk.CodeStale)
	h.code("as it was", out[1].Err, "")
	if a, b := h.view(first).Issue.Assignee, h.view(second).Issue.Assignee; a != bo || b != "" {
		h.t.Errorf("they are of %q and %q", a, b)
	}
	out, err = h.UndoBulk(ctx, app.By{Agent: cy, SeenAt: h.Now()}, done.Act)
	h.ok(err)
	h.code("seen", out[0].Err, "")
}

// However much stands in a thread that is no news, a page of before it is no older view:
// one's own words, and what the parts of a merged issue repeat.
func TestSeenOfALongThread(t *testing.T) { inHouses(t, (*house).seesLong) }

func (h *house) seesLong() {
	h.agents()
	into := h.hear("ana", "1", "down", "").Issue
	for n := range 11 {
		_, err := h.Merge(ctx, app.By{Agent: cy}, app.MergeInput{Into: into, Issue: h.hear(fmt.Sprint("p", n), fmt.Sprint("part ", n), "down", "").Issue})
		h.ok(err)
	}
	h.clock.Advance(time.Minute)
	h.replies(cy, into, false)
	reply := h.entries(into, desk.KindReply)[0].Post
	much := func() { // 11 copies of each
		for n := range 10 {
			h.clock.Advance(time.Second)
			_, err := h.EditPost(ctx, app.By{Agent: cy}, reply, fmt.Sprint("Which street is it? ", h.Now(), n))
			h.ok(err)
		}
	}
	seen := h.newest(into)
	much()
	_, err := h.SetStatus(ctx, app.By{Agent: cy, Seen: seen}, app.StatusInput{Issue: into, Change: desk.StatusChange{To: desk.StatusWaiting}})
	h.code("after one's own words and their copies", err, "")
	h.clock.Advance(time.Minute)
	seen = h.newest(into)
	h.clock.Advance(time.Minute)
	h.remark(bo, into)
	much()
	_, err = h.SetStatus(ctx, app.By{Agent: cy, Seen: seen}, app.StatusInput{Issue: into, Change: desk.StatusChange{To: desk.StatusFixed}})
	h.code("a colleague's words behind them", err, desk.CodeStale)
	if err == nil || !strings.Contains(err.Error(), "a comment by "+string(bo)) || strings.Contains(err.Error(), "much more") {
		h.t.Errorf("%v", err)
	}
}

// A reply that a colleague took back is news: what was decided on it rests on nothing. What the
// admin on the machine did is named so.
func TestTakenBackIsNews(t *testing.T) { inHouses(t, (*house).takenBackIsNews) }

func (h *house) takenBackIsNews() {
	h.agents()
	id, other := h.hear("ana", "1", "down", "").Issue, h.hear("ben", "2", "down", "").Issue
	_, err := h.Merge(ctx, app.By{Agent: cy}, app.MergeInput{Into: id, Issue: other})
	h.ok(err)
	h.clock.Advance(time.Second)
	h.replies(bo, id, false)
	h.clock.Advance(time.Second)
	seen := h.newest(id)
	stale := func(seen desk.EventID, want string) {
		h.t.Helper()
		_, err := h.SetStatus(ctx, app.By{Agent: cy, Seen: seen}, app.StatusInput{Issue: id, Change: desk.StatusChange{To: desk.StatusWaiting}})
		if h.code(want, err, desk.CodeStale); err == nil || !strings.Contains(err.Error(), ": "+want+"; ") {
			h.t.Errorf("%v, want %q", err, want)
		}
	}
	_, err = h.Undo(ctx, app.By{Agent: bo}, string(id))
	h.ok(err)
	stale(seen, "a reply taken back by "+bo)
	h.replies(cy, id, false)
	for _, tc := range []struct {
		want string
		by   func() error
	}{
		{"a comment by the admin on this machine", func() error { _, err := h.Comment(ctx, app.By{}, id, "The cabinet"); return err }},
		{"a reply taken back by the admin on this machine", func() error { _, err := h.Undo(ctx, app.By{}, string(id)); return err }},
		{"a reply by the admin on this machine", func() error {
			_, err := h.Reply(ctx, app.By{}, app.ReplyInput{Issue: id, Text: "Which street?"})
			return err
		}},
	} {
		h.clock.Advance(time.Second)
		seen := h.newest(id)
		h.clock.Advance(time.Second)
		h.ok(tc.by())
		stale(seen, tc.want)
	}
}

// queue is a store before whose writer the time goes on.
type queue struct {
	store.Store
	wait func()
}

func (q queue) Update(ctx context.Context, op store.Op, f func(store.Tx) error) error {
	q.wait()
	return q.Store.Update(ctx, op, f)
}

// What waits for other writes is of the time at which it is written: a list that was read
// meanwhile did not have it.
func TestNewsIsOfItsWriting(t *testing.T) { inHouses(t, (*house).newsOfItsWriting) }

func (h *house) newsOfItsWriting() {
	h.agents()
	id := h.hear("ana", "1", "down", "").Issue
	h.clock.Advance(time.Minute)
	var read time.Time
	late := app.New(app.Deps{Store: queue{h.Store(), func() {
		h.clock.Advance(time.Second)
		read = h.Now()
		h.clock.Advance(time.Second)
	}}, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}})
	_, err := late.Comment(ctx, app.By{Agent: bo}, id, "The cabinet again")
	h.ok(err)
	out, err := h.Bulk(ctx, app.By{Agent: cy, SeenAt: read}, app.BulkInput{Issues: []desk.IssueID{id}, Change: desk.StatusChange{To: desk.StatusWaiting}})
	h.ok(err)
	h.code("on the list without the comment", out.Results[0].Err, desk.CodeStale)
}

func (h *house) doze(by desk.Email, id desk.IssueID, d time.Duration) {
	h.t.Helper()
	_, err := h.Snooze(ctx, app.By{Agent: by}, app.SnoozeInput{Issue: id, Until: h.Now().Add(d)})
	h.ok(err)
}

// replies answers, and has it published.
func (h *house) replies(by desk.Email, id desk.IssueID, out bool) {
	h.t.Helper()
	_, err := h.Reply(ctx, app.By{Agent: by}, app.ReplyInput{Issue: id, Text: "Which street?", Now: out})
	h.ok(err)
	if out {
		h.publish(id)
	}
}

// edits changes the words of the reply.
func (h *house) edits(by desk.Email, id desk.IssueID) {
	h.t.Helper()
	_, err := h.EditPost(ctx, app.By{Agent: by}, h.entries(id, desk.KindReply)[0].Post, "Which town?")
	h.ok(err)
}

// Nobody has seen a time to come. To say so would switch the check off, so it is refused.
func TestSeenInTheFuture(t *testing.T) { inHouses(t, (*house).seesTheFuture) }

func (h *house) seesTheFuture() {
	h.agents()
	i := h.hear("ana", "1", "down", "").Issue
	change := app.BulkInput{Issues: []desk.IssueID{i}, Change: desk.StatusChange{To: desk.StatusAcknowledged}}
	for _, tt := range []struct {
		ahead time.Duration
		want  desk.Code
	}{{time.Hour, desk.CodeInvalid}, {30 * time.Second, ""}} {
		out, err := h.Bulk(ctx, app.By{Agent: bo, SeenAt: h.Now().Add(tt.ahead)}, change)
		h.ok(err)
		h.code(tt.ahead.String()+" ahead", out.Results[0].Err, tt.want)
	}
}
