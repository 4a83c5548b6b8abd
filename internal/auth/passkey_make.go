package auth

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// BeginPasskey begins another passkey for a signed-in agent.
func (a *Accounts) BeginPasskey(ctx context.Context, who Principal) (Ceremony, error) {
	return a.beginMaking(ctx, forAccount, who.Agent)
}

func (a *Accounts) beginMaking(ctx context.Context, purpose string, agent desk.Agent) (Ceremony, error) {
	if a.keys == nil {
		return Ceremony{}, noPasskeys()
	}
	var u user
	err := a.app.View(ctx, func(tx *app.Tx) (err error) { u, err = userOf(tx, agent); return err })
	if err != nil {
		return Ceremony{}, err
	}
	if len(u.keys) >= MaxPasskeys {
		return Ceremony{}, desk.Conflict("passkeys_too_many", "you have %d passkeys: remove one that you do not use any more", MaxPasskeys)
	}
	options, session, err := a.keys.BeginRegistration(u, webauthn.WithExclusions(webauthn.Credentials(u.keys).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, fmt.Errorf("asking for a new passkey: %w", err)
	}
	return a.begin(ctx, ceremony{Purpose: purpose, Agent: agent, Session: *session}, options.Response)
}

// FinishPasskey keeps the passkey that was made, under a name.
func (a *Accounts) FinishPasskey(ctx context.Context, who Principal, secret Secret, name string, answer []byte) error {
	c, key, err := a.made(ctx, secret, forAccount, answer)
	if err != nil {
		return err
	}
	if c.Agent.Email != who.Agent.Email {
		return desk.Forbidden("passkey_of_another", "another person began to make this passkey")
	}
	return a.app.Update(ctx, func(tx *app.Tx) error { return putPasskey(tx, who.By(""), c.Agent.Email, name, key) })
}

// made checks the browser's answer to beginMaking.
func (a *Accounts) made(ctx context.Context, secret Secret, purpose string, answer []byte) (ceremony, *webauthn.Credential, error) {
	if a.keys == nil {
		return ceremony{}, nil, noPasskeys()
	}
	c, err := a.take(ctx, secret, purpose)
	if err != nil {
		return c, nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return c, nil, desk.Invalid("passkey_not_one", "the browser's answer is no passkey")
	}
	key, err := a.keys.CreateCredential(user{agent: c.Agent}, c.Session, parsed)
	if err != nil {
		a.log.Info("making a passkey failed", "agent", c.Agent.Email, "err", err)
		return c, nil, desk.Invalid("passkey_unfit", "the passkey cannot be used: it was not made for this site, or does not ask its owner")
	}
	return c, key, nil
}

func putPasskey(tx *app.Tx, by app.By, of desk.Email, name string, key *webauthn.Credential) error {
	if name = browser(name); name == "" {
		name = "passkey"
	}
	b, err := json.Marshal(key)
	if err != nil {
		return err
	}
	if err := tx.Credentials().Put(store.Credential{Agent: of, ID: keyID(key), Kind: store.CredentialPasskey, Name: name, Secret: b, Created: tx.Now}); err != nil {
		return err
	}
	return tx.Audit(by, "passkey.add", agentPath(of), name)
}

// BeginWelcomePasskey begins to make a passkey for who came by a link, instead
// of a password.
func (a *Accounts) BeginWelcomePasskey(ctx context.Context, in Newcomer, from Client) (Ceremony, error) {
	if err := a.limits.try("", from.counted()); err != nil {
		return Ceremony{}, err
	}
	agent, err := a.newcomer(ctx, in)
	if err != nil {
		return Ceremony{}, err
	}
	return a.beginMaking(ctx, forWelcome, agent)
}

// FinishWelcomePasskey uses the link up, keeps the passkey and signs in. Of in
// only the code is needed.
func (a *Accounts) FinishWelcomePasskey(ctx context.Context, in Newcomer, secret Secret, name string, answer []byte, from Client) (Secret, desk.Agent, error) {
	if err := a.limits.try("", from.counted()); err != nil {
		return Secret{}, desk.Agent{}, err
	}
	c, key, err := a.made(ctx, secret, forWelcome, answer)
	if err != nil {
		return Secret{}, desk.Agent{}, err
	}
	return a.comeIn(ctx, in, c.Agent, from, func(tx *app.Tx, agent desk.Agent) error {
		if agent.ID != c.Agent.ID { // the passkey holds the id that was there when it was made
			return desk.Conflict("passkey_too_slow", "making the passkey took too long: try again")
		}
		return putPasskey(tx, via(agent), agent.Email, name, key)
	})
}
