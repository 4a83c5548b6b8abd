package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"earshot/internal/desk"
	"earshot/internal/drop"
)

// Reaction is a like or a boost of one of our posts.
type Reaction struct {
	Kind   string // "like" or "boost"
	Actor  desk.ActorID
	Object desk.ObjectID
	Emoji  string // as desk.ReactionOf returns it; "": a plain like
	Bot    bool   // by a program, as far as its profile is known
}

// said is what the timeline says of a reaction, and of its end.
var said = map[string]struct{ done, undone desk.Note }{"like": {desk.NoteLike, desk.NoteUnlike}, "boost": {desk.NoteBoost, desk.NoteUnboost}}

func (r Reaction) key() string {
	return strings.TrimSuffix(fmt.Sprintf("reaction:%s:%s:%s:%s", r.Kind, r.Actor, r.Object, r.Emoji), ":")
}

// name tells the reactions of one person to one post apart.
func (r Reaction) name() string { return r.Kind + ":" + r.Emoji }

// done and undone are what the timeline says of it, and of its end.
func (r Reaction) done(e desk.Event) desk.Event {
	if r.Emoji != "" {
		return e.Says(desk.NoteReacted, r.Emoji)
	}
	return e.Says(said[r.Kind].done)
}

func (r Reaction) undone(e desk.Event) desk.Event {
	if r.Emoji != "" {
		return e.Says(desk.NoteUnreacted, r.Emoji)
	}
	return e.Says(said[r.Kind].undone)
}

// React takes in a reaction. The reporter's own that says yes is an invitation
// to go on talking, one that says no is a word against our reply; other people's
// are dropped.
func (a *App) React(ctx context.Context, r Reaction) (why drop.Reason, err error) {
	err = a.Update(ctx, func(tx *Tx) error {
		if of, about, err := tx.feltIncident(r); err != nil {
			return err
		} else if about && of.State() == desk.IncidentOpen {
			if why, err = tx.mayFeel(r); err == nil && why == drop.Kept {
				why, err = tx.feel(of, r)
			}
			return err
		}
		p, i, counts, err := tx.reactedTo(r)
		if why = counts; err != nil || counts != drop.Kept {
			return err
		}
		e := r.done(desk.Event{ID: desk.EventID(tx.NewID()), Issue: i.ID, Kind: desk.KindReaction, At: tx.Now, Post: p.ID, Actor: r.Actor})
		first, added, err := tx.Once().Put(r.key(), []byte(e.ID), tx.Now.AddDate(1, 0, 0))
		if err != nil {
			return err
		}
		if !added { // it is there already, or was taken back and is given again
			old, ok, err := tx.Events().Get(desk.EventID(first))
			if err != nil || ok && old.Kind == desk.KindReaction {
				return err
			}
			e.ID = desk.EventID(first)
		}
		if err := tx.event(e); err != nil {
			return err
		}
		if err := tx.felt(&i, e.Feeling()); err != nil {
			return err
		}
		return tx.Issues().Put(i)
	})
	return why, err
}

// felt draws the conclusions of what the reporter thinks of a reply.
func (t *Tx) felt(i *desk.Issue, f desk.Feeling) error {
	switch f {
	case desk.FeelingNo:
		return t.reporterSpoke(i, false)
	case desk.FeelingUnknown:
		i.UpdatedAt = t.Now
		return nil
	}
	i.ReporterReacted(t.Now)
	if err := t.toHome(*i, func(*desk.Issue) error { return nil }); err != nil {
		return err
	}
	if i.Status == desk.StatusFixed { // the three quiet days begin again
		return t.quietTimer(*i)
	}
	return nil
}

// Unreact takes a reaction back, named by its id or "": it no longer shows that
// something works.
func (a *App) Unreact(ctx context.Context, r Reaction, undone desk.ActivityID) error {
	return a.Update(ctx, func(tx *Tx) error {
		if of, about, err := tx.feltIncident(r); err != nil {
			return err
		} else if about {
			had, err := tx.feltBy(of.ID, r.Actor)
			if err == nil && !slices.Contains(had, r.name()) {
				return tx.nothingToUndo(undone, r.Actor)
			}
			if err != nil {
				return err
			}
			return tx.unfeel(of, r)
		}
		id, ok, err := tx.Once().Get(r.key())
		if err != nil {
			return err
		}
		if !ok {
			return tx.nothingToUndo(undone, r.Actor)
		}
		e, ok, err := tx.Events().Get(desk.EventID(id))
		if err != nil {
			return err
		}
		if !ok || e.Kind != desk.KindReaction {
			return tx.nothingToUndo(undone, r.Actor)
		}
		e.Kind = desk.KindNotice
		return tx.event(r.undone(e))
	})
}

// reactedTo finds the reply a reporter reacted to.
func (t *Tx) reactedTo(r Reaction) (desk.Post, desk.Issue, drop.Reason, error) {
	p, ok, err := t.Posts().ByObject(r.Object)
	switch {
	case err != nil || !ok:
		return p, desk.Issue{}, drop.UnknownObject, err
	case p.Deleted:
		return p, desk.Issue{}, drop.Deleted, nil
	case p.Role != desk.RoleReply: // nobody reports by liking a broadcast
		return p, desk.Issue{}, drop.NotReporter, nil
	}
	if blocked, err := t.blocked(r.Actor); err != nil || blocked {
		return p, desk.Issue{}, drop.Blocked, err
	}
	i, err := t.issue(p.Issue)
	return p, i, keptIf(err == nil && i.Reporter == r.Actor, drop.NotReporter), err
}
