package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// unequal is what two agents decide on the same issue, which both have seen.
type unequal struct {
	issue, other desk.IssueID
	incident     desk.IncidentID
	by           app.By
}

const heldWords = "Which street, please?"

// acts are the decisions of which an issue can take one only, and the link to an
// incident, which goes with most of them.
var acts = map[string]func(*app.App, unequal) error{
	"reply": func(a *app.App, u unequal) error {
		u.by.Draft = app.DraftOnIssue(u.issue)
		_, err := a.Reply(ctx, u.by, app.ReplyInput{Issue: u.issue, Text: heldWords})
		return err
	},
	"move": func(a *app.App, u unequal) error {
		_, err := a.MoveIssue(ctx, u.by, app.MoveInput{Issue: u.issue, To: "sales"})
		return err
	},
	"merge": func(a *app.App, u unequal) error {
		_, err := a.Merge(ctx, u.by, app.MergeInput{Into: u.other, Issue: u.issue, Seen: u.by.Seen})
		return err
	},
	"close": func(a *app.App, u unequal) error {
		_, err := a.SetStatus(ctx, u.by, app.StatusInput{Issue: u.issue, Change: desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotACall}})
		return err
	},
	"spam": func(a *app.App, u unequal) error {
		_, err := a.Spam(ctx, u.by, app.SpamInput{Issue: u.issue})
		return err
	},
	"link": func(a *app.App, u unequal) error {
		_, err := a.LinkVoices(ctx, app.By{Agent: u.by.Agent}, u.incident, []desk.IssueID{u.issue})
		return err
	},
}

// Two agents who saw the same decide different things at the same moment, each at
// their own node. Where one thing rules out the other, one is done and the other
// agent is told why; a link, a merge and a move
// are refused by what they are, too. A link and any act but a move are both done. A refused reply stays a draft, word for word.
func TestTwoAgentsOfTwoMinds(t *testing.T) {
	names := []string{"close", "link", "merge", "move", "reply", "spam"}
	onStores(t, func(r *threads) {
		of(r.app().AddDesk(ctx, app.By{}, desk.Desk{Handle: "sales", Name: "ACME Sales", Names: []string{"acmesales"}, Calls: []string{"fail"}}))(r)
		for n, first := range names {
			for _, second := range names[n+1:] {
				for round := range 3 {
					r.twoMinds(first, second, fmt.Sprint(first[:2], second[:2], round))
				}
			}
		}
	})
}

func (r *threads) twoMinds(first, second, who string) {
	r.Helper()
	u := unequal{issue: r.reports("ana"+who, "1", "no light", "", "help"), other: r.reports("ben"+who, "1", "dark", "", "help")}
	u.incident = of(r.app().OpenIncident(ctx, app.By{Agent: bo}, app.IncidentInput{Desk: "help", Title: "No light"}))(r).ID
	shown := r.show(u.issue)
	u.by.Seen, u.by.SeenAt = shown.Timeline[len(shown.Timeline)-1].Event.ID, r.clock.Now()
	replying := map[string]desk.Email{first: bo, second: cy}["reply"]
	if replying != "" {
		fine(r.T, r.app().SaveDraft(ctx, app.By{Agent: replying}, store.Draft{On: app.DraftOnIssue(u.issue), Text: heldWords}))
	}
	r.clock.Advance(time.Minute)

	type ended struct {
		act string
		err error
	}
	both := make(chan ended, 2)
	for n, act := range []string{first, second} {
		theirs := u
		theirs.by.Agent = []desk.Email{bo, cy}[n]
		node := r.nodes[n%len(r.nodes)]
		go func() { both <- ended{act, acts[act](node, theirs)} }()
	}
	got := map[string]error{}
	for range 2 {
		e := <-both
		got[e.act] = e.err
	}
	excluded := first != "link" && second != "link" || first == "move" || second == "move"
	var done, refused []string
	for act, err := range got {
		if err == nil {
			done = append(done, act)
			continue
		}
		refused = append(refused, act)
		switch id := desk.ErrorID(err); {
		case id == "issue_moved_on" && strings.Contains(desk.ErrorMessage(err), "newer"):
		case id == "move_linked" && act == "move", id == "incident_other_desk" && act == "link", id == "merge_other_desk" && act == "merge":
		default:
			r.Errorf("%s and %s: %s is refused with %v", first, second, act, err)
		}
	}
	want := 2
	if excluded {
		want = 1
	}
	if len(done) != want {
		r.Errorf("%s and %s: done are %q, refused %q: %v", first, second, done, refused, got)
	}
	r.endedAs(first+" and "+second, u, done)
	if replying == "" {
		return
	}
	drafts, err := r.nodes[0].Drafts(ctx, replying)
	fine(r.T, err)
	sent := slices.ContainsFunc(r.ours(u.issue), func(s string) bool { return strings.HasSuffix(s, heldWords) })
	if kept := drafts[app.DraftOnIssue(u.issue)].Text == heldWords; sent == kept || sent != slices.Contains(done, "reply") {
		r.Errorf("%s and %s: the words are sent %v, and kept as a draft %v", first, second, sent, kept)
	}
}

// endedAs looks that the record is as the acts that were done say, and no other.
func (r *threads) endedAs(what string, u unequal, done []string) {
	r.Helper()
	i := r.kept(u.issue)
	for act, is := range map[string]bool{
		"move":  i.Desk == "sales",
		"merge": i.MergedInto == u.other,
		"link":  i.Incident == u.incident,
		"reply": len(r.ours(u.issue)) == 1,
	} {
		if is != slices.Contains(done, act) {
			r.Errorf("%s: done are %q, and %s is %v", what, done, act, is)
		}
	}
	closed := slices.Contains(done, "close") || slices.Contains(done, "spam")
	if is := i.Status.Category() == desk.CategoryDone; is != closed {
		r.Errorf("%s: done are %q, and the status is %s", what, done, i.Status)
	}
}
