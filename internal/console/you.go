package console

import (
	"earshot/internal/auth"
	"earshot/store"
)

// account is what somebody sees of their own.
type account struct {
	Sessions    []auth.Session
	This        string // the session that asks
	Credentials []store.Credential
	HasPassword bool
	Passkeys    bool // whether this instance's address can have them
}

// you shows one's own account.
func (c *Console) you(v *visit) error {
	me := v.agent.Email
	sessions, _, err := c.accounts.Sessions(v.Context(), me, store.Page{Limit: pageSize})
	if err != nil {
		return err
	}
	credentials, err := c.accounts.Credentials(v.Context(), me)
	if err != nil {
		return err
	}
	a := account{Sessions: sessions, This: v.who.Session, Passkeys: c.accounts.CanPasskeys()}
	for _, k := range credentials {
		if k.Kind == store.CredentialPassword {
			a.HasPassword = true
			continue
		}
		a.Credentials = append(a.Credentials, k)
	}
	return c.show(v, "you", v.agent.Name, a)
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
	if err := c.accounts.RemoveCredential(v.Context(), v.who, v.PostFormValue("credential")); err != nil {
		return err
	}
	return v.done("/you", "removed")
}
