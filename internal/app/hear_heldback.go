package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// QuarantineMost and quarantinePerDomain bound the quarantine. What does not fit
// is not accepted: its sender is asked to come back.
const (
	QuarantineMost      = 2000
	quarantinePerDomain = 200
)

// QuarantineFor is how long a post stays in the quarantine if nobody looks;
// less, if others' words are stored for less.
const QuarantineFor = 30 * 24 * time.Hour

// How long standings are remembered.
const (
	actorRemembered = 24 * time.Hour // longer than its limit takes to be as new
	hostRemembered  = 365 * 24 * time.Hour
)

// ErrQuarantineFull says that a post can neither open an issue now nor be
// held back. Later may be different.
var ErrQuarantineFull = errors.New("a flood: the quarantine is full")

// opening is the cost of opening an issue, and whose limits it counts for.
type opening struct {
	flood     desk.Flood // it may not be opened now; "" if it may
	why       string     // the same, in English
	standings []desk.Standing
}

// mayOpen says whether an author may open an issue now, and what their
// standings are if they do. Nothing is written.
func (t *Tx) mayOpen(who desk.ActorID) (o opening, err error) {
	if !t.floodLimits {
		return opening{}, nil
	}
	if err := o.take(t, string(who), "this person", desk.FloodOfPerson, desk.ActorRate); err != nil || o.flood != "" {
		return o, err
	}
	earlier, _, err := t.Issues().ByReporter(who, store.Page{Limit: 1})
	if err != nil || len(earlier) > 0 { // an acquaintance; the floods of others are not theirs
		return o, err
	}
	host := who.Host()
	domain, err := t.standing(host)
	if err != nil {
		return o, err
	}
	o.charge(t, domain, string(host.Domain()), desk.FloodOfHost, domain.HostRate(t.Now))
	if o.flood != "" {
		return o, nil
	}
	of := &o.standings[len(o.standings)-1]
	isNew := of.New(t.Now)
	*of = of.Changed(t.Now, func(s *desk.Standing) { s.People++ })
	of.Expires = t.Now.Add(hostRemembered)
	if isNew {
		err = o.take(t, desk.NewHosts, "servers that were never heard of", desk.FloodOfNewHosts, desk.NewHostsRate)
	}
	return o, err
}

// take takes one of a limit.
func (o *opening) take(t *Tx, key, whose string, flood desk.Flood, rate desk.Rate) error {
	s, ok, err := t.Standings().Get(key)
	if err != nil {
		return err
	}
	if !ok {
		s = desk.Standing{Key: key, Since: t.Now}
	}
	o.charge(t, s, whose, flood, rate)
	return nil
}

// charge takes one of the limit of a standing.
func (o *opening) charge(t *Tx, s desk.Standing, whose string, flood desk.Flood, rate desk.Rate) {
	var ok bool
	if s.Busy, ok = rate.Take(s.Busy, t.Now); !ok {
		o.flood, o.why = flood, "more new issues than usual from "+whose
		return
	}
	s.Expires = t.Now.Add(actorRemembered)
	o.standings = append(o.standings, s)
}

// standing is that of a host's domain: a further host below a domain costs its
// owner nothing. Standings of before were of single hosts, and still count.
func (t *Tx) standing(h desk.Host) (desk.Standing, error) {
	domain := string(h.Domain())
	s, ok, err := t.Standings().Get(domain)
	if err != nil {
		return s, err
	}
	if !ok {
		s = desk.Standing{Key: domain, Since: t.Now}
	}
	if domain == string(h) {
		return s, nil
	}
	older, ok, err := t.Standings().Get(string(h))
	if err != nil || !ok {
		return s, err
	}
	return s.Joined(older), nil
}

// pay stores the cost of opening an issue.
func (t *Tx) pay(o opening) error {
	for _, s := range o.standings {
		if err := t.Standings().Put(s); err != nil {
			return err
		}
	}
	return nil
}

// moveStanding takes along what an author has used of its limit: a chain of
// accounts, each the new one of the last, is one person.
func (t *Tx) moveStanding(from, to desk.ActorID) error {
	s, ok, err := t.Standings().Get(string(from))
	if err != nil || !ok {
		return err
	}
	if theirs, ok, err := t.Standings().Get(string(to)); err != nil || ok && theirs.Busy.After(s.Busy) {
		return err
	}
	s.Key = string(to)
	return t.Standings().Put(s)
}

// openOrHoldBack opens an issue, or puts the post aside if that is part of a
// flood, or if an earlier version of it is there already.
func (t *Tx) openOrHoldBack(p placement, h Heard) (Result, error) {
	held, waits, err := t.Quarantine().Get(h.Post.Object)
	if err != nil {
		return Result{}, err
	}
	if waits && held.Author.ID != h.Author.ID {
		return Result{Outcome: Known, Reason: drop.NotAuthor}, nil
	}
	if waits {
		return t.holdBack(h, held.Flood, held.Why, held.Since)
	}
	o, err := t.mayOpen(h.Author.ID)
	if err != nil {
		return Result{}, err
	}
	if o.flood == "" {
		if err := t.pay(o); err != nil {
			return Result{}, err
		}
		return t.open(p, h)
	}
	if full, err := t.quarantineFull(h.Author.ID.Host().Domain()); err != nil {
		return Result{}, err
	} else if full {
		return Result{}, fmt.Errorf("%s: %w", o.why, ErrQuarantineFull)
	}
	return t.holdBack(h, o.flood, o.why, t.Now)
}

func (t *Tx) holdBack(h Heard, flood desk.Flood, why string, since time.Time) (Result, error) {
	q := heldOf(h)
	q.Flood, q.Why, q.Since = flood, why, since
	return Result{Outcome: HeldBack, Why: why, Reason: drop.Kept}, t.Quarantine().Put(q)
}

// heldAbove is how many bytes of the posts above one are held back with it. Those
// above them are fetched when it is released.
const heldAbove = 64 << 10

// heldOf and heardOf turn a post as it was heard into one that is held back, and
// back: nothing of it is lost.
func heldOf(h Heard) desk.Quarantined {
	q := desk.Quarantined{Object: h.Post.Object, Author: h.Author, Post: h.Post, Addressed: h.Addressed, IsVote: h.IsVote, Source: h.Source}
	q.Missing = h.Above
	size := 0
	for _, above := range slices.Backward(h.Ancestors) {
		if size += above.Post.Size(); size > heldAbove {
			q.Missing = above.Post.Object
			break
		}
		q.Above = append(q.Above, heldOf(above))
	}
	slices.Reverse(q.Above)
	return q
}

func heardOf(q desk.Quarantined) Heard {
	h := Heard{Post: q.Post, Author: q.Author, Addressed: q.Addressed, IsVote: q.IsVote, Source: q.Source, Above: q.Missing}
	for _, above := range q.Above {
		h.Ancestors = append(h.Ancestors, heardOf(above))
	}
	return h
}

// releaseHeld takes a post out of the quarantine by its author's word.
func (t *Tx) releaseHeld(h Heard) error {
	q, ok, err := t.Quarantine().Get(h.Post.Object)
	if err != nil || !ok || q.Author.ID != h.Author.ID {
		return err
	}
	_, err = t.Quarantine().Delete(q.Object)
	return err
}

func (t *Tx) quarantineFull(d desk.Domain) (bool, error) {
	n, err := t.Quarantine().Count("")
	if err != nil || n < quarantinePerDomain || n >= QuarantineMost {
		return n >= QuarantineMost, err
	}
	n, err = t.Quarantine().CountDomain(d)
	return n >= quarantinePerDomain, err
}

// vouch notes that an agent has dealt with a person of a host: its domain is known
// by that.
func (t *Tx) vouch(h desk.Host, how func(*desk.Standing)) error {
	if !t.floodLimits {
		return nil
	}
	s, err := t.standing(h)
	if err != nil {
		return err
	}
	s = s.Changed(t.Now, how)
	s.Expires = t.Now.Add(hostRemembered)
	return t.Standings().Put(s)
}

// Quarantine lists the posts that are held back, the oldest first.
func (a *App) Quarantine(ctx context.Context, f store.QuarantineFilter, p store.Page) (out []desk.Quarantined, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error { out, next, err = tx.heldBack(f, p); return err })
	return out, next, err
}

// heldBack lists a part of the quarantine. A host stands for its registrable domain, as
// in the rations. The whole quarantine is small.
func (t *Tx) heldBack(f store.QuarantineFilter, p store.Page) (out []desk.Quarantined, next string, err error) {
	if f.Host == "" || f.Actor != "" {
		return t.Quarantine().List(f, p)
	}
	limit, of := p.Limit, f.Host.Domain()
	if limit <= 0 || limit > store.MaxLimit {
		limit = store.MaxLimit
	}
	for p.Limit = limit; p.Limit > 0; p.Limit = limit - len(out) {
		var posts []desk.Quarantined
		if posts, next, err = t.Quarantine().List(store.QuarantineFilter{}, p); err != nil {
			return nil, "", err
		}
		for _, q := range posts {
			if q.Host().Domain() == of {
				out = append(out, q)
			}
		}
		if next == "" {
			break
		}
		p.After = next
	}
	return out, next, nil
}

// QuarantineCount counts the posts that are held back.
func (a *App) QuarantineCount(ctx context.Context) (n int, err error) {
	err = a.View(ctx, func(tx *Tx) error { n, err = tx.Quarantine().Count(""); return err })
	return n, err
}

// Choice is what of the quarantine is meant: one post, all of a person or of a
// host's registrable domain, or everything.
type Choice struct {
	Object desk.ObjectID `json:"object,omitempty"`
	Actor  desk.ActorID  `json:"actor,omitempty"`
	Host   desk.Host     `json:"host,omitempty"`
	All    bool          `json:"all,omitempty"`
}

// Chosen is what became of a portion of it.
type Chosen struct {
	Opened  []desk.IssueID `json:"opened"`  // of released ones: new issues
	Joined  int            `json:"joined"`  // further words in an issue
	Dropped int            `json:"dropped"` // forgotten; of released ones, those that are not for us any more
	More    bool           `json:"more"`    // there is more of the choice
}

// chosenBatch is how many posts one transaction takes.
const chosenBatch = 50

// Release hears posts of the quarantine as usual, the oldest first, without
// limit; a whole host that is released is known from then on.
func (a *App) Release(ctx context.Context, by By, c Choice) (Chosen, error) {
	vouch := func(tx *Tx, h desk.Host) error {
		if h == "" {
			return nil
		}
		return tx.vouch(h, func(s *desk.Standing) { s.Vouched = tx.Now })
	}
	return a.choose(ctx, by, "quarantine.release", c, vouch, func(tx *Tx, q desk.Quarantined, done *Chosen) error {
		h := heardOf(q)
		h.released = true
		r, err := tx.Hear(h)
		switch r.Outcome {
		case Opened:
			done.Opened = append(done.Opened, r.Issue)
		case Joined:
			done.Joined++
		case Dropped:
			done.Dropped++
		}
		return err
	})
}

// Drop forgets posts of the quarantine.
func (a *App) Drop(ctx context.Context, by By, c Choice) (Chosen, error) {
	return a.choose(ctx, by, "quarantine.drop", c, func(*Tx, desk.Host) error { return nil }, func(_ *Tx, _ desk.Quarantined, done *Chosen) error {
		done.Dropped++
		return nil
	})
}

func (a *App) choose(ctx context.Context, by By, act string, c Choice, before func(*Tx, desk.Host) error, what func(*Tx, desk.Quarantined, *Chosen) error) (Chosen, error) {
	f, err := c.filter()
	if err != nil {
		return Chosen{}, err
	}
	return once(ctx, a, by, audit[Chosen]{act, func(Chosen) (string, string) {
		return "quarantine/" + cmp.Or(string(c.Object), string(c.Actor), string(c.Host), "all"), ""
	}}, func(tx *Tx) (done Chosen, err error) {
		done.Opened = []desk.IssueID{}
		if err := before(tx, f.Host); err != nil {
			return done, err
		}
		posts, next, err := tx.chosen(c, f)
		if err != nil {
			return done, err
		}
		for _, q := range posts {
			if _, err := tx.Quarantine().Delete(q.Object); err != nil {
				return done, err
			}
			if err := what(tx, q, &done); err != nil {
				return done, err
			}
		}
		done.More = next != ""
		return done, nil
	})
}

// filter checks a choice: exactly one of it.
func (c Choice) filter() (store.QuarantineFilter, error) {
	n := 0
	for _, given := range []bool{c.Object != "", c.Actor != "", c.Host != "", c.All} {
		if given {
			n++
		}
	}
	if n != 1 {
		return store.QuarantineFilter{}, desk.Invalid("choice_missing", "choose one of: a post, an actor, a host, all")
	}
	f := store.QuarantineFilter{Actor: c.Actor}
	if c.Host == "" {
		return f, nil
	}
	h, err := desk.CanonicalHost(string(c.Host), "https")
	f.Host = h
	return f, err
}

func (t *Tx) chosen(c Choice, f store.QuarantineFilter) ([]desk.Quarantined, string, error) {
	if c.Object == "" {
		return t.heldBack(f, store.Page{Limit: chosenBatch})
	}
	q, ok, err := t.Quarantine().Get(c.Object)
	if err == nil && !ok {
		err = desk.NotFound("held_back_not_found", "%s is not held back any more", c.Object)
	}
	return []desk.Quarantined{q}, "", err
}

// expireQuarantine drops what nobody has looked at for long.
func (a *App) expireQuarantine(ctx context.Context) (dropped int, err error) {
	before := a.Now().Add(-min(QuarantineFor, a.wordsExpire))
	return a.clearQuarantine(ctx, store.QuarantineFilter{}, func(q desk.Quarantined) bool { return q.Since.Before(before) })
}

// clearQuarantine deletes the posts that go, portion by portion.
func (a *App) clearQuarantine(ctx context.Context, f store.QuarantineFilter, goes func(desk.Quarantined) bool) (dropped int, err error) {
	err = store.EachPage(func(p store.Page) (next string, err error) {
		n := 0
		err = a.Update(ctx, func(tx *Tx) error {
			n = 0
			var posts []desk.Quarantined
			if posts, next, err = tx.Quarantine().List(f, p); err != nil {
				return err
			}
			for _, q := range posts {
				if !goes(q) {
					continue
				}
				if _, err := tx.Quarantine().Delete(q.Object); err != nil {
					return err
				}
				n++
			}
			return nil
		})
		dropped += n
		return next, err
	})
	return dropped, err
}
