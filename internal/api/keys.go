package api

import (
	"earshot/internal/app"
	"earshot/internal/desk"
)

// NewKeys is the body of a request for new keys.
type NewKeys struct {
	// Revoke: the old keys are in wrong hands.
	Revoke bool `json:"revoke,omitempty"`
}

// Keys are the keys with which one of the instance's actors signs.
type Keys struct {
	Actor    desk.ActorID `json:"actor"`
	KeyID    string       `json:"key_id"`     // of requests
	ProofID  string       `json:"proof_id"`   // of documents
	OldKeyID string       `json:"old_key_id"` // of requests, before
	Revoked  bool         `json:"revoked"`    // the old keys are shown no more
}

func keysOf(site desk.Site, r app.Rotated) Keys {
	actor := site.Desk(r.Actor)
	id := func(fragment string) string { return string(actor) + "#" + fragment }
	return Keys{Actor: actor, KeyID: id(r.Key), ProofID: id(r.ProofKey), OldKeyID: id(r.Old), Revoked: r.Revoked}
}

// rotateKey gives a desk, or the instance's own actor, new keys.
func (h *handler) rotateKey(r *request) (response, error) {
	var in NewKeys
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	out, err := h.app.RotateKey(r.Context(), r.by, r.desk(), in.Revoke)
	return response{body: keysOf(h.app.Site(), out)}, err
}
