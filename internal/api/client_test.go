package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

func TestClient(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	c := NewClient(Local{f.handler}, "bo@acme.example")
	issue, other := f.report(t, 1, "down"), f.report(t, 2, "down too")

	if in, err := c.Instance(ctx); err != nil || in.Version != "1.2.3" {
		t.Errorf("instance: %+v, %v", in, err)
	}
	if p, err := c.Comment(ctx, issue, "cable?"); err != nil || p.Agent != "bo@acme.example" {
		t.Errorf("comment: %+v, %v", p, err)
	}
	p, err := c.Reply(ctx, issue, NewReply{Text: "Which street?"})
	if err != nil || p.State != desk.PostPending || !p.DueAt.After(began) {
		t.Errorf("reply: %+v, %v", p, err)
	}
	if _, err := c.EditPost(ctx, p.ID, NewEdit{Text: "Which street, please?"}); err != nil {
		t.Error(err)
	}
	if _, err := c.RetractPost(ctx, p.ID); desk.ErrorCode(err) != desk.CodeConflict {
		t.Errorf("retracting what has not gone out: %v", err)
	}
	if u, err := c.Undo(ctx, string(p.ID)); err != nil || u.State != desk.PostUndone {
		t.Errorf("undo: %+v, %v", u, err)
	}
	if i, err := c.SetStatus(ctx, issue, NewStatus{Status: desk.StatusFixed}); err != nil || i.Category != desk.CategoryPaused {
		t.Errorf("status: %+v, %v", i, err)
	}
	if _, err := f.app.AddAgent(ctx, app.By{}, desk.Agent{Email: "cy@acme.example", Name: "Cy", Role: desk.RoleAgent}); err != nil {
		t.Fatal(err)
	}
	if i, err := c.Assign(ctx, issue, "cy@acme.example"); err != nil || i.Assignee != "cy@acme.example" {
		t.Errorf("assign: %+v, %v", i, err)
	}
	if _, err := c.Link(ctx, issue, other); err != nil {
		t.Error(err)
	}
	full, err := c.Issue(ctx, issue)
	if err != nil {
		t.Fatal(err)
	}
	kinds := []desk.Kind{}
	for _, e := range full.Timeline {
		kinds = append(kinds, e.Kind)
	}
	want := []desk.Kind{desk.KindReport, desk.KindComment, desk.KindAssign, desk.KindReply, desk.KindEdit, desk.KindNotice, desk.KindStatus, desk.KindAssign, desk.KindLink}
	if !reflect.DeepEqual(kinds, want) {
		t.Errorf("timeline: %v, want %v", kinds, want)
	}
	if got, err := c.Issues(ctx, IssueQuery{Desk: "help", Category: desk.CategoryOpen}); err != nil || len(got) != 1 || got[0].ID != other {
		t.Errorf("open issues: %v, %v", got, err)
	}
	if got, err := c.Issues(ctx, IssueQuery{Assignee: "cy@acme.example"}); err != nil || len(got) != 1 || got[0].ID != issue {
		t.Errorf("an agent's issues: %v, %v", got, err)
	}
	mentioned := func() []Issue {
		t.Helper()
		got, err := c.Issues(ctx, IssueQuery{Mentioned: "di@acme.example"})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := mentioned(); len(got) != 0 {
		t.Errorf("mentioned by nobody: %v", got)
	}
	f.token(t, "di@acme.example", desk.RoleAgent)
	if _, err := c.Comment(ctx, other, "@di, is this your cabinet?"); err != nil {
		t.Error(err)
	}
	if got := mentioned(); len(got) != 1 || got[0].ID != other {
		t.Errorf("mentioned: %v", got)
	}
	if _, err := c.Snooze(ctx, other, Time{}); err != nil {
		t.Error(err)
	}
	for n, q := range map[int]IssueQuery{0: {Mentioned: "di@acme.example", Awake: true}, 1: {Mentioned: "di@acme.example", Snoozed: true}} {
		if got, err := c.Issues(ctx, q); err != nil || len(got) != n {
			t.Errorf("%+v: %v, %v", q, got, err)
		}
	}

	s, err := c.AddSource(ctx, app.SourceSpec{Kind: "tag-actor", Provider: "x", Tag: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.CheckSource(ctx, s.ID); err != nil || got.Follows != 2 {
		t.Errorf("check: %+v, %v", got, err)
	}
	if err := c.RemoveSource(ctx, s.ID); err != nil {
		t.Error(err)
	}
	if got, err := c.Sources(ctx); err != nil || len(got) != 1 || got[0].State != "closed" { // until its Undo has arrived
		t.Errorf("sources: %v, %v", got, err)
	}
	names := []string{"acme", "acmecloud"}
	if d, err := c.EditDesk(ctx, "help", DeskEdit{Names: &names}); err != nil || !reflect.DeepEqual(d.Names, names) {
		t.Errorf("edit: %+v, %v", d, err)
	}
	if err := c.RemoveBlock(ctx, "https://m.example/a?b=c&d"); desk.ErrorCode(err) != desk.CodeNotFound {
		t.Errorf("no block: %v", err)
	}
	jobs, err := c.Jobs(ctx, store.JobFilter{Queue: store.QueuePublish}, 0)
	if err != nil || len(jobs) == 0 {
		t.Fatalf("jobs: %v, %v", jobs, err)
	}
	if err := c.DropJob(ctx, jobs[0].ID); err != nil {
		t.Error(err)
	}
	if err := c.RetryJob(ctx, jobs[0].ID); desk.ErrorCode(err) != desk.CodeNotFound {
		t.Errorf("no dead letter: %v", err)
	}
}

func TestClientReadsAllPages(t *testing.T) {
	f := newFixture(t)
	for n := range maxPage + 3 {
		f.report(t, n, "down")
	}
	c := NewClient(Local{f.handler}, "")
	for limit, want := range map[int]int{0: maxPage + 3, 7: 7, maxPage + 1: maxPage + 1} {
		if got, err := c.Issues(t.Context(), IssueQuery{Limit: limit}); err != nil || len(got) != want {
			t.Errorf("limit %d: %d, %v", limit, len(got), err)
		}
	}
}

// flaky breaks the connection after the server has done its work.
type flaky struct {
	Local
	broken int // how many answers are lost
	calls  int
}

func (b *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	b.calls++
	answer, err := b.Local.RoundTrip(r)
	if err == nil && b.broken > 0 {
		b.broken--
		return nil, io.ErrUnexpectedEOF
	}
	return answer, err
}

func TestClientRepeatsSafely(t *testing.T) {
	f := newFixture(t)
	issue := f.report(t, 1, "down")
	line := &flaky{Local: Local{f.handler}, broken: 1}
	if _, err := NewClient(line, "").Comment(t.Context(), issue, "once"); err != nil {
		t.Fatal(err)
	}
	v, err := f.app.ShowIssue(t.Context(), issue)
	if err != nil || len(v.Timeline) != 2 || line.calls != 2 {
		t.Errorf("%d entries after %d calls, %v", len(v.Timeline), line.calls, err)
	}
	line = &flaky{Local: Local{f.handler}, broken: 9}
	if _, err := NewClient(line, "").Comment(t.Context(), issue, "never"); !errors.Is(err, io.ErrUnexpectedEOF) || line.calls != 2 {
		t.Errorf("%v after %d calls", err, line.calls)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewClient(Local{f.handler}, "").Comment(gone, issue, "no"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
