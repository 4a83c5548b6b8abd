package app

import (
	"context"

	"earshot/internal/desk"
)

// ViewIssue returns the given issue with all that a page shows beside it.
func (a *App) ViewIssue(ctx context.Context, i desk.Issue) (v IssueView, err error) {
	err = a.View(ctx, func(tx *Tx) error { v, err = tx.view(i); return err })
	return v, err
}
