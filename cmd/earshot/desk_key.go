package main

import (
	"fmt"
	"io"

	"earshot/internal/api"
	"earshot/internal/desk"
)

type deskRotateKey struct {
	Handle string `arg:"" help:"The desk's handle, or 'relay' for the instance's own actor."`
	Revoke bool   `help:"For stolen keys: the old keys are withdrawn and sign nothing more."`
}

func (deskRotateKey) Help() string {
	return `New keys get new ids. The old keys stay readable for eight days. The old key signs the announcement, because other servers know it. The announcement goes to the followers, and to all accounts that had to do with the desk in the last 90 days. Other servers find the new key when they need it.

With --revoke the old keys sign nothing more. Servers that do not fetch the new key refuse the desk's requests, and documents signed by the old keys can no longer be verified. Use it if the keys may be stolen.

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
			fmt.Fprintf(w, "Requests are signed by  %s\nDocuments are signed by %s\nThe old key %s %s.\nOther servers are being told. Make a backup: older ones hold the old keys.\n",
				out.KeyID, out.ProofID, out.OldKeyID, old)
		})
	})
}
