package app

import (
	"context"

	"earshot/internal/desk"
)

// MoveInput names an issue and the desk that is to have it.
type MoveInput struct {
	Issue desk.IssueID
	To    desk.Handle
}

// MoveIssue gives an issue to another desk of the instance. From now on that one
// answers, in the same threads; the replies of the old one stay its own.
func (a *App) MoveIssue(ctx context.Context, by By, in MoveInput) (desk.Issue, error) {
	return a.onceIssue(ctx, by, "issue.move", func(tx *Tx) (desk.Issue, error) {
		i, err := tx.home(in.Issue)
		if err != nil {
			return i, err
		}
		if _, err := tx.desk(in.To); err != nil {
			return i, err
		}
		if err := i.CheckMove(in.To); err != nil {
			return i, err
		}
		if err := tx.checkSeen(by, i); err != nil {
			return i, err
		}
		if err := tx.releaseUnseen(by, &i, in.To); err != nil {
			return i, err
		}
		return tx.moveTo(i, in.To, desk.Event{Agent: by.Agent, Was: &desk.Snapshot{Desk: i.Desk}}.Says(desk.NoteDesk, string(i.Desk), string(in.To)))
	})
}

// releaseUnseen takes an issue that goes to a desk from an agent who would not see it there.
// The caller stores it.
func (t *Tx) releaseUnseen(by By, i *desk.Issue, to desk.Handle) error {
	a, ok, err := t.Agents().Get(i.Assignee)
	if err != nil || !ok || a.Sees(append([]desk.Handle{to}, i.Also...)) {
		return err
	}
	return t.assign(by, i, "")
}

// moveTo gives an issue with its parts to a desk. Each timeline tells it.
func (t *Tx) moveTo(i desk.Issue, to desk.Handle, e desk.Event) (desk.Issue, error) {
	all, err := t.threads(i)
	if err != nil {
		return i, err
	}
	for n := range all {
		all[n].Move(to, t.Now)
		if err := t.Issues().Put(all[n]); err != nil {
			return i, err
		}
		e.Issue, e.Kind = all[n].ID, desk.KindMove
		if err := t.event(e); err != nil {
			return i, err
		}
	}
	return all[0], nil
}
