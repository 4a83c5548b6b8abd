package app

import (
	"context"
	"fmt"
	"slices"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// AboutListening asks whether we are a relay that listens, or follow an actor which
// follows us back.
func AboutListening(who desk.ActorID) Question {
	return func(t *Tx, _ *Decision) (drop.Reason, error) {
		if back, err := t.followsBack(who); err != nil || back {
			return drop.Kept, err
		}
		s, _, err := t.listening("")
		return keptIf(s.ID != "", drop.UnknownDesk), err
	}
}

// followsBack says whether an actor that follows us is a source that we follow.
func (t *Tx) followsBack(who desk.ActorID) (bool, error) {
	s, is, err := t.Sources().ByActor(who)
	return is && s.Follow != "" && (s.State.Hears() || s.State == store.SourcePending), err
}

// listening returns the source through which a server may tell us what its people
// post. For a server that is not allowed, it returns a source of other servers.
func (t *Tx) listening(h desk.Host) (s store.Source, allowed bool, err error) {
	err = store.EachPage(func(p store.Page) (string, error) {
		all, next, err := t.Sources().List(p)
		for _, one := range all {
			if len(one.Allow) == 0 || !one.State.Hears() {
				continue
			}
			if s = one; slices.Contains(one.Allow, h) {
				allowed = true
				return "", err
			}
		}
		return next, err
	})
	return s, allowed, err
}

// Subscribed answers a server that wants to tell us what its people post, by a Follow
// of our relay or of Public. Nothing of it is kept.
func (a *App) Subscribed(ctx context.Context, who desk.Actor, object string, activity desk.ActivityID) (drop.Reason, error) {
	return a.takeIn(ctx, func(tx *Tx) (drop.Reason, error) {
		if blocked, err := tx.blocked(who.ID); err != nil || blocked {
			return drop.Blocked, err
		}
		back, err := tx.followsBack(who.ID)
		if err != nil {
			return "", err
		}
		s, allowed, err := tx.listening(who.ID.Host())
		if err != nil || s.ID == "" && !back {
			return drop.UnknownDesk, err
		}
		answer, why := VerbAccept, drop.Kept
		if !allowed && !back {
			answer, why = VerbReject, drop.NotSource
			dropFrom(&s, why, 1)
			if err := tx.countHeard(s); err != nil {
				return "", err
			}
		}
		return why, tx.publish(fmt.Sprintf("%s:%s:%s:%s", answer, desk.RelayHandle, who.ID, activity), "follow:"+string(who.ID), tx.Now,
			Publish{Verb: answer, Local: desk.RelayHandle, Actor: who.ID, Object: object, Activity: activity, Inbox: who.Inbox})
	})
}

// ToldRelay counts what an actor sent to our relay, and returns the source that it came
// through: Inbox if its server is not allowed to.
func (a *App) ToldRelay(ctx context.Context, who desk.ActorID, why drop.Reason) (source string, err error) {
	source = Inbox
	err = a.View(ctx, func(tx *Tx) error {
		s, allowed, err := tx.listening(who.Host())
		if allowed {
			source = string(s.ID)
		}
		return err
	})
	if err == nil && source != Inbox {
		a.counts.add(desk.SourceID(source), 1, a.Now(), why)
	}
	return source, err
}
