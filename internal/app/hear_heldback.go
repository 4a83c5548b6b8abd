package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// The bounds of the quarantine, in all, of one registrable domain, and of one
// person. Where there are too many the oldest of the same leaves, and in all the
// oldest of the domain with the most: nobody takes a place from others.
const (
	QuarantineMost      = 2000
	quarantinePerDomain = 200
	quarantinePerActor  = 20
)

// QuarantineFor is how long a post stays in the quarantine if nobody looks;
// less, if others' words are stored for less.
const QuarantineFor = 30 * 24 * time.Hour

// How long standings are remembered.
const (
	actorRemembered = 24 * time.Hour // longer than its limit takes to be as new
	hostRemembered  = 365 * 24 * time.Hour
)

// openOrHoldBack opens an issue, or holds the post back if it is likely spam or one
// of too many of its author, or if an earlier version of it is held back already.
func (t *Tx) openOrHoldBack(p placement, h Heard) (Result, error) {
	held, waits, err := t.Quarantine().Get(h.Post.Object)
	if err != nil {
		return Result{}, err
	}
	if waits && held.Author.ID != h.Author.ID {
		return Result{Outcome: Known, Reason: drop.NotAuthor}, nil
	}
	if waits && held.Dropped == nil {
		return t.holdBack(h, held.Flood, held.Why, held.Since)
	}
	o, err := t.mayOpen(p, h)
	if err != nil {
		return Result{}, err
	}
	switch {
	case o.full:
		return Result{}, fmt.Errorf("%s: %w", h.Author.ID.Host().Domain(), ErrNoRoom)
	case o.flood != "":
		if err := t.remember(o.text, h.Author.ID); err != nil {
			return Result{}, err
		}
		r, err := t.holdBack(h, o.flood, o.flood.Words(), t.Now)
		if err != nil {
			return Result{}, err
		}
		r.PushedOut, err = t.boundHeldBack(h.Author.ID)
		return r, err
	}
	if err := t.pay(o); err != nil {
		return Result{}, err
	}
	if err := t.remember(o.text, h.Author.ID); err != nil {
		return Result{}, err
	}
	if waits { // a version that was dropped
		if err := t.releaseHeld(h); err != nil {
			return Result{}, err
		}
	}
	h.room = o.room
	r, err := t.open(p, h)
	if err != nil || h.Post.InReplyTo == "" {
		return r, err
	}
	return r, t.joinHeld(h)
}

// joinHeld has what an author has in the same thread as a report that was just heard,
// and that is held back, join it.
func (t *Tx) joinHeld(h Heard) error {
	thread, err := t.heldThread(desk.Quarantined{Object: h.Post.Object, Author: h.Author, Post: h.Post})
	if err != nil {
		return err
	}
	for _, q := range thread {
		if q.Object == h.Post.Object {
			continue
		}
		if _, err := t.release(q, released{}); err != nil {
			return err
		}
	}
	return nil
}

// heldThread is a report with what its author has in the same thread that is held back,
// each after the one that it answers.
func (t *Tx) heldThread(q desk.Quarantined) (thread []desk.Quarantined, err error) {
	all, _, err := t.Quarantine().List(store.QuarantineFilter{Actor: q.Author.ID}, store.Page{})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(o desk.Quarantined) bool { return o.Dropped != nil || o.Object == q.Object })
	left := []desk.Quarantined{q}
	for found := true; found; {
		found = false
		all = slices.DeleteFunc(all, func(o desk.Quarantined) bool {
			hangs := slices.ContainsFunc(left, func(p desk.Quarantined) bool {
				return o.Post.InReplyTo == p.Object || p.Post.InReplyTo == o.Object
			})
			if hangs {
				left = append(left, o)
			}
			found = found || hangs
			return hangs
		})
	}
	for len(left) > 0 {
		n := max(0, slices.IndexFunc(left, func(o desk.Quarantined) bool {
			return !slices.ContainsFunc(left, func(p desk.Quarantined) bool { return o.Post.InReplyTo == p.Object })
		}))
		thread = append(thread, left[n])
		left = slices.Delete(left, n, n+1)
	}
	return thread, nil
}

// release hears a report that is held back, which an agent let in. Of many at once each
// stands where an arriving one would, in a pile perhaps.
func (t *Tx) release(q desk.Quarantined, how released) (Result, error) {
	if _, err := t.Quarantine().Delete(q.Object); err != nil {
		return Result{}, err
	}
	h := heardOf(q)
	h.released = &how
	r, err := t.Hear(h)
	if err == nil && r.Outcome == Dropped {
		t.dropped = append(t.dropped, drop.Event{Reason: r.Reason, Host: q.Host(), Ours: true, Desks: r.Named})
	}
	return r, err
}

func (t *Tx) holdBack(h Heard, flood desk.Flood, why string, since time.Time) (Result, error) {
	known, err := t.acquainted(h.Author.ID)
	if err != nil {
		return Result{}, err
	}
	if !known {
		h.Post = t.shortened(h.Post)
	}
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

// boundHeldBack forgets the oldest that is held back where there are too many: of the
// author of the last one, of their domain, or of the domain with the most.
func (t *Tx) boundHeldBack(who desk.ActorID) (out []desk.Host, err error) {
	for {
		f, err := t.fullest(who)
		if err != nil || f == (store.QuarantineFilter{}) {
			return out, err
		}
		oldest, err := t.oldestHeldBack(f)
		if err != nil {
			return out, err
		}
		if _, err := t.Quarantine().Delete(oldest.Object); err != nil {
			return out, err
		}
		out = append(out, oldest.Host())
	}
}

// oldestHeldBack is the oldest of a person, or of a host's registrable domain.
func (t *Tx) oldestHeldBack(f store.QuarantineFilter) (oldest desk.Quarantined, err error) {
	filters := []store.QuarantineFilter{f}
	if f.Actor == "" {
		hosts, err := t.Quarantine().Hosts()
		if err != nil {
			return oldest, err
		}
		filters = nil
		for h := range hosts {
			if h.Domain() == f.Host.Domain() {
				filters = append(filters, store.QuarantineFilter{Host: h})
			}
		}
	}
	for _, f := range filters {
		first, _, err := t.Quarantine().List(f, store.Page{Limit: 1})
		if err != nil {
			return oldest, err
		}
		if len(first) == 1 && (oldest.Object == "" || first[0].Since.Before(oldest.Since) || first[0].Since.Equal(oldest.Since) && first[0].Object < oldest.Object) {
			oldest = first[0]
		}
	}
	return oldest, nil
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
	how(&s)
	s.Expires = t.Now.Add(hostRemembered)
	return t.putStanding(s)
}

// fullest says of what there is too much since an author's last report; zero: of nothing.
func (t *Tx) fullest(who desk.ActorID) (f store.QuarantineFilter, err error) {
	n, err := t.Quarantine().CountActor(who)
	if err != nil || n > quarantinePerActor {
		return store.QuarantineFilter{Actor: who}, err
	}
	hosts, err := t.Quarantine().Hosts()
	if err != nil {
		return f, err
	}
	domains, all := map[desk.Domain]int{}, 0
	for h, n := range hosts {
		domains[h.Domain()] += n
		all += n
	}
	if domains[who.Host().Domain()] > quarantinePerDomain {
		return store.QuarantineFilter{Host: who.Host()}, nil
	}
	if all <= QuarantineMost {
		return f, nil
	}
	most := 0
	for _, h := range slices.Sorted(maps.Keys(hosts)) {
		if n := domains[h.Domain()]; n > most {
			f.Host, most = h, n
		}
	}
	return f, nil
}

// Quarantine lists the posts that are held back, the oldest first.
func (a *App) Quarantine(ctx context.Context, f store.QuarantineFilter, p store.Page) (out []desk.Quarantined, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error { out, next, err = tx.heldBack(f, p); return err })
	return out, next, err
}

// heldBack lists a part of the quarantine. A host stands for its registrable domain, as
// in the bounds. The whole quarantine is small.
func (t *Tx) heldBack(f store.QuarantineFilter, p store.Page) (out []desk.Quarantined, next string, err error) {
	if f.Actor != "" {
		out, next, err = t.Quarantine().List(f, p)
		return slices.DeleteFunc(out, func(q desk.Quarantined) bool { return q.Dropped != nil }), next, err
	}
	if f.Host == "" {
		return t.Quarantine().List(f, p)
	}
	limit, of := p.Limit, f.Host.Domain()
	if limit <= 0 || limit > store.MaxLimit {
		limit = store.MaxLimit
	}
	for p.Limit = limit; p.Limit > 0; p.Limit = limit - len(out) {
		var posts []desk.Quarantined
		if posts, next, err = t.Quarantine().List(store.QuarantineFilter{Flood: f.Flood}, p); err != nil {
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

// HeldBack returns a post that is held back.
func (a *App) HeldBack(ctx context.Context, o desk.ObjectID) (q desk.Quarantined, err error) {
	err = a.View(ctx, func(tx *Tx) error { q, err = tx.stillHeld(o); return err })
	return q, err
}

func (t *Tx) stillHeld(o desk.ObjectID) (desk.Quarantined, error) {
	q, ok, err := t.Quarantine().Get(o)
	if err == nil && (!ok || q.Dropped != nil) {
		err = desk.NotFound("held_back_not_found", "%s is not held back any more", o)
	}
	return q, err
}

// QuarantineCount counts the posts that are held back.
func (a *App) QuarantineCount(ctx context.Context) (n int, err error) {
	err = a.View(ctx, func(tx *Tx) error { n, err = tx.Quarantine().Count(); return err })
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
// limit, and what hangs together as one thread; a whole host that is released is known
// from then on.
func (a *App) Release(ctx context.Context, by By, c Choice) (Chosen, error) {
	vouch := func(tx *Tx, h desk.Host) error {
		if h == "" {
			return nil
		}
		return tx.vouchFor(h)
	}
	return a.choose(ctx, by, "quarantine.release", c, vouch, func(tx *Tx, q desk.Quarantined, done *Chosen) error {
		thread, err := tx.heldThread(q)
		if err != nil {
			return err
		}
		many := c.Host != "" || c.All
		for _, q := range thread {
			r, err := tx.release(q, released{amongMany: many, letIn: many})
			if err != nil {
				return err
			}
			switch r.Outcome {
			case Opened:
				done.Opened = append(done.Opened, r.Issue)
			case Joined:
				done.Joined++
			case Dropped:
				done.Dropped++
			}
		}
		return nil
	})
}

// Drop forgets posts of the quarantine. A server of which several are dropped, and that
// nobody here has answered, is held back from then on.
func (a *App) Drop(ctx context.Context, by By, c Choice) (Chosen, error) {
	return a.choose(ctx, by, "quarantine.drop", c, func(*Tx, desk.Host) error { return nil }, func(tx *Tx, q desk.Quarantined, done *Chosen) error {
		done.Dropped++
		if _, err := tx.Quarantine().Delete(q.Object); err != nil {
			return err
		}
		return tx.vouch(q.Host(), func(s *desk.Standing) { s.Dropped++ })
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
			if _, held, err := tx.Quarantine().Get(q.Object); err != nil || !held { // it went with another of its thread
				if err != nil {
					return done, err
				}
				continue
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
	q, err := t.stillHeld(c.Object)
	return []desk.Quarantined{q}, "", err
}

// expireQuarantine drops what nobody has decided about for long, and counts it.
func (a *App) expireQuarantine(ctx context.Context) (dropped int, err error) {
	before, undo := a.Now().Add(-min(QuarantineFor, a.wordsExpire)), a.Now().Add(-heldUndo)
	for _, f := range quarantineParts() {
		n, err := a.clearQuarantine(ctx, f, drop.Unread, func(q desk.Quarantined) bool {
			return q.Since.Before(before) || q.Dropped != nil && q.Dropped.At.Before(undo)
		})
		if f.Dropped == "" {
			dropped = n
		}
		if err != nil {
			return dropped, err
		}
	}
	return dropped, nil
}

// quarantineParts are the lists that have all of the quarantine together.
func quarantineParts() []store.QuarantineFilter {
	parts := []store.QuarantineFilter{{}}
	for _, f := range desk.Floods() {
		parts = append(parts, store.QuarantineFilter{Dropped: f})
	}
	return parts
}

// clearQuarantine deletes the posts that go, portion by portion. Those that no agent dropped
// are counted with a reason, if it has one.
func (a *App) clearQuarantine(ctx context.Context, f store.QuarantineFilter, why drop.Reason, goes func(desk.Quarantined) bool) (dropped int, err error) {
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
				if why != "" && q.Dropped == nil {
					tx.dropped = append(tx.dropped, drop.Event{Reason: why, Host: q.Host(), Ours: true})
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
