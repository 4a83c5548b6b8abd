package api

import (
	"time"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/store"
)

// Agent is a person who works at the desk.
type Agent struct {
	Email      desk.Email     `json:"email"`
	Name       string         `json:"name"`
	Role       desk.AgentRole `json:"role"`
	Signature  string         `json:"signature"` // the letters that end their replies
	CreatedAt  Time           `json:"created_at"`
	TimeZone   string         `json:"time_zone"`   // an IANA name; "" for UTC
	Desks      []desk.Handle  `json:"desks"`       // the only ones whose issues they see; none: they see all
	Checked    bool           `json:"checked"`     // their replies wait until a colleague has looked at them
	DisabledAt Time           `json:"disabled_at"` // "": they can sign in
}

func agentOf(a desk.Agent) Agent {
	return Agent{Email: a.Email, Name: a.Name, Role: a.Role, Signature: a.Signature, TimeZone: a.TimeZone, Desks: list(a.Desks), Checked: a.Checked, CreatedAt: Time{a.Created}, DisabledAt: Time{a.Disabled}}
}

// NewAgent is the body of a new agent.
type NewAgent struct {
	Email     desk.Email     `json:"email"`
	Name      string         `json:"name"`
	Role      desk.AgentRole `json:"role"`
	Signature string         `json:"signature,omitempty"` // "": made of the name
	Desks     []desk.Handle  `json:"desks,omitempty"`     // the only ones whose issues they see; none: they see all
	Checked   bool           `json:"checked,omitempty"`   // their replies wait until a colleague has looked at them; of the role agent only
}

// AgentEdit is the body of a change of an agent; fields that are left out stay.
type AgentEdit struct {
	Name      *string         `json:"name,omitempty"`
	Role      *desk.AgentRole `json:"role,omitempty"`
	Signature *string         `json:"signature,omitempty"` // "" for none
	TimeZone  *string         `json:"time_zone,omitempty"` // "" for UTC
	Desks     *[]desk.Handle  `json:"desks,omitempty"`     // the only ones whose issues they see; none: they see all
	Checked   *bool           `json:"checked,omitempty"`   // their replies wait until a colleague has looked at them; of the role agent only
	Disabled  *bool           `json:"disabled,omitempty"`
}

// MyEdit is the body of a change of one's own account; fields that are left out stay.
type MyEdit struct {
	TimeZone *string `json:"time_zone,omitempty"` // an IANA name; "" for UTC
}

// editMe changes the caller's own account.
func (h *handler) editMe(r *request, e desk.Email) (response, error) {
	var in MyEdit
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	a, err := h.app.EditAgent(r.Context(), r.by, e, app.AgentEdit{TimeZone: in.TimeZone})
	return response{body: agentOf(a)}, err
}

// Link is a one-time link. A person who has it can sign in as the agent.
type Link struct {
	URL       string     `json:"url"`
	Email     desk.Email `json:"email"`
	ExpiresAt Time       `json:"expires_at"`
}

func (h *handler) listAgents(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	agents, next, err := h.app.Agents(r.Context(), page)
	return response{body: each(agents, agentOf), next: next}, err
}

func (h *handler) addAgent(r *request) (response, error) {
	var in NewAgent
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	a, err := h.app.AddAgent(r.Context(), r.by, desk.Agent{Email: in.Email, Name: in.Name, Role: in.Role, Signature: in.Signature, Desks: in.Desks, Checked: in.Checked})
	return response{body: agentOf(a)}, err
}

// email reads the agent that a path names, in any spelling.
func (r *request) email() desk.Email { return desk.EmailOf(mux.Vars(r.Request)["email"]) }

func (h *handler) showAgent(r *request) (response, error) {
	a, err := h.app.Agent(r.Context(), r.email())
	return response{body: agentOf(a)}, err
}

func (h *handler) editAgent(r *request) (response, error) {
	var in AgentEdit
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	a, err := h.app.EditAgent(r.Context(), r.by, r.email(), app.AgentEdit{Name: in.Name, Role: in.Role, Signature: in.Signature, TimeZone: in.TimeZone, Desks: in.Desks, Checked: in.Checked, Disabled: in.Disabled})
	return response{body: agentOf(a)}, err
}

// linkAgent makes a link. It has no body, and no idempotency: the link is not
// kept, so a repeated request makes another, and the first is of no use. By a
// link one may all that the agent may, now and with any role that an admin can
// give them, so a token that makes links has every scope.
func (h *handler) linkAgent(r *request) (response, error) {
	if err := r.who.MayGive(desk.Scopes(), auth.LinkFor, h.app.Now()); err != nil {
		return response{}, err
	}
	l, err := h.accounts.MakeLink(r.Context(), r.by, r.email())
	return response{body: Link{URL: l.URL, Email: l.Agent, ExpiresAt: Time{l.Expires}}}, err
}

// Session is a browser that is signed in.
type Session struct {
	ID        string `json:"id"`
	Browser   string `json:"browser"`
	Since     Time   `json:"since"`
	UsedAt    Time   `json:"used_at"` // to the minute
	ExpiresAt Time   `json:"expires_at"`
}

func (h *handler) sessionsOf(r *request, of desk.Email) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	sessions, next, err := h.accounts.Sessions(r.Context(), of, page)
	return response{body: each(sessions, func(s auth.Session) Session {
		return Session{ID: s.ID, Browser: s.Browser, Since: Time{s.Since}, UsedAt: Time{s.Used}, ExpiresAt: Time{s.Expires}}
	}), next: next}, err
}

func (h *handler) endSessionOf(r *request, of desk.Email) (response, error) {
	return response{}, h.accounts.EndSession(r.Context(), r.by, of, r.id())
}

// Token is an API token, without its secret.
type Token struct {
	ID        string       `json:"id"`
	Agent     desk.Email   `json:"agent"` // in whose name it acts
	Name      string       `json:"name"`
	Scopes    []desk.Scope `json:"scopes"`
	CreatedAt Time         `json:"created_at"`
	UsedAt    Time         `json:"used_at"`    // to the minute
	ExpiresAt Time         `json:"expires_at"` // "": never
}

// MadeToken is a token that was just made: the only time that its secret is shown.
type MadeToken struct {
	Token
	Secret string `json:"secret"`
}

func tokenOf(t auth.Token) Token {
	return Token{ID: t.ID, Agent: t.Agent, Name: t.Name, Scopes: list(t.Scopes), CreatedAt: Time{t.Created}, UsedAt: Time{t.Used}, ExpiresAt: Time{t.Expires}}
}

// NewToken is the body of a new token.
type NewToken struct {
	Agent  desk.Email   `json:"agent"`
	Name   string       `json:"name"`
	Scopes []desk.Scope `json:"scopes"`
	Days   int          `json:"days,omitempty"` // until it expires; 0: never
}

const maxTokenDays = 3650

func (h *handler) listTokens(r *request) (response, error) {
	return h.tokensOf(r, desk.EmailOf(r.query("agent")))
}

// tokensOf lists the tokens of an agent, of "" everybody's.
func (h *handler) tokensOf(r *request, of desk.Email) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	tokens, next, err := h.accounts.Tokens(r.Context(), of, page)
	return response{body: each(tokens, tokenOf), next: next}, err
}

// addToken has no idempotency either: a repeated request finds that there is
// a token of this name.
func (h *handler) addToken(r *request) (response, error) {
	var in NewToken
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	e, err := desk.ParseEmail(string(in.Agent))
	if err != nil {
		return response{}, err
	}
	return h.makeToken(r, e, NewMyToken{Name: in.Name, Scopes: in.Scopes, Days: in.Days})
}

func (h *handler) makeToken(r *request, of desk.Email, in NewMyToken) (response, error) {
	if in.Days < 0 || in.Days > maxTokenDays {
		return response{}, desk.Invalid("token_days_invalid", "a token lasts 1 to %d days, or with 0 until it is revoked", maxTokenDays)
	}
	lasts := time.Duration(in.Days) * 24 * time.Hour
	if err := r.who.MayGive(in.Scopes, lasts, h.app.Now()); err != nil {
		return response{}, err
	}
	secret, t, err := h.accounts.AddToken(r.Context(), r.by, auth.NewToken{Agent: of, Name: in.Name, Scopes: in.Scopes, Lasts: lasts})
	return response{body: MadeToken{tokenOf(t), secret.Reveal()}}, err
}

func (h *handler) endToken(r *request) (response, error) { return h.endTokenOf(r, "") }

// endTokenOf ends a token of an agent; with "" a token of any agent.
func (h *handler) endTokenOf(r *request, of desk.Email) (response, error) {
	return response{}, h.accounts.EndToken(r.Context(), r.by, of, r.id())
}

// AuditEntry is an entry of the audit log.
type AuditEntry struct {
	ID    string     `json:"id"`
	At    Time       `json:"at"`
	Agent desk.Email `json:"agent"` // "": the admin on this machine
	Via   store.Via  `json:"via"`
	Token string     `json:"token"` // the token's name
	What  string     `json:"what"`
	On    string     `json:"on"` // the changed thing, as in an address
	Note  string     `json:"note"`
}

func (h *handler) listActs(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	acts, next, err := h.app.AuditEntries(r.Context(), store.AuditFilter{Agent: desk.EmailOf(r.query("agent")), On: r.query("on")}, page)
	return response{body: each(acts, func(a store.AuditEntry) AuditEntry {
		return AuditEntry{ID: a.ID, At: Time{a.At}, Agent: a.Agent, Via: a.Via, Token: a.Token, What: a.What, On: a.On, Note: a.Note}
	}), next: next}, err
}
