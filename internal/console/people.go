package console

import (
	"net/url"
	"slices"
	"strings"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
)

// people shows who works here.
func (c *Console) people(v *visit) error { return c.showPeople(v, nil) }

func (c *Console) showPeople(v *visit, link *auth.Link) error {
	list, next, err := c.app.Agents(v.Context(), v.page())
	if err != nil {
		return err
	}
	desks, err := c.app.Desks(v.Context())
	if err != nil {
		return err
	}
	s := sheetOf(v, list, next)
	s.More = struct {
		Link  *auth.Link
		Roles []desk.AgentRole
		Desks []deskOfAgent
	}{link, desk.AgentRoles(), desksOfAgent(desks, desk.Agent{})}
	return c.show(v, "people", s)
}

// addPerson adds an agent, and shows their first link to sign in.
func (c *Console) addPerson(v *visit) error {
	a, err := c.app.AddAgent(v.Context(), v.by(), desk.Agent{Email: desk.EmailOf(v.PostFormValue("email")), Name: v.PostFormValue("name"), Role: desk.AgentRole(v.PostFormValue("role")), Desks: chosenDesks(v), Checked: v.PostFormValue("checked") != ""})
	if err != nil {
		return err
	}
	return c.linkFor(v, a.Email)
}

// deskOfAgent is a desk to which an agent may be limited.
type deskOfAgent struct {
	desk.Desk
	Chosen bool
}

// desksOfAgent are the desks to choose from; where there is only one, none.
func desksOfAgent(desks []desk.Desk, a desk.Agent) (out []deskOfAgent) {
	if len(desks) < 2 {
		return nil
	}
	for _, d := range desks {
		out = append(out, deskOfAgent{d, slices.Contains(a.Desks, d.Handle)})
	}
	return out
}

// chosenDesks are those that a form limits an agent to.
func chosenDesks(v *visit) []desk.Handle {
	out := make([]desk.Handle, len(v.PostForm["desk"]))
	for n, h := range v.PostForm["desk"] {
		out[n] = desk.Handle(h)
	}
	return out
}

// linkPerson makes a new link, once: it is not kept anywhere.
func (c *Console) linkPerson(v *visit) error {
	return c.linkFor(v, desk.EmailOf(v.PostFormValue("email")))
}

func (c *Console) linkFor(v *visit, e desk.Email) error {
	link, err := c.accounts.MakeLink(v.Context(), v.by(), e)
	if err != nil {
		return err
	}
	return c.showPeople(v, &link)
}

// editPerson changes an agent as the form says.
func (c *Console) editPerson(v *visit) error {
	role, disabled := desk.AgentRole(v.PostFormValue("role")), v.PostFormValue("disabled") != ""
	edit := app.AgentEdit{Role: &role, Disabled: &disabled}
	for name, field := range map[string]**string{"name": &edit.Name, "signature": &edit.Signature} {
		if v.PostForm.Has(name) {
			*field = new(strings.TrimSpace(v.PostFormValue(name)))
		}
	}
	edit.Checked = new(v.PostFormValue("checked") != "")
	if v.PostForm.Has("limits") { // the form shows the desks
		edit.Desks = new(chosenDesks(v))
	}
	who := desk.EmailOf(v.PostFormValue("email"))
	if _, err := c.app.EditAgent(v.Context(), v.by(), who, edit); err != nil {
		return err
	}
	return v.done("/people/"+url.PathEscape(string(who)), "saved")
}
