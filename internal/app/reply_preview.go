package app

import (
	"context"

	"earshot/internal/desk"
)

// PreviewReply returns what Reply would send to each reporter, as it would go out now:
// the words as the HTML that their server gets, with the mention, and the warning. Nothing
// is stored. The files of a post are not among it: they stay uploads until it is written.
func (a *App) PreviewReply(ctx context.Context, by By, in ReplyInput) (posts []desk.Post, err error) {
	by.Meant = true // its questions are asked when it is sent
	if in.Text, err = checkOutward(by, in.Text); err != nil {
		return nil, err
	}
	if in.Language, err = checkLanguage(in.Language); err != nil {
		return nil, err
	}
	err = a.View(ctx, func(tx *Tx) error {
		home, err := tx.home(in.Issue)
		if err != nil {
			return err
		}
		if posts, err = tx.newReplies(by, home, in); err != nil {
			return err
		}
		for n := range posts {
			thread, err := tx.issue(posts[n].Issue)
			if err != nil {
				return err
			}
			thread.ReplyWritten(tx.Now) // as if it were on its way
			if err := tx.checkBeforeSending(thread, &posts[n]); err != nil {
				return err
			}
		}
		return nil
	})
	return posts, err
}
