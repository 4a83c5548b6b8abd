package console

import (
	"context"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// heldSheet is the page of held-back reports: their piles, and all of them.
type heldSheet struct {
	sheet[desk.Quarantined]
	Piles []pileLine
}

// quarantine shows the posts that are held back, the oldest first, and the piles in which
// they stand.
func (c *Console) quarantine(v *visit) error {
	list, next, err := c.app.Quarantine(v.Context(), store.QuarantineFilter{}, v.page())
	if err != nil {
		return err
	}
	s := sheetOf(v, list, next)
	s.More = v.agent.May(desk.ScopeAdmin)
	piles, err := c.app.HeldPiles(v.Context())
	if err != nil {
		return err
	}
	held := heldSheet{sheet: s}
	for _, p := range piles {
		held.Piles = append(held.Piles, c.pileLine(v, p))
	}
	return c.show(v, "quarantine", held)
}

func (c *Console) releaseQuarantine(v *visit) error { return v.choose(c.app.Release, "released") }

func (c *Console) dropQuarantine(v *visit) error { return v.choose(c.app.Drop, "removed") }

// choose does something to one post, or to the first of a person's or a host's.
func (v *visit) choose(do func(context.Context, app.By, app.Choice) (app.Chosen, error), said string) error {
	done, err := do(v.Context(), v.by(), app.Choice{Object: desk.ObjectID(v.PostFormValue("object")), Actor: desk.ActorID(v.PostFormValue("actor")), Host: desk.Host(v.PostFormValue("host"))})
	if err != nil {
		return err
	}
	if done.More {
		said = "portion"
	}
	return v.done("/quarantine", said)
}
