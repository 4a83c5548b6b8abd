package app

import (
	"context"

	"earshot/internal/desk"
	"earshot/store"
)

// SavedViews lists the saved views of an agent or a desk, the oldest first; there are no
// more than desk.MaxSavedViews.
func (a *App) SavedViews(ctx context.Context, of desk.ViewOwner) (out []desk.SavedView, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		if err := tx.hasViews(of); err != nil {
			return err
		}
		out, err = tx.savedViews(of)
		return err
	})
	return out, err
}

// ViewsFor lists the views that an agent sees: their own, then those of every desk.
func (a *App) ViewsFor(ctx context.Context, agent desk.Email) (out []desk.SavedView, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		desks, err := tx.desks()
		if err != nil {
			return err
		}
		owners := []desk.ViewOwner{desk.ViewsOfAgent(agent)}
		for _, d := range desks {
			owners = append(owners, desk.ViewsOfDesk(d.Handle))
		}
		out = nil
		for _, of := range owners {
			list, err := tx.savedViews(of)
			if err != nil {
				return err
			}
			out = append(out, list...)
		}
		return nil
	})
	return out, err
}

// AddView saves a view for an agent or a desk.
func (a *App) AddView(ctx context.Context, by By, v desk.SavedView) (desk.SavedView, error) {
	v, err := desk.NewSavedView(v)
	if err != nil {
		return v, err
	}
	return once(ctx, a, by, audit[desk.SavedView]{"view.add", viewPath}, func(tx *Tx) (desk.SavedView, error) {
		if err := tx.hasViews(v.Owner); err != nil {
			return v, err
		}
		if v.At != "" {
			if _, err := tx.desk(v.At); err != nil {
				return v, err
			}
		}
		list, err := tx.savedViews(v.Owner)
		if err != nil {
			return v, err
		}
		if len(list) >= desk.MaxSavedViews {
			return v, desk.Conflict("views_too_many", "%d views are saved, and that is the most: remove one first", desk.MaxSavedViews)
		}
		n := v
		n.ID = desk.SavedViewID(tx.NewID())
		return tx.putView(n, list)
	})
}

// RenameView gives a saved view another name.
func (a *App) RenameView(ctx context.Context, by By, of desk.ViewOwner, id desk.SavedViewID, name string) (desk.SavedView, error) {
	return once(ctx, a, by, audit[desk.SavedView]{"view.rename", viewPath}, func(tx *Tx) (desk.SavedView, error) {
		v, err := tx.savedView(of, id)
		if err != nil {
			return v, err
		}
		v.Name = name
		if v, err = desk.NewSavedView(v); err != nil {
			return v, err
		}
		list, err := tx.savedViews(of)
		if err != nil {
			return v, err
		}
		return tx.putView(v, list)
	})
}

// RemoveView removes a saved view. The issues in it stay as they are.
func (a *App) RemoveView(ctx context.Context, by By, of desk.ViewOwner, id desk.SavedViewID) error {
	_, err := once(ctx, a, by, audit[Ack]{"view.remove", auditOn(viewAt(of, id))}, func(tx *Tx) (Ack, error) {
		if _, err := tx.savedView(of, id); err != nil {
			return Ack{}, err
		}
		_, err := tx.Views().Delete(of, id)
		return Ack{}, err
	})
	return err
}

// hasViews says whether there is a desk or an agent to save views for.
func (t *Tx) hasViews(of desk.ViewOwner) error {
	if of == desk.ViewsOfAgent("") {
		return desk.Invalid("view_no_agent", "a view belongs to an agent or a desk: name one")
	}
	if h := of.Desk(); h != "" {
		_, err := t.desk(h)
		return err
	}
	return nil
}

func (t *Tx) savedViews(of desk.ViewOwner) ([]desk.SavedView, error) {
	list, _, err := t.Views().List(of, store.Page{Limit: desk.MaxSavedViews})
	return list, err
}

func (t *Tx) savedView(of desk.ViewOwner, id desk.SavedViewID) (desk.SavedView, error) {
	if err := t.hasViews(of); err != nil {
		return desk.SavedView{}, err
	}
	v, ok, err := t.Views().Get(of, id)
	if err == nil && !ok {
		err = desk.NotFound("view_not_found", "there is no saved view %.100s", id)
	}
	return v, err
}

// putView stores a view, whose name is that of no other one of its owner.
func (t *Tx) putView(v desk.SavedView, all []desk.SavedView) (desk.SavedView, error) {
	for _, other := range all {
		if other.ID != v.ID && other.Name == v.Name {
			return v, desk.Conflict("view_exists", "a view %q is saved already", v.Name)
		}
	}
	v.Changed = t.Now
	return v, t.Views().Put(v)
}

// forgetViews removes the saved views that name a person. There are few: each agent and
// desk has at most desk.MaxSavedViews.
func (t *Tx) forgetViews(who desk.ActorID) error {
	a, known, err := t.Actors().Get(who)
	if err != nil {
		return err
	}
	if !known {
		a = desk.Actor{ID: who}
	}
	var named []desk.SavedView
	for v, err := range store.EachOf(t.Views().List, desk.ViewOwner("")) {
		if err != nil {
			return err
		}
		if v.Names(a) {
			named = append(named, v)
		}
	}
	for _, v := range named {
		if _, err := t.Views().Delete(v.Owner, v.ID); err != nil {
			return err
		}
	}
	return nil
}

func viewAt(of desk.ViewOwner, id desk.SavedViewID) string {
	return string(of) + "/views/" + string(id)
}

func viewPath(v desk.SavedView) (on, note string) { return viewAt(v.Owner, v.ID), "" }
