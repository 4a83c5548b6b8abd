package api

import (
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/store"
)

// What an agent does with their own account. On this machine it is the account
// of the agent whom the request names.

func (r *request) myEmail() (desk.Email, error) {
	if r.by.Agent == "" {
		return "", desk.Invalid("whose account? Name an agent in %s", HeaderAgent)
	}
	return desk.Email(r.by.Agent), nil
}

func (h *handler) mySessions(r *request) (answer, error) {
	me, err := r.myEmail()
	if err != nil {
		return answer{}, err
	}
	return h.sessionsOf(r, me)
}

func (h *handler) endMySession(r *request) (answer, error) {
	me, err := r.myEmail()
	if err != nil {
		return answer{}, err
	}
	return answer{}, h.accounts.EndSession(r.Context(), r.by, me, r.id())
}

// NewPassword is the body of a change of one's password.
type NewPassword struct {
	Old      string `json:"old,omitempty"` // the present one, if there is one
	Password string `json:"password"`
}

func (h *handler) setMyPassword(r *request) (answer, error) {
	var in NewPassword
	if err := r.decode(&in); err != nil {
		return answer{}, err
	}
	me, err := r.myEmail()
	if err != nil {
		return answer{}, err
	}
	who := r.who
	if h.asked == nil {
		who.Via = store.ViaMachine
		if who.Agent, err = h.app.Agent(r.Context(), me); err != nil {
			return answer{}, err
		}
	}
	return answer{}, h.accounts.ChangePassword(r.Context(), who, in.Old, in.Password, h.accounts.Client(r.Request))
}

// Credential is something an agent signs in with, without its secret.
type Credential struct {
	ID        string               `json:"id"`
	Kind      store.CredentialKind `json:"kind"` // password or passkey
	Name      string               `json:"name"`
	CreatedAt Time                 `json:"created_at"`
	UsedAt    Time                 `json:"used_at"`
}

func (h *handler) myCredentials(r *request) (answer, error) {
	me, err := r.myEmail()
	if err != nil {
		return answer{}, err
	}
	return h.credentialsOf(r, me)
}

func (h *handler) listCredentials(r *request) (answer, error) {
	if _, err := h.app.Agent(r.Context(), r.email()); err != nil {
		return answer{}, err
	}
	return h.credentialsOf(r, r.email())
}

func (h *handler) credentialsOf(r *request, of desk.Email) (answer, error) {
	all, err := h.accounts.Credentials(r.Context(), of)
	return answer{body: each(all, func(c auth.Credential) Credential {
		return Credential{ID: c.ID, Kind: c.Kind, Name: c.Name, CreatedAt: Time{c.Created}, UsedAt: Time{c.Used}}
	})}, err
}

func (h *handler) removeMyCredential(r *request) (answer, error) {
	me, err := r.myEmail()
	if err != nil {
		return answer{}, err
	}
	return answer{}, h.accounts.RemoveCredential(r.Context(), r.by, me, r.id())
}

func (h *handler) removeCredential(r *request) (answer, error) {
	return answer{}, h.accounts.RemoveCredential(r.Context(), r.by, r.email(), r.id())
}

// NewMyToken is the body of a new token of one's own.
type NewMyToken struct {
	Name   string       `json:"name"`
	Scopes []desk.Scope `json:"scopes"`
	Days   int          `json:"days,omitempty"` // until it expires; 0: never
}

func (h *handler) myTokens(r *request) (answer, error) {
	page, err := r.page()
	if err != nil {
		return answer{}, err
	}
	me, err := r.myEmail()
	if err != nil {
		return answer{}, err
	}
	tokens, next, err := h.accounts.Tokens(r.Context(), me, page)
	return answer{body: each(tokens, tokenOf), next: next}, err
}

func (h *handler) addMyToken(r *request) (answer, error) {
	var in NewMyToken
	if err := r.decode(&in); err != nil {
		return answer{}, err
	}
	me, err := r.myEmail()
	if err != nil {
		return answer{}, err
	}
	return h.makeToken(r, me, in)
}

func (h *handler) endMyToken(r *request) (answer, error) {
	me, err := r.myEmail()
	if err != nil {
		return answer{}, err
	}
	return answer{}, h.accounts.EndToken(r.Context(), r.by, me, r.id())
}
