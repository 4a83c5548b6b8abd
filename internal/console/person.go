package console

import (
	"net/http"

	"earshot/internal/desk"
)

// person shows an admin an agent, with the forms that change them, and their sessions,
// passkeys and tokens.
func (c *Console) person(v *visit) error { return c.showPerson(v, "") }

func (c *Console) showPerson(v *visit, newToken string) error {
	of, _ := v.whose()
	agent, err := c.app.Agent(v.Context(), of)
	if err != nil {
		return err
	}
	a, err := c.accessOf(v, agent, newToken)
	if err != nil {
		return err
	}
	desks, err := c.app.Desks(v.Context())
	if err != nil {
		return err
	}
	return c.send(v, http.StatusOK, "person", frame{Title: agent.Name, Said: v.saying(v.URL.Query().Get("said")), Data: struct {
		access
		Agent desk.Agent
		Roles []desk.AgentRole
		Desks []deskOfAgent
	}{a, agent, desk.AgentRoles(), desksOfAgent(desks, agent)}})
}

// endSessions signs an agent out everywhere.
func (c *Console) endSessions(v *visit) error {
	of, path := v.whose()
	if err := c.accounts.EndSessions(v.Context(), v.by(), of); err != nil {
		return err
	}
	return v.done(path, "signed_out")
}
