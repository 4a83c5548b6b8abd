package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/id"
	"earshot/store"
)

const (
	followAgainAfter = 24 * time.Hour     // an unanswered Follow, at first
	followSeldom     = 7 * 24 * time.Hour // and when it was sent a few times
	followsBefore    = 3
	// undoPatience is how long a source that is removed waits for its Undo to arrive.
	undoPatience = 3 * 24 * time.Hour
	undoLook     = time.Minute
)

// AddSource begins to hear through a source: it looks at the other side first.
func (a *App) AddSource(ctx context.Context, by By, spec SourceSpec) (store.Source, error) {
	s, err := a.probe.Find(ctx, spec)
	if err != nil {
		return s, err
	}
	s.ID = desk.SourceID(id.New())
	if spec.Token != "" {
		if s.Token, err = a.tokens.SealToken(s.ID, spec.Token); err != nil {
			return s, err
		}
	}
	way := a.way(s)
	return once(ctx, a, by, audit[store.Source]{"source.add", func(s store.Source) (string, string) { return "sources/" + string(s.ID), s.Name }}, func(tx *Tx) (store.Source, error) {
		if s.Desk != "" {
			if _, err := tx.desk(s.Desk); err != nil {
				return s, err
			}
		}
		if old, ok, err := tx.sameSource(s); err != nil {
			return s, err
		} else if ok {
			return s, desk.Conflict("source_exists", "this is heard already, as source %s (%s)", old.ID, old.State)
		}
		s.State, s.Created = store.SourceIdle, tx.Now
		return s, tx.begin(&s, way)
	})
}

// begin starts to hear through a source, in the way of its kind.
func (t *Tx) begin(s *store.Source, way Way) error {
	switch {
	case way.Follows:
		s.State = store.SourcePending
		return t.follow(s)
	case way.Polls || way.Streams:
		s.Next = t.Now
		if err := t.Sources().Put(*s); err != nil {
			return err
		}
		return t.tendNow(*s, way)
	}
	s.State, s.Accepted = store.SourceAccepted, t.Now
	return t.Sources().Put(*s)
}

// sameSource finds a source that hears the same. One that is being removed is none.
func (t *Tx) sameSource(s store.Source) (old store.Source, same bool, err error) {
	err = store.EachPage(func(p store.Page) (string, error) {
		all, next, err := t.Sources().List(p)
		for _, o := range all {
			if o.State != store.SourceClosed && sameWay(o, s) {
				old, same = o, true
				return "", err
			}
		}
		return next, err
	})
	return old, same, err
}

// sameWay says whether two sources hear the same: through the same actor, or at the
// same address one tag of both.
func sameWay(a, b store.Source) bool {
	if a.Actor != "" && a.Actor == b.Actor {
		return a.Desk == b.Desk
	}
	if a.Kind != b.Kind || a.URL != b.URL || a.URL == "" && a.Actor != b.Actor {
		return false
	}
	if len(a.Allow) > 0 {
		return slices.ContainsFunc(a.Allow, func(h desk.Host) bool { return slices.Contains(b.Allow, h) })
	}
	return len(a.Tags) == 0 && len(b.Tags) == 0 || sharesTag(a.Tags, b.Tags)
}

// sharesTag says whether one tag is in both lists, however it is written.
func sharesTag(a, b []string) bool {
	return slices.ContainsFunc(a, func(tag string) bool {
		return slices.ContainsFunc(b, func(o string) bool { return desk.SameTag(tag, o) })
	})
}

// follow sends a Follow under a new id and looks again in a while.
func (t *Tx) follow(s *store.Source) error {
	s.Follows++
	s.Follow = t.site.Activity(string(s.ID), fmt.Sprintf("follow/%d", s.Follows))
	s.Asked = t.Now
	if err := t.publish(fmt.Sprintf("follow:%s:%d", s.ID, s.Follows), sourceLane(*s), t.Now, asking(VerbFollow, *s)); err != nil {
		return err
	}
	again := followAgainAfter
	if s.Follows > followsBefore {
		again = followSeldom
	}
	return t.sourceTimer(s, again)
}

// unfollow takes our last Follow back.
func (t *Tx) unfollow(s store.Source) error {
	if s.Follow == "" {
		return nil
	}
	return t.publish(fmt.Sprintf("unfollow:%s:%d", s.ID, s.Follows), sourceLane(s), t.Now, asking(VerbUnfollow, s))
}

// sourceLane orders the Follows and Undos to one inbox: where a source is removed and
// added again, the Undo goes first.
func sourceLane(s store.Source) string { return "source:" + s.Inbox }

// UnfollowID is the id of the Undo of a source's Nth Follow.
func UnfollowID(site desk.Site, id desk.SourceID, n int) desk.ActivityID {
	return site.Activity(string(id), fmt.Sprintf("unfollow/%d", n))
}

// asking is a job that tells the other side of a source whether it is to tell us.
func asking(v Verb, s store.Source) Publish {
	return Publish{Verb: v, Source: s.ID, N: s.Follows, Local: cmp.Or(s.Desk, desk.RelayHandle), Actor: s.Actor, Object: s.Object, Inbox: s.Inbox, Activity: s.Follow}
}

// sourceTimer stores a source, to be tended next in a while.
func (t *Tx) sourceTimer(s *store.Source, in time.Duration) error {
	s.Next = t.Now.Add(in)
	if err := t.Sources().Put(*s); err != nil {
		return err
	}
	return t.addJob(store.QueueTimer, fmt.Sprintf("source:%s:%d", s.ID, s.Next.UnixMicro()), "", s.Next, Timer{Kind: TimerSource, Source: s.ID})
}

// tendNow has a source asked, or listened to, at once: its job waits no longer.
func (t *Tx) tendNow(s store.Source, way Way) error {
	q := store.QueuePoll
	if way.Streams {
		q = store.QueueStream
	}
	if _, err := t.Jobs().Drop(string(q)+":"+string(s.ID), t.Now); err != nil {
		return err
	}
	host := desk.Host("")
	if way.Polls && !way.Streams { // a stream that is open is not slow
		host, _ = desk.HostOf(s.URL)
	}
	return t.addJobOf(host, q, string(s.ID), "", t.Now, Tend{Source: s.ID})
}

// Tend is the payload of a job that asks a source, or listens to it.
type Tend struct {
	Source desk.SourceID `json:"source"`
}

// ArmSources sees that every source that is asked or listened to has its job.
func (a *App) ArmSources(ctx context.Context) error {
	return store.EachPage(func(p store.Page) (next string, err error) {
		err = a.Update(ctx, func(tx *Tx) error {
			var all []store.Source
			if all, next, err = tx.Sources().List(p); err != nil {
				return err
			}
			for _, s := range all {
				way := a.way(s)
				if !way.Polls && !way.Streams {
					continue
				}
				q := store.QueuePoll
				if way.Streams {
					q = store.QueueStream
				}
				if j, there, err := tx.Jobs().Get(string(q) + ":" + string(s.ID)); err != nil {
					return err
				} else if there && !j.Dead {
					continue
				}
				if err := tx.tendNow(s, way); err != nil {
					return err
				}
			}
			return nil
		})
		return next, err
	})
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
	way := a.way(s)
	seen, probeErr := a.probe.Check(ctx, s)
	return once(ctx, a, by, audit[store.Source]{"source.check", func(s store.Source) (string, string) { return "sources/" + string(s.ID), s.Name }}, func(tx *Tx) (store.Source, error) {
		s, err := tx.source(id)
		if err != nil {
			return s, err
		}
		if probeErr != nil {
			s.Error, s.ErrorAt = desk.ErrorMessage(probeErr), tx.Now
			return s, tx.Sources().Put(s)
		}
		s.Error, s.ErrorAt, s.Inbox = "", time.Time{}, seen.Inbox
		if seen.Access != "" {
			s.Access, s.AccessAt = seen.Access, tx.Now
		}
		switch {
		case s.State == store.SourceClosed || way == Way{}:
			return s, tx.Sources().Put(s)
		case way.Polls || way.Streams:
			s.Fails = 0
			if s.State == store.SourceFailed || s.State == store.SourceRejected {
				s.State = store.SourceIdle // it answers, and is tried at once
			}
			return s, tx.begin(&s, way)
		case s.State == store.SourceAccepted:
			return s, tx.Sources().Put(s)
		}
		if err := tx.unfollow(s); err != nil {
			return s, err
		}
		s.State = store.SourcePending
		return s, tx.follow(&s)
	})
}

// RemoveSource stops hearing through a source. One that we follow is forgotten once
// its Undo has arrived, or cannot.
func (a *App) RemoveSource(ctx context.Context, by By, id desk.SourceID) error {
	_, err := once(ctx, a, by, audit[Ack]{"source.remove", auditOn("sources/" + string(id))}, func(tx *Tx) (Ack, error) {
		s, err := tx.source(id)
		if err != nil {
			return Ack{}, err
		}
		if s.Follow == "" || s.State == store.SourceClosed {
			_, err = tx.Sources().Delete(id)
			return Ack{}, err
		}
		if err := tx.unfollow(s); err != nil {
			return Ack{}, err
		}
		s.State, s.Error, s.Asked = store.SourceClosed, "", tx.Now
		return Ack{}, tx.sourceTimer(&s, undoLook)
	})
	return err
}

// forgetClosed forgets a removed source once its Undo has arrived, or cannot.
func (t *Tx) forgetClosed(s store.Source) error {
	waits, err := t.Jobs().Busy(store.QueuePublish, sourceLane(s))
	if err != nil {
		return err
	}
	tally, err := t.Deliveries().Tally(UnfollowID(t.site, s.ID, s.Follows))
	if err != nil {
		return err
	}
	if (waits || tally.Queued > 0) && t.Now.Sub(s.Asked) < undoPatience {
		return t.sourceTimer(&s, max(undoLook, t.Now.Sub(s.Asked)))
	}
	_, err = t.Sources().Delete(s.ID)
	return err
}

var whyRefused = desk.Recorded("source_refused_us")

// FollowAnswer is an Accept or Reject of one of our Follows.
type FollowAnswer struct {
	From     desk.ActorID
	Inbox    string          // From's own, by its profile; "" if that is not at hand
	Follow   desk.ActivityID // "": it names none of ours
	Accepted bool
}

// SourceAnswered takes in the answer to a Follow. It must come from the actor
// we asked or, where we knew only an inbox, from the owner of that inbox; a Follow that
// it names must be our last one, or one that we never took back. (An Accept nobody
// asked for opens nothing.)
func (a *App) SourceAnswered(ctx context.Context, in FollowAnswer) (drop.Reason, error) {
	return a.takeIn(ctx, func(tx *Tx) (drop.Reason, error) {
		s, ok, err := tx.asked(in.From, in.Follow)
		switch {
		case err != nil || !ok || s.State == store.SourceClosed:
			return drop.NotSource, err
		case in.Follow != "" && in.Follow != s.Follow && (a.way(s).Undo || tx.followOf(in.Follow) != s.ID):
			return drop.UnknownObject, nil
		case s.Actor == "" && in.Inbox != s.Inbox:
			return drop.NotAuthor, nil
		}
		s.Actor = in.From
		if !in.Accepted {
			s.State, s.Error, s.ErrorAt = store.SourceRejected, whyRefused, tx.Now
			return drop.Kept, tx.Sources().Put(s)
		}
		if s.State == store.SourceAccepted && s.Accepted.After(s.Asked) {
			return drop.Duplicate, nil
		}
		s.State, s.Error, s.ErrorAt, s.Accepted = store.SourceAccepted, "", time.Time{}, tx.Now
		return drop.Kept, tx.sourceTimer(&s, tx.untilTended(s, a.way(s)))
	})
}

// asked returns the source that an actor answers for: the one whose Follow it names or,
// if it names none of ours, the actor's newest. Of a relay we know only the inbox until
// it answers.
func (t *Tx) asked(from desk.ActorID, follow desk.ActivityID) (store.Source, bool, error) {
	if id := t.followOf(follow); id != "" {
		if s, ok, err := t.Sources().Get(id); err != nil || ok && (s.Actor == from || s.Actor == "") {
			return s, ok, err
		}
	}
	return t.Sources().ByActor(from)
}

// followSent says at a source that waits for an answer why its Follow has not arrived,
// or that it has.
func (t *Tx) followSent(follow desk.ActivityID, state store.DeliveryState, why string) error {
	id := t.followOf(follow)
	if id == "" {
		return nil
	}
	s, ok, err := t.Sources().Get(id)
	if err != nil || !ok || s.Follow != follow || s.State != store.SourcePending {
		return err
	}
	s.Error, s.ErrorAt = "", time.Time{}
	if state != store.DeliveryDelivered {
		s.Error, s.ErrorAt = why, t.Now
	}
	return t.Sources().Put(s)
}

// followOf returns the source whose Follow has an id, "" for other ids.
func (t *Tx) followOf(follow desk.ActivityID) desk.SourceID {
	rest, _ := strings.CutPrefix(string(follow), t.site.URL+"/activities/")
	id, _, ok := strings.Cut(rest, "/follow/")
	if !ok || strings.Contains(id, "/") {
		return ""
	}
	return desk.SourceID(id)
}

// untilTended is how long an accepted source can be left alone.
func (t *Tx) untilTended(s store.Source, way Way) time.Duration {
	last := s.HeardAt
	if last.Before(s.Accepted) {
		last = s.Accepted
	}
	in := 30 * 24 * time.Hour
	if way.Silence > 0 {
		in = min(in, way.Silence-t.Now.Sub(last))
	}
	if way.Refresh > 0 {
		in = min(in, way.Refresh-t.Now.Sub(s.Asked))
	}
	return in
}

// TendSource is what a source's timer does: ask again where nobody answered, where
// an accepted source has been silent for long or wants to be asked from time to
// time; forget one that was removed.
func (a *App) TendSource(ctx context.Context, id desk.SourceID) error {
	return a.Update(ctx, func(tx *Tx) error {
		s, ok, err := tx.Sources().Get(id)
		switch {
		case err != nil || !ok || tx.Now.Before(s.Next): // a later timer is there
			return err
		case s.State == store.SourceClosed:
			return tx.forgetClosed(s)
		case s.State != store.SourcePending && s.State != store.SourceAccepted:
			return nil
		}
		way := a.way(s)
		if !way.Follows {
			return nil
		}
		if in := tx.untilTended(s, way); s.State == store.SourceAccepted && in > 0 {
			return tx.sourceTimer(&s, in)
		}
		if way.Undo {
			if err := tx.unfollow(s); err != nil {
				return err
			}
		}
		return tx.follow(&s)
	})
}
