package app

import (
	"context"
	"slices"

	"earshot/internal/desk"
	"earshot/store"
)

// An agent may be limited to some desks. The issues, incidents and piles of other
// desks do not exist for them: these are in no list, count or search, and their ids are
// answered like ids that nothing has. This
// file is the rule. A front end names the agent once, with Within; each transaction of
// that request then finds records by the functions here. Jobs, federation and the public
// pages have no such limit.

type deskLimit struct{}

// Within returns a context for what an agent asks.
func Within(ctx context.Context, a desk.Agent) context.Context {
	if len(a.Desks) == 0 {
		return ctx
	}
	return context.WithValue(ctx, deskLimit{}, a.Desks)
}

// limitOf returns the desks to which a context is limited; nil: to none.
func limitOf(ctx context.Context) []desk.Handle {
	desks, _ := ctx.Value(deskLimit{}).([]desk.Handle)
	return desks
}

// sees says whether the caller sees one of these desks.
func (t *Tx) sees(desks ...desk.Handle) bool { return desk.Agent{Desks: t.only}.Sees(desks) }

// seesIssue says whether the caller sees an issue. A part is seen with the issue that it
// became a part of.
func (t *Tx) seesIssue(i desk.Issue) (bool, error) {
	for range desk.MaxThreads {
		if t.sees(i.On()...) {
			return true, nil
		}
		if i.MergedInto == "" {
			return false, nil
		}
		into, ok, err := t.Tx.Issues().Get(i.MergedInto)
		if err != nil || !ok {
			return false, err
		}
		i = into
	}
	return false, nil
}

// seesPost says whether the caller sees a post: with its issue, or else with its desk.
func (t *Tx) seesPost(p desk.Post) (bool, error) {
	if p.Issue == "" {
		return p.Desk == "" || t.sees(p.Desk), nil
	}
	_, ok, err := t.Issues().Get(p.Issue)
	return ok, err
}

// anyDesk finds a desk that a record names, also for a caller who does not see it.
func (t *Tx) anyDesk(h desk.Handle) (desk.Desk, error) {
	d, ok, err := t.Desks().Get(h)
	if err == nil && !ok {
		err = noDesk(h)
	}
	return d, err
}

func noDesk(h desk.Handle) error {
	return desk.NotFound("desk_not_found", "there is no desk %q", h)
}

// desk finds a desk that the caller names.
func (t *Tx) desk(h desk.Handle) (desk.Desk, error) {
	d, err := t.anyDesk(h)
	if err == nil && !t.sees(h) {
		return desk.Desk{}, noDesk(h)
	}
	return d, err
}

// desks lists the desks that the caller sees.
func (t *Tx) desks() ([]desk.Desk, error) {
	all, err := t.Desks().All()
	return slices.DeleteFunc(all, func(d desk.Desk) bool { return !t.sees(d.Handle) }), err
}

// ownIssues are those that the caller sees.
func (t *Tx) ownIssues() store.Issues {
	if t.only == nil {
		return t.Tx.Issues()
	}
	return ownIssues{t.Tx.Issues(), t}
}

type ownIssues struct {
	store.Issues
	tx *Tx
}

func (s ownIssues) Get(id desk.IssueID) (desk.Issue, bool, error) {
	i, ok, err := s.Issues.Get(id)
	if err == nil && ok {
		ok, err = s.tx.seesIssue(i)
	}
	if err != nil || !ok {
		return desk.Issue{}, false, err
	}
	return i, true, nil
}

func (s ownIssues) ByReport(o desk.ObjectID) (desk.IssueID, bool, error) {
	id, ok, err := s.Issues.ByReport(o)
	if err == nil && ok {
		_, ok, err = s.Get(id)
	}
	return id, ok, err
}

func (s ownIssues) ByReporter(who desk.ActorID, p store.Page) ([]desk.Issue, string, error) {
	return s.seen(p, func(p store.Page) ([]desk.Issue, string, error) { return s.Issues.ByReporter(who, p) })
}

// List reads the list of one desk; of several those of the list of all that are theirs.
func (s ownIssues) List(f store.IssueFilter, p store.Page) ([]desk.Issue, string, error) {
	if f.Desk == "" && len(s.tx.only) == 1 {
		f.Desk = s.tx.only[0]
	}
	if f.Desk != "" {
		if !s.tx.sees(f.Desk) {
			return nil, "", nil
		}
		return s.Issues.List(f, p)
	}
	return s.seen(p, func(p store.Page) ([]desk.Issue, string, error) { return s.Issues.List(f, p) })
}

func (s ownIssues) seen(p store.Page, read func(store.Page) ([]desk.Issue, string, error)) ([]desk.Issue, string, error) {
	return fillSeen(p, read, s.tx.seesIssue)
}

// fillSeen fills a page with what the caller sees of a list. It is not full if it would have
// to look at too many others.
func fillSeen[T any](p store.Page, read func(store.Page) ([]T, string, error), sees func(T) (bool, error)) (out []T, next string, err error) {
	most, looked := p.Size(), 0
	for {
		p.Limit = most - len(out) // so that the next page begins behind the last one that is read
		some, next, err := read(p)
		if err != nil {
			return nil, "", err
		}
		for _, i := range some {
			ok, err := sees(i)
			if err != nil {
				return nil, "", err
			}
			if ok {
				out = append(out, i)
			}
		}
		if looked += len(some); next == "" || len(out) == most || looked >= looksForOne {
			return out, next, nil
		}
		p.After = next
	}
}

// Count counts what List lists. An issue that stands on two of the caller's desks is one.
func (s ownIssues) Count(f store.IssueFilter, most int) (n int, err error) {
	if f.Desk == "" && len(s.tx.only) == 1 {
		f.Desk = s.tx.only[0]
	}
	if f.Desk != "" {
		if !s.tx.sees(f.Desk) {
			return 0, nil
		}
		return s.Issues.Count(f, most)
	}
	looks := most * store.CountLooks
	for p := (store.Page{}); ; {
		some, next, err := s.Issues.List(f, p)
		if err != nil {
			return 0, err
		}
		for _, i := range some {
			if s.tx.sees(i.On()...) {
				n++
			}
		}
		if looks -= len(some); next == "" || n >= most || looks <= 0 {
			return min(n, most), nil
		}
		p.After = next
	}
}

// Posts are those that the caller sees, where they are found by an id.
func (t *Tx) Posts() store.Posts {
	if t.only == nil {
		return t.Tx.Posts()
	}
	return ownPosts{t.Tx.Posts(), t}
}

type ownPosts struct {
	store.Posts
	tx *Tx
}

func (s ownPosts) Get(id desk.PostID) (desk.Post, bool, error) { return s.seen(s.Posts.Get(id)) }

func (s ownPosts) ByObject(o desk.ObjectID) (desk.Post, bool, error) {
	return s.seen(s.Posts.ByObject(o))
}

func (s ownPosts) seen(p desk.Post, ok bool, err error) (desk.Post, bool, error) {
	if err == nil && ok {
		ok, err = s.tx.seesPost(p)
	}
	if err != nil || !ok {
		return desk.Post{}, false, err
	}
	return p, true, nil
}

// Events are those that the caller sees, where they are found by an id.
func (t *Tx) Events() store.Events {
	if t.only == nil {
		return t.Tx.Events()
	}
	return ownEvents{t.Tx.Events(), t}
}

type ownEvents struct {
	store.Events
	tx *Tx
}

func (s ownEvents) Get(id desk.EventID) (desk.Event, bool, error) {
	e, ok, err := s.Events.Get(id)
	if err == nil && ok {
		_, ok, err = s.tx.Issues().Get(e.Issue)
	}
	if err != nil || !ok {
		return desk.Event{}, false, err
	}
	return e, true, nil
}

// Quarantine is empty for a caller who is limited to desks: a report that is held back has
// not been given to a desk.
func (t *Tx) Quarantine() store.Quarantine {
	if t.only == nil {
		return t.Tx.Quarantine()
	}
	return noQuarantine{t.Tx.Quarantine()}
}

type noQuarantine struct{ store.Quarantine }

func (noQuarantine) Get(desk.ObjectID) (desk.Quarantined, bool, error) {
	return desk.Quarantined{}, false, nil
}

func (noQuarantine) List(store.QuarantineFilter, store.Page) ([]desk.Quarantined, string, error) {
	return nil, "", nil
}

func (noQuarantine) Count() (int, error) { return 0, nil }

func (noQuarantine) HeldBack(desk.Flood) (store.HeldSum, error) { return store.HeldSum{}, nil }

func (noQuarantine) Hosts() (map[desk.Host]int, error) { return nil, nil }
