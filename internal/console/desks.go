package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// desks lists the desks; each has a page of its own.
func (c *Console) desks(v *visit) error {
	list, err := c.app.Desks(v.Context())
	if err != nil {
		return err
	}
	s := sheetOf(v, list, "")
	s.More = desk.RelayHandle
	return c.show(v, "desks", s)
}

// desk shows a desk with the forms that change it.
func (c *Console) desk(v *visit) error {
	h := desk.Handle(mux.Vars(v.Request)["handle"])
	d, ok, err := c.app.Desk(v.Context(), h)
	if err == nil && !ok {
		err = desk.NotFound("desk_not_found", "there is no desk %q", h)
	}
	if err != nil {
		return err
	}
	return c.send(v, http.StatusOK, "desk", frame{Title: "@" + string(d.Handle), Said: v.saying(v.URL.Query().Get("said")), Data: deskPage{d, c.site.Profile(d.Handle)}})
}

// deskPage is the page of a desk.
type deskPage struct {
	desk.Desk
	Profile string // the address of its public page
}

// pageOfDesk is where a desk's page is, below Root: that of all desks for the instance's
// own account, which is none.
func pageOfDesk(h desk.Handle) string {
	if h == desk.RelayHandle || h == "" {
		return "/desks"
	}
	return "/desks/" + url.PathEscape(string(h))
}

// toDesk leads to the page of the desk that the form names.
func (v *visit) toDesk(said string) error {
	return v.done(pageOfDesk(desk.Handle(v.PostFormValue("handle"))), said)
}

func (c *Console) addDesk(v *visit) error {
	_, err := c.app.AddDesk(v.Context(), v.by(), desk.Desk{Handle: desk.Handle(strings.TrimSpace(v.PostFormValue("handle"))), Name: v.PostFormValue("name"),
		Summary: v.PostFormValue("summary"), Names: tags(v.PostFormValue("names")), Calls: tags(v.PostFormValue("calls")), Services: commas(v.PostFormValue("services"))})
	if err != nil {
		return err
	}
	return v.done("/desks", "saved")
}

func (c *Console) editDesk(v *visit) error {
	name, summary := v.PostFormValue("name"), strings.ReplaceAll(v.PostFormValue("summary"), "\r\n", "\n")
	_, err := c.app.EditDesk(v.Context(), v.by(), desk.Handle(v.PostFormValue("handle")), app.DeskEdit{Name: &name, Summary: &summary,
		Names: tags(v.PostFormValue("names")), Calls: tags(v.PostFormValue("calls")), Services: commas(v.PostFormValue("services"))})
	if err != nil {
		return err
	}
	return v.toDesk("saved")
}

// setRota says who is told of the desk's new issues that nobody takes.
func (c *Console) setRota(v *visit) error {
	r := desk.Rota{}
	for _, e := range strings.FieldsFunc(v.PostFormValue("agents"), func(r rune) bool { return strings.ContainsRune(" ,;\r\n\t", r) }) {
		r.Agents = append(r.Agents, desk.Email(e))
	}
	if typed := strings.TrimSpace(v.PostFormValue("minutes")); typed != "" {
		var err error
		if r.Minutes, err = strconv.Atoi(typed); err != nil {
			r.Minutes = -1 // which is refused with its limits
		}
	}
	if _, err := c.app.SetRota(v.Context(), v.by(), desk.Handle(v.PostFormValue("handle")), r); err != nil {
		return err
	}
	return v.toDesk("saved")
}

// addAlias gives a desk an address that it had before.
func (c *Console) addAlias(v *visit) error {
	if _, err := c.app.AddAlias(v.Context(), v.by(), desk.Handle(v.PostFormValue("handle")), strings.TrimSpace(v.PostFormValue("address"))); err != nil {
		return err
	}
	return v.toDesk("saved")
}

func (c *Console) removeAlias(v *visit) error {
	if _, err := c.app.RemoveAlias(v.Context(), v.by(), desk.Handle(v.PostFormValue("handle")), v.PostFormValue("address")); err != nil {
		return err
	}
	return v.toDesk("removed")
}

// rotateKey gives a desk new keys.
func (c *Console) rotateKey(v *visit) error {
	if _, err := c.app.RotateKey(v.Context(), v.by(), desk.Handle(v.PostFormValue("handle")), v.PostFormValue("revoke") != ""); err != nil {
		return err
	}
	return v.toDesk("rotated")
}

// tags reads the tags typed into one field: between commas or spaces, with or
// without #.
func tags(s string) []string {
	out := []string{} // not nil: emptied is not left as it was
	for _, t := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,;\r\n\t", r) }) {
		out = append(out, strings.TrimPrefix(t, "#"))
	}
	return out
}

// commas reads the names typed between commas.
func commas(s string) []string { return strings.Split(s, ",") }
