package console

import (
	"strings"

	"earshot/internal/desk"
)

// silence shows the blocks, and the people who are left alone.
func (c *Console) silence(v *visit) error { return c.showSilence(v, nil) }

func (c *Console) showSilence(v *visit, read *listRead) error {
	p := v.page()
	blocks, next, err := c.app.Blocks(v.Context(), p)
	if err != nil {
		return err
	}
	p.After = v.URL.Query().Get("after_optout")
	optOuts, nextOptOut, err := c.app.OptOuts(v.Context(), p)
	if err != nil {
		return err
	}
	s := sheetOf(v, blocks, next)
	more := silenced{OptOuts: sheet[desk.OptOut]{Rows: optOuts}, Read: read}
	if nextOptOut != "" {
		q := v.URL.Query()
		q.Set("after_optout", nextOptOut)
		q.Del("said")
		more.OptOuts.Older = v.URL.Path + "?" + q.Encode()
	}
	s.More = more
	return c.show(v, "silence", s)
}

// silenced is the part of the page beside the blocks.
type silenced struct {
	OptOuts sheet[desk.OptOut]
	Read    *listRead
}

func (c *Console) addBlock(v *visit) error {
	if _, err := c.app.AddBlock(v.Context(), v.by(), strings.TrimSpace(v.PostFormValue("target")), strings.TrimSpace(v.PostFormValue("reason"))); err != nil {
		return err
	}
	return v.done("/silence", "saved")
}

func (c *Console) removeBlock(v *visit) error {
	if err := c.app.RemoveBlock(v.Context(), v.by(), v.PostFormValue("target")); err != nil {
		return err
	}
	return v.done("/silence", "removed")
}

func (c *Console) addOptOut(v *visit) error {
	who := desk.ActorID(strings.TrimSpace(v.PostFormValue("actor")))
	if _, err := c.app.AddOptOut(v.Context(), v.by(), who, strings.TrimSpace(v.PostFormValue("remark"))); err != nil {
		return err
	}
	return v.done("/silence", "saved")
}

func (c *Console) removeOptOut(v *visit) error {
	if err := c.app.RemoveOptOut(v.Context(), v.by(), desk.ActorID(v.PostFormValue("actor"))); err != nil {
		return err
	}
	return v.done("/silence", "removed")
}
