package console

import "earshot/internal/drop"

// drops shows what other servers sent and was not kept.
func (c *Console) drops(v *visit) error {
	exists, err := c.app.DeskExists(v.Context())
	if err != nil {
		return err
	}
	s := c.dropped.Summary(exists)
	return c.show(v, "drops", sheet[drop.Entry]{Rows: s.Tail, More: s})
}
