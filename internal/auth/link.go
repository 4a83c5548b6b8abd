package auth

import (
	"context"
	"errors"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/store"
)

// LinkFor is how long a one-time link can be used.
const LinkFor = 72 * time.Hour

// WelcomePath is where links lead.
const WelcomePath = "/console/welcome"

// Link is a one-time link. A person who has it can sign in as the agent.
type Link struct {
	URL     string
	Agent   desk.Email // "" if it makes the first admin
	Expires time.Time
}

// MakeLink makes a link for an agent, with which they choose a password or
// make a passkey. Links that they had are of no use any more. Where there is
// no agent yet, it makes the first admin.
func (a *Accounts) MakeLink(ctx context.Context, by app.By, of desk.Email) (Link, error) {
	who, err := desk.ParseEmail(string(of))
	if err != nil {
		return Link{}, err
	}
	secret := newSecret("")
	link := Link{Agent: who}
	err = a.app.Update(ctx, func(tx *app.Tx) error {
		agent, ok, err := tx.Agents().Get(who)
		if err != nil {
			return err
		}
		switch {
		case ok && !agent.Active():
			return desk.Conflict("agent_disabled", "%s is disabled: enable them first", who)
		case ok:
			return a.putLink(tx, by, &link, secret, nil)
		}
		if n, err := tx.Admins(); err != nil {
			return err
		} else if n > 0 {
			return desk.NotFound("agent_not_added", "there is no agent %q; add them first", who)
		}
		link.Agent = ""
		return a.putLink(tx, by, &link, secret, []byte(who))
	})
	link.Agent = who
	return link, err
}

// FirstLink makes the link by which the first admin comes in; ok is false if
// there is an admin.
func (a *Accounts) FirstLink(ctx context.Context) (link Link, ok bool, err error) {
	secret := newSecret("")
	err = a.app.Update(ctx, func(tx *app.Tx) error {
		n, err := tx.Admins()
		if ok = n == 0; err != nil || !ok {
			return err
		}
		return a.putLink(tx, app.By{}, &link, secret, nil)
	})
	return link, ok, err
}

// putLink puts a link in place of those for the same agent. The first admin's
// carries the address that is proposed.
func (a *Accounts) putLink(tx *app.Tx, by app.By, link *Link, secret Secret, proposed []byte) error {
	if err := endLinks(tx, link.Agent); err != nil {
		return err
	}
	link.Expires = tx.Now.Add(LinkFor)
	link.URL = a.app.Site().URL + WelcomePath + "?" + codeParameter + "=" + secret.Reveal()
	g := store.Grant{Hash: secret.hash(), Kind: store.GrantLink, Agent: link.Agent, Data: proposed, Created: tx.Now, Expires: link.Expires}
	if err := tx.Grants().Put(g); err != nil {
		return err
	}
	return tx.Audit(by, "agent.link", agentPath(link.Agent), string(proposed))
}

// endLinks deletes the links of an agent, or with "" those for a first admin.
func endLinks(tx *app.Tx, of desk.Email) error {
	if of != "" {
		return tx.EndGrants(store.GrantFilter{Kind: store.GrantLink, Agent: of}, "")
	}
	for g, err := range store.EachOf(tx.Grants().List, store.GrantFilter{Kind: store.GrantLink}) {
		if err != nil {
			return err
		}
		if g.Agent != "" {
			continue
		}
		if _, err := tx.Grants().Delete(g.Hash); err != nil {
			return err
		}
	}
	return nil
}

// Invitation is what a link is for.
type Invitation struct {
	First bool       // it makes the first admin, who says who they are
	Email desk.Email // with First only a proposal, which may be ""
	Name  string
}

// Invitation says what a link is for, and does not use it up: mail programs
// look at links too.
func (a *Accounts) Invitation(ctx context.Context, code Secret, from Client) (in Invitation, err error) {
	if err := a.limits.try("", from.counted()); err != nil {
		return in, err
	}
	err = a.app.View(ctx, func(tx *app.Tx) error { in, _, err = invitation(tx, code); return err })
	return in, err
}

func invitation(tx *app.Tx, code Secret) (in Invitation, g store.Grant, err error) {
	g, agent, ok, err := holds(tx, code, store.GrantLink)
	if err == nil && ok && g.Agent == "" {
		n, adminsErr := tx.Admins()
		ok, err = n == 0, adminsErr
	}
	if err == nil && !ok {
		err = desk.Unauthenticated("link_used", "this link has been used or is too old: ask an admin for a new one")
	}
	if g.Agent == "" {
		return Invitation{First: true, Email: desk.Email(g.Data)}, g, err
	}
	return Invitation{Email: agent.Email, Name: agent.Name}, g, err
}

// Newcomer is the form that a person fills in after a link. Only the first
// admin is asked for Email; Name "" leaves the name as it is.
type Newcomer struct {
	Code     Secret
	Email    desk.Email
	Name     string
	Password string
}

// Welcome uses a link up: it sets the password and signs in. All other sessions
// of the agent end, because an agent who asks for a link may have lost a device.
func (a *Accounts) Welcome(ctx context.Context, in Newcomer, from Client) (Secret, desk.Agent, error) {
	if err := a.limits.try("", from.counted()); err != nil {
		return Secret{}, desk.Agent{}, err
	}
	agent, err := a.newcomer(ctx, in)
	if err != nil {
		return Secret{}, agent, err
	}
	hash, err := a.newPassword(ctx, in.Password, agent)
	if err != nil {
		return Secret{}, agent, err
	}
	return a.comeIn(ctx, in, agent, from, func(tx *app.Tx, agent desk.Agent) error {
		if err := putPassword(tx, agent.Email, hash); err != nil {
			return err
		}
		return tx.Audit(via(agent), "password.set", agentPath(agent.Email), "")
	})
}

// newcomer returns the agent as they will be, if the link is good.
func (a *Accounts) newcomer(ctx context.Context, in Newcomer) (agent desk.Agent, err error) {
	err = a.app.View(ctx, func(tx *app.Tx) error {
		invited, _, err := invitation(tx, in.Code)
		if err != nil {
			return err
		}
		if invited.First {
			agent = desk.Agent{Email: in.Email, Name: in.Name, Role: desk.RoleAdmin}
			if agent.Email == "" {
				agent.Email = invited.Email
			}
		} else if agent, err = tx.Agent(invited.Email); err != nil {
			return err
		} else if in.Name != "" && in.Name != agent.Name {
			agent.Name, agent.Signature = in.Name, ""
		}
		agent, err = desk.NewAgent(agent)
		return err
	})
	if err == nil && agent.ID == "" {
		agent.ID = id.New()
	}
	return agent, err
}

// comeIn uses the link up, adds or changes the agent, lets prove store their
// password or passkey, and opens a session.
func (a *Accounts) comeIn(ctx context.Context, in Newcomer, agent desk.Agent, from Client, prove func(*app.Tx, desk.Agent) error) (secret Secret, came desk.Agent, err error) {
	secret = newSecret("")
	err = a.app.Update(ctx, func(tx *app.Tx) error {
		invited, g, err := invitation(tx, in.Code)
		if err != nil {
			return err
		}
		if _, err := tx.Grants().Delete(g.Hash); err != nil {
			return err
		}
		switch {
		case invited.First:
			came, err = a.firstAdmin(tx, agent)
		case invited.Email != agent.Email:
			err = desk.Forbidden("link_of_another", "this link is for another person")
		default:
			came, err = checkName(tx, agent)
		}
		if err != nil {
			return err
		}
		if err := prove(tx, came); err != nil {
			return err
		}
		if err := tx.EndGrants(store.GrantFilter{Kind: store.GrantSession, Agent: came.Email}, ""); err != nil {
			return err
		}
		return a.open(tx, came, from, secret)
	})
	return secret, came, err
}

// firstAdmin adds the first admin. An agent with another role, or a disabled
// one, becomes the admin.
func (a *Accounts) firstAdmin(tx *app.Tx, agent desk.Agent) (desk.Agent, error) {
	if err := errors.Join(endLinks(tx, ""), tx.BeginSetup()); err != nil {
		return agent, err
	}
	old, there, err := tx.Agents().Get(agent.Email)
	if err != nil {
		return agent, err
	}
	if !there {
		if agent, err = tx.AddAgent(agent); err != nil {
			return agent, err
		}
		return agent, tx.Audit(via(agent), "agent.add", agentPath(agent.Email), string(agent.Role))
	}
	old.Name, old.Signature, old.Role, old.Desks, old.Disabled = agent.Name, agent.Signature, desk.RoleAdmin, nil, time.Time{}
	if err := tx.Agents().Put(old); err != nil {
		return old, err
	}
	return old, tx.Audit(via(old), "agent.edit", agentPath(old.Email), "role "+string(old.Role))
}

// checkName changes the name that an agent goes by, and nothing else.
func checkName(tx *app.Tx, now desk.Agent) (desk.Agent, error) {
	agent, err := tx.Agent(now.Email)
	if err != nil || agent.Name == now.Name {
		return agent, err
	}
	agent.Name, agent.Signature = now.Name, now.Signature
	if err := tx.Agents().Put(agent); err != nil {
		return agent, err
	}
	return agent, tx.Audit(via(agent), "agent.edit", agentPath(agent.Email), "name")
}
