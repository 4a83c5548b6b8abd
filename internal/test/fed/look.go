package fed

import (
	"context"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// Issues returns every issue there is.
func (p *Provider) Issues() []app.IssueView {
	p.t.Helper()
	var all []app.IssueView
	for i, err := range store.Each(func(page store.Page) ([]app.IssueView, string, error) {
		return p.ListIssues(context.Background(), app.ListInput{Page: page})
	}) {
		must(p.t, err)
		all = append(all, i)
	}
	return all
}

// Only returns the one issue there is, with its timeline.
func (p *Provider) Only() app.IssueView {
	p.t.Helper()
	all := p.Issues()
	if len(all) != 1 {
		p.t.Fatalf("there are %d issues, want one", len(all))
	}
	return p.Show(all[0].Issue.ID)
}

// Show returns an issue with its timeline.
func (p *Provider) Show(id desk.IssueID) app.IssueView {
	p.t.Helper()
	v, err := p.ShowIssue(context.Background(), id)
	must(p.t, err)
	return v
}

// Say replies to an issue at once, without take-back time.
func (p *Provider) Say(id desk.IssueID, text string, change ...desk.StatusChange) desk.Post {
	p.t.Helper()
	in := app.ReplyInput{Issue: id, Text: text, Now: true}
	if len(change) > 0 {
		in.Change = change[0]
	}
	post, err := p.Reply(context.Background(), app.By{}, in)
	must(p.t, err)
	return post
}

// Waiting counts the jobs that are not done, and those that died.
func (p *Provider) Waiting() (waiting, dead int) {
	p.t.Helper()
	counts, err := p.JobCounts(context.Background())
	must(p.t, err)
	for q, c := range counts {
		if q != store.QueueTimer {
			waiting += c.Waiting
		}
		dead += c.Dead
	}
	return waiting, dead
}

// Follows says whether an actor follows one of the desks.
func (p *Provider) Follows(h desk.Handle, who desk.ActorID) (ok bool) {
	p.t.Helper()
	must(p.t, p.View(context.Background(), func(tx *app.Tx) (err error) {
		_, ok, err = tx.Follows().Get(h, who)
		return err
	}))
	return ok
}
