package console

import (
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
)

func (c *Console) sources(v *visit) error {
	list, next, err := c.app.Sources(v.Context(), v.page())
	if err != nil {
		return err
	}
	for n := range list {
		list[n].Hours = list[n].Hours.At(c.app.Now())
	}
	return c.show(v, "sources", sheetOf(v, list, next))
}

func (c *Console) addSource(v *visit) error {
	field := func(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }
	_, err := c.app.AddSource(v.Context(), v.by(), app.SourceSpec{Kind: field("kind"), Provider: field("provider"),
		Tag: strings.TrimPrefix(field("tag"), "#"), Actor: field("actor")})
	if err != nil {
		return err
	}
	return v.done("/sources", "source")
}

func (c *Console) checkSource(v *visit) error {
	if _, err := c.app.CheckSource(v.Context(), v.by(), desk.SourceID(v.PostFormValue("source"))); err != nil {
		return err
	}
	return v.done("/sources", "checked")
}

func (c *Console) removeSource(v *visit) error {
	if err := c.app.RemoveSource(v.Context(), v.by(), desk.SourceID(v.PostFormValue("source"))); err != nil {
		return err
	}
	return v.done("/sources", "removed")
}
