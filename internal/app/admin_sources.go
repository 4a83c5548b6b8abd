package app

import (
	"context"
	"fmt"
	"time"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/id"
	"earshot/store"
)

const (
	followAgainAfter = 24 * time.Hour     // an unanswered Follow
	silentAfter      = 7 * 24 * time.Hour // an active source that tells nothing
)

// AddSource begins to hear through a source: it looks at the other side, then
// asks to follow it.
func (a *App) AddSource(ctx context.Context, by By, spec SourceSpec) (store.Source, error) {
	s, err := a.probe.Find(ctx, spec)
	if err != nil {
		return s, err
	}
	s.ID = desk.SourceID(id.New())
	return once(ctx, a, by, audit[store.Source]{"source.add", func(s store.Source) (string, string) { return "sources/" + string(s.ID), s.Name }}, func(tx *Tx) (store.Source, error) {
		if old, ok, err := tx.Sources().ByActor(s.Actor); err != nil {
			return s, err
		} else if ok {
			return s, desk.Conflict("source_exists", "this is heard already, as source %s (%s)", old.ID, old.State)
		}
		s.State, s.Created = store.SourcePending, tx.Now
		return s, tx.follow(&s)
	})
}

// follow sends a Follow under a new id and looks again in a day.
func (t *Tx) follow(s *store.Source) error {
	s.Follows++
	s.Follow = t.site.Activity(string(s.ID), fmt.Sprintf("follow/%d", s.Follows))
	if err := t.Sources().Put(*s); err != nil {
		return err
	}
	p := Publish{Verb: VerbFollow, Source: s.ID, N: s.Follows, Local: desk.RelayHandle, Actor: s.Actor, Inbox: s.Inbox, Activity: s.Follow}
	if err := t.publish(fmt.Sprintf("follow:%s:%d", s.ID, s.Follows), "source:"+string(s.ID), t.Now, p); err != nil {
		return err
	}
	return t.sourceTimer(*s, followAgainAfter)
}

// unfollow takes our last Follow back. Some hashtag actors ignore a second Follow
// of an actor that they know, so asking again begins with this.
func (t *Tx) unfollow(s store.Source) error {
	p := Publish{Verb: VerbUnfollow, Source: s.ID, N: s.Follows, Local: desk.RelayHandle, Actor: s.Actor, Inbox: s.Inbox, Activity: s.Follow}
	return t.publish(fmt.Sprintf("unfollow:%s:%d", s.ID, s.Follows), "source:"+string(s.ID), t.Now, p)
}

func (t *Tx) sourceTimer(s store.Source, in time.Duration) error {
	at := t.Now.Add(in)
	return t.addJob(store.QueueTimer, fmt.Sprintf("source:%s:%d", s.ID, at.UnixMicro()), "", at, Timer{Kind: TimerSource, Source: s.ID})
}

// Sources lists the sources.
func (a *App) Sources(ctx context.Context, p store.Page) (out []store.Source, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error { out, next, err = tx.Sources().List(p); return err })
	return out, next, err
}

// Source returns one source.
func (a *App) Source(ctx context.Context, id desk.SourceID) (s store.Source, err error) {
	err = a.View(ctx, func(tx *Tx) error { s, err = tx.source(id); return err })
	return s, err
}

func (t *Tx) source(id desk.SourceID) (store.Source, error) {
	s, ok, err := t.Sources().Get(id)
	if err == nil && !ok {
		err = desk.NotFound("source_not_found", "there is no source %s", id)
	}
	return s, err
}

// CheckSource looks at a source's other side, and asks again where it has not
// answered.
func (a *App) CheckSource(ctx context.Context, by By, id desk.SourceID) (store.Source, error) {
	s, err := a.Source(ctx, id)
	if err != nil {
		return s, err
	}
	seen, probeErr := a.probe.Check(ctx, s)
	return once(ctx, a, by, audit[store.Source]{"source.check", func(s store.Source) (string, string) { return "sources/" + string(s.ID), s.Name }}, func(tx *Tx) (store.Source, error) {
		s, err := tx.source(id)
		if err != nil {
			return s, err
		}
		if probeErr != nil {
			s.Error = desk.ErrorMessage(probeErr)
			return s, tx.Sources().Put(s)
		}
		s.Error, s.Inbox = "", seen.Inbox
		if s.State == store.SourceActive {
			return s, tx.Sources().Put(s)
		}
		if err := tx.unfollow(s); err != nil {
			return s, err
		}
		s.State = store.SourcePending
		return s, tx.follow(&s)
	})
}

// RemoveSource stops hearing through a source.
func (a *App) RemoveSource(ctx context.Context, by By, id desk.SourceID) error {
	_, err := once(ctx, a, by, audit[Ack]{"source.remove", auditOn("sources/" + string(id))}, func(tx *Tx) (Ack, error) {
		s, err := tx.source(id)
		if err != nil {
			return Ack{}, err
		}
		if err := tx.unfollow(s); err != nil {
			return Ack{}, err
		}
		_, err = tx.Sources().Delete(id)
		return Ack{}, err
	})
	return err
}

var whyRefused = desk.Recorded("source_refused_us")

// SourceAnswered takes in an Accept or Reject of one of our Follows. It must
// come from the actor we asked and, where it names a Follow, name our last one
// (an Accept nobody asked for opens nothing).
func (a *App) SourceAnswered(ctx context.Context, from desk.ActorID, follow desk.ActivityID, accepted bool) (drop.Reason, error) {
	return a.takeIn(ctx, func(tx *Tx) (drop.Reason, error) {
		s, ok, err := tx.Sources().ByActor(from)
		switch {
		case err != nil || !ok:
			return drop.NotSource, err
		case follow != "" && follow != s.Follow:
			return drop.UnknownObject, nil
		}
		if !accepted {
			s.State, s.Error = store.SourceRejected, whyRefused
			return drop.Kept, tx.Sources().Put(s)
		}
		if s.State == store.SourceActive {
			return drop.Duplicate, nil
		}
		s.State, s.Error, s.Accepted = store.SourceActive, "", tx.Now
		if err := tx.Sources().Put(s); err != nil {
			return "", err
		}
		return drop.Kept, tx.sourceTimer(s, silentAfter)
	})
}

// Announced records that an actor told us of a post. If the actor is a source,
// only the post's id is stored, until the post is fetched.
func (a *App) Announced(ctx context.Context, from desk.ActorID, o desk.ObjectID) (drop.Reason, error) {
	return a.takeIn(ctx, func(tx *Tx) (drop.Reason, error) {
		s, ok, err := tx.Sources().ByActor(from)
		if err != nil || !ok || s.State != store.SourceActive {
			return drop.NotSource, err
		}
		s.Heard++
		s.Hours = s.Hours.Count(tx.Now)
		s.HeardAt = tx.Now
		if err := tx.Sources().Put(s); err != nil {
			return "", err
		}
		if may, err := tx.mayFetch(o, from); err != nil || !may {
			return drop.Forwarded, err
		}
		if _, known, err := tx.Posts().ByObject(o); err != nil {
			return "", err
		} else if known {
			fresh, err := tx.sight(o, string(s.ID))
			if err != nil || fresh {
				return drop.Kept, err
			}
			// Told again by the same source: an edit may have brought a tag back.
		}
		return drop.Kept, tx.fetch(Fetch{Object: o, Source: string(s.ID)})
	})
}

// QueueFetch has an object fetched from its own server and heard, or, if we
// have it, looked at again.
func (a *App) QueueFetch(ctx context.Context, o desk.ObjectID, source string) error {
	return a.Update(ctx, func(tx *Tx) error { return tx.fetch(Fetch{Object: o, Source: source}) })
}

// QueueNamed is QueueFetch of an object that an actor sent us the id of, to some of
// our desks. If it is their own post, that is a reason to ask for it, and it is
// addressed to those desks.
func (a *App) QueueNamed(ctx context.Context, o desk.ObjectID, by desk.ActorID, desks []desk.Handle) error {
	return a.Update(ctx, func(tx *Tx) error { return tx.fetch(Fetch{Object: o, Source: Inbox, By: by, Desks: desks}) })
}

// fetch queues a fetch. Who names an object without addressing a desk must not be in the
// way of its author, who does.
func (t *Tx) fetch(f Fetch) error {
	job := f.Source + " "
	if len(f.Desks) > 0 {
		job += "by " + string(f.By) + " "
	}
	return t.addJobOf(f.Object.Host(), store.QueueFetch, job+string(f.Object), string(f.Object), t.Now, f)
}

// Fetch is the payload of a fetch job: an object that a source told us of, a
// server that is asked about itself, an outbox, or what completes a post that was heard.
type Fetch struct {
	Object desk.ObjectID `json:"object,omitempty"`
	Source string        `json:"source,omitempty"` // a source's id, or Inbox
	Host   desk.Host     `json:"host,omitempty"`
	// By is the actor who named the object, in an activity that they signed
	// themselves. A refused fetch means more if that is the author.
	By desk.ActorID `json:"by,omitempty"`
	// Desks are addressed by that activity: it counts like the object's own audience,
	// if By is its author.
	Desks []desk.Handle `json:"desks,omitempty"`
	// NotFound is when 404 was answered for it first, if this is the second try.
	NotFound time.Time `json:"not_found,omitzero"`
	// Above is the Nth post above Object, which was heard: it is fetched to
	// complete the thread. Community is the actor that may be Object's group.
	Above     desk.ObjectID `json:"above,omitempty"`
	N         int           `json:"n,omitempty"`
	Community desk.ActorID  `json:"community,omitempty"`
	// Outbox is an actor whose outbox is read for posts of a time that we missed.
	Outbox desk.ActorID `json:"outbox,omitempty"`
	Since  time.Time    `json:"since,omitzero"`
	Until  time.Time    `json:"until,omitzero"`
}

// Asks is the server that the job depends on.
func (f Fetch) Asks() desk.Host {
	switch {
	case f.Above != "":
		return f.Above.Host()
	case f.Outbox != "":
		return f.Outbox.Host()
	}
	return f.Object.Host()
}

// TendSource is what a source's timer does: ask again where nobody answered,
// or where an accepted source has been silent for a week.
func (a *App) TendSource(ctx context.Context, id desk.SourceID) error {
	return a.Update(ctx, func(tx *Tx) error {
		s, ok, err := tx.Sources().Get(id)
		if err != nil || !ok || s.State == store.SourceRejected {
			return err
		}
		last := s.HeardAt
		if last.Before(s.Accepted) {
			last = s.Accepted
		}
		if s.State == store.SourceActive && tx.Now.Sub(last) < silentAfter {
			return tx.sourceTimer(s, silentAfter-tx.Now.Sub(last))
		}
		if err := tx.unfollow(s); err != nil {
			return err
		}
		return tx.follow(&s)
	})
}
