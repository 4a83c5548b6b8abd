package app

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/store"
)

// BroadcastInput is what a desk tells its followers.
type BroadcastInput struct {
	Desk     desk.Handle
	Text     string
	Language string
	Warning  string    // what stands before the words, which readers open behind it; "": none
	At       time.Time // when it goes out; zero: after the take-back time
	Files    []FileInput
	Now      bool // skip the take-back time
}

const (
	// maxWarning is how many characters a warning has: Mastodon counts it with the words.
	maxWarning = 200
	// maxAhead is how long before it goes out a broadcast may be written.
	maxAhead = 366 * 24 * time.Hour
)

// Broadcast writes a post to everybody who follows the desk. It goes out after
// the take-back time, or at its own time, and can be taken back until then.
func (a *App) Broadcast(ctx context.Context, by By, in BroadcastInput) (desk.Post, error) {
	text, err := checkOutward(by, in.Text)
	if err == nil {
		in.Language, err = checkLanguage(in.Language)
	}
	if err == nil {
		in.Warning, err = checkWarning(by, in.Warning)
	}
	if err == nil && in.Now && !in.At.IsZero() {
		err = desk.Invalid("broadcast_now_or_at", "send it now or at a time, not both")
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
			Text: text, Language: in.Language, Visibility: desk.VisibilityPublic, Warning: in.Warning, Sensitive: in.Warning != "",
			Published: tx.Now, Received: tx.Now, Outgoing: desk.Outgoing{Agent: by.Agent, State: desk.PostPending, DueAt: tx.Now}}
		switch {
		case !in.At.IsZero():
			if err := checkAhead(tx.Now, in.At); err != nil {
				return p, err
			}
			p.DueAt, p.Received = in.At, in.At // broadcasts are listed by this
		case !in.Now:
			p.DueAt = tx.Now.Add(a.takeBack)
		}
		p.Object = tx.site.Post(p.ID)
		tx.render(&p)
		if p.Attachments, err = tx.attachments(by, p, in.Files); err != nil {
			return p, err
		}
		if err := tx.Posts().Put(p); err != nil {
			return p, err
		}
		return p, tx.publish("create:"+string(p.ID), string(p.ID), p.DueAt, Publish{Verb: VerbCreate, Post: p.ID})
	})
}

// checkWarning brings a typed warning into one line.
func checkWarning(by By, s string) (string, error) {
	if s = strings.Join(strings.Fields(s), " "); s == "" {
		return "", nil
	}
	if n := utf8.RuneCountInString(s); n > maxWarning {
		return "", desk.Invalid("broadcast_warning_long", "a warning has at most %d characters, not %d", maxWarning, n)
	}
	return checkOutward(by, s)
}

// checkAhead refuses a time that has passed, or is far away.
func checkAhead(now, at time.Time) error {
	if !at.After(now) {
		return desk.Invalid("broadcast_at_past", "the time has passed already: choose a later one, or none to send it in a moment")
	}
	if at.Sub(now) > maxAhead {
		return desk.Invalid("broadcast_at_far", "choose a time within a year")
	}
	return nil
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

// Followers counts who follows a desk.
func (a *App) Followers(ctx context.Context, h desk.Handle) (n int, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		n, err = tx.Follows().Count(h)
		return err
	})
	return n, err
}

// BroadcastView is a broadcast and where it has gone.
type BroadcastView struct {
	Post    desk.Post
	Reached store.Tally
}
