package console

import (
	"time"

	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/internal/locale"
	"earshot/store"
)

// account is what somebody sees of their own.
type account struct {
	Email       desk.Email
	Sessions    []auth.Session
	This        string // the session that asks
	Passkeys    []auth.Credential
	HasPassword bool
	CanPasskeys bool // whether the instance's address can have them
	Tokens      []auth.Token
	Scopes      []desk.Scope
	NewToken    string // shown once
	Languages   []*locale.Language
	Language    string // that was chosen in this browser, "" for none
}

// you shows one's own account.
func (c *Console) you(v *visit) error { return c.showYou(v, "") }

func (c *Console) showYou(v *visit, token string) error {
	me, ctx := v.agent.Email, v.Context()
	a := account{Email: me, This: v.who.Session, CanPasskeys: c.accounts.Passkeys(), Scopes: v.agent.Role.Scopes(), NewToken: token,
		Languages: c.speech.Languages(), Language: chosenLanguage(v.Request)}
	var err error
	if a.Sessions, _, err = c.accounts.Sessions(ctx, me, store.Page{Limit: pageSize}); err != nil {
		return err
	}
	if a.Tokens, _, err = c.accounts.Tokens(ctx, me, store.Page{Limit: auth.MaxTokens}); err != nil {
		return err
	}
	credentials, err := c.accounts.Credentials(ctx, me)
	if err != nil {
		return err
	}
	for _, k := range credentials {
		if k.Kind == store.CredentialPassword {
			a.HasPassword = true
			continue
		}
		a.Passkeys = append(a.Passkeys, k)
	}
	return c.show(v, "you", a)
}

func (c *Console) changePassword(v *visit) error {
	if err := c.accounts.ChangePassword(v.Context(), v.who, v.PostFormValue("old"), v.PostFormValue("password"), c.accounts.Client(v.Request)); err != nil {
		return err
	}
	return v.done("/you", "password")
}

func (c *Console) endSession(v *visit) error {
	if err := c.accounts.EndSession(v.Context(), v.by(), v.agent.Email, v.PostFormValue("session")); err != nil {
		return err
	}
	return v.done("/you", "ended")
}

func (c *Console) removePasskey(v *visit) error {
	if err := c.accounts.RemoveCredential(v.Context(), v.by(), v.agent.Email, v.PostFormValue("credential")); err != nil {
		return err
	}
	return v.done("/you", "removed")
}

// tokenLasts is what one can choose from.
var tokenLasts = map[string]time.Duration{"month": 30 * 24 * time.Hour, "year": 365 * 24 * time.Hour, "": 0}

// addToken makes an API token, and shows it once.
func (c *Console) addToken(v *visit) error {
	in := auth.NewToken{Agent: v.agent.Email, Name: v.PostFormValue("name")}
	for _, s := range v.PostForm["scope"] {
		in.Scopes = append(in.Scopes, desk.Scope(s))
	}
	lasts, ok := tokenLasts[v.PostFormValue("lasts")]
	if !ok {
		return desk.Invalid("how long shall the token be good for?")
	}
	in.Lasts = lasts
	secret, _, err := c.accounts.AddToken(v.Context(), v.by(), in)
	if err != nil {
		return err
	}
	return c.showYou(v, secret.Reveal())
}

func (c *Console) endToken(v *visit) error {
	if err := c.accounts.EndToken(v.Context(), v.by(), v.agent.Email, v.PostFormValue("token")); err != nil {
		return err
	}
	return v.done("/you", "removed")
}
