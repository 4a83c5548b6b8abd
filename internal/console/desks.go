package console

import (
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
)

func (c *Console) desks(v *visit) error {
	list, err := c.app.Desks(v.Context())
	if err != nil {
		return err
	}
	rows := make([]deskRow, len(list))
	for n, d := range list {
		rows[n] = deskRow{d, c.site.Profile(d.Handle)}
	}
	s := sheetOf(v, rows, "")
	s.More = desk.RelayHandle
	return c.show(v, "desks", s)
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
	return v.done("/desks", "saved")
}

// addAlias gives a desk an address that it had before.
func (c *Console) addAlias(v *visit) error {
	if _, err := c.app.AddAlias(v.Context(), v.by(), desk.Handle(v.PostFormValue("handle")), strings.TrimSpace(v.PostFormValue("address"))); err != nil {
		return err
	}
	return v.done("/desks", "saved")
}

func (c *Console) removeAlias(v *visit) error {
	if _, err := c.app.RemoveAlias(v.Context(), v.by(), desk.Handle(v.PostFormValue("handle")), v.PostFormValue("address")); err != nil {
		return err
	}
	return v.done("/desks", "removed")
}

// rotateKey gives a desk new keys.
func (c *Console) rotateKey(v *visit) error {
	if _, err := c.app.RotateKey(v.Context(), v.by(), desk.Handle(v.PostFormValue("handle")), v.PostFormValue("revoke") != ""); err != nil {
		return err
	}
	return v.done("/desks", "rotated")
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
