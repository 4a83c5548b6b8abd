package api

import "earshot/internal/desk"

func (h *handler) listBlocks(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	blocks, next, err := h.app.Blocks(r.Context(), page)
	return response{body: each(blocks, blockOf), next: next}, err
}

func (h *handler) addBlock(r *request) (response, error) {
	var in NewBlock
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	b, err := h.app.AddBlock(r.Context(), r.by, in.Target, in.Reason)
	return response{body: blockOf(b)}, err
}

// removeBlock takes the target as a parameter: it may be an address with slashes.
func (h *handler) removeBlock(r *request) (response, error) {
	return response{}, h.app.RemoveBlock(r.Context(), r.by, r.query("target"))
}

func (h *handler) listOptOuts(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	outs, next, err := h.app.OptOuts(r.Context(), page)
	return response{body: each(outs, optOutOf), next: next}, err
}

func (h *handler) addOptOut(r *request) (response, error) {
	var in NewOptOut
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	o, err := h.app.AddOptOut(r.Context(), r.by, in.Actor, in.Remark)
	return response{body: optOutOf(o)}, err
}

func (h *handler) removeOptOut(r *request) (response, error) {
	return response{}, h.app.RemoveOptOut(r.Context(), r.by, desk.ActorID(r.query("actor")))
}
