package console

import "earshot/internal/desk"

// flagRow is a complaint with links to what it is about.
type flagRow struct {
	desk.Flag
	Things []flagThing
}

// flagThing is one thing of ours: a desk by its name, or its kind.
type flagThing struct {
	Desk desk.Handle
	Kind string // the key of its name, where it is no desk
	URL  string
}

// flags shows the complaints of other servers.
func (c *Console) flags(v *visit) error {
	all, err := c.app.Flags(v.Context())
	if err != nil {
		return err
	}
	rows := make([]flagRow, len(all))
	for n, f := range all {
		rows[n].Flag = f
		for _, o := range f.About {
			rows[n].Things = append(rows[n].Things, c.complainedOf(o))
		}
	}
	return c.show(v, "flags", sheet[flagRow]{Rows: rows})
}

func (c *Console) complainedOf(o desk.ObjectID) flagThing {
	h, isActor := c.site.HandleOf(desk.ActorID(o))
	_, isPost := c.site.PostOf(o)
	switch {
	case isActor && h == desk.RelayHandle:
		return flagThing{Kind: "instance", URL: c.site.URL + "/"}
	case isActor:
		return flagThing{Desk: h, URL: c.site.Profile(h)}
	case isPost:
		return flagThing{Kind: "post", URL: string(o)}
	}
	return flagThing{Kind: "issue", URL: string(o)}
}

func (c *Console) removeFlag(v *visit) error {
	if err := c.app.RemoveFlag(v.Context(), v.by(), desk.FlagID(v.PostFormValue("flag"))); err != nil {
		return err
	}
	return v.done("/flags", "removed")
}
