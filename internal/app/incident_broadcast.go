package app

import (
	"context"
	"slices"

	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/store"
)

// BroadcastInput is what a desk tells its followers.
type BroadcastInput struct {
	Desk     desk.Handle
	Text     string
	Language string
	Files    []FileInput
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
			Text: text, Language: in.Language, Visibility: desk.VisibilityPublic,
			Published: tx.Now, Received: tx.Now, Outgoing: desk.Outgoing{Agent: by.Agent, State: desk.PostPending, DueAt: tx.Now}}
		p.Object = tx.site.Post(p.ID)
		tx.render(&p)
		if !in.Now {
			p.DueAt = tx.Now.Add(a.takeBack)
		}
		if p.Attachments, err = tx.attachments(by, p, in.Files); err != nil {
			return p, err
		}
		if err := tx.Posts().Put(p); err != nil {
			return p, err
		}
		return p, tx.publish("create:"+string(p.ID), string(p.ID), p.DueAt, Publish{Verb: VerbCreate, Post: p.ID})
	})
}

// render writes the HTML of a post of ours. In a broadcast hashtags are real: its
// tags, and links to the desk's broadcasts with the same one. In a reply they
// would bring others to the reporter, and our own words back to us.
func (t *Tx) render(p *desk.Post) {
	if p.Role != desk.RoleBroadcast {
		p.HTML = markup.Render(p.Text, nil)
		return
	}
	p.Tags = nil
	p.HTML = markup.RenderTagged(p.Text, func(text string, from int) (at, end int, link string) {
		at, end, tag := desk.NextTag(text, from)
		if tag == "" || len(p.Tags) >= desk.MaxTags {
			return at, end, ""
		}
		if !slices.ContainsFunc(p.Tags, func(had string) bool { return desk.SameTag(had, tag) }) {
			p.Tags = append(p.Tags, tag)
		}
		return at, end, t.site.TagPage(p.Desk, tag)
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
