package api

import (
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/store"
)

// ofAgent does something with the account of an agent.
type ofAgent func(*handler, *request, desk.Email) (response, error)

// mine makes a handler for the caller's own account. On this machine the
// request names the agent.
func mine(do ofAgent) func(*handler, *request) (response, error) {
	return func(h *handler, r *request) (response, error) {
		agent, err := callerOf(r)
		if err != nil {
			return response{}, err
		}
		return do(h, r, agent)
	}
}

// callerOf is the agent who calls, or is named on this machine.
func callerOf(r *request) (desk.Email, error) {
	if r.by.Agent == "" {
		return "", desk.Invalid("agent_missing", "whose account? Name an agent in %s", HeaderAgent)
	}
	return r.by.Agent, nil
}

// theirs makes a handler for the account of the agent in the path.
func theirs(do ofAgent) func(*handler, *request) (response, error) {
	return func(h *handler, r *request) (response, error) {
		a, err := h.app.Agent(r.Context(), r.email())
		if err != nil {
			return response{}, err
		}
		return do(h, r, a.Email)
	}
}

// NewPassword is the body of a change of one's password.
type NewPassword struct {
	Old      string `json:"old,omitempty"` // the present one, if there is one
	Password string `json:"password"`
}

func (h *handler) setPassword(r *request, of desk.Email) (response, error) {
	var in NewPassword
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	who := r.who
	if h.by == nil {
		a, err := h.app.Agent(r.Context(), of)
		if err != nil {
			return response{}, err
		}
		who = auth.Principal{Agent: a, Via: store.ViaMachine}
	}
	return response{}, h.accounts.ChangePassword(r.Context(), who, in.Old, in.Password, h.accounts.Client(r.Request))
}

// Credential is something an agent signs in with, without its secret.
type Credential struct {
	ID        string               `json:"id"`
	Kind      store.CredentialKind `json:"kind"` // password or passkey
	Name      string               `json:"name"`
	CreatedAt Time                 `json:"created_at"`
	UsedAt    Time                 `json:"used_at"`
}

func (h *handler) credentialsOf(r *request, of desk.Email) (response, error) {
	all, err := h.accounts.Credentials(r.Context(), of)
	return response{body: each(all, func(c auth.Credential) Credential {
		return Credential{ID: c.ID, Kind: c.Kind, Name: c.Name, CreatedAt: Time{c.Created}, UsedAt: Time{c.Used}}
	})}, err
}

func (h *handler) removeCredentialOf(r *request, of desk.Email) (response, error) {
	return response{}, h.accounts.RemoveCredential(r.Context(), r.by, of, r.id())
}

// NewMyToken is the body of a request for a token of the caller's own.
type NewMyToken struct {
	Name   string       `json:"name"`
	Scopes []desk.Scope `json:"scopes"`
	Days   int          `json:"days,omitempty"` // until it expires; 0: never
}

func (h *handler) addTokenOf(r *request, of desk.Email) (response, error) {
	var in NewMyToken
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	return h.makeToken(r, of, in)
}
