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
	in, err := in.checked(by)
	if err != nil {
		return desk.Post{}, err
	}
	return a.oncePost(ctx, by, "broadcast.add", func(tx *Tx) (desk.Post, error) {
		p, err := tx.newBroadcast(by, in, a.takeBack)
		if err != nil {
			return p, err
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

// PreviewBroadcast returns what Broadcast would send: the words as the HTML that the servers
// of the followers get, and the warning. Nothing is stored. Files are not among it, as in
// PreviewReply.
func (a *App) PreviewBroadcast(ctx context.Context, by By, in BroadcastInput) (p desk.Post, err error) {
	by.Meant = true // its questions are asked when it is sent
	if in, err = in.checked(by); err != nil {
		return p, err
	}
	err = a.View(ctx, func(tx *Tx) error {
		p, err = tx.newBroadcast(by, in, a.takeBack)
		return err
	})
	return p, err
}

// checked returns the input in its usual form, or its mistake.
func (in BroadcastInput) checked(by By) (BroadcastInput, error) {
	var err error
	if in.Text, err = checkOutward(by, in.Text); err != nil {
		return in, err
	}
	if in.Language, err = checkLanguage(in.Language); err != nil {
		return in, err
	}
	if in.Warning, err = checkWarning(by, in.Warning); err != nil {
		return in, err
	}
	if in.Now && !in.At.IsZero() {
		return in, desk.Invalid("broadcast_now_or_at", "send it now or at a time, not both")
	}
	return in, nil
}

// newBroadcast makes the post of a broadcast.
func (t *Tx) newBroadcast(by By, in BroadcastInput, takeBack time.Duration) (desk.Post, error) {
	d, err := t.desk(in.Desk)
	if err != nil {
		return desk.Post{}, err
	}
	p := desk.Post{ID: desk.PostID(t.NewID()), Desk: d.Handle, Role: desk.RoleBroadcast, Author: t.site.Desk(d.Handle),
		Text: in.Text, Language: in.Language, Visibility: desk.VisibilityPublic, Warning: in.Warning, Sensitive: in.Warning != "",
		Published: t.Now, Received: t.Now, Outgoing: desk.Outgoing{Agent: by.Agent, State: desk.PostPending, DueAt: t.Now}}
	switch {
	case !in.At.IsZero():
		if err := checkAhead(t.Now, in.At); err != nil {
			return p, err
		}
		p.DueAt, p.Received = in.At, in.At // broadcasts are listed by this
	case !in.Now:
		p.DueAt = t.Now.Add(takeBack)
	}
	p.Object = t.site.Post(p.ID)
	t.render(&p)
	return p, nil
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
		if _, err := tx.desk(h); err != nil {
			return err
		}
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
