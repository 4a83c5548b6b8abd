package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// Two agents who saw the same decide at the same moment, each at their own node: one
// is done, and the other is asked again, or is told that the issues are one already.
func TestTwoAgentsAtOnce(t *testing.T) {
	type decision struct {
		issue, other desk.IssueID
		post         desk.PostID
		cast         desk.Post
		by           app.By
	}
	each := []struct {
		name   string
		decide func(*app.App, decision) error
	}{
		{"reply", func(a *app.App, d decision) error {
			_, err := a.Reply(ctx, d.by, app.ReplyInput{Issue: d.issue, Text: "Which street?"})
			return err
		}},
		{"edit", func(a *app.App, d decision) error {
			_, err := a.EditPost(ctx, d.by, d.post, "The cabinet, says "+string(d.by.Agent))
			return err
		}},
		{"edit of a broadcast", func(a *app.App, d decision) error {
			d.by.Seen = desk.EventID(d.cast.Version())
			_, err := a.EditPost(ctx, d.by, d.cast.ID, "The cabinet, says "+string(d.by.Agent))
			return err
		}},
		{"silent status", func(a *app.App, d decision) error {
			_, err := a.SetStatus(ctx, d.by, app.StatusInput{Issue: d.issue, Change: desk.StatusChange{To: desk.StatusInProgress}})
			return err
		}},
		{"bulk", func(a *app.App, d decision) error {
			d.by.Seen = ""
			out, err := a.Bulk(ctx, d.by, app.BulkInput{Issues: []desk.IssueID{d.issue}, Change: desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotACall}})
			if err == nil {
				err = out.Results[0].Err
			}
			return err
		}},
		{"merge", func(a *app.App, d decision) error {
			_, err := a.Merge(ctx, d.by, app.MergeInput{Into: d.other, Issue: d.issue})
			return err
		}},
	}
	onStores(t, func(r *threads) {
		for _, e := range each {
			for round := range 4 {
				d := decision{issue: r.reports(fmt.Sprint("ana", e.name[:2], round), "1", "no light", "", "help"),
					other: r.reports(fmt.Sprint("ben", e.name[:2], round), "1", "dark", "", "help")}
				d.post = r.reply(app.ReplyInput{Issue: d.issue, Text: "The cabinet"}).ID
				r.publish(d.issue)
				var err error
				d.cast, err = r.nodes[0].Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "The cabinet"})
				if err != nil {
					r.Fatal(err)
				}
				shown := r.show(d.issue)
				d.by.Seen, d.by.SeenAt = shown.Timeline[len(shown.Timeline)-1].Event.ID, r.clock.Now()
				r.clock.Advance(time.Minute)
				codes := make(chan desk.Code, 2)
				for n, who := range []desk.Email{bo, cy} {
					theirs := d
					theirs.by.Agent = who
					go func() { codes <- desk.ErrorCode(e.decide(r.nodes[n%len(r.nodes)], theirs)) }()
				}
				got := []desk.Code{<-codes, <-codes}
				slices.Sort(got)
				want := desk.CodeStale
				if e.name == "merge" {
					want = desk.CodeConflict
				}
				if !slices.Equal(got, []desk.Code{"", want}) {
					r.Errorf("%s, round %d: %q", e.name, round, got)
				}
			}
		}
	})
}
