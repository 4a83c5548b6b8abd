package auth

import (
	"context"
	"strings"
	"time"
	"unicode"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// How long a session lasts.
const (
	IdleFor  = 12 * time.Hour      // without a request
	LastsFor = 30 * 24 * time.Hour // in any case
	// useEvery is how often it is written down that one is used.
	useEvery = time.Minute
)

// maxBrowser is how much is kept of what a browser says it is, in bytes.
const maxBrowser = 200

// open makes a session for an agent who has proved who they are.
func (a *Accounts) open(tx *app.Tx, agent desk.Agent, from Client, secret Secret) error {
	g := store.Grant{Hash: secret.hash(), Kind: store.GrantSession, Agent: agent.Email, Name: browser(from.Browser),
		Created: tx.Now, Used: tx.Now, Expires: tx.Now.Add(IdleFor)}
	if err := tx.Grants().Put(g); err != nil {
		return err
	}
	return tx.Audit(via(agent), "session.start", agentPath(agent.Email), g.Name)
}

// browser makes text of what a browser says it is.
func browser(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(s) > maxBrowser {
		s = strings.ToValidUTF8(s[:maxBrowser], "")
	}
	return s
}

func agentPath(e desk.Email) string { return "agents/" + string(e) }

// session finds the agent of a session, and notes that it is used.
func (a *Accounts) session(ctx context.Context, secret Secret) (Principal, error) {
	g, agent, err := a.grant(ctx, secret, store.GrantSession)
	if err != nil {
		return Principal{}, err
	}
	if now := a.app.Now(); now.Sub(g.Used) >= useEvery {
		a.recordUse(ctx, g.Hash, func(g *store.Grant) {
			g.Used, g.Expires = now, earlier(now.Add(IdleFor), g.Created.Add(LastsFor))
		})
	}
	return Principal{Agent: agent, Via: store.ViaConsole, Session: g.Hash, grant: g.Hash, scopes: agent.Role.Scopes()}, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// grant finds a grant that holds now, and its agent.
func (a *Accounts) grant(ctx context.Context, secret Secret, kind store.GrantKind) (g store.Grant, agent desk.Agent, err error) {
	ok := false
	err = a.app.View(ctx, func(tx *app.Tx) error {
		g, agent, ok, err = holds(tx, secret, kind)
		return err
	})
	if err == nil && !ok {
		err = desk.Unauthenticated("not_signed_in", "you are not signed in, or not any more")
	}
	return g, agent, err
}

// holds says whether a secret opens what kind is for: it is known, its time
// has not come, and its agent may sign in. A link for the first admin has none.
func holds(tx *app.Tx, secret Secret, kind store.GrantKind) (g store.Grant, agent desk.Agent, ok bool, err error) {
	g, ok, err = tx.Grants().Get(secret.hash())
	if err != nil || !ok || g.Kind != kind || !valid(g, tx.Now) {
		return g, agent, false, err
	}
	if g.Agent == "" {
		return g, agent, true, nil
	}
	agent, ok, err = tx.Agents().Get(g.Agent)
	return g, agent, ok && agent.Active(), err
}

// valid says whether a grant's time has not come.
func valid(g store.Grant, now time.Time) bool { return g.Expires.IsZero() || g.Expires.After(now) }

// recordUse changes a grant that is still there. That it cannot be noted ends
// nobody's work.
func (a *Accounts) recordUse(ctx context.Context, hash string, change func(*store.Grant)) {
	err := a.app.Update(ctx, func(tx *app.Tx) error {
		g, ok, err := tx.Grants().Get(hash)
		if err != nil || !ok {
			return err
		}
		change(&g)
		return tx.Grants().Put(g)
	})
	if err != nil && ctx.Err() == nil {
		a.log.Warn("recording the use of a session or token failed", "err", err)
	}
}

// Session is a browser that is signed in.
type Session struct {
	ID      string
	Agent   desk.Email
	Browser string
	Since   time.Time
	Used    time.Time
	Expires time.Time
}

// Sessions lists an agent's sessions, oldest first.
func (a *Accounts) Sessions(ctx context.Context, of desk.Email, p store.Page) (out []Session, next string, err error) {
	err = a.app.View(ctx, func(tx *app.Tx) error {
		grants, n, err := tx.Grants().List(store.GrantFilter{Kind: store.GrantSession, Agent: of}, p)
		out, next = nil, n
		for _, g := range grants {
			if g.Expires.After(tx.Now) {
				out = append(out, Session{ID: g.Hash, Agent: g.Agent, Browser: g.Name, Since: g.Created, Used: g.Used, Expires: g.Expires})
			}
		}
		return err
	})
	return out, next, err
}

// EndSession ends one of an agent's sessions.
func (a *Accounts) EndSession(ctx context.Context, by app.By, of desk.Email, session string) error {
	return a.app.Update(ctx, func(tx *app.Tx) error {
		g, ok, err := tx.Grants().Get(session)
		if err != nil {
			return err
		}
		if !ok || g.Kind != store.GrantSession || g.Agent != of {
			return desk.NotFound("session_not_found", "there is no such session, or it has ended")
		}
		if _, err := tx.Grants().Delete(session); err != nil {
			return err
		}
		return tx.Audit(by, "session.end", agentPath(of), g.Name)
	})
}

// EndSessions ends all sessions of an agent.
func (a *Accounts) EndSessions(ctx context.Context, by app.By, of desk.Email) error {
	return a.app.Update(ctx, func(tx *app.Tx) error {
		if _, err := tx.Agent(of); err != nil {
			return err
		}
		if err := tx.EndGrants(store.GrantFilter{Kind: store.GrantSession, Agent: of}, ""); err != nil {
			return err
		}
		return tx.Audit(by, "session.end", agentPath(of), "all")
	})
}

// SignOut ends the session of a secret. One that is over already is as good.
func (a *Accounts) SignOut(ctx context.Context, secret Secret) error {
	return a.app.Update(ctx, func(tx *app.Tx) error {
		g, agent, ok, err := holds(tx, secret, store.GrantSession)
		if err != nil || !ok {
			return err
		}
		if _, err := tx.Grants().Delete(g.Hash); err != nil {
			return err
		}
		return tx.Audit(via(agent), "session.end", agentPath(agent.Email), g.Name)
	})
}
