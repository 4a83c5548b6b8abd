package app

import (
	"context"

	"earshot/internal/desk"
)

// PictureOf names a picture of another person: an attachment of a post, or else the
// face of an actor.
type PictureOf struct {
	Post  desk.PostID
	At    int // the place among the attachments
	Actor desk.ActorID
}

// Shown is where a picture is, and whose.
type Shown struct {
	URL    string
	Author desk.ActorID
}

// Pictures returns where pictures are, in the same order: the zero Shown where none is
// to be shown now. The words that it belongs to are gone, or do not name it any more;
// its author asked to be left alone; they, their server or its host are blocked.
func (a *App) Pictures(ctx context.Context, of ...PictureOf) (out []Shown, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		out = make([]Shown, len(of))
		for n, p := range of {
			if out[n], err = tx.picture(p); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// MayAsk says whether a host may be asked for a picture: it is not this instance, and
// not blocked.
func (a *App) MayAsk(ctx context.Context, h desk.Host) (may bool, err error) {
	if h == a.site.Host() {
		return false, nil
	}
	err = a.View(ctx, func(tx *Tx) error {
		blocked, err := tx.BlockedHost(h)
		may = !blocked
		return err
	})
	return may, err
}

func (t *Tx) picture(of PictureOf) (s Shown, err error) {
	if of.Post != "" {
		p, ok, err := t.Posts().Get(of.Post)
		if err != nil || !ok || p.Ours() || p.Deleted || of.At < 0 || of.At >= len(p.Attachments) || !p.Attachments[of.At].Picture() {
			return s, err
		}
		s = Shown{p.Attachments[of.At].URL, p.Author}
	} else {
		who, ok, err := t.Actors().Get(of.Actor)
		if err != nil || !ok {
			return s, err
		}
		s = Shown{who.AvatarURL, who.ID}
	}
	host, err := desk.HostOf(s.URL)
	if err != nil || host == t.site.Host() {
		return Shown{}, nil // it cannot be asked for
	}
	out, err := t.optOutOf(s.Author)
	if err != nil || out != nil && out.Cause != desk.OptOutRefused { // that was not said by the person
		return Shown{}, err
	}
	blocked, err := t.Blocked(s.Author, host)
	if err != nil || blocked {
		return Shown{}, err
	}
	return s, nil
}
