package app

import (
	"context"
	"strconv"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// IncidentInput is what an agent says of a new incident, or of planned work.
type IncidentInput struct {
	Desk       desk.Handle
	Title      string
	Text       string // below the first line; "" for none
	Language   string
	Services   []string
	Impact     desk.Impact
	Status     desk.IncidentStatus // "": investigating, or scheduled if there is a window
	From       time.Time
	Until      time.Time
	NextUpdate time.Time
	// AtBegin and AtEnd go out by themselves when planned work begins and ends; "" for none.
	AtBegin, AtEnd string
	Publish        bool // at once, and not as a draft
	Now            bool // skip the take-back time
}

// OpenIncident makes an incident: a draft that nobody outside sees, or published.
func (a *App) OpenIncident(ctx context.Context, by By, in IncidentInput) (desk.Incident, error) {
	if in.Status == "" && in.From.IsZero() && in.Until.IsZero() {
		in.Status = desk.IncidentInvestigating
	} else if in.Status == "" {
		in.Status = desk.WorkScheduled
	}
	if in.Impact == "" {
		in.Impact = desk.ImpactMinor
	}
	i, err := checkIncident(by, desk.Incident{Desk: in.Desk, Title: in.Title, Text: in.Text, Language: in.Language, Services: in.Services,
		Impact: in.Impact, Status: in.Status, From: micro(in.From), Until: micro(in.Until), NextUpdate: micro(in.NextUpdate)})
	if err == nil {
		err = i.MayBegin()
	}
	if err == nil && in.Publish && !by.publishes() {
		err = errIncidentScope()
	}
	if err != nil {
		return desk.Incident{}, err
	}
	return a.onceIncident(ctx, by, "incident.open", func(tx *Tx) (desk.Incident, error) {
		d, err := tx.desk(i.Desk)
		if err == nil {
			err = desk.CheckNextUpdate(i.NextUpdate, tx.Now)
		}
		if err != nil {
			return desk.Incident{}, err
		}
		i := i
		i.ID, i.Desk, i.Agent = desk.IncidentID(tx.NewID()), d.Handle, by.Agent
		i.OpenedAt, i.StatusAt, i.Revision = tx.Now, tx.Now, 1
		if err := tx.prepare(by, &i, map[desk.IncidentStatus]*string{desk.WorkInProgress: &in.AtBegin, desk.WorkCompleted: &in.AtEnd}); err != nil {
			return desk.Incident{}, err
		}
		if in.Publish {
			if err := tx.writeRoot(by, &i, a.leaves(tx, in.Now)); err != nil {
				return desk.Incident{}, err
			}
		}
		return i, tx.Incidents().Put(i)
	})
}

// micro is a time as the stores keep it.
func micro(at time.Time) time.Time {
	if at.IsZero() {
		return time.Time{}
	}
	return at.UTC().Truncate(time.Microsecond)
}

// leaves is when a post goes out that is written now.
func (a *App) leaves(tx *Tx, now bool) time.Time {
	if now {
		return tx.Now
	}
	return tx.Now.Add(a.takeBack)
}

// checkIncident checks and cleans all that an agent wrote of an incident.
func checkIncident(by By, i desk.Incident) (desk.Incident, error) {
	var err error
	if i.Text != "" {
		if i.Text, err = checkText(i.Text); err != nil {
			return i, err
		}
	}
	if i.Language, err = checkLanguage(i.Language); err != nil {
		return i, err
	}
	if i, err = desk.CheckIncident(i); err != nil {
		return i, err
	}
	_, err = checkOutward(by, i.RootText())
	return i, err
}

// onceIncident is once for incidents. Only the answer's id is stored, as in onceIssue.
func (a *App) onceIncident(ctx context.Context, by By, what string, f func(*Tx) (desk.Incident, error)) (out desk.Incident, err error) {
	d := audit[desk.IncidentID]{what, func(id desk.IncidentID) (string, string) { return "incidents/" + string(id), string(out.Status) }}
	id, err := once(ctx, a, by, d, func(tx *Tx) (desk.IncidentID, error) {
		out, err = f(tx)
		return out.ID, err
	})
	if err != nil || out.ID == id {
		return out, err
	}
	err = a.View(ctx, func(tx *Tx) error {
		out, err = tx.incident(id)
		return err
	})
	return out, err
}

func (t *Tx) incident(id desk.IncidentID) (desk.Incident, error) {
	i, ok, err := t.Incidents().Get(id)
	if err == nil && !(ok && t.sees(i.Desk)) {
		err = desk.NotFound("incident_not_found", "there is no incident %s", id)
	}
	return i, err
}

// incidentToChange finds an incident that a caller decided about. Who decided on an
// older revision is asked again.
func (t *Tx) incidentToChange(by By, id desk.IncidentID) (desk.Incident, error) {
	i, err := t.incident(id)
	if err == nil && by.Seen != "" && string(by.Seen) != strconv.Itoa(i.Revision) {
		err = desk.Stale("incident_moved_on", "this incident has changed since you read it: read it, then decide again")
	}
	return i, err
}

// changeIncident runs a change of one incident, and stores it as its next revision.
func (a *App) changeIncident(ctx context.Context, by By, what string, id desk.IncidentID, change func(*Tx, *desk.Incident) error) (desk.Incident, error) {
	return a.onceIncident(ctx, by, what, func(tx *Tx) (desk.Incident, error) {
		i, err := tx.incidentToChange(by, id)
		if err != nil {
			return i, err
		}
		if err := change(tx, &i); err != nil {
			return i, err
		}
		i.Revision++
		return i, tx.Incidents().Put(i)
	})
}

// PublishIncident writes the first post of a draft. The incident is published once
// that has gone out, after the take-back time.
func (a *App) PublishIncident(ctx context.Context, by By, id desk.IncidentID, now bool) (desk.Incident, error) {
	return a.changeIncident(ctx, by, "incident.publish", id, func(tx *Tx, i *desk.Incident) error {
		return tx.writeRoot(by, i, a.leaves(tx, now))
	})
}

// writeRoot writes the first post of an incident; the caller stores the incident.
func (t *Tx) writeRoot(by By, i *desk.Incident, due time.Time) error {
	if err := i.MayPublish(); err != nil {
		return err
	}
	p := t.incidentPost(by, *i, i.RootText(), due)
	i.Root = p.ID
	return t.addIncidentPost(p)
}

// incidentPost makes a post about an incident.
func (t *Tx) incidentPost(by By, i desk.Incident, text string, due time.Time) desk.Post {
	p := desk.Post{ID: desk.PostID(t.NewID()), Incident: i.ID, Desk: i.Desk, Role: desk.RoleBroadcast, Author: t.site.Desk(i.Desk),
		Text: text, Language: i.Language, Visibility: desk.VisibilityPublic, Published: t.Now, Received: t.Now,
		Outgoing: desk.Outgoing{Agent: by.Agent, State: desk.PostPending, DueAt: due}}
	p.Object = t.site.Post(p.ID)
	t.render(&p)
	return p
}

func (t *Tx) addIncidentPost(p desk.Post) error {
	if err := t.Posts().Put(p); err != nil {
		return err
	}
	return t.publish("create:"+string(p.ID), string(p.ID), p.DueAt, Publish{Verb: VerbCreate, Post: p.ID})
}

// IncidentEdit changes what was said of an incident; nil stays.
type IncidentEdit struct {
	Title      *string
	Text       *string
	Services   *[]string
	Impact     *desk.Impact
	From       *time.Time
	Until      *time.Time
	NextUpdate *time.Time
	AtBegin    *string // "" removes it
	AtEnd      *string
	// Surprised and Changed are what was learned, "" removes one: only agents read it, and
	// each of them may write it.
	Surprised, Changed *string
}

// inside says whether a change concerns the agents only.
func (in IncidentEdit) inside() bool {
	in.Surprised, in.Changed = nil, nil
	return in == IncidentEdit{}
}

// EditIncident changes an incident. If it is published, its first post changes on
// every server that has it.
func (a *App) EditIncident(ctx context.Context, by By, id desk.IncidentID, in IncidentEdit) (desk.Incident, error) {
	return a.changeIncident(ctx, by, "incident.edit", id, func(tx *Tx, i *desk.Incident) error {
		if err := i.MayEdit(); err != nil {
			return err
		}
		if err := checkLearned(in.Surprised, in.Changed); err != nil {
			return err
		}
		set(&i.Surprised, in.Surprised)
		set(&i.Changed, in.Changed)
		if in.inside() {
			return nil
		}
		if i.Root != "" && !by.publishes() {
			return errIncidentScope()
		}
		set(&i.Title, in.Title)
		set(&i.Text, in.Text)
		set(&i.Services, in.Services)
		set(&i.Impact, in.Impact)
		set(&i.From, in.From)
		set(&i.Until, in.Until)
		set(&i.NextUpdate, in.NextUpdate)
		i.From, i.Until, i.NextUpdate = micro(i.From), micro(i.Until), micro(i.NextUpdate)
		if in.NextUpdate != nil {
			if err := desk.CheckNextUpdate(i.NextUpdate, tx.Now); err != nil {
				return err
			}
		}
		checked, err := checkIncident(by, *i)
		if err != nil {
			return err
		}
		*i = checked
		if err := tx.prepare(by, i, map[desk.IncidentStatus]*string{desk.WorkInProgress: in.AtBegin, desk.WorkCompleted: in.AtEnd}); err != nil {
			return err
		}
		if err := tx.armWindow(*i); err != nil {
			return err
		}
		return tx.rewriteRoot(*i)
	})
}

func set[T any](of, to *T) {
	if to != nil {
		*of = *to
	}
}

// publishes says whether a caller may write to followers.
func (b By) publishes() bool {
	return b.MayPublish || b.Via == "" || b.Via == store.ViaMachine
}

func errIncidentScope() error {
	return desk.Forbidden("incident_scope", "only a person who may publish broadcasts may publish an incident, or change one that is published")
}
