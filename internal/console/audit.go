package console

import (
	"strings"

	"earshot/internal/desk"
	"earshot/store"
)

// audit shows the audit log, newest first.
func (c *Console) audit(v *visit) error {
	q := v.URL.Query()
	f := store.AuditFilter{Agent: desk.EmailOf(strings.TrimSpace(q.Get("agent"))), On: strings.TrimSpace(q.Get("on"))}
	list, next, err := c.app.AuditEntries(v.Context(), f, v.page())
	if err != nil {
		return err
	}
	s := sheetOf(v, list, next)
	s.More = f
	return c.show(v, "audit", s)
}
