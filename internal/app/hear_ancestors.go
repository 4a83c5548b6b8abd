package app

import (
	"context"

	"earshot/internal/desk"
)

// MayLookUp says whether a post above another is fetched on the word of that
// one's author: it is not here and none of ours, and its words may be asked for.
func (a *App) MayLookUp(ctx context.Context, o desk.ObjectID, word desk.ActorID) (may bool, err error) {
	if a.site.Owns(string(o)) {
		return false, nil
	}
	err = a.View(ctx, func(tx *Tx) error {
		if _, known, err := tx.Posts().ByObject(o); err != nil || known {
			return err
		}
		may, err = tx.mayFetch(o, word)
		return err
	})
	return may, err
}

// connected finds the thread that a chain of posts above hangs on.
func (t *Tx) connected(above []Heard) (desk.IssueID, error) {
	if len(above) == 0 || above[0].Post.InReplyTo == "" {
		return "", nil
	}
	p, _, err := t.Posts().ByObject(above[0].Post.InReplyTo)
	if p.Role == desk.RoleComment {
		return "", err
	}
	return p.Issue, err
}

// newAncestors selects the posts above that may be stored, and gives them ids:
// before the post that answers them has its own, for that is the order in which
// a thread is read.
func (t *Tx) newAncestors(above []Heard) (may []Heard, err error) {
	for _, h := range above {
		ok, err := t.mayStore(h)
		if err != nil {
			return nil, err
		}
		if ok {
			h.Post.ID = desk.PostID(t.NewID())
			may = append(may, h)
		}
	}
	return may, nil
}

// mayStore says whether the words of a person who did not address us may be
// shown to agents: they are public, and their author has not asked to be left
// alone in any of the ways there are.
func (t *Tx) mayStore(h Heard) (bool, error) {
	if h.Author.ID == "" || h.IsVote || !h.Post.Visibility.IsPublic() {
		return false, nil
	}
	if _, known, err := t.Posts().ByObject(h.Post.Object); err != nil || known {
		return false, err
	}
	if gone, err := t.wasDeleted(h.Post, h.Author.ID); err != nil || gone {
		return false, err
	}
	who, err := t.author(h.Author)
	apart := who.Local || who.Blocked || who.OptedOut || who.NoBot || who.Bot || who.Earshot
	return err == nil && !apart, err
}

// storeAncestors puts posts into a thread, as what was said in it before. Those that
// the reporter answers belong to what they say; those that a third person answers
// are of third persons, and those beyond the limits are left out.
func (t *Tx) storeAncestors(i desk.Issue, above []Heard, by desk.ActorID) (stored []Heard, err error) {
	for _, h := range above {
		p := h.Post
		p.Issue, p.Desk, p.Role, p.Received = i.ID, i.Desk, desk.RolePost, t.Now
		e := added(i, desk.KindPost, p)
		if e.Third = e.Third && third(i, by); e.Third {
			o, err := t.mayAdd(i, h.Author.ID)
			if err != nil {
				return nil, err
			}
			if o.flood != "" {
				continue
			}
			if err := t.pay(o); err != nil {
				return nil, err
			}
		}
		if err := t.store(p, h); err != nil {
			return nil, err
		}
		if err := t.event(e); err != nil {
			return nil, err
		}
		stored = append(stored, h)
	}
	return stored, nil
}
