package api

import (
	"earshot/internal/app"
	"earshot/internal/desk"
)

func (h *handler) listSources(r *request) (answer, error) {
	page, err := r.page()
	if err != nil {
		return answer{}, err
	}
	sources, next, err := h.app.Sources(r.Context(), page)
	return answer{body: each(sources, sourceOf), next: next}, err
}

func (h *handler) addSource(r *request) (answer, error) {
	var in app.SourceSpec
	if err := r.decode(&in); err != nil {
		return answer{}, err
	}
	s, err := h.app.AddSource(r.Context(), r.by, in)
	return answer{body: sourceOf(s)}, err
}

func (h *handler) showSource(r *request) (answer, error) {
	s, err := h.app.Source(r.Context(), desk.SourceID(r.id()))
	return answer{body: sourceOf(s)}, err
}

func (h *handler) checkSource(r *request) (answer, error) {
	s, err := h.app.CheckSource(r.Context(), r.by, desk.SourceID(r.id()))
	return answer{body: sourceOf(s)}, err
}

func (h *handler) removeSource(r *request) (answer, error) {
	return answer{}, h.app.RemoveSource(r.Context(), r.by, desk.SourceID(r.id()))
}
