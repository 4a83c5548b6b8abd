package app

import (
	"context"
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// Person is what agents see of a person beside an issue.
type Person struct {
	Actor desk.Actor // only ID is set when nothing of them is kept
	// Since is when their first issue was opened; zero: they have none.
	Since time.Time
	// Issues are their newest ones, the newest first, and More says that there are others.
	Issues []desk.Issue
	More   bool
	// OptOut is the opt-out in force, of them or of their server; nil: none.
	OptOut *desk.OptOut
	// Block is the block of them or of their server; nil: none.
	Block   *desk.Block
	Remarks []desk.Remark // the oldest first
}

const (
	personIssues = 10  // that are listed
	personReads  = 200 // that are read to find the newest
)

// Person shows a person as agents see them.
func (a *App) Person(ctx context.Context, who desk.ActorID) (p Person, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		p = Person{Actor: desk.Actor{ID: who}}
		if actor, ok, err := tx.Actors().Get(who); err != nil {
			return err
		} else if ok {
			p.Actor = actor
		}
		if err := tx.issuesOfPerson(&p); err != nil {
			return err
		}
		if tx.only != nil && len(p.Issues) == 0 {
			p = Person{Actor: desk.Actor{ID: who}} // to other desks they said something
			return nil
		}
		if p.OptOut, err = tx.optOutOf(who); err != nil {
			return err
		}
		if p.Block, err = tx.blockOf(who); err != nil {
			return err
		}
		p.Remarks, err = tx.remarks(who)
		return err
	})
	return p, err
}

func (t *Tx) issuesOfPerson(p *Person) error {
	list, next, err := t.Issues().ByReporter(p.Actor.ID, store.Page{Limit: personReads})
	if err != nil || len(list) == 0 {
		return err
	}
	p.Since = list[0].OpenedAt
	p.More = next != "" || len(list) > personIssues
	p.Issues = slices.Clone(list[max(0, len(list)-personIssues):])
	slices.Reverse(p.Issues)
	return nil
}

// optOutOf returns the opt-out that is in force for a person.
func (t *Tx) optOutOf(who desk.ActorID) (*desk.OptOut, error) {
	return t.activeOptOut(who, desk.ActorID(who.Host()), desk.ActorID(who.Host().Domain()))
}

// activeOptOut is the first of these that is in force; nil: none.
func (t *Tx) activeOptOut(names ...desk.ActorID) (*desk.OptOut, error) {
	all, err := t.OptOuts().Of(names...)
	if err != nil {
		return nil, err
	}
	for _, out := range all {
		if out.Active(t.Now) {
			return &out, nil
		}
	}
	return nil, nil
}

// blockOf returns the block that a person is under.
func (t *Tx) blockOf(who desk.ActorID) (*desk.Block, error) {
	b, ok, err := t.Blocks().First(append([]string{string(who)}, domains(who.Host())...)...)
	if err != nil || !ok {
		return nil, err
	}
	return &b, nil
}

func (t *Tx) remarks(about desk.ActorID) ([]desk.Remark, error) {
	list, _, err := t.Remarks().List(about, store.Page{Limit: 2 * desk.MaxRemarks}) // of two accounts, after a move
	return list, err
}

// AddRemark notes something about a person, for the other agents. It is kept as long as
// their words are, and not about a person who wants to be left alone.
func (a *App) AddRemark(ctx context.Context, by By, r desk.Remark) (desk.Remark, error) {
	r, err := desk.NewRemark(r)
	if err != nil {
		return r, err
	}
	return once(ctx, a, by, audit[desk.Remark]{"remark.add", func(r desk.Remark) (string, string) { return personAt(r.About), "" }}, func(tx *Tx) (desk.Remark, error) {
		n := r
		if known, err := tx.sawPerson(n.About); err != nil {
			return n, err
		} else if !known {
			return n, desk.NotFound("person_not_found", "no words of %.300s are kept", n.About)
		}
		if out, ok, err := tx.OptOuts().Get(n.About); err != nil {
			return n, err
		} else if ok && out.Active(tx.Now) {
			return n, desk.Forbidden("person_left_alone", "%.300s wants to be left alone, so nothing is noted about them", n.About)
		}
		list, err := tx.remarks(n.About)
		if err != nil {
			return n, err
		}
		if len(list) >= desk.MaxRemarks {
			return n, desk.Conflict("remarks_too_many", "there are %d remarks about this person, and that is the most: remove one first", len(list))
		}
		n.ID, n.Agent, n.At = desk.RemarkID(tx.NewID()), by.Agent, tx.Now
		return n, tx.Remarks().Put(n)
	})
}

// sawPerson says whether a person is known to the caller.
func (t *Tx) sawPerson(who desk.ActorID) (bool, error) {
	_, known, err := t.Actors().Get(who)
	if err != nil || !known || t.only == nil {
		return known, err
	}
	theirs, _, err := t.Issues().ByReporter(who, store.Page{Limit: 1})
	return len(theirs) > 0, err
}

// RemoveRemark removes a remark about a person.
func (a *App) RemoveRemark(ctx context.Context, by By, about desk.ActorID, id desk.RemarkID) error {
	_, err := once(ctx, a, by, audit[Ack]{"remark.remove", auditOn(personAt(about))}, func(tx *Tx) (Ack, error) {
		found, err := tx.sawPerson(about)
		if err == nil && found {
			found, err = tx.Remarks().Delete(about, id)
		}
		if err == nil && !found {
			err = desk.NotFound("remark_not_found", "there is no such remark about %.300s", about)
		}
		return Ack{}, err
	})
	return err
}

func personAt(who desk.ActorID) string { return "people/" + string(who) }

// eraseRemarks removes all remarks about a person.
func (t *Tx) eraseRemarks(about desk.ActorID) error {
	list, err := t.remarks(about)
	if err != nil {
		return err
	}
	for _, r := range list {
		if _, err := t.Remarks().Delete(about, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// moveRemarks keeps the remarks with a person who moves to another account.
func (t *Tx) moveRemarks(from, to desk.ActorID) error {
	list, err := t.remarks(from)
	if err != nil {
		return err
	}
	for _, r := range list[:min(len(list), desk.MaxRemarks)] {
		r.About = to
		if err := t.Remarks().Put(r); err != nil {
			return err
		}
	}
	return t.eraseRemarks(from)
}

// forgetProfile removes a profile, and the remarks about the person.
func (t *Tx) forgetProfile(who desk.ActorID) error {
	if err := t.eraseRemarks(who); err != nil {
		return err
	}
	return t.Actors().Delete(who)
}
