package auth

import (
	"context"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// Credential is something an agent signs in with, without its secret.
type Credential struct {
	ID      string
	Kind    store.CredentialKind
	Name    string
	Created time.Time
	Used    time.Time
}

// Credentials lists what an agent signs in with, oldest first.
func (a *Accounts) Credentials(ctx context.Context, of desk.Email) (out []Credential, err error) {
	err = a.app.View(ctx, func(tx *app.Tx) error {
		all, err := tx.Credentials().ByAgent(of)
		out = nil
		for _, c := range all {
			out = append(out, Credential{ID: c.ID, Kind: c.Kind, Name: c.Name, Created: c.Created, Used: c.Used})
		}
		return err
	})
	return out, err
}

// RemoveCredential takes a passkey or the password from an agent; the last one
// stays, or they could not sign in any more.
func (a *Accounts) RemoveCredential(ctx context.Context, by app.By, of desk.Email, credential string) error {
	return a.app.Update(ctx, func(tx *app.Tx) error {
		all, err := tx.Credentials().ByAgent(of)
		if err != nil {
			return err
		}
		for _, c := range all {
			if c.ID != credential {
				continue
			}
			if len(all) == 1 {
				return desk.Conflict("credential_only", "this is the only way for %s to sign in: add another one first", of)
			}
			if _, err := tx.Credentials().Delete(of, credential); err != nil {
				return err
			}
			return tx.Audit(by, string(c.Kind)+".remove", agentPath(of), c.Name)
		}
		return desk.NotFound("credential_not_found", "%s has no such passkey or password", of)
	})
}
