package main

import (
	"fmt"
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type deskRotateKey struct {
	Handle string `arg:"" help:"Which desk; 'relay' is the instance's own actor."`
	Revoke bool   `help:"The old keys are in wrong hands: they sign nothing any more and are shown to nobody."`
}

func (deskRotateKey) Help() string {
	return `New keys get new ids; the old ones stay readable for eight days, and the old one signs the news, for it is the one that others know. Followers and everybody the desk had to do with in the last 90 days are told; others find the new key when they first need it.

With --revoke nothing is signed by the old keys any more. A server that does not look again, and a document that was signed by them, is then worth less: use it when the keys may be in wrong hands.

Make a backup afterwards: older ones hold the old keys.

Example:

	earshot desk rotate-key help
`
}

func (d deskRotateKey) Run(c *command) error {
	h := desk.RelayHandle
	if d.Handle != string(h) {
		var err error
		if h, err = handle(d.Handle); err != nil {
			return err
		}
	}
	return c.with(func(s *session) error {
		out, err := s.RotateKey(c.ctx, h, api.NewKeys{Revoke: d.Revoke})
		if err != nil {
			return err
		}
		s.queued()
		return c.show(out, func(w io.Writer) {
			old := "is shown for eight more days"
			if out.Revoked {
				old = "is shown no more"
			}
			fmt.Fprintf(w, "Requests are signed by  %s\nDocuments are signed by %s\nThe old key %s %s.\nOthers are being told. Make a backup: older ones hold the old keys.\n",
				out.KeyID, out.ProofID, out.OldKeyID, old)
		})
	})
}
