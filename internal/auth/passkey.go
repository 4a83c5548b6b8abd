package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

const (
	// MaxPasskeys is how many passkeys one agent may have.
	MaxPasskeys = 20
	// ceremonyFor is how long the browser may take.
	ceremonyFor = 10 * time.Minute
)

// relyingParty is the site's name for browsers; nil if its address cannot be
// one: an IP address, or http elsewhere than on localhost.
func relyingParty(site desk.Site) *webauthn.WebAuthn {
	u, err := url.Parse(site.URL)
	if err != nil || (u.Scheme != "https" && u.Hostname() != "localhost") {
		return nil
	}
	w, err := webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: "Earshot " + string(site.HandleDomain), RPOrigins: []string{site.URL},
		AttestationPreference: protocol.PreferNoAttestation,
		// A passkey stands for name and password, so it must ask its owner.
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}})
	if err != nil {
		return nil
	}
	return w
}

// Passkeys says whether passkeys can be used at the site's address.
func (a *Accounts) Passkeys() bool { return a.keys != nil }

// Ceremony tells the browser how to make or use a passkey: Options for
// navigator.credentials.create or get, in the form that
// PublicKeyCredential.parseCreationOptionsFromJSON and
// parseRequestOptionsFromJSON read. Secret comes back with the answer.
type Ceremony struct {
	Secret  Secret
	Options json.RawMessage
}

// ceremony is the state that is stored until the browser answers.
type ceremony struct {
	Purpose string               `json:"purpose"`
	Agent   desk.Agent           `json:"agent"` // gets the passkey
	Session webauthn.SessionData `json:"session"`
}

// The purposes of a ceremony: one that began for one purpose cannot end for
// another.
const (
	forSignIn  = "sign-in"
	forWelcome = "welcome"
	forAccount = "account"
)

// user is an agent as the library wants to see one.
type user struct {
	agent desk.Agent
	keys  []webauthn.Credential
}

func (u user) WebAuthnID() []byte                         { return []byte(u.agent.ID) }
func (u user) WebAuthnName() string                       { return string(u.agent.Email) }
func (u user) WebAuthnDisplayName() string                { return u.agent.Name }
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.keys }

// userOf reads an agent's passkeys.
func userOf(tx *app.Tx, agent desk.Agent) (user, error) {
	u := user{agent: agent}
	all, err := tx.Credentials().ByAgent(agent.Email)
	if err != nil {
		return u, err
	}
	for _, c := range all {
		if c.Kind != store.CredentialPasskey {
			continue
		}
		var k webauthn.Credential
		if err := json.Unmarshal(c.Secret, &k); err != nil {
			return u, fmt.Errorf("reading a passkey: %w", err)
		}
		u.keys = append(u.keys, k)
	}
	return u, nil
}

func noPasskeys() error {
	return desk.Conflict("passkeys_no_https", "passkeys cannot be used at this address: a browser wants https, or localhost")
}

// begin stores a ceremony and returns the browser's part of it.
func (a *Accounts) begin(ctx context.Context, c ceremony, options any) (Ceremony, error) {
	shown, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, err
	}
	kept, err := json.Marshal(c)
	if err != nil {
		return Ceremony{}, err
	}
	secret := newSecret("")
	return Ceremony{secret, shown}, a.app.Update(ctx, func(tx *app.Tx) error {
		return tx.Grants().Put(store.Grant{Hash: secret.hash(), Kind: store.GrantCeremony, Agent: "", Data: kept, Created: tx.Now, Expires: tx.Now.Add(ceremonyFor)})
	})
}

// take ends a ceremony: it can be answered only once, rightly or wrongly.
func (a *Accounts) take(ctx context.Context, secret Secret, purpose string) (c ceremony, err error) {
	err = a.app.Update(ctx, func(tx *app.Tx) error {
		c = ceremony{}
		g, _, ok, err := holds(tx, secret, store.GrantCeremony)
		if err != nil || !ok {
			return err
		}
		if err := json.Unmarshal(g.Data, &c); err != nil {
			return fmt.Errorf("reading a ceremony: %w", err)
		}
		_, err = tx.Grants().Delete(g.Hash)
		return err
	})
	if err == nil && c.Purpose != purpose {
		err = desk.Unauthenticated("sign_in_too_slow", "this took too long: try again")
	}
	return c, err
}

func keyID(k *webauthn.Credential) string { return base64.RawURLEncoding.EncodeToString(k.ID) }
