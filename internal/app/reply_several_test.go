package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// One reply reaches the reporters of several issues, each once and by their own name. Where
// it is refused, the others get it; what has not gone out is taken back as one.
func TestReplyToSeveral(t *testing.T) { inHouses(t, (*house).repliesToSeveral) }

func (h *house) repliesToSeveral() {
	h.agents()
	var ids []desk.IssueID
	for _, who := range []string{"ana", "ben", "cem"} {
		ids = append(ids, h.hear(who, who, "no light", "").Issue)
	}
	h.replies(cy, ids[2], true) // the reporter was only heard by tags, so they had their one reply
	h.clock.Advance(time.Minute)
	in := app.SeveralInput{Issues: append(ids, ids[0], "none"), Text: "Hello {name}, we look.", Language: "en", Change: desk.StatusChange{To: desk.StatusInProgress}}
	by := app.By{Agent: bo, Key: "k", Content: "c", SeenAt: h.Now(), Draft: app.DraftOnSeveral}
	shown, err := h.PreviewSeveral(ctx, by, in)
	h.ok(err)
	if len(shown) != 4 || len(shown[0].Posts) != 1 || !strings.Contains(shown[1].Posts[0].HTML, "Hello ben") || shown[0].Later {
		h.t.Errorf("%+v", shown)
	}
	h.code("preview of one who had it", shown[2].Err, desk.CodeForbidden)
	h.code("preview of none", shown[3].Err, desk.CodeNotFound)
	var done app.BulkDone
	for range 2 { // the same request again says nothing twice
		done, err = h.ReplyToSeveral(ctx, by, in)
		h.ok(err)
		if len(done.Results) != 4 || done.Act == "" || done.Failed() != 2 {
			h.t.Errorf("%+v", done)
		}
	}
	h.code("one who had it", done.Results[2].Err, desk.CodeForbidden)
	if i := h.view(ids[0]).Issue; i.Assignee != bo || i.Status != desk.StatusNew {
		h.t.Errorf("before it goes out: %q, %s", i.Assignee, i.Status)
	}
	out, err := h.UndoBulk(ctx, app.By{Agent: bo}, done.Act)
	h.ok(err)
	if len(out) != 2 || out[0].Err != nil || out[1].Err != nil || h.view(ids[0]).Issue.Assignee != "" {
		h.t.Errorf("%+v, of %q", out, h.view(ids[0]).Issue.Assignee)
	}
	drafts, err := h.Drafts(ctx, bo)
	h.ok(err)
	if len(drafts) != 1 || drafts[app.DraftOnSeveral].Text != in.Text || drafts[app.DraftOnSeveral].Language != "en" {
		h.t.Errorf("the words are not in the form again: %+v", drafts)
	}
	h.clock.Advance(time.Minute)
	by.Key, in.Issues, by.SeenAt = "l", ids[:2], h.Now()
	done, err = h.ReplyToSeveral(ctx, by, in)
	h.ok(err)
	h.clock.Advance(app.DefaultTakeBack)
	h.publish(ids[0])
	for n, who := range []string{"ana", "ben"} {
		heard := h.heard(ids[n])
		if n == 0 && (len(heard) != 1 || heard[0].Text != "Hello "+who+", we look.\n\n— Bo" && !strings.HasPrefix(heard[0].Text, "Hello "+who)) {
			h.t.Errorf("%s hears %+v", who, heard)
		}
	}
	if i := h.view(ids[0]).Issue; i.Status != desk.StatusInProgress {
		h.t.Errorf("it went out, and is %s", i.Status)
	}
	out, err = h.UndoBulk(ctx, app.By{Agent: bo}, done.Act)
	h.ok(err)
	h.code("gone out", out[0].Err, desk.CodeConflict)
	h.code("not yet", out[1].Err, "")
	if drafts, err = h.Drafts(ctx, bo); err != nil || len(drafts) != 1 {
		h.t.Errorf("%+v, %v", drafts, err)
	}
	for what, wrong := range map[string]app.SeveralInput{
		"none": {Text: "Hello"}, "no words": {Issues: ids}, "a secret": {Issues: ids, Text: "Send us your password"},
		"too many": {Issues: make([]desk.IssueID, 0), Text: "Hello"},
	} {
		if what == "too many" {
			for n := range app.MaxSeveral + 1 {
				wrong.Issues = append(wrong.Issues, desk.IssueID(fmt.Sprint(n)))
			}
		}
		_, err := h.ReplyToSeveral(ctx, app.By{Agent: bo}, wrong)
		h.code(what, err, desk.CodeInvalid)
	}
}

// Each reporter of a merged issue gets it once, by their own name; to name two of its parts
// is refused.
func TestReplyToSeveralMerged(t *testing.T) { inHouses(t, (*house).repliesToMerged) }

func (h *house) repliesToMerged() {
	h.agents()
	ana, ben := h.hear("ana", "1", "no light", "").Issue, h.hear("ben", "2", "no light", "").Issue
	_, err := h.Merge(ctx, app.By{Agent: bo}, app.MergeInput{Into: ana, Issue: ben})
	h.ok(err)
	_, err = h.ReplyToSeveral(ctx, app.By{Agent: bo}, app.SeveralInput{Issues: []desk.IssueID{ana, ben}, Text: "Hello {name}"})
	h.code("two parts", err, desk.CodeInvalid)
	done, err := h.ReplyToSeveral(ctx, app.By{Agent: bo}, app.SeveralInput{Issues: []desk.IssueID{ben}, Text: "Hello {name}"})
	h.ok(err)
	shown := 0
	for _, e := range h.view(ana).Timeline {
		if e.Post != nil && e.Post.State == desk.PostPending {
			shown++
			for _, c := range append(e.Copies, e) {
				if !strings.HasPrefix(c.Post.Text, "Hello ana") && !strings.HasPrefix(c.Post.Text, "Hello ben") {
					h.t.Errorf("%q", c.Post.Text)
				}
			}
			if len(e.Copies) != 1 || e.Copies[0].Post.Text == e.Post.Text {
				h.t.Errorf("%+v", e.Copies)
			}
		}
	}
	if shown != 1 {
		h.t.Errorf("%d replies", shown)
	}
	out, err := h.UndoBulk(ctx, app.By{Agent: bo}, done.Act)
	h.ok(err)
	if len(out) != 1 || out[0].Err != nil {
		h.t.Errorf("%+v", out)
	}
}

// Strangers get it at the pace in which they are told of an incident: the first few alone.
func TestReplyToSeveralAtAPace(t *testing.T) {
	h := newHouse(t)
	h.agents()
	var ids []desk.IssueID
	for n := range 22 {
		ids = append(ids, h.shouts(fmt.Sprint("p", n), "m.example", n == 21))
	}
	_, err := h.ReplyToSeveral(ctx, app.By{Agent: bo}, app.SeveralInput{Issues: ids, Text: "We look"})
	h.ok(err)
	for n, id := range ids {
		after := app.DefaultTakeBack
		if n == 20 {
			after += desk.DefaultPace.Look
		}
		for _, e := range h.view(id).Timeline {
			if e.Post != nil && e.Post.Role == desk.RoleReply && e.Post.DueAt.Sub(h.Now()) != after {
				t.Errorf("number %d goes out after %s, want %s", n, e.Post.DueAt.Sub(h.Now()), after)
			}
		}
	}
}

// A reply in several issues is taken back whatever was said there since; who took the
// issue keeps it then. Its words come back also where the next ones are being written,
// and the same request again takes no words away.
func TestReplyToSeveralTakenBack(t *testing.T) { inHouses(t, (*house).takesBackSeveral) }

func (h *house) takesBackSeveral() {
	h.agents()
	var ids []desk.IssueID
	for _, who := range []string{"ana", "ben"} {
		ids = append(ids, h.hear(who, who, "no light", "").Issue)
	}
	h.clock.Advance(time.Minute)
	read := h.Now()
	in := app.SeveralInput{Issues: ids, Text: "Hello {name}, we look.", Language: "en"}
	by := app.By{Agent: bo, Key: "k", Content: "c", SeenAt: read, Draft: app.DraftOnSeveral}
	done, err := h.ReplyToSeveral(ctx, by, in)
	h.ok(err)
	h.clock.Advance(time.Second)
	_, err = h.Comment(ctx, app.By{Agent: cy}, ids[0], "I know them")
	h.ok(err)
	h.ok(h.SaveDraft(ctx, app.By{Agent: bo}, store.Draft{On: app.DraftOnSeveral, Text: "To the others"}))
	out, err := h.UndoBulk(ctx, app.By{Agent: bo, SeenAt: read}, done.Act)
	h.ok(err)
	if len(out) != 2 || out[0].Err != nil || out[1].Err != nil {
		h.t.Errorf("%+v", out)
	}
	h.clock.Advance(app.DefaultTakeBack)
	for n, who := range []desk.ActorID{bo, ""} {
		h.publish(ids[n])
		if heard := h.heard(ids[n]); len(heard) > 0 {
			h.t.Errorf("it was taken back, and they hear %+v", heard)
		}
		if i := h.view(ids[n]).Issue; desk.ActorID(i.Assignee) != who {
			h.t.Errorf("issue %d is %q's", n, i.Assignee)
		}
	}
	words := func(when string) {
		h.t.Helper()
		drafts, err := h.Drafts(ctx, bo)
		h.ok(err)
		if d := drafts[app.DraftOnSeveral].Text; !strings.Contains(d, "To the others") || !strings.Contains(d, in.Text) {
			h.t.Errorf("%s the draft is %q", when, d)
		}
	}
	words("after it was taken back")
	_, err = h.ReplyToSeveral(ctx, by, in)
	h.ok(err)
	words("after the same request came again")
}
