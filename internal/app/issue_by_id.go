package app

import (
	"context"

	"earshot/internal/desk"
)

// MaxByID is how many issues are read at once by their ids.
const MaxByID = 500

// IssuesByID reads issues in the order in which they are named, without their
// threads. One that is not there is left out.
func (a *App) IssuesByID(ctx context.Context, ids []desk.IssueID) (out []IssueView, err error) {
	if len(ids) > MaxByID {
		return nil, desk.Invalid("incident_issues_count", "name from 1 to %d issues", MaxByID)
	}
	err = a.View(ctx, func(tx *Tx) error {
		out = nil
		for _, id := range ids {
			i, ok, err := tx.Issues().Get(id)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			v, err := tx.view(i)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}
