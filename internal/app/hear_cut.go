package app

import (
	"context"
	"unicode/utf8"

	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/store"
)

// shortened is a report of a stranger of which only the beginning is stored, if it is
// long. One that is not public stays whole: its server may refuse to show it again.
func (t *Tx) shortened(p desk.Post) desk.Post {
	most := t.room.KeepsText()
	if len(p.Text) <= most || !p.Visibility.IsPublic() {
		return p
	}
	for most > 0 && !utf8.RuneStart(p.Text[most]) {
		most--
	}
	p.Text = p.Text[:most]
	p.HTML, p.Cut = markup.Render(p.Text, nil), desk.CutShort
	return p
}

// shortenAgain brings a version of a post that is stored in short to the same length, and
// so one that a stranger's short report has become. It says whether it is the whole of a
// post which an agent wants to read.
func (t *Tx) shortenAgain(old, now desk.Post) (_ desk.Post, whole bool, err error) {
	short := t.shortened(now)
	switch {
	case old.Cut == desk.CutShort:
		return short, false, nil
	case old.Cut == desk.CutAsked:
		return now, sameWords(old, short), nil
	case short.Cut == "" || old.Role != desk.RoleReport || len(old.Text) > t.room.KeepsText(): // that: an agent asked for the whole
		return now, false, nil
	}
	i, ok, err := t.Issues().Get(old.Issue)
	if err != nil || !ok || i.Room == "" {
		return now, false, err
	}
	return short, false, nil
}

// fill stores the whole of a post of which the beginning is stored. Nothing has changed by
// that: it is no edit.
func (t *Tx) fill(old, now desk.Post) error {
	old.Text, old.HTML, old.Cut = now.Text, now.HTML, ""
	if err := t.Posts().Put(old); err != nil {
		return err
	}
	if err := t.index(old); err != nil {
		return err
	}
	i, ok, err := t.Issues().Get(old.Issue)
	if err != nil || !ok || i.Room == "" || i.Post != old.ID {
		return err
	}
	i.RoomBytes = old.Size()
	return t.Issues().Put(i)
}

// FetchRest has the rest of what was said in an issue and its parts fetched, where only the
// beginning is stored; for an agent who opens it. What could not be fetched before is tried
// again.
func (a *App) FetchRest(ctx context.Context, id desk.IssueID) error {
	var cut []desk.Post
	if err := a.View(ctx, func(tx *Tx) (err error) { cut, err = tx.toFetch(id); return err }); err != nil || len(cut) == 0 {
		return err
	}
	return a.Update(ctx, func(tx *Tx) error {
		cut, err := tx.toFetch(id)
		for _, p := range cut {
			if err != nil {
				break
			}
			p.Cut = desk.CutAsked
			if err = tx.Posts().Put(p); err != nil {
				break
			}
			err = tx.addJobOf(p.Object.Host(), store.QueueBrought, restJob(p.Object), string(p.Object), tx.Now, Fetch{Object: p.Object})
		}
		return err
	})
}

func restJob(o desk.ObjectID) string { return "rest " + string(o) }

// toFetch lists the posts of an issue and its parts of which the beginning is stored, but
// those that are being fetched.
func (t *Tx) toFetch(id desk.IssueID) (cut []desk.Post, err error) {
	all, err := t.Whole(id)
	if err != nil {
		return nil, err
	}
	for _, i := range all {
		for p, err := range store.EachOf(t.Posts().ByIssue, i.ID) {
			if err != nil {
				return nil, err
			}
			if p.Cut == "" || p.Deleted {
				continue
			}
			j, waits, err := t.Jobs().Get(string(store.QueueBrought) + ":" + restJob(p.Object))
			if err != nil {
				return nil, err
			}
			if !waits || j.Dead {
				cut = append(cut, p)
			}
		}
	}
	return cut, nil
}
