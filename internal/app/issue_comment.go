package app

import (
	"context"
	"slices"
	"strings"

	"earshot/internal/desk"
	"earshot/internal/markup"
)

// Comment is what agents say to each other. It has no ActivityPub id, no
// publish job and no recipient: it never leaves the instance.
func (a *App) Comment(ctx context.Context, by By, id desk.IssueID, text string) (desk.Post, error) {
	text, err := checkText(text)
	if err != nil {
		return desk.Post{}, err
	}
	return a.oncePost(ctx, by, "issue.comment", func(tx *Tx) (desk.Post, error) {
		i, err := tx.home(id)
		if err != nil {
			return desk.Post{}, err
		}
		return tx.addComment(by, i, text)
	})
}

// addComment adds a comment that has been checked.
func (t *Tx) addComment(by By, i desk.Issue, text string) (desk.Post, error) {
	p := desk.Post{ID: desk.PostID(t.NewID()), Issue: i.ID, Desk: i.Desk, Role: desk.RoleComment,
		Text: text, HTML: markup.Render(text, nil), Visibility: desk.VisibilityDirect, Published: t.Now, Received: t.Now,
		Outgoing: desk.Outgoing{Agent: by.Agent}}
	i.UpdatedAt = t.Now
	i.SeenBy(by.Agent)
	if err := t.mentionColleagues(by, &i, text); err != nil {
		return p, err
	}
	if err := t.Issues().Put(i); err != nil {
		return p, err
	}
	return p, t.storeOwn(p, desk.Event{Kind: desk.KindComment, Agent: by.Agent})
}

// mentionColleagues records the agents that a comment mentions; the caller
// stores the issue.
func (t *Tx) mentionColleagues(by By, i *desk.Issue, comment string) error {
	called, err := t.called(comment)
	for _, a := range called {
		if a.Email != by.Agent {
			i.MentionColleague(a.Email)
		}
	}
	return err
}

// mentionMore records the agents that a comment names only since it was changed, and
// returns them.
func (t *Tx) mentionMore(by By, p desk.Post, comment string) (named []string, err error) {
	before, err := t.called(p.Text)
	if err != nil {
		return nil, err
	}
	now, err := t.called(comment)
	if err != nil {
		return nil, err
	}
	more := slices.DeleteFunc(now, func(a desk.Agent) bool {
		return a.Email == by.Agent || slices.ContainsFunc(before, func(b desk.Agent) bool { return a.Email == b.Email })
	})
	if len(more) == 0 {
		return nil, nil
	}
	i, err := t.home(p.Issue)
	if err != nil {
		return nil, err
	}
	for _, a := range more {
		i.MentionColleague(a.Email)
		named = append(named, string(a.Email))
	}
	return named, t.Issues().Put(i)
}

// called returns the agents that a comment mentions.
func (t *Tx) called(comment string) ([]desk.Agent, error) {
	if !strings.Contains(comment, "@") {
		return nil, nil
	}
	var agents []desk.Agent
	_, err := t.countAgents(func(a desk.Agent) bool { agents = append(agents, a); return true })
	return desk.MentionedColleagues(comment, agents), err
}

// MarkSeen notes that an agent has seen an issue: no comment mentions them any
// more, and the rest of a long report is fetched.
func (a *App) MarkSeen(ctx context.Context, by By, id desk.IssueID) error {
	if err := a.FetchRest(ctx, id); err != nil {
		return err
	}
	called := false
	err := a.View(ctx, func(tx *Tx) error {
		i, err := tx.home(id)
		called = i.SeenBy(by.Agent)
		return err
	})
	if err != nil || !called {
		return err
	}
	return a.Update(ctx, func(tx *Tx) error {
		i, err := tx.home(id)
		if err != nil || !i.SeenBy(by.Agent) {
			return err
		}
		return tx.Issues().Put(i)
	})
}

// Assign gives an issue to an agent; "" takes it from its agent. It is refused if a
// colleague did so since by saw the issue.
func (a *App) Assign(ctx context.Context, by By, id desk.IssueID, to desk.Email) (desk.Issue, error) {
	return a.onceIssue(ctx, by, "issue.assign", func(tx *Tx) (desk.Issue, error) { return tx.giveTo(by, id, to) })
}

func (t *Tx) giveTo(by By, id desk.IssueID, to desk.Email) (desk.Issue, error) {
	i, err := t.home(id)
	if err != nil || i.Assignee == to {
		return i, err
	}
	if err := t.canHave(to, i.On()...); err != nil {
		return i, err
	}
	if err := t.checkAssignee(by, i); err != nil {
		return i, err
	}
	if err := t.assign(by, &i, to); err != nil {
		return i, err
	}
	return i, t.Issues().Put(i)
}

// canHave refuses to assign an issue to an agent who would never see it.
func (t *Tx) canHave(who desk.Email, on ...desk.Handle) error {
	if who == "" {
		return nil
	}
	a, err := t.Agent(who)
	if err == nil && !a.Active() {
		err = desk.Conflict("agent_cannot_take", "%s is disabled and cannot take it on", who)
	}
	if err == nil && !a.Sees(on) {
		err = desk.Conflict("agent_other_desks", "%s works at other desks and would not see it", who)
	}
	return err
}

// assign gives an issue to an agent; the caller stores it.
func (t *Tx) assign(by By, i *desk.Issue, to desk.Email) error {
	was := &desk.Snapshot{Assignee: i.Assignee}
	i.Assignee, i.UpdatedAt = to, t.Now
	if to != "" && to != by.Agent { // a colleague has to see it
		i.Snooze = desk.Snooze{}
	}
	e := desk.Event{Issue: i.ID, Kind: desk.KindAssign, Agent: by.Agent, Assignee: to, Was: was}
	if to == "" {
		return t.event(e.Says(desk.NoteUnassigned))
	}
	return t.event(e.Says(desk.NoteAssigned, string(to)))
}

// Link notes on two issues that they have to do with each other.
func (a *App) Link(ctx context.Context, by By, id, other desk.IssueID) (desk.Issue, error) {
	return a.onceIssue(ctx, by, "issue.link", func(tx *Tx) (desk.Issue, error) {
		i, err := tx.home(id)
		if err != nil {
			return i, err
		}
		j, err := tx.home(other)
		if err != nil {
			return i, err
		}
		if i.ID == j.ID {
			return i, desk.Invalid("link_itself", "an issue is not linked to itself")
		}
		for _, e := range []desk.Event{{Issue: i.ID, Text: string(j.ID)}, {Issue: j.ID, Text: string(i.ID)}} {
			e.Kind, e.Agent = desk.KindLink, by.Agent
			if err := tx.event(e); err != nil {
				return i, err
			}
		}
		return i, nil
	})
}
