package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"earshot/internal/desk"
	"earshot/internal/picture"
)

// WebReader reads pages of the web, for what they say of us.
type WebReader interface {
	// Mine returns the addresses that a page says are its own people's (rel=me).
	Mine(ctx context.Context, page string) ([]string, error)
}

// MaxPicture is the largest picture of a desk that is read, in bytes.
const MaxPicture = 4 << 20

// pictureLimits are what a picture of a desk becomes. 400×400 and 1500×500 are
// what Mastodon keeps of them.
func pictureLimits(r desk.PictureRole) picture.Limits {
	l := picture.Limits{Bytes: MaxPicture, Least: 48, Width: 400, Height: 400, Fill: true}
	if r == desk.PictureHeader {
		l.Width, l.Height, l.Photo = 1500, 500, true
	}
	return l
}

// SetPicture gives a desk a picture, made from the pixels of the bytes: nothing
// else is kept. Its followers' servers are told.
func (a *App) SetPicture(ctx context.Context, by By, h desk.Handle, r desk.PictureRole, raw []byte) (desk.Desk, error) {
	drawn, err := draw(ctx, raw, pictureLimits(r))
	if err != nil {
		return desk.Desk{}, err
	}
	sum := sha256.Sum256(drawn.Body)
	p := desk.Picture{Version: hex.EncodeToString(sum[:8]), Type: drawn.Type, Width: drawn.Width, Height: drawn.Height}
	return once(ctx, a, by, pictureAudit("desk.picture", r), func(tx *Tx) (desk.Desk, error) {
		d, err := tx.desk(h)
		if err != nil || d.Picture(r) == p {
			return d, err
		}
		d.SetPicture(r, p)
		if err := tx.Pictures().Put(desk.PictureFile{Desk: h, Role: r, Picture: p, Bytes: drawn.Body}); err != nil {
			return d, err
		}
		return d, tx.profileChanged(&d)
	})
}

// draw makes a picture of a desk of a file.
func draw(ctx context.Context, raw []byte, l picture.Limits) (picture.Drawn, error) {
	drawn, err := picture.Draw(ctx, raw, l)
	switch {
	case errors.Is(err, picture.ErrBytes):
		err = desk.Invalid("picture_bytes", "a picture has at most %d MB", l.Bytes>>20)
	case errors.Is(err, picture.ErrFew), errors.Is(err, picture.ErrPixels):
		err = desk.Invalid("picture_size", "a picture has at least %d pixels on each side, and at most %d million in all", l.Least, picture.MaxPixels>>20)
	case errors.Is(err, picture.ErrKind):
		err = desk.Invalid("picture_type", "this is no picture that is known here: take a PNG, a JPEG, a GIF or a WebP")
	case errors.Is(err, picture.ErrBroken):
		err = desk.Invalid("picture_damaged", "the picture cannot be read: save it again as a PNG or a JPEG")
	}
	return drawn, err
}

// RemovePicture takes a picture away from a desk.
func (a *App) RemovePicture(ctx context.Context, by By, h desk.Handle, r desk.PictureRole) (desk.Desk, error) {
	return once(ctx, a, by, pictureAudit("desk.unpicture", r), func(tx *Tx) (desk.Desk, error) {
		d, err := tx.desk(h)
		if err != nil || !d.Picture(r).There() {
			return d, err
		}
		d.SetPicture(r, desk.Picture{})
		if _, err := tx.Pictures().Delete(h, r); err != nil {
			return d, err
		}
		return d, tx.profileChanged(&d)
	})
}

func pictureAudit(action string, r desk.PictureRole) audit[desk.Desk] {
	return audit[desk.Desk]{action, func(d desk.Desk) (string, string) { return "desks/" + string(d.Handle), string(r) }}
}

// Picture returns a picture of a desk with its bytes. ok is false if it has no such picture.
func (a *App) Picture(ctx context.Context, h desk.Handle, r desk.PictureRole) (p desk.PictureFile, ok bool, err error) {
	err = a.View(ctx, func(tx *Tx) error { p, ok, err = tx.Pictures().Get(h, r); return err })
	return p, ok, err
}

// withProofs lets links that were there keep their proofs.
func withProofs(links, had []desk.Link) []desk.Link {
	out := make([]desk.Link, len(links))
	for n, l := range links {
		l.Proven = time.Time{}
		if was := slices.IndexFunc(had, func(h desk.Link) bool { return h.URL == strings.TrimSpace(l.URL) }); was >= 0 {
			l.Proven = had[was].Proven
		}
		out[n] = l
	}
	return out
}

// proveWithin is how long the pages of a desk's links have for their answers, together:
// less than a request to us may take.
const proveWithin = 15 * time.Second

// ProveLinks reads the pages that a desk links to, and notes which of them link
// back with rel=me: to the desk's page or its actor. One that cannot be read
// loses its proof.
func (a *App) ProveLinks(ctx context.Context, by By, h desk.Handle) (desk.Desk, error) {
	was, ok, err := a.Desk(ctx, h)
	if err == nil && !ok {
		err = desk.NotFound("desk_not_found", "there is no desk %q", h)
	}
	if err != nil {
		return was, err
	}
	proven := a.linkBack(ctx, was)
	if ctx.Err() != nil {
		return was, ctx.Err()
	}
	return once(ctx, a, by, audit[desk.Desk]{"desk.prove", func(d desk.Desk) (string, string) { return "desks/" + string(d.Handle), "" }}, func(tx *Tx) (desk.Desk, error) {
		d, err := tx.desk(h)
		if err != nil {
			return d, err
		}
		d.Links = slices.Clone(d.Links)
		for n, l := range d.Links {
			if is, asked := proven[l.URL]; asked {
				d.Links[n].Proven = time.Time{}
				if is {
					d.Links[n].Proven = tx.Now
				}
			}
		}
		return d, tx.Desks().Put(d)
	})
}

// linkBack asks the pages that a desk links to, all at once, which of them link back.
func (a *App) linkBack(ctx context.Context, d desk.Desk) map[string]bool {
	ctx, cancel := context.WithTimeout(ctx, proveWithin)
	defer cancel()
	does := make([]bool, len(d.Links))
	var all sync.WaitGroup
	for n, l := range d.Links {
		all.Go(func() {
			mine, err := a.web.Mine(ctx, l.URL)
			does[n] = err == nil && slices.ContainsFunc(mine, func(to string) bool {
				to = strings.TrimSuffix(to, "/")
				return to == a.site.Profile(d.Handle) || to == string(a.site.Desk(d.Handle))
			})
		})
	}
	all.Wait()
	proven := map[string]bool{}
	for n, l := range d.Links {
		proven[l.URL] = does[n]
	}
	return proven
}
