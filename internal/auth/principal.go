package auth

import (
	"context"
	"slices"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// Principal is an agent whose identity is proven, and the front end they use.
type Principal struct {
	Agent   desk.Agent
	Via     store.Via
	Session string // the session's id, with ViaConsole
	Token   string // the token's name, with ViaToken
	scopes  []desk.Scope
	grant   string    // the hash of their session or token
	until   time.Time // the end of the token they came with, zero for none
}

// May says whether they may do something: their role allows it, and so does
// the token that they use.
func (w Principal) May(s desk.Scope) bool { return slices.Contains(w.scopes, s) && w.Agent.May(s) }

// couldAnyway says whether they may do at least as much with another scope: by alerts one
// makes drafts, and by reply too. Tokens that are older than the scope of alerts lack it.
func (w Principal) couldAnyway(s desk.Scope) bool {
	return s == desk.ScopeAlerts && w.May(desk.ScopeReply)
}

// Scopes lists their rights.
func (w Principal) Scopes() (out []desk.Scope) {
	for _, s := range desk.Scopes() {
		if w.May(s) {
			out = append(out, s)
		}
	}
	return out
}

// MayAll says whether they may all that their role allows: everybody who signed
// in, and programs whose token was not narrowed.
func (w Principal) MayAll() bool {
	for _, s := range w.Agent.Role.Scopes() {
		if !w.May(s) && !w.couldAnyway(s) {
			return false
		}
	}
	return w.Agent.Active()
}

// MayGive says whether the caller may make a link or a token with these scopes.
// A token cannot make one that allows more, or that never ends (lasts 0) if the
// token itself ends.
func (w Principal) MayGive(scopes []desk.Scope, lasts time.Duration, now time.Time) error {
	if w.Via != store.ViaToken {
		return nil
	}
	for _, s := range scopes {
		if !w.May(s) && !w.couldAnyway(s) {
			return desk.Forbidden("token_scope_too_wide", "this token does not have the scope %q, so it cannot give it", s)
		}
	}
	if !w.until.IsZero() && (lasts == 0 || now.Add(lasts).After(w.until)) {
		return desk.Forbidden("token_outlives", "this token ends on %s, and a link or token made with it must end by then", w.until.UTC().Format(time.DateOnly))
	}
	return nil
}

// By is who they are to the use cases; key is the request's idempotency key.
func (w Principal) By(key string) app.By {
	return app.By{Agent: w.Agent.Email, Via: w.Via, Token: w.Token, Key: key, MayPublish: w.May(desk.ScopePublish)}
}

// Still returns a caller of a while ago as they are now, and whether they may still do
// something: their session or token is valid, and their role allows it. It does not count as
// use.
func (a *Accounts) Still(ctx context.Context, w Principal, s desk.Scope) (agent desk.Agent, may bool, err error) {
	err = a.app.View(ctx, func(tx *app.Tx) error {
		g, ok, err := tx.Grants().Get(w.grant)
		if may = ok && valid(g, tx.Now); err != nil || !may {
			return err
		}
		agent, _, err = tx.Agents().Get(g.Agent)
		may = agent.May(s) && (g.Kind == store.GrantSession || slices.Contains(g.Scopes, s))
		return err
	})
	return agent, may, err
}

// Stream counts a caller's stream of events until end is called, so that a
// program that forgets to close its streams uses up only its own.
func (a *Accounts) Stream(w Principal) (end func(), err error) { return a.limits.stream(w) }

type contextKey struct{}

// With returns a context that knows who asks, and sees what they see.
func With(ctx context.Context, w Principal) context.Context {
	return context.WithValue(app.Within(ctx, w.Agent), contextKey{}, w)
}

// From returns who asks, behind Require.
func From(ctx context.Context) (Principal, bool) {
	w, ok := ctx.Value(contextKey{}).(Principal)
	return w, ok
}
