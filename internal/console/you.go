package console

import (
	"earshot/internal/desk"
	"earshot/internal/locale"
)

// account is the page of an agent's own account.
type account struct {
	access
	Email       desk.Email
	CanPasskeys bool // whether the instance's address can have them
	Languages   []*locale.Language
	Language    string // that was chosen in this browser, "" for none
}

// you shows one's own account.
func (c *Console) you(v *visit) error { return c.showYou(v, "") }

func (c *Console) showYou(v *visit, newToken string) error {
	a, err := c.accessOf(v, v.agent, newToken)
	if err != nil {
		return err
	}
	return c.show(v, "you", account{a, v.agent.Email, c.accounts.Passkeys(), c.speech.Languages(), chosenLanguage(v.Request)})
}

func (c *Console) changePassword(v *visit) error {
	if err := c.accounts.ChangePassword(v.Context(), v.who, v.PostFormValue("old"), v.PostFormValue("password"), c.accounts.Client(v.Request)); err != nil {
		return err
	}
	return v.done("/you", "password")
}
