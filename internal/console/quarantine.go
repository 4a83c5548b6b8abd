package console

import (
	"context"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// quarantine shows the posts that are held back, the oldest first.
func (c *Console) quarantine(v *visit) error {
	list, next, err := c.app.Quarantine(v.Context(), store.QuarantineFilter{}, v.page())
	if err != nil {
		return err
	}
	s := sheetOf(v, list, next)
	s.More = v.agent.May(desk.ScopeAdmin)
	return c.show(v, "quarantine", s)
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
