package app

import (
	"errors"
	"fmt"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// ErrRationed says that an issue cannot take more from a third person now. Later
// may be different.
var ErrRationed = errors.New("third persons add too much")

// third says whether a person is neither the reporter of an issue nor one of us:
// what they add has limits, and is folded where the issue is read.
func third(i desk.Issue, who desk.ActorID) bool { return who != "" && who != i.Reporter }

// mayAdd says whether a third person may add an entry to an issue now, and what
// their standings are if they do. Nothing is written.
func (t *Tx) mayAdd(i desk.Issue, who desk.ActorID) (o opening, err error) {
	if !t.floodLimits || !third(i, who) {
		return o, nil
	}
	domain := who.Host().Domain()
	known, err := t.standing(who.Host())
	if err != nil {
		return o, err
	}
	for _, of := range []struct {
		key  string
		rate desk.Rate
	}{
		{string(who), desk.ThirdRate}, {string(domain), known.ThirdRate()}, {"issue " + string(i.ID), desk.ThirdsOfIssue},
	} {
		if err := o.take(t, "third "+of.key, desk.FloodOfPerson, of.rate); err != nil || o.flood != "" {
			return o, err
		}
	}
	n, err := t.Events().CountThread(store.ThreadQuery{Issue: i.ID, Part: store.ThreadThird})
	if n.Entries >= store.MaxCounted {
		o.flood = desk.FloodOfPerson
	}
	return o, err
}

// addsTooMuch says whether a post would be one more of a third person in a thread,
// and the limits do not allow it. Then it must not be accepted.
func (t *Tx) addsTooMuch(p placement, who desk.ActorID) (bool, error) {
	if p.issue == "" {
		return false, nil
	}
	i, err := t.issue(p.issue)
	if err != nil {
		return false, err
	}
	o, err := t.mayAdd(i, who)
	return o.flood != "", err
}

// payToAdd charges a third person for an entry. Where they may add none, r says
// what becomes of their post: one that was accepted waits, one that a source told
// us of is not kept.
func (t *Tx) payToAdd(i desk.Issue, h Heard) (r *Result, err error) {
	if h.released != nil {
		return nil, nil
	}
	o, err := t.mayAdd(i, h.Author.ID)
	if err != nil {
		return nil, err
	}
	switch {
	case o.flood == "":
		return nil, t.pay(o)
	case h.Source == Inbox:
		return nil, fmt.Errorf("%s in %s: %w", h.Author.ID, i.ID, ErrRationed)
	}
	return &Result{Outcome: Dropped, Reason: drop.Limited}, nil
}

// added is the entry of what a person said, did or changed in an issue.
func added(i desk.Issue, kind desk.Kind, p desk.Post) desk.Event {
	return desk.Event{Issue: i.ID, Kind: kind, Post: p.ID, Actor: p.Author, Third: third(i, p.Author)}
}

// placed is an entry that moved into the timeline of an issue.
func placed(e desk.Event, i desk.Issue) desk.Event {
	e.Issue = i.ID
	switch e.Kind {
	case desk.KindPost, desk.KindEdit, desk.KindDelete:
		e.Third = third(i, e.Actor)
	default:
		e.Third = false
	}
	return e
}
