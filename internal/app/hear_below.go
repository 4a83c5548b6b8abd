package app

import (
	"context"

	"earshot/internal/desk"
	"earshot/store"
)

// MaxBelow is how many posts in a row an author's own thread is followed downwards.
const MaxBelow = 10

// QueueBelow has answers fetched that a public post of an issue is said to have from
// its own author, so that an agent sees all that was said. n counts the posts above
// them. Answers on other servers are not asked for.
func (a *App) QueueBelow(ctx context.Context, of desk.ObjectID, n int, answers []desk.ObjectID) error {
	if n > MaxBelow || len(answers) == 0 {
		return nil
	}
	return a.Update(ctx, func(tx *Tx) error {
		p, ok, err := tx.kept(of)
		if err != nil || !ok || p.Ours() || !p.Visibility.IsPublic() {
			return err
		}
		i, err := tx.issue(p.Issue)
		if err != nil || p.Author != i.Reporter {
			return err
		}
		for _, o := range answers {
			if _, known, err := tx.Posts().ByObject(o); err != nil {
				return err
			} else if known || o.Host() != of.Host() {
				continue
			}
			if err := tx.addJobOf(o.Host(), store.QueueBrought, "below "+string(o), string(o), tx.Now, Fetch{Object: o, Below: of, N: n}); err != nil {
				return err
			}
		}
		return nil
	})
}
