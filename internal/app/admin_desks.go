package app

import (
	"context"
	"fmt"
	"slices"

	"earshot/internal/address"
	"earshot/internal/desk"
)

// Desks lists the desks.
func (a *App) Desks(ctx context.Context) (out []desk.Desk, err error) {
	err = a.View(ctx, func(tx *Tx) error { out, err = tx.desks(); return err })
	return out, err
}

// Desk returns one desk. ok is false if it does not exist.
func (a *App) Desk(ctx context.Context, h desk.Handle) (d desk.Desk, ok bool, err error) {
	err = a.View(ctx, func(tx *Tx) error { d, ok, err = tx.Desks().Get(h); ok = ok && tx.sees(h); return err })
	return d, ok, err
}

// DeskExists returns a function that says which desks there are.
func (a *App) DeskExists(ctx context.Context) (func(desk.Handle) bool, error) {
	desks, err := a.Desks(ctx)
	return func(h desk.Handle) bool {
		return slices.ContainsFunc(desks, func(d desk.Desk) bool { return d.Handle == h })
	}, err
}

// AddDesk makes a desk. Its handle is final.
func (a *App) AddDesk(ctx context.Context, by By, d desk.Desk) (desk.Desk, error) {
	d, err := desk.NewDesk(d)
	if err != nil {
		return d, err
	}
	pair, err := makeKeys(a.keys, d.Handle)
	if err != nil {
		return d, err
	}
	return once(ctx, a, by, audit[desk.Desk]{"desk.add", func(d desk.Desk) (string, string) { return "desks/" + string(d.Handle), "" }}, func(tx *Tx) (desk.Desk, error) {
		all, err := tx.Desks().All()
		if err != nil {
			return d, err
		}
		if len(all) >= desk.MaxDesks {
			return d, desk.Conflict("desks_too_many", "an instance has at most %d desks", desk.MaxDesks)
		}
		for _, e := range all {
			if e.Handle == d.Handle {
				return d, desk.Conflict("desk_exists", "there is a desk %q already", d.Handle)
			}
			if slices.Contains(e.Aliases, "@"+a.site.Acct(d.Handle)) {
				return d, desk.Conflict("handle_is_alias", "%q is an alias of the desk %q", d.Handle, e.Handle)
			}
			d.Order = max(d.Order, e.Order+1)
		}
		d.Created = tx.Now
		if err := putKeys(tx, pair); err != nil {
			return d, err
		}
		return d, tx.Desks().Put(d)
	})
}

// DeskEdit holds the fields of a desk that can change; nil: no change.
type DeskEdit struct {
	Name    *string
	Summary *string
	Names   []string
	Calls   []string
	// Services are what it provides.
	Services []string
	Colour   *desk.Colour
	// Links are those on its profile. One that stays keeps its proof.
	Links []desk.Link
}

// EditDesk changes a desk and tells its followers' servers.
func (a *App) EditDesk(ctx context.Context, by By, h desk.Handle, e DeskEdit) (desk.Desk, error) {
	return once(ctx, a, by, audit[desk.Desk]{"desk.edit", func(d desk.Desk) (string, string) { return "desks/" + string(d.Handle), "" }}, func(tx *Tx) (desk.Desk, error) {
		d, err := tx.desk(h)
		if err != nil {
			return d, err
		}
		had := d.Tags()
		if e.Name != nil {
			d.Name = *e.Name
		}
		if e.Summary != nil {
			d.Summary = *e.Summary
		}
		if e.Names != nil {
			d.Names = e.Names
		}
		if e.Calls != nil {
			d.Calls = e.Calls
		}
		if e.Services != nil {
			d.Services = e.Services
		}
		if e.Colour != nil {
			d.Colour = *e.Colour
		}
		if e.Links != nil {
			d.Links = withProofs(e.Links, d.Links)
		}
		if d, err = desk.NewDesk(d, had...); err != nil {
			return d, err
		}
		return d, tx.profileChanged(&d)
	})
}

// profileChanged stores a desk whose profile changed, and tells its followers.
func (t *Tx) profileChanged(d *desk.Desk) error {
	d.Edits++
	if err := t.Desks().Put(*d); err != nil {
		return err
	}
	return t.publish(fmt.Sprintf("profile:%s:%d", d.Handle, d.Edits), "profile:"+string(d.Handle), t.Now, Publish{Verb: VerbProfile, Local: d.Handle, N: d.Edits})
}

// AddAlias gives a desk an address that it had in software that ran on the domain
// before: activities that name it are then about the desk.
func (a *App) AddAlias(ctx context.Context, by By, h desk.Handle, alias string) (desk.Desk, error) {
	spelled, handle, err := address.Book{Site: a.site}.NewAlias(alias)
	if err != nil {
		return desk.Desk{}, err
	}
	defer a.aliases.Store(nil)
	return once(ctx, a, by, audit[desk.Desk]{"desk.alias", aliasOf(h, spelled)}, func(tx *Tx) (desk.Desk, error) {
		d, err := tx.desk(h)
		if err != nil || slices.Contains(d.Aliases, spelled) {
			return d, err
		}
		all, err := tx.Desks().All()
		if err != nil {
			return d, err
		}
		for _, e := range all {
			if e.Handle == handle {
				return d, desk.Conflict("alias_in_use", "this server has a use of its own for %.200q", alias)
			}
			if slices.Contains(e.Aliases, spelled) {
				return d, desk.Conflict("alias_of_another", "%s is an alias of the desk %q", spelled, e.Handle)
			}
		}
		if len(d.Aliases) >= desk.MaxAliases {
			return d, desk.Conflict("aliases_too_many", "a desk has at most %d aliases", desk.MaxAliases)
		}
		d.Aliases = append(d.Aliases, spelled)
		return d, tx.Desks().Put(d)
	})
}

// RemoveAlias takes an alias away from a desk.
func (a *App) RemoveAlias(ctx context.Context, by By, h desk.Handle, alias string) (desk.Desk, error) {
	spelled, _, err := address.Book{Site: a.site}.NewAlias(alias)
	if err != nil {
		return desk.Desk{}, err
	}
	defer a.aliases.Store(nil)
	return once(ctx, a, by, audit[desk.Desk]{"desk.unalias", aliasOf(h, spelled)}, func(tx *Tx) (desk.Desk, error) {
		d, err := tx.desk(h)
		if err != nil {
			return d, err
		}
		n := slices.Index(d.Aliases, spelled)
		if n < 0 {
			return d, desk.NotFound("alias_not_found", "%s is no alias of the desk %q", spelled, h)
		}
		d.Aliases = slices.Delete(d.Aliases, n, n+1)
		return d, tx.Desks().Put(d)
	})
}

func aliasOf(h desk.Handle, spelled string) func(desk.Desk) (string, string) {
	return func(desk.Desk) (string, string) { return "desks/" + string(h), spelled }
}
