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
	return `New keys get new ids. The old keys stay readable for eight days. The old key signs the announcement, because other servers know it. The announcement goes to the followers, and to all accounts that had to do with the desk in the last 90 days. For two days the old key also signs everything else for servers that have not fetched the new one.

With --revoke the old keys sign nothing more. That costs posts: GoToSocial refuses what the new key signs for up to 6 hours (it is sent again after 1 hour and after 7), and snac drops it for up to 36 hours and says nothing, so it is lost there. Documents signed by the old keys can no longer be verified. Use it if the keys may be stolen.

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
			cost := ""
			if out.Revoked {
				cost = "GoToSocial may refuse the desk for 6 hours; the posts are sent again. snac may drop them for 36 hours: tell people there again later.\n"
			}
			fmt.Fprintf(w, "Requests are signed by  %s\nDocuments are signed by %s\nThe old key %s %s.\nOther servers are being told. Make a backup: older ones hold the old keys.\n%s",
				out.KeyID, out.ProofID, out.OldKeyID, old, cost)
		})
	})
}
