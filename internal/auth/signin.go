package auth

import (
	"context"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// passwordID is the id of the credential that is a password.
const passwordID = "password"

// SignIn signs an agent in with a password. Whether there is such an agent, is
// disabled, or has no password takes as long and is answered alike.
func (a *Accounts) SignIn(ctx context.Context, email, password string, from Client) (Secret, desk.Agent, error) {
	who, invalid := desk.ParseEmail(email)
	if invalid != nil {
		who = desk.Email(email)
	}
	if err := a.limits.try(string(who), from.counted()); err != nil {
		return Secret{}, desk.Agent{}, err
	}
	var agent desk.Agent
	kept := ""
	if invalid == nil {
		err := a.app.View(ctx, func(tx *app.Tx) error {
			c, ok, err := tx.Credentials().Get(who, passwordID)
			if err != nil {
				return err
			}
			if agent, _, err = tx.Agents().Get(who); err == nil && ok && agent.Active() {
				kept = string(c.Secret)
			}
			return err
		})
		if err != nil {
			return Secret{}, agent, err
		}
	}
	right, err := a.hasher.verify(ctx, password, kept)
	if err != nil {
		return Secret{}, agent, err
	}
	if !right {
		a.log.Info("a sign-in failed", "from", from.Addr) // the address typed may be a password
		return Secret{}, desk.Agent{}, wrong()
	}
	secret := newSecret("")
	err = a.app.Update(ctx, func(tx *app.Tx) error {
		// The agent or the password may have changed since the check.
		c, ok, err := tx.Credentials().Get(who, passwordID)
		if err != nil {
			return err
		}
		now, there, err := tx.Agents().Get(who)
		if err != nil {
			return err
		}
		if !ok || string(c.Secret) != kept || !there || !now.Active() {
			return wrong()
		}
		c.Used = tx.Now
		if err := tx.Credentials().Put(c); err != nil {
			return err
		}
		return a.open(tx, now, from, secret)
	})
	if err == nil {
		a.limits.succeeded(string(who), from.counted())
	}
	return secret, agent, err
}

// ChangePassword sets an agent's password, after the old one if there is one.
// Their other sessions end. A token, which may have an end, makes no password
// where there was none.
func (a *Accounts) ChangePassword(ctx context.Context, who Principal, old, password string, from Client) error {
	if err := a.limits.try(string(who.Agent.Email), from.counted()); err != nil {
		return err
	}
	hash, err := a.newPassword(ctx, password, who.Agent)
	if err != nil {
		return err
	}
	var kept store.Credential
	had := false
	err = a.app.View(ctx, func(tx *app.Tx) error {
		kept, had, err = tx.Credentials().Get(who.Agent.Email, passwordID)
		return err
	})
	if err != nil {
		return err
	}
	if !had && who.Via == store.ViaToken {
		return desk.Forbidden("password_not_set", "there is no password yet: sign in and set the first one on the page You")
	}
	if had {
		if right, err := a.hasher.verify(ctx, old, string(kept.Secret)); err != nil {
			return err
		} else if !right {
			return desk.Forbidden("password_wrong", "the present password is not right")
		}
	}
	return a.app.Update(ctx, func(tx *app.Tx) error {
		now, there, err := tx.Credentials().Get(who.Agent.Email, passwordID)
		if err != nil {
			return err
		}
		if there != had || string(now.Secret) != string(kept.Secret) {
			return desk.Conflict("password_changed", "the password was changed meanwhile")
		}
		if err := putPassword(tx, who.Agent.Email, hash); err != nil {
			return err
		}
		if err := tx.EndGrants(store.GrantFilter{Kind: store.GrantSession, Agent: who.Agent.Email}, who.Session); err != nil {
			return err
		}
		return tx.Audit(who.By(""), "password.set", agentPath(who.Agent.Email), "")
	})
}

// newPassword checks a password and makes its hash.
func (a *Accounts) newPassword(ctx context.Context, password string, about desk.Agent) (string, error) {
	password, err := checkPassword(password, about)
	if err != nil {
		return "", err
	}
	return a.hasher.hash(ctx, password)
}

func putPassword(tx *app.Tx, of desk.Email, hash string) error {
	return tx.Credentials().Put(store.Credential{Agent: of, ID: passwordID, Kind: store.CredentialPassword, Secret: []byte(hash), Created: tx.Now})
}
