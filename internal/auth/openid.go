package auth

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/internal/safehttp"
	"earshot/store"
)

// OpenID is a provider of identities, where agents sign in (OpenID Connect Core 1.0,
// code flow with PKCE, RFC 7636). Without an Issuer they cannot.
type OpenID struct {
	Issuer   string // its address, without /.well-known/…
	ClientID string
	Secret   string // "" where PKCE alone is enough for the provider
	Name     string // as the button has it
	Claim    string // the claim that lists the groups of a person
	// Roles says which group has which role; a person gets the highest. Without
	// any, agents are added here, and keep the role that they have.
	Roles []GroupRole
	// AnyEmail: the provider proves the addresses of its people without saying so in
	// email_verified.
	AnyEmail bool
	// Client makes the requests, also those of the libraries.
	Client *safehttp.Client
}

// GroupRole is the role of those who are in a group at the provider.
type GroupRole struct {
	Group string
	Role  desk.AgentRole
}

// The paths of the sign-in at a provider; the second is registered there.
const (
	OpenIDPath       = "/console/sign-in/openid"
	OpenIDAnswerPath = OpenIDPath + "/answer"
)

// openID is a provider, whose addresses and keys are looked up at the first sign-in.
type openID struct {
	OpenID
	mu       sync.Mutex
	provider *oidc.Provider
}

// through makes the libraries use our client: theirs has no guard.
func (o *openID) through(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, o.Client.Library())
}

// discover reads the provider's addresses, once they can be had.
func (o *openID) discover(ctx context.Context) (*oidc.Provider, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider != nil {
		return o.provider, nil
	}
	p, err := oidc.NewProvider(o.through(ctx), o.Issuer)
	if err == nil {
		o.provider = p
	}
	return p, err
}

// OpenIDName is the name of the provider at which agents may sign in, "" for none.
func (a *Accounts) OpenIDName() string {
	if a.openID == nil {
		return ""
	}
	return a.openID.Name
}

// openIDAttempt is what the browser keeps while its agent is at the provider.
type openIDAttempt struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // PKCE
	To       string `json:"to"`       // the page that was asked for
}

// openIDFor is how long a sign-in at the provider may take, in seconds.
const openIDFor = 600

// BeginOpenID leads the browser to the provider. to is the page for afterwards.
func (a *Accounts) BeginOpenID(ctx context.Context, w http.ResponseWriter, to string, from Client) (address string, err error) {
	o, err := a.oauth(ctx, from)
	if err != nil {
		return "", err
	}
	at := openIDAttempt{newSecret("").Reveal(), newSecret("").Reveal(), oauth2.GenerateVerifier(), to}
	b, err := json.Marshal(at)
	if err != nil {
		return "", err
	}
	a.setCookie(w, openIDCookie, base64.RawURLEncoding.EncodeToString(b), openIDFor)
	return o.AuthCodeURL(at.State, oidc.Nonce(at.Nonce), oauth2.S256ChallengeOption(at.Verifier)), nil
}

// oauth returns our side of the sign-in, if from may try.
func (a *Accounts) oauth(ctx context.Context, from Client) (*oauth2.Config, error) {
	if a.openID == nil {
		return nil, desk.NotFound("openid_none", "nobody signs in at a provider here")
	}
	if err := a.limits.try("", from.counted()); err != nil {
		return nil, err
	}
	p, err := a.openID.discover(ctx)
	if err != nil {
		a.log.Error("the provider of identities cannot be reached", "issuer", a.openID.Issuer, "err", err)
		return nil, desk.Unavailable("openid_away", "%s does not answer: try again, or sign in with a password or passkey", a.openID.Name)
	}
	return &oauth2.Config{ClientID: a.openID.ClientID, ClientSecret: a.openID.Secret, Endpoint: p.Endpoint(),
		RedirectURL: a.app.Site().URL + OpenIDAnswerPath, Scopes: []string{oidc.ScopeOpenID, "email", "profile"}}, nil
}

// FinishOpenID signs in who comes back from the provider, and returns the page that
// they had asked for.
func (a *Accounts) FinishOpenID(ctx context.Context, w http.ResponseWriter, r *http.Request) (secret Secret, to string, err error) {
	from := a.Client(r)
	o, err := a.oauth(ctx, from)
	if err != nil {
		return secret, "", err
	}
	var at openIDAttempt
	b, err := base64.RawURLEncoding.DecodeString(a.cookie(r, openIDCookie).Reveal())
	if err == nil {
		err = json.Unmarshal(b, &at)
	}
	a.setCookie(w, openIDCookie, "", -1)
	answer := r.URL.Query()
	if err != nil || at.State == "" || subtle.ConstantTimeCompare([]byte(at.State), []byte(answer.Get("state"))) != 1 {
		return secret, "", desk.Unauthenticated("openid_expired", "that took too long, or began in another browser: sign in again")
	}
	who, err := a.identify(ctx, o, at, answer)
	if err != nil {
		return secret, at.To, err
	}
	secret = newSecret("")
	return secret, at.To, a.app.Update(ctx, func(tx *app.Tx) error {
		agent, err := a.openID.agent(tx, who)
		if err != nil {
			return err
		}
		return a.open(tx, agent, from, secret)
	})
}

// identity is a person, as the provider signs it.
type identity struct {
	Email    string `json:"email"`
	Verified flag   `json:"email_verified"`
	Name     string `json:"name"`
	groups   []string
}

// flag is true or "true": some providers write it as text.
type flag bool

// UnmarshalJSON implements json.Unmarshaler.
func (f *flag) UnmarshalJSON(b []byte) error {
	*f = flag(strings.Trim(string(b), `"`) == "true")
	return nil
}

// identify asks the provider who came back, and checks its signature.
func (a *Accounts) identify(ctx context.Context, o *oauth2.Config, at openIDAttempt, answer url.Values) (who identity, err error) {
	refused := desk.Unauthenticated("openid_refused", "%s did not sign you in: try again", a.openID.Name)
	if answer.Get("error") != "" || answer.Get("code") == "" {
		return who, refused
	}
	ctx = a.openID.through(ctx)
	token, err := o.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(at.Verifier))
	if err != nil {
		a.log.Warn("the provider of identities gave no token", "issuer", a.openID.Issuer, "err", err)
		return who, refused
	}
	p, err := a.openID.discover(ctx)
	if err != nil {
		return who, err
	}
	raw, _ := token.Extra("id_token").(string)
	signed, err := p.Verifier(&oidc.Config{ClientID: a.openID.ClientID, Now: a.app.Now}).Verify(ctx, raw)
	if err == nil && subtle.ConstantTimeCompare([]byte(signed.Nonce), []byte(at.Nonce)) != 1 {
		err = errors.New("the nonce is not ours")
	}
	if err != nil {
		a.log.Warn("an identity cannot be verified", "issuer", a.openID.Issuer, "err", err)
		return who, refused
	}
	if who, err = a.openID.read(signed.Claims); err != nil {
		return who, err
	}
	if who.Email != "" && (len(who.groups) > 0 || len(a.openID.Roles) == 0) {
		return who, nil
	}
	// Some providers say more at another address (OpenID Connect Core 1.0, 5.3).
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil || info.Subject != signed.Subject {
		return who, nil
	}
	more, err := a.openID.read(info.Claims)
	if who.Email == "" {
		who.Email, who.Verified = more.Email, more.Verified
	}
	who.Name = cmp.Or(who.Name, more.Name)
	who.groups = append(who.groups, more.groups...)
	return who, err
}

// read reads the claims that we want to know.
func (o *openID) read(claims func(any) error) (who identity, err error) {
	var all map[string]json.RawMessage
	if err := claims(&who); err != nil {
		return who, fmt.Errorf("reading an identity: %w", err)
	}
	if err := claims(&all); err != nil {
		return who, fmt.Errorf("reading an identity: %w", err)
	}
	var one string
	switch raw := all[o.Claim]; {
	case json.Unmarshal(raw, &who.groups) == nil:
	case json.Unmarshal(raw, &one) == nil:
		who.groups = []string{one}
	}
	return who, nil
}

// role is the highest of a person's groups, "" for none.
func (o *openID) role(groups []string) (role desk.AgentRole) {
	for _, r := range o.Roles {
		if slices.Contains(groups, r.Group) && slices.Index(desk.AgentRoles(), r.Role) > slices.Index(desk.AgentRoles(), role) {
			role = r.Role
		}
	}
	return role
}

// agent finds the agent of an identity. Where groups have roles, one is added or gets
// the role that the groups say.
func (o *openID) agent(tx *app.Tx, who identity) (desk.Agent, error) {
	email, err := desk.ParseEmail(who.Email)
	if err != nil || !bool(who.Verified) && !o.AnyEmail {
		return desk.Agent{}, desk.Forbidden("openid_email", "%s does not say that your e-mail address is proven: prove it there, then sign in again", o.Name)
	}
	role := o.role(who.groups)
	if len(o.Roles) > 0 && role == "" {
		return desk.Agent{}, desk.Forbidden("openid_group", "%s is in no group at %s that may sign in here: ask your admin", email, o.Name)
	}
	agent, there, err := tx.Agents().Get(email)
	by := app.By{Agent: email, Via: store.ViaConsole}
	switch {
	case err != nil:
		return agent, err
	case there && !agent.Active():
		return agent, desk.Forbidden("openid_disabled", "%s may not sign in here any more", email)
	case !there && role == "":
		return agent, desk.Forbidden("openid_unknown", "there is no agent %s here: ask your admin to add you", email)
	case !there:
		name, _, _ := strings.Cut(string(email), "@")
		n, err := desk.NewAgent(desk.Agent{Email: email, Name: cmp.Or(strings.TrimSpace(who.Name), name), Role: role})
		if err != nil {
			return n, err
		}
		n.ID = id.New()
		if n, err = tx.AddAgent(n); err != nil {
			return n, err
		}
		return n, tx.Audit(by, "agent.add", agentPath(email), fmt.Sprintf("%s, by %s", role, o.Issuer))
	case role != "" && role != agent.Role:
		edit := app.AgentEdit{Role: &role}
		if role == desk.RoleAdmin && len(agent.Desks) > 0 {
			edit.Desks = new([]desk.Handle)
		}
		n, note, err := tx.EditAgent(email, edit)
		if err != nil {
			return n, err
		}
		return n, tx.Audit(by, "agent.edit", agentPath(email), fmt.Sprintf("%s, by %s", note, o.Issuer))
	}
	return agent, nil
}
