package api

import "earshot/internal/desk"

func (h *handler) listBlocks(r *request) (answer, error) {
	page, err := r.page()
	if err != nil {
		return answer{}, err
	}
	blocks, next, err := h.app.Blocks(r.Context(), page)
	return answer{body: each(blocks, blockOf), next: next}, err
}

func (h *handler) addBlock(r *request) (answer, error) {
	var in NewBlock
	if err := r.decode(&in); err != nil {
		return answer{}, err
	}
	b, err := h.app.AddBlock(r.Context(), r.by, in.Target, in.Reason)
	return answer{body: blockOf(b)}, err
}

// removeBlock takes the target as a parameter: it may be an address with slashes.
func (h *handler) removeBlock(r *request) (answer, error) {
	return answer{}, h.app.RemoveBlock(r.Context(), r.by, r.query("target"))
}

func (h *handler) listOptOuts(r *request) (answer, error) {
	page, err := r.page()
	if err != nil {
		return answer{}, err
	}
	outs, next, err := h.app.OptOuts(r.Context(), page)
	return answer{body: each(outs, optOutOf), next: next}, err
}

func (h *handler) addOptOut(r *request) (answer, error) {
	var in NewOptOut
	if err := r.decode(&in); err != nil {
		return answer{}, err
	}
	o, err := h.app.AddOptOut(r.Context(), r.by, in.Actor, in.Remark)
	return answer{body: optOutOf(o)}, err
}

func (h *handler) removeOptOut(r *request) (answer, error) {
	return answer{}, h.app.RemoveOptOut(r.Context(), r.by, desk.ActorID(r.query("actor")))
}
