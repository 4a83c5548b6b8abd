package app

import (
	"context"

	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/store"
)

// BroadcastInput is what a desk tells its followers.
type BroadcastInput struct {
	Desk     desk.Handle
	Text     string
	Language string
	Now      bool // skip the take-back time
}

// Broadcast writes a post to everybody who follows the desk. It goes out after
// the take-back time.
func (a *App) Broadcast(ctx context.Context, by By, in BroadcastInput) (desk.Post, error) {
	text, err := checkOutward(by, in.Text)
	if err == nil {
		in.Language, err = checkLanguage(in.Language)
	}
	if err != nil {
		return desk.Post{}, err
	}
	return a.oncePost(ctx, by, "broadcast.add", func(tx *Tx) (desk.Post, error) {
		d, err := tx.desk(in.Desk)
		if err != nil {
			return desk.Post{}, err
		}
		p := desk.Post{ID: desk.PostID(tx.NewID()), Desk: d.Handle, Role: desk.RoleBroadcast, Author: tx.site.Desk(d.Handle),
			Text: text, HTML: markup.Render(text, nil), Language: in.Language, Visibility: desk.VisibilityPublic,
			Published: tx.Now, Received: tx.Now, Outgoing: desk.Outgoing{Agent: by.Agent, State: desk.PostPending, DueAt: tx.Now}}
		p.Object = tx.site.Post(p.ID)
		if !in.Now {
			p.DueAt = tx.Now.Add(a.takeBack)
		}
		if err := tx.Posts().Put(p); err != nil {
			return p, err
		}
		return p, tx.publish("create:"+string(p.ID), string(p.ID), p.DueAt, Publish{Verb: VerbCreate, Post: p.ID})
	})
}

// Broadcasts lists a desk's broadcasts, newest first.
func (a *App) Broadcasts(ctx context.Context, h desk.Handle, p store.Page) (out []BroadcastView, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		if _, err := tx.desk(h); err != nil {
			return err
		}
		posts, n, err := tx.Posts().Broadcasts(h, p)
		if err != nil {
			return err
		}
		out, next = nil, n
		for _, p := range posts {
			reached, err := tx.Reached(p)
			if err != nil {
				return err
			}
			out = append(out, BroadcastView{Post: p, Reached: reached})
		}
		return nil
	})
	return out, next, err
}

// BroadcastView is a broadcast and where it has gone.
type BroadcastView struct {
	Post    desk.Post
	Reached store.Tally
}
