package app

import (
	"context"
	"slices"

	"earshot/internal/desk"
	"earshot/store"
)

// maxLinked is how many issues are linked at once.
const maxLinked = 500

// LinkVoices links issues to an incident: all of them, or none. Nobody is written to,
// unless the voices have been told where it stands: then these are, once.
func (a *App) LinkVoices(ctx context.Context, by By, id desk.IncidentID, issues []desk.IssueID) (desk.Incident, error) {
	return a.changeVoices(ctx, by, "incident.link", id, issues, func(i *desk.Incident, issue *desk.Issue) (desk.Note, error) {
		if err := i.MayLink(*issue); err != nil || issue.Incident == i.ID {
			return "", err
		}
		issue.Incident = i.ID
		i.Voices++
		return desk.NoteVoice, nil
	})
}

// UnlinkVoices ends the links of issues to an incident.
func (a *App) UnlinkVoices(ctx context.Context, by By, id desk.IncidentID, issues []desk.IssueID) (desk.Incident, error) {
	return a.changeVoices(ctx, by, "incident.unlink", id, issues, func(i *desk.Incident, issue *desk.Issue) (desk.Note, error) {
		if issue.Incident != i.ID {
			return "", desk.Conflict("incident_not_linked", "issue %s is not linked to this incident", issue.ID)
		}
		issue.Incident = ""
		i.Voices--
		return desk.NoteNoVoice, nil
	})
}

func (a *App) changeVoices(ctx context.Context, by By, what string, id desk.IncidentID, issues []desk.IssueID,
	change func(*desk.Incident, *desk.Issue) (desk.Note, error),
) (desk.Incident, error) {
	issues = slices.Compact(slices.Sorted(slices.Values(issues)))
	if n := len(issues); n == 0 || n > maxLinked {
		return desk.Incident{}, desk.Invalid("incident_issues_count", "name from 1 to %d issues", maxLinked)
	}
	return a.changeIncident(ctx, by, what, id, func(tx *Tx, i *desk.Incident) error {
		for _, n := range issues {
			issue, err := tx.issue(n)
			if err != nil {
				return err
			}
			note, err := change(i, &issue)
			if err != nil {
				return err
			}
			if note == "" {
				continue
			}
			if err := tx.Issues().Put(issue); err != nil {
				return err
			}
			if issue.Incident == i.ID {
				if err := tx.speaks(i.ID, issue.Reporter); err != nil {
					return err
				}
			}
			if err := tx.event(desk.Event{Issue: issue.ID, Kind: desk.KindNotice, Agent: by.Agent}.Says(note, i.Title)); err != nil {
				return err
			}
		}
		if what == "incident.link" {
			return tx.linkedLater(*i)
		}
		return nil
	})
}

// answerOf says which issue an answer to a broadcast belongs to: of an incident all
// posts are one, and an author has one issue about it, which is linked already.
func (t *Tx) answerOf(broadcast desk.Post) (desk.ObjectID, desk.IncidentID, error) {
	if broadcast.Incident == "" {
		return broadcast.Object, "", nil
	}
	i, ok, err := t.Incidents().Get(broadcast.Incident)
	if err != nil || !ok || i.Root == "" {
		return broadcast.Object, "", err
	}
	return t.site.Post(i.Root), i.ID, nil
}

// countVoice counts an issue that is opened as a voice.
func (t *Tx) countVoice(of desk.Issue) error {
	if of.Incident == "" {
		return nil
	}
	if err := t.speaks(of.Incident, of.Reporter); err != nil {
		return err
	}
	i, err := t.incident(of.Incident)
	if err != nil {
		return err
	}
	i.Voices++
	return t.Incidents().Put(i)
}

// IncidentView is an incident with its posts.
type IncidentView struct {
	Incident desk.Incident
	Root     *BroadcastView // nil: a draft
	Updates  []UpdateView   // the newest first
	Felt     int            // people who reacted to its first post, and have no issue about it
}

// UpdateView is an update and where it has gone.
type UpdateView struct {
	desk.IncidentUpdate
	BroadcastView
}

// ShowIncident returns an incident with its posts.
func (a *App) ShowIncident(ctx context.Context, id desk.IncidentID) (v IncidentView, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		v = IncidentView{}
		if v.Incident, err = tx.incident(id); err != nil {
			return err
		}
		if v.Felt, err = tx.Felt(id); err != nil {
			return err
		}
		if v.Incident.Root != "" {
			root, err := tx.broadcastView(v.Incident.Root)
			if err != nil {
				return err
			}
			v.Root = &root
		}
		for _, u := range slices.Backward(v.Incident.Updates) {
			b, err := tx.broadcastView(u.Post)
			if err != nil {
				return err
			}
			v.Updates = append(v.Updates, UpdateView{u, b})
		}
		return nil
	})
	return v, err
}

func (t *Tx) broadcastView(id desk.PostID) (v BroadcastView, err error) {
	if v.Post, _, err = t.Posts().Get(id); err != nil {
		return v, err
	}
	v.Reached, err = t.Reached(v.Post)
	return v, err
}

// Incidents lists incidents, newest first.
func (a *App) Incidents(ctx context.Context, f store.IncidentFilter, p store.Page) (out []desk.Incident, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		if f.Desk != "" {
			if _, err := tx.desk(f.Desk); err != nil {
				return err
			}
		}
		out, next, err = fillSeen(p, func(p store.Page) ([]desk.Incident, string, error) { return tx.Incidents().List(f, p) },
			func(i desk.Incident) (bool, error) { return tx.sees(i.Desk), nil })
		return err
	})
	return out, next, err
}

// Pinned lists the first posts of a desk's open incidents, newest first.
func (t *Tx) Pinned(h desk.Handle, p store.Page) (out []desk.Post, next string, err error) {
	incidents, next, err := t.Incidents().List(store.IncidentFilter{Desk: h, State: desk.IncidentOpen}, p)
	for _, i := range incidents {
		if err != nil {
			break
		}
		var post desk.Post
		var ok bool
		if post, ok, err = t.PublicPost(i.Root); ok {
			out = append(out, post)
		}
	}
	return out, next, err
}
