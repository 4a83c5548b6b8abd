package app

import (
	"context"

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
		i, err := tx.issue(id)
		if err != nil {
			return desk.Post{}, err
		}
		p := desk.Post{ID: desk.PostID(tx.NewID()), Issue: id, Desk: i.Desk, Role: desk.RoleComment, Agent: by.Agent,
			Text: text, HTML: markup.Render(text, nil), Visibility: desk.VisibilityDirect, Published: tx.Now, Received: tx.Now}
		i.UpdatedAt = tx.Now
		if err := tx.Issues().Put(i); err != nil {
			return p, err
		}
		return p, tx.keepOwn(p, desk.Event{Kind: desk.KindComment, Agent: by.Agent})
	})
}

// Assign gives an issue to an agent; "" takes it from whoever has it.
func (a *App) Assign(ctx context.Context, by By, id desk.IssueID, to string) (desk.Issue, error) {
	return a.onceIssue(ctx, by, "issue.assign", func(tx *Tx) (desk.Issue, error) {
		i, err := tx.issue(id)
		if err != nil || i.Assignee == to {
			return i, err
		}
		if err := tx.assign(by, &i, to); err != nil {
			return i, err
		}
		return i, tx.Issues().Put(i)
	})
}

// assign makes an issue somebody's; the caller stores it.
func (t *Tx) assign(by By, i *desk.Issue, to string) error {
	i.Assignee, i.UpdatedAt = to, t.Now
	text := "assigned to " + to
	if to == "" {
		text = "assigned to nobody"
	}
	return t.event(desk.Event{Issue: i.ID, Kind: desk.KindAssign, Agent: by.Agent, Text: text})
}

// Link notes on two issues that they have to do with each other.
func (a *App) Link(ctx context.Context, by By, id, other desk.IssueID) (desk.Issue, error) {
	return a.onceIssue(ctx, by, "issue.link", func(tx *Tx) (desk.Issue, error) {
		i, err := tx.issue(id)
		if err != nil {
			return i, err
		}
		j, err := tx.issue(other)
		if err != nil {
			return i, err
		}
		if i.ID == j.ID {
			return i, desk.Invalid("an issue is not linked to itself")
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
