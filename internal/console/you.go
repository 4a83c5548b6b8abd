package console

import (
	"strings"

	"earshot/internal/app"
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
	Zone        string // of their days
	Now         string // the time of day there
}

// you shows one's own account.
func (c *Console) you(v *visit) error { return c.showYou(v, "") }

func (c *Console) showYou(v *visit, newToken string) error {
	a, err := c.accessOf(v, v.agent, newToken)
	if err != nil {
		return err
	}
	return c.show(v, "you", account{a, v.agent.Email, c.accounts.Passkeys(), c.speech.Languages(), chosenLanguage(v.Request), v.agent.TimeZone, c.app.Now().In(v.agent.Zone()).Format("15:04")})
}

// chooseZone keeps the zone of one's own days.
func (c *Console) chooseZone(v *visit) error {
	zone := strings.TrimSpace(v.PostFormValue("zone"))
	if _, err := c.app.EditAgent(v.Context(), v.by(), v.agent.Email, app.AgentEdit{TimeZone: &zone}); err != nil {
		return err
	}
	return v.done("/you", "saved")
}

func (c *Console) changePassword(v *visit) error {
	if err := c.accounts.ChangePassword(v.Context(), v.who, v.PostFormValue("old"), v.PostFormValue("password"), c.accounts.Client(v.Request)); err != nil {
		return err
	}
	return v.done("/you", "password")
}
