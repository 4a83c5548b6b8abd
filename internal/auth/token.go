package auth

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// MaxTokens is how many API tokens one agent may have.
const MaxTokens = 50

// Token is an API token, without its secret.
type Token struct {
	ID      string
	Agent   desk.Email
	Name    string
	Scopes  []desk.Scope
	Created time.Time
	Used    time.Time
	Expires time.Time // zero: never
}

func tokenOf(g store.Grant) Token {
	return Token{ID: g.Hash, Agent: g.Agent, Name: g.Name, Scopes: g.Scopes, Created: g.Created, Used: g.Used, Expires: g.Expires}
}

// NewToken is an API token to be made.
type NewToken struct {
	Agent  desk.Email // in whose name it acts
	Name   string     // its purpose; no two of an agent have the same name
	Scopes []desk.Scope
	Lasts  time.Duration // 0: it does not expire
}

// AddToken makes an API token. It never allows more than its agent's role, now
// and later. The secret is not kept and cannot be shown again.
func (a *Accounts) AddToken(ctx context.Context, by app.By, in NewToken) (Secret, Token, error) {
	in.Name = strings.TrimSpace(in.Name)
	if n := utf8.RuneCountInString(in.Name); n < 1 || n > 100 {
		return Secret{}, Token{}, desk.Invalid("token_name_invalid", "a token has a name of at most 100 characters, which says what it is for")
	}
	if in.Lasts < 0 {
		return Secret{}, Token{}, desk.Invalid("token_expired_at_birth", "a token cannot have expired when it is made")
	}
	if len(in.Scopes) == 0 {
		return Secret{}, Token{}, desk.Invalid("token_scopes_missing", "a token needs scopes; there are %v", desk.Scopes())
	}
	for _, s := range in.Scopes {
		if !slices.Contains(desk.Scopes(), s) {
			return Secret{}, Token{}, desk.Invalid("scope_unknown", "there is no scope %q; there are %v", s, desk.Scopes())
		}
	}
	slices.Sort(in.Scopes)
	in.Scopes = slices.Compact(in.Scopes)
	secret := newSecret(TokenPrefix)
	var g store.Grant
	err := a.app.Update(ctx, func(tx *app.Tx) error {
		agent, err := tx.Agent(in.Agent)
		if err != nil {
			return err
		}
		for _, s := range in.Scopes {
			if !agent.May(s) {
				return desk.Forbidden("token_scope_not_theirs", "%s may not %s, so no token of theirs may", in.Agent, s)
			}
		}
		if err := nameFree(tx, in); err != nil {
			return err
		}
		g = store.Grant{Hash: secret.hash(), Kind: store.GrantToken, Agent: in.Agent, Name: in.Name, Scopes: in.Scopes, Created: tx.Now}
		if in.Lasts > 0 {
			g.Expires = tx.Now.Add(in.Lasts)
		}
		if err := tx.Grants().Put(g); err != nil {
			return err
		}
		return tx.Audit(by, "token.add", agentPath(in.Agent), in.Name)
	})
	return secret, tokenOf(g), err
}

func nameFree(tx *app.Tx, in NewToken) error {
	grants, _, err := tx.Grants().List(store.GrantFilter{Kind: store.GrantToken, Agent: in.Agent}, store.Page{})
	if err != nil {
		return err
	}
	if len(grants) >= MaxTokens {
		return desk.Conflict("tokens_too_many", "%s has %d tokens: revoke one that is not needed any more", in.Agent, MaxTokens)
	}
	for _, g := range grants {
		if g.Name == in.Name {
			return desk.Conflict("token_exists", "%s has a token named %q already", in.Agent, in.Name)
		}
	}
	return nil
}

// Tokens lists API tokens, oldest first; of "" everybody's.
func (a *Accounts) Tokens(ctx context.Context, of desk.Email, p store.Page) (out []Token, next string, err error) {
	err = a.app.View(ctx, func(tx *app.Tx) error {
		grants, n, err := tx.Grants().List(store.GrantFilter{Kind: store.GrantToken, Agent: of}, p)
		out, next = make([]Token, len(grants)), n
		for i, g := range grants {
			out[i] = tokenOf(g)
		}
		return err
	})
	return out, next, err
}

// EndToken revokes an API token by its id. of "" allows every agent's.
func (a *Accounts) EndToken(ctx context.Context, by app.By, of desk.Email, token string) error {
	return a.app.Update(ctx, func(tx *app.Tx) error {
		g, ok, err := tx.Grants().Get(token)
		if err != nil {
			return err
		}
		if !ok || g.Kind != store.GrantToken || (of != "" && g.Agent != of) {
			return desk.NotFound("token_not_found", "there is no such token")
		}
		if _, err := tx.Grants().Delete(token); err != nil {
			return err
		}
		return tx.Audit(by, "token.revoke", agentPath(g.Agent), g.Name)
	})
}

// token finds whose token a secret is, and notes that it is used.
func (a *Accounts) token(ctx context.Context, secret Secret) (Principal, error) {
	g, agent, err := a.grant(ctx, secret, store.GrantToken)
	if desk.ErrorCode(err) == desk.CodeUnauthenticated {
		err = desk.Unauthenticated("token_unknown", "this API token is not known, has expired or was revoked")
	}
	if err != nil {
		return Principal{}, err
	}
	if now := a.app.Now(); now.Sub(g.Used) >= useEvery {
		a.recordUse(ctx, g.Hash, func(g *store.Grant) { g.Used = now })
	}
	return Principal{Agent: agent, Via: store.ViaToken, Token: g.Name, grant: g.Hash, scopes: g.Scopes, until: g.Expires}, nil
}
