package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// BeginPasskeySignIn asks the browser for a passkey of any agent.
func (a *Accounts) BeginPasskeySignIn(ctx context.Context, from Client) (Ceremony, error) {
	if a.keys == nil {
		return Ceremony{}, noPasskeys()
	}
	if err := a.limits.try("", from.counted()); err != nil {
		return Ceremony{}, err
	}
	options, session, err := a.keys.BeginDiscoverableLogin()
	if err != nil {
		return Ceremony{}, fmt.Errorf("asking for a passkey: %w", err)
	}
	return a.begin(ctx, ceremony{Purpose: forSignIn, Session: *session}, options.Response)
}

// errNobody: the passkey belongs to nobody, or to an agent who may not sign in.
var errNobody = errors.New("nobody's passkey")

// FinishPasskeySignIn signs in whose passkey answered. answer is the browser's,
// as PublicKeyCredential.toJSON makes it.
func (a *Accounts) FinishPasskeySignIn(ctx context.Context, secret Secret, answer []byte, from Client) (Secret, desk.Agent, error) {
	if a.keys == nil {
		return Secret{}, desk.Agent{}, noPasskeys()
	}
	if err := a.limits.try("", from.counted()); err != nil {
		return Secret{}, desk.Agent{}, err
	}
	c, err := a.take(ctx, secret, forSignIn)
	if err != nil {
		return Secret{}, desk.Agent{}, err
	}
	refused := desk.Unauthenticated("passkey_unknown", "that passkey does not open anything here")
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Secret{}, desk.Agent{}, refused
	}
	var storeErr error
	found, key, err := a.keys.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		var u user
		storeErr = a.app.View(ctx, func(tx *app.Tx) error {
			agent, ok, err := tx.Agents().ByID(string(handle))
			if err != nil || !ok || !agent.Active() {
				return err
			}
			u, err = userOf(tx, agent)
			return err
		})
		if storeErr != nil || u.agent.ID == "" {
			return nil, errors.Join(errNobody, storeErr)
		}
		return u, nil
	}, c.Session, parsed)
	if storeErr != nil {
		return Secret{}, desk.Agent{}, storeErr
	}
	if err != nil {
		a.log.Info("a sign-in with a passkey failed", "from", from.Addr, "err", err)
		return Secret{}, desk.Agent{}, refused
	}
	agent := found.(user).agent //nolint:forcetypeassert // the function above returned it
	if key.Authenticator.CloneWarning {
		a.log.Warn("a passkey counts backwards: it may have been copied", "agent", agent.Email)
	}
	session := newSecret("")
	err = a.app.Update(ctx, func(tx *app.Tx) error {
		kept, ok, err := tx.Credentials().Get(agent.Email, keyID(key))
		if err != nil {
			return err
		}
		now, there, err := tx.Agents().Get(agent.Email)
		if err != nil {
			return err
		}
		if !ok || !there || !now.Active() { // meanwhile
			return refused
		}
		agent = now
		kept.Used = tx.Now
		if kept.Secret, err = json.Marshal(key); err != nil {
			return err
		}
		if err := tx.Credentials().Put(kept); err != nil {
			return err
		}
		return a.open(tx, now, from, session)
	})
	return session, agent, err
}
