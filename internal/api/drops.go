package api

import "earshot/internal/desk"

func (h *handler) showDrops(r *request) (response, error) {
	if h.drops == nil {
		return response{}, desk.NotFound("drops_off", "no server runs, so nothing was counted")
	}
	exists, err := h.app.DeskExists(r.Context())
	return response{body: h.drops.Summary(exists)}, err
}
