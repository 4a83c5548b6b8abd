package api

import (
	"earshot/internal/desk"
	"earshot/store"
)

// Me is the caller.
type Me struct {
	Agent  Agent        `json:"agent"` // email "": the admin on this machine
	Via    store.Via    `json:"via"`
	Token  string       `json:"token"` // the token's name
	Scopes []desk.Scope `json:"scopes"`
}

func (h *handler) me(r *request) (response, error) {
	if h.by != nil {
		return response{body: Me{Agent: agentOf(r.who.Agent), Via: r.who.Via, Token: r.who.Token, Scopes: list(r.who.Scopes())}}, nil
	}
	out := Me{Via: store.ViaMachine, Scopes: desk.Scopes()}
	if r.by.Agent == "" {
		return response{body: out}, nil
	}
	a, err := h.app.Agent(r.Context(), r.by.Agent)
	out.Agent = agentOf(a)
	return response{body: out}, err
}
