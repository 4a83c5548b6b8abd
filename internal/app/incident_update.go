package app

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"earshot/internal/desk"
)

// UpdateInput is a later word about an incident.
type UpdateInput struct {
	Incident   desk.IncidentID
	Status     desk.IncidentStatus // "" stays
	Text       string
	NextUpdate time.Time // zero: nothing is promised
	Now        bool      // skip the take-back time
	// Tell: the linked voices are told too, once it has gone out; nil: the followers only.
	Tell *TellInput
	post desk.PostID // of an update that was prepared; "": a new id
}

// UpdateIncident writes an update: an answer to the first post, which goes to the
// followers. The status takes effect when it has gone out; then the first line of
// the first post follows.
func (a *App) UpdateIncident(ctx context.Context, by By, in UpdateInput) (desk.Incident, error) {
	text, err := checkOutward(by, in.Text)
	if err != nil {
		return desk.Incident{}, err
	}
	in.Text = text
	return withAudience(ctx, a, by, in.Incident, in.Status, in.Tell, func(seen Audience) (desk.Incident, error) {
		return a.changeIncident(ctx, by, "incident.update", in.Incident, func(tx *Tx, i *desk.Incident) error {
			return tx.writeUpdate(by, i, in, a.leaves(tx, in.Now), seen)
		})
	})
}

// CloseInput ends an incident, or planned work.
type CloseInput struct {
	Incident desk.IncidentID
	Text     string
	// Surprised and Changed are what was learned: only agents read it until it is published; "" stays.
	Surprised, Changed string
	Now                bool
	Tell               *TellInput // see UpdateInput
}

// CloseIncident says that an incident is over, and keeps what was learned.
func (a *App) CloseIncident(ctx context.Context, by By, in CloseInput) (desk.Incident, error) {
	text, err := checkOutward(by, in.Text)
	if err != nil {
		return desk.Incident{}, err
	}
	in.Text = text
	if err := checkLearned(&in.Surprised, &in.Changed); err != nil {
		return desk.Incident{}, err
	}
	return withAudience(ctx, a, by, in.Incident, desk.IncidentResolved, in.Tell, func(seen Audience) (desk.Incident, error) {
		return a.closeIncident(ctx, by, in, seen)
	})
}

func (a *App) closeIncident(ctx context.Context, by By, in CloseInput, seen Audience) (desk.Incident, error) {
	return a.changeIncident(ctx, by, "incident.close", in.Incident, func(tx *Tx, i *desk.Incident) error {
		to := desk.IncidentResolved
		if i.Planned() {
			to = desk.WorkCompleted
		}
		i.Surprised, i.Changed = cmp.Or(in.Surprised, i.Surprised), cmp.Or(in.Changed, i.Changed)
		return tx.writeUpdate(by, i, UpdateInput{Status: to, Text: in.Text, Tell: in.Tell}, a.leaves(tx, in.Now), seen)
	})
}

// writeUpdate writes an update; the caller stores the incident. seen is who would be
// told, if the voices are.
func (t *Tx) writeUpdate(by By, i *desk.Incident, in UpdateInput, due time.Time, seen Audience) error {
	if in.Status == "" {
		in.Status = i.Status
	}
	in.NextUpdate = micro(in.NextUpdate)
	if in.Status.Over() {
		in.NextUpdate = time.Time{}
	}
	if err := desk.CheckNextUpdate(in.NextUpdate, t.Now); err != nil {
		return err
	}
	if err := i.MayUpdate(in.Status); err != nil {
		return err
	}
	p := t.incidentPost(by, *i, in.Text, due)
	if in.post != "" {
		p.ID, p.Object = in.post, t.site.Post(in.post)
	}
	p.InReplyTo = t.site.Post(i.Root)
	i.Updates = append(i.Updates, desk.IncidentUpdate{Post: p.ID, Status: in.Status, NextUpdate: in.NextUpdate, Agent: by.Agent, At: t.Now})
	if err := t.addIncidentPost(p); err != nil || in.Tell == nil {
		return err
	}
	_, err := t.addRound(by, *i, p, in.Status, *in.Tell, seen)
	return err
}

// incidentPublished stores what a post about an incident changes that goes out now,
// and returns the post as it goes out.
func (t *Tx) incidentPublished(p desk.Post) (desk.Post, error) {
	i, ok, err := t.Incidents().Get(p.Incident)
	if err != nil || !ok {
		return p, err
	}
	before := i
	if i.Root == p.ID {
		i.Publish(t.Now)
		p.Text = i.RootText()
		t.render(&p)
	} else if !i.UpdatePublished(p.ID, t.Now) {
		return p, nil
	}
	if err := t.storeIncident(before, i); err != nil {
		return p, err
	}
	if err := t.roundOf(p.ID); err != nil {
		return p, err
	}
	if i.Root == p.ID {
		return p, t.armWindow(i)
	}
	return p, t.rewriteRoot(i)
}

// storeIncident stores the next revision of an incident. If its first post is
// pinned now, or no longer, the desk's profile is sent again: servers read the
// pinned posts when they hear of a profile.
func (t *Tx) storeIncident(before, i desk.Incident) error {
	i.Revision++
	if err := t.Incidents().Put(i); err != nil || (before.State() == desk.IncidentOpen) == (i.State() == desk.IncidentOpen) {
		return err
	}
	d, err := t.desk(i.Desk)
	if err != nil {
		return err
	}
	return t.profileChanged(&d)
}

// rewriteRoot brings the first post of an incident up to date, wherever it is.
func (t *Tx) rewriteRoot(i desk.Incident) error {
	p, ok, err := t.Posts().Get(i.Root)
	if err != nil || !ok || p.Deleted || p.State != desk.PostPublished || p.Text == i.RootText() {
		return err
	}
	p.Text = i.RootText()
	t.render(&p)
	p.Edits++
	p.Updated = t.Now
	if err := t.Posts().Put(p); err != nil {
		return err
	}
	return t.publish(fmt.Sprintf("update:%s:%d", p.ID, p.Edits), string(p.ID), t.Now, Publish{Verb: VerbUpdate, Post: p.ID, N: p.Edits})
}

// incidentPostEnded records that a post about an incident was taken back, dropped or
// deleted.
func (t *Tx) incidentPostEnded(p desk.Post) error {
	if p.Incident == "" {
		return nil
	}
	i, ok, err := t.Incidents().Get(p.Incident)
	if err != nil || !ok {
		return err
	}
	if err := t.roundRetracted(p.ID); err != nil {
		return err
	}
	before := i
	if i.Root == p.ID {
		i.Withdraw()
	} else {
		i.DropUpdate(p.ID)
	}
	return t.storeIncident(before, i)
}

// mayChangeRoot keeps the first post of an incident as the incident says. It can be
// deleted while nothing has followed it; the incident is a draft then.
func (t *Tx) mayChangeRoot(p desk.Post, deletes bool) error {
	if p.Incident == "" {
		return nil
	}
	i, ok, err := t.Incidents().Get(p.Incident)
	if err != nil || !ok || i.Root != p.ID || deletes && len(i.Updates) == 0 {
		return err
	}
	return desk.Conflict("incident_root", "this post says where its incident stands: change the incident, or write an update")
}
