package console

import (
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// suggestedSources are the sources that the page suggests.
type suggestedSources struct {
	Suggest []app.Suggestion
	Asked   bool // their servers were
}

func (c *Console) sources(v *visit) error { return c.showSources(v, suggestedSources{}) }

// askSuggestions asks the suggested servers for their rules, and shows them.
func (c *Console) askSuggestions(v *visit) error {
	says, err := c.app.AskSuggestions(v.Context())
	if err != nil {
		return err
	}
	return c.showSources(v, suggestedSources{says, true})
}

func (c *Console) showSources(v *visit, of suggestedSources) error {
	list, next, err := c.app.Sources(v.Context(), v.page())
	if err != nil {
		return err
	}
	for n := range list {
		list[n].Hours, list[n].Days = list[n].Hours.At(c.app.Now()), list[n].Days.At(c.app.Now())
	}
	if !of.Asked {
		if of.Suggest, err = c.app.SuggestSources(v.Context()); err != nil {
			return err
		}
	}
	s := sheetOf(v, list, next)
	s.More = of
	return c.show(v, "sources", s)
}

// addSource adds a source.
func (c *Console) addSource(v *visit) error {
	field := func(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }
	spec := app.SourceSpec{Kind: field("kind"), Provider: field("provider"), URL: field("url"), Tags: tags(field("tag")), Actor: field("actor"), Token: field("token"), Desk: desk.Handle(field("desk"))}
	for _, h := range strings.FieldsFunc(field("allow"), func(r rune) bool { return r == ' ' || r == ',' }) {
		spec.Allow = append(spec.Allow, desk.Host(h))
	}
	if _, err := c.app.AddSource(v.Context(), v.by(), spec); err != nil {
		return err
	}
	switch spec.Kind {
	case "tag-actor", "relay", "relay-litepub", "group":
		return v.done("/sources", "source")
	}
	return v.done("/sources", "source_asked")
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
