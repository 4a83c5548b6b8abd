package console

import (
	"time"

	"github.com/gorilla/mux"

	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/store"
)

// access is everything with which an agent signs in: their own on the page You,
// another agent's on the page of a person.
type access struct {
	At       string // the page's address; its forms are below it
	Sessions []auth.Session
	This     string // the session that asks
	Passkeys []auth.Credential
	Password *auth.Credential // nil: no password
	Tokens   []auth.Token
	Scopes   []desk.Scope // that a new token may have
	NewToken string       // shown once
}

// whose returns the agent that a page and its forms are about, and the page's
// path below Root. Routes with an address in them are for admins.
func (v *visit) whose() (desk.Email, string) {
	if e, theirs := mux.Vars(v.Request)["email"]; theirs {
		return desk.EmailOf(e), "/people/" + e
	}
	return v.agent.Email, "/you"
}

func (c *Console) accessOf(v *visit, of desk.Agent, newToken string) (access, error) {
	_, path := v.whose()
	ctx, a := v.Context(), access{At: Root + path, This: v.who.Session, Scopes: of.Role.Scopes(), NewToken: newToken}
	var err error
	if a.Sessions, _, err = c.accounts.Sessions(ctx, of.Email, store.Page{Limit: pageSize}); err != nil {
		return a, err
	}
	if a.Tokens, _, err = c.accounts.Tokens(ctx, of.Email, store.Page{Limit: auth.MaxTokens}); err != nil {
		return a, err
	}
	credentials, err := c.accounts.Credentials(ctx, of.Email)
	for _, k := range credentials {
		if k.Kind == store.CredentialPassword {
			a.Password = &k
			continue
		}
		a.Passkeys = append(a.Passkeys, k)
	}
	return a, err
}

func (c *Console) endSession(v *visit) error {
	of, path := v.whose()
	if err := c.accounts.EndSession(v.Context(), v.by(), of, v.PostFormValue("session")); err != nil {
		return err
	}
	return v.done(path, "ended")
}

func (c *Console) removeCredential(v *visit) error {
	of, path := v.whose()
	if err := c.accounts.RemoveCredential(v.Context(), v.by(), of, v.PostFormValue("credential")); err != nil {
		return err
	}
	return v.done(path, "removed")
}

// tokenLasts are the lifetimes to choose from.
var tokenLasts = map[string]time.Duration{"month": 30 * 24 * time.Hour, "year": 365 * 24 * time.Hour, "": 0}

// addToken makes an API token, and shows it once.
func (c *Console) addToken(v *visit) error {
	of, path := v.whose()
	in := auth.NewToken{Agent: of, Name: v.PostFormValue("name")}
	for _, s := range v.PostForm["scope"] {
		in.Scopes = append(in.Scopes, desk.Scope(s))
	}
	lasts, ok := tokenLasts[v.PostFormValue("lasts")]
	if !ok {
		return desk.Invalid("token_days_missing", "how long shall the token be good for?")
	}
	in.Lasts = lasts
	secret, _, err := c.accounts.AddToken(v.Context(), v.by(), in)
	if err != nil {
		return err
	}
	if path == "/you" {
		return c.showYou(v, secret.Reveal())
	}
	return c.showPerson(v, secret.Reveal())
}

func (c *Console) endToken(v *visit) error {
	of, path := v.whose()
	if err := c.accounts.EndToken(v.Context(), v.by(), of, v.PostFormValue("token")); err != nil {
		return err
	}
	return v.done(path, "removed")
}
