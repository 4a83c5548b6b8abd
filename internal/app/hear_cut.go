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

// shortenAgain brings a version of a post that is stored in short to the same length. It
// says whether it is the whole of that post, which an agent wants to read.
func (t *Tx) shortenAgain(old, now desk.Post) (_ desk.Post, whole bool) {
	short := t.shortened(now)
	if old.Cut == desk.CutShort {
		return short, false
	}
	return now, old.Cut == desk.CutAsked && sameWords(old, short)
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
	if err != nil || !ok || i.Room == "" {
		return err
	}
	i.RoomBytes = old.Size()
	return t.Issues().Put(i)
}

// FetchRest has the rest of a report fetched of which the beginning is stored; for an
// agent who opens it.
func (a *App) FetchRest(ctx context.Context, id desk.IssueID) error {
	var short bool
	if err := a.View(ctx, func(tx *Tx) error {
		p, err := tx.reportOf(id)
		short = p.Cut == desk.CutShort
		return err
	}); err != nil || !short {
		return err
	}
	return a.Update(ctx, func(tx *Tx) error {
		p, err := tx.reportOf(id)
		if err != nil || p.Cut != desk.CutShort || p.Deleted {
			return err
		}
		p.Cut = desk.CutAsked
		if err := tx.Posts().Put(p); err != nil {
			return err
		}
		return tx.addJobOf(p.Object.Host(), store.QueueBrought, "rest "+string(p.Object), string(p.Object), tx.Now, Fetch{Object: p.Object})
	})
}

// reportOf is the report of an issue.
func (t *Tx) reportOf(id desk.IssueID) (p desk.Post, err error) {
	i, err := t.home(id)
	if err == nil {
		p, _, err = t.Posts().Get(i.Post)
	}
	return p, err
}
