package api

import (
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

func (h *handler) listSources(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	sources, next, err := h.app.Sources(r.Context(), page)
	return response{body: each(sources, h.source), next: next}, err
}

func (h *handler) addSource(r *request) (response, error) {
	var in app.SourceSpec
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	s, err := h.app.AddSource(r.Context(), r.by, in)
	return response{body: h.source(s)}, err
}

func (h *handler) showSource(r *request) (response, error) {
	s, err := h.app.Source(r.Context(), desk.SourceID(r.id()))
	return response{body: h.source(s)}, err
}

func (h *handler) checkSource(r *request) (response, error) {
	s, err := h.app.CheckSource(r.Context(), r.by, desk.SourceID(r.id()))
	return response{body: h.source(s)}, err
}

func (h *handler) removeSource(r *request) (response, error) {
	return response{}, h.app.RemoveSource(r.Context(), r.by, desk.SourceID(r.id()))
}

func (h *handler) source(s store.Source) Source { return sourceOf(s, h.app.Now()) }

func (h *handler) suggestSources(r *request) (response, error) {
	out, err := h.app.SuggestSources(r.Context())
	return response{body: each(out, suggestionOf)}, err
}

func (h *handler) askSuggestions(r *request) (response, error) {
	out, err := h.app.AskSuggestions(r.Context())
	return response{body: each(out, suggestionOf)}, err
}
