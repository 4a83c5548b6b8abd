package app

import (
	"context"

	"earshot/internal/desk"
)

// StatusInput is a change of status that is not told to the reporter; a reply
// tells it.
type StatusInput struct {
	Issue   desk.IssueID
	Change  desk.StatusChange
	Because string // id of a timeline entry, with the status resolved
}

// SetStatus changes where an issue stands, silently.
func (a *App) SetStatus(ctx context.Context, by By, in StatusInput) (desk.Issue, error) {
	return a.onceIssue(ctx, by, "issue.status", func(tx *Tx) (desk.Issue, error) { return tx.setStatus(by, in) })
}

func (t *Tx) setStatus(by By, in StatusInput) (desk.Issue, error) {
	i, err := t.home(in.Issue)
	if err != nil {
		return i, err
	}
	if in.Change.To == "" {
		return i, desk.Invalid("status_missing", "choose a status: one of %v", desk.Statuses())
	}
	if err := t.checkSeen(by, i); err != nil {
		return i, err
	}
	c, err := t.checkStatus(i, in.Change, in.Because)
	if err != nil {
		return i, err
	}
	before := i.Snapshot()
	i.ApplyStatus(c, t.Now)
	if err := t.Issues().Put(i); err != nil {
		return i, err
	}
	if err := t.partsReact(i); err != nil {
		return i, err
	}
	return i, t.statusChanged(i, before.Status, desk.Event{Agent: by.Agent, Was: before})
}

// checkStatus asks the domain, after looking up the evidence an agent named.
func (t *Tx) checkStatus(i desk.Issue, c desk.StatusChange, because string) (desk.StatusChange, error) {
	if c.To == "" {
		if c.Reason != "" || c.Next != "" || because != "" {
			return c, desk.Invalid("status_parts_alone", "a reason, a place to turn to and evidence go with a status")
		}
		return c, nil
	}
	if because != "" {
		if c.To != desk.StatusResolved {
			return c, desk.Invalid("evidence_not_resolved", "a post as evidence goes with “resolved” only")
		}
		ev, err := t.evidence(i, because)
		if err != nil {
			return c, err
		}
		c.Because = &ev
	}
	return c, i.CheckStatus(c)
}

// evidence looks up a post or a reaction by which the reporter said that it
// works: by the post's id, its object id, or the timeline entry's id.
func (t *Tx) evidence(i desk.Issue, id string) (desk.Evidence, error) {
	unknown := desk.NotFound("evidence_unknown", "%s is no post or like of this issue", id)
	p, ok, err := t.Posts().Get(desk.PostID(id))
	if err == nil && !ok {
		p, ok, err = t.Posts().ByObject(desk.ObjectID(id))
	}
	if err != nil {
		return desk.Evidence{}, err
	}
	if ok && !p.Ours() && !p.Deleted {
		if by, here, err := t.saidIn(i, p.Issue, p.Author); err != nil || here {
			return desk.Evidence{By: by, At: p.Received}, err
		}
	}
	e, ok, err := t.Events().Get(desk.EventID(id))
	if err != nil {
		return desk.Evidence{}, err
	}
	if !ok {
		return desk.Evidence{}, unknown
	}
	if by, here, err := t.saidIn(i, e.Issue, e.Actor); err != nil {
		return desk.Evidence{}, err
	} else if here {
		switch e.Kind {
		case desk.KindReaction:
			if e.Feeling() != desk.FeelingYes {
				return desk.Evidence{}, desk.Conflict("evidence_no_yes", "that reaction does not say that it works")
			}
			return desk.Evidence{By: by, At: e.At}, nil
		case desk.KindReport, desk.KindPost:
			return t.evidence(i, string(e.Post))
		}
	}
	return desk.Evidence{}, unknown
}

// statusChanged writes the timeline entry (e says who did it), and arms the
// timers of the new status.
func (t *Tx) statusChanged(i desk.Issue, before desk.Status, e desk.Event) error {
	e.Issue, e.Kind, e.Status, e.Reason = i.ID, desk.KindStatus, i.Status, i.Reason
	change := []string{string(before), string(i.Status)}
	switch {
	case i.Next != "":
		e = e.Says(desk.NoteClosedNext, append(change, string(i.Reason), i.Next)...)
	case i.Reason != "":
		e = e.Says(desk.NoteClosed, append(change, string(i.Reason))...)
	default:
		e = e.Says(desk.NoteStatus, change...)
	}
	if err := t.event(e); err != nil {
		return err
	}
	if i.Status == desk.StatusFixed {
		return t.quietTimer(i)
	}
	return nil
}

// Quiet is the action of the timer of three quiet days.
func (a *App) Quiet(ctx context.Context, id desk.IssueID) error {
	return a.Update(ctx, func(tx *Tx) error {
		i, ok, err := tx.Issues().Get(id)
		if err != nil || !ok {
			return err
		}
		before := i.Status
		if !i.ResolveQuietly(tx.Now) {
			return nil
		}
		if err := tx.Issues().Put(i); err != nil {
			return err
		}
		return tx.event(desk.Event{Issue: i.ID, Kind: desk.KindStatus, Status: i.Status}.Says(desk.NoteQuiet, string(before), string(i.Status)))
	})
}
