package app

import (
	"context"
	"time"

	"earshot/internal/desk"
)

// oncePost and onceIssue are once for records with people's words. Only the
// answer's id is stored: a repeated request reads the record again, so words
// that were deleted meanwhile stay deleted.

func (a *App) oncePost(ctx context.Context, by By, what string, f func(*Tx) (desk.Post, error)) (out desk.Post, err error) {
	d := audit[desk.PostID]{what, func(desk.PostID) (string, string) {
		if out.Issue == "" {
			return "posts/" + string(out.ID), ""
		}
		return "issues/" + string(out.Issue), "posts/" + string(out.ID)
	}}
	id, err := once(ctx, a, by, d, func(tx *Tx) (desk.PostID, error) {
		out, err = f(tx)
		return out.ID, err
	})
	if err != nil || out.ID == id {
		return out, err
	}
	err = a.View(ctx, func(tx *Tx) error {
		p, ok, err := tx.Posts().Get(id)
		if err == nil && !ok {
			err = desk.NotFound("post_gone", "the post %s is not there any more", id)
		}
		out = p
		return err
	})
	return out, err
}

func (a *App) onceIssue(ctx context.Context, by By, what string, f func(*Tx) (desk.Issue, error)) (out desk.Issue, err error) {
	d := audit[desk.IssueID]{what, func(id desk.IssueID) (string, string) { return "issues/" + string(id), statusNote(out) }}
	id, err := once(ctx, a, by, d, func(tx *Tx) (desk.IssueID, error) {
		out, err = f(tx)
		return out.ID, err
	})
	if err != nil || out.ID == id {
		return out, err
	}
	err = a.View(ctx, func(tx *Tx) error {
		out, err = tx.issue(id)
		return err
	})
	return out, err
}

// rememberAs stores a value under a key of Once, instead of an earlier one.
func (t *Tx) rememberAs(key string, value []byte, lasts time.Duration) error {
	return t.Once().Set(key, value, t.Now.Add(lasts))
}
