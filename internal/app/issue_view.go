package app

import (
	"context"

	"earshot/internal/desk"
)

// ViewIssue returns an issue as it is given with what is shown beside it.
func (a *App) ViewIssue(ctx context.Context, i desk.Issue) (v IssueView, err error) {
	err = a.View(ctx, func(tx *Tx) error { v, err = tx.view(i); return err })
	return v, err
}
