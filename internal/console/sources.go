package console

import (
	"net/http"
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// sourceTry is a form that did not make a source, as it was sent.
type sourceTry struct {
	app.SourceSpec
	Failed  *failure
	Typed   string // the tags
	Suggest []app.Suggestion
	Asked   bool // the servers of the suggestions were
}

func (c *Console) sources(v *visit) error { return c.showSources(v, http.StatusOK, sourceTry{}) }

// askSuggestions asks the suggested servers for their rules, and shows them.
func (c *Console) askSuggestions(v *visit) error {
	says, err := c.app.AskSuggestions(v.Context())
	if err != nil {
		return err
	}
	return c.showSources(v, http.StatusOK, sourceTry{Suggest: says, Asked: true})
}

func (c *Console) showSources(v *visit, status int, try sourceTry) error {
	list, next, err := c.app.Sources(v.Context(), v.page())
	if err != nil {
		return err
	}
	for n := range list {
		list[n].Hours, list[n].Days = list[n].Hours.At(c.app.Now()), list[n].Days.At(c.app.Now())
	}
	if !try.Asked {
		if try.Suggest, err = c.app.SuggestSources(v.Context()); err != nil {
			return err
		}
	}
	s := sheetOf(v, list, next)
	s.More = try
	return c.showAs(v, status, "sources", s)
}

// addSource adds a source. If that fails, the form stays as it was filled in: most often
// one thing in it has to be changed.
func (c *Console) addSource(v *visit) error {
	field := func(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }
	spec := app.SourceSpec{Kind: field("kind"), Provider: field("provider"), URL: field("url"), Tags: tags(field("tag")), Actor: field("actor"), Token: field("token"), Desk: desk.Handle(field("desk"))}
	for _, h := range strings.FieldsFunc(field("allow"), func(r rune) bool { return r == ' ' || r == ',' }) {
		spec.Allow = append(spec.Allow, desk.Host(h))
	}
	_, err := c.app.AddSource(v.Context(), v.by(), spec)
	switch desk.ErrorCode(err) {
	case "":
		if spec.Kind == "tag-actor" || (sourceTry{SourceSpec: spec}).Named() {
			return v.done("/sources", "source")
		}
		return v.done("/sources", "source_asked")
	case desk.CodeInternal:
		return err
	}
	failed := failureOf(v.speech, err)
	return c.showSources(v, failed.Status, sourceTry{SourceSpec: spec, Failed: &failed, Typed: field("tag")})
}

// Chosen says whether a provider was chosen in the form.
func (t sourceTry) Chosen(provider string) bool {
	return t.Failed != nil && t.Kind == "tag-actor" && t.Provider == provider
}

// Named says whether a relay or a group was named in the form.
func (t sourceTry) Named() bool {
	return t.Kind == "relay" || t.Kind == "relay-litepub" || t.Kind == "group"
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
