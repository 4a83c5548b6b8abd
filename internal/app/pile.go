package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// pileRead is how many reports of a pile are shown with it.
const pileRead = 3

// PileView is a pile with some of its reports.
type PileView struct {
	desk.Pile
	Read []IssueView        // the first few
	Held []desk.Quarantined // of reports that are held back, the oldest few
	// Linked is the incident to which its reports were linked last; nil: to none.
	Linked *desk.Incident
}

// Piles lists the piles in which reports stand, newest first.
func (a *App) Piles(ctx context.Context, h desk.Handle, p store.Page) (out []PileView, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		out = nil
		if h != "" {
			if _, err := tx.desk(h); err != nil {
				return err
			}
		}
		var piles []desk.Pile
		piles, next, err = fillSeen(p, func(p store.Page) ([]desk.Pile, string, error) {
			return tx.Piles().List(store.PileFilter{Desk: h, Standing: true}, p)
		}, func(p desk.Pile) (bool, error) { return tx.sees(p.Desk), nil })
		if err != nil {
			return err
		}
		out, err = tx.pileViews(piles)
		return err
	})
	return out, next, err
}

// HeldPiles are the piles of reports that are held back, one a reason. They belong to no
// desk: that is decided when they are released.
func (a *App) HeldPiles(ctx context.Context) (out []PileView, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		held, err := tx.heldPiles()
		if err != nil {
			return err
		}
		out, err = tx.pileViews(held)
		return err
	})
	return out, err
}

func (t *Tx) pileViews(piles []desk.Pile) (out []PileView, err error) {
	for _, p := range piles {
		v, err := t.pileView(p)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// ShowPile returns a pile. ListIssues with its id lists its reports, and Quarantine with
// its reason those that are held back.
func (a *App) ShowPile(ctx context.Context, id desk.PileID) (v PileView, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		p, err := tx.pile(id)
		if err == nil {
			v, err = tx.pileView(p)
		}
		return err
	})
	return v, err
}

func (t *Tx) pile(id desk.PileID) (desk.Pile, error) {
	if held := (desk.Pile{ID: id}); held.Held() != "" && t.only == nil {
		return t.heldPile(id)
	}
	p, ok, err := t.Piles().Get(id)
	if err == nil && !(ok && t.sees(p.Desk)) {
		err = desk.NotFound("pile_not_found", "there is no pile %s", id)
	}
	return p, err
}

func (t *Tx) pileView(p desk.Pile) (v PileView, err error) {
	v.Pile = p
	if p.Held() != "" {
		v.Held, _, err = t.Quarantine().List(store.QuarantineFilter{Flood: p.Held()}, store.Page{Limit: pileRead})
		return v, err
	}
	issues, _, err := t.Issues().List(store.IssueFilter{Pile: p.ID}, store.Page{Limit: pileRead})
	for _, i := range issues {
		if err != nil {
			break
		}
		var one IssueView
		one, err = t.view(i)
		v.Read = append(v.Read, one)
	}
	if err != nil || p.Incident == "" {
		return v, err
	}
	i, ok, err := t.Incidents().Get(p.Incident)
	if ok && t.sees(i.Desk) {
		v.Linked = &i
	}
	return v, err
}

// TakeFromPile takes reports out of a pile: they stand on rows of their own from then on.
func (a *App) TakeFromPile(ctx context.Context, by By, id desk.PileID, issues []desk.IssueID) (desk.Pile, error) {
	return a.changePile(ctx, by, "pile.take", id, issues, func(tx *Tx, i *desk.Issue) error {
		if i.InPile() != id {
			return desk.Conflict("pile_not_in", "issue %s does not stand in this pile", i.ID)
		}
		i.OutOfPile = true
		return nil
	})
}

// PutBackInPile takes back TakeFromPile.
func (a *App) PutBackInPile(ctx context.Context, by By, id desk.PileID, issues []desk.IssueID) (desk.Pile, error) {
	return a.changePile(ctx, by, "pile.take.undo", id, issues, func(tx *Tx, i *desk.Issue) error {
		if i.Pile != id || !i.OutOfPile {
			return desk.Conflict("pile_not_taken", "issue %s was not taken out of this pile", i.ID)
		}
		i.OutOfPile = false
		return nil
	})
}

func (a *App) changePile(ctx context.Context, by By, what string, id desk.PileID, issues []desk.IssueID, change func(*Tx, *desk.Issue) error) (out desk.Pile, err error) {
	issues = slices.Compact(slices.Sorted(slices.Values(issues)))
	if n := len(issues); n == 0 || n > MaxBulk {
		return out, desk.Invalid("bulk_count", "name 1 to %d issues", MaxBulk)
	}
	d := audit[Ack]{what, func(Ack) (string, string) { return "piles/" + string(id), fmt.Sprint(len(issues), " issues") }}
	if _, err := once(ctx, a, by, d, func(tx *Tx) (Ack, error) {
		p, err := tx.pile(id)
		if err != nil {
			return Ack{}, err
		}
		if p.Held() != "" {
			return Ack{}, desk.Invalid("pile_held", "a report that is held back leaves its pile when it is released alone")
		}
		for _, n := range issues {
			i, err := tx.issue(n)
			if err != nil {
				return Ack{}, err
			}
			if err := change(tx, &i); err != nil {
				return Ack{}, err
			}
			if err := tx.Issues().Put(i); err != nil {
				return Ack{}, err
			}
		}
		return Ack{}, nil
	}); err != nil {
		return out, err
	}
	v, err := a.ShowPile(ctx, id)
	return v.Pile, err
}

// expirePiles forgets the words of piles to which nothing has come since a time, and
// those piles in which no report stands.
func (a *App) expirePiles(ctx context.Context, before time.Time) error {
	page := store.Page{Limit: expireBatch}
	for more := true; more; more = page.After != "" {
		if err := a.Update(ctx, func(tx *Tx) error {
			piles, next, err := tx.Piles().List(store.PileFilter{}, page)
			if err != nil {
				return err
			}
			for _, p := range piles {
				switch {
				case !p.Last.Before(before):
				case p.People == 0:
					_, err = tx.Piles().Delete(p.ID)
				case len(p.Words)+len(p.Weights) > 0:
					p.Words, p.Weights = nil, nil
					err = tx.Piles().Put(p)
				}
				if err != nil {
					return err
				}
			}
			page.After = next
			return nil
		}); err != nil {
			return fmt.Errorf("expiring the words of piles: %w", err)
		}
	}
	return nil
}
