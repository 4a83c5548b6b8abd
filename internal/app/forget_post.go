package app

import (
	"context"

	"earshot/internal/desk"
	"earshot/store"
)

// Remove deletes a post by the word of its author, or of its server, which says
// that it is gone. An unknown post, or one of another author, changes nothing.
func (a *App) Remove(ctx context.Context, o desk.ObjectID, by desk.ActorID) error {
	err := a.Update(ctx, func(tx *Tx) error {
		p, ok, err := tx.Posts().ByObject(o)
		if err != nil {
			return err
		}
		if !ok {
			return tx.deletedUnheard(o, by)
		}
		if p.Ours() || p.Author != by {
			return nil
		}
		return tx.remove(p)
	})
	if err == nil {
		a.deleted(ctx)
	}
	return err
}

// remove erases another person's post, and remembers that it was deleted; also
// if its words have expired, because an older backup has them.
func (t *Tx) remove(p desk.Post) error {
	if err := t.rememberDeletionOnce(objectRef(p.Object)); err != nil || p.Deleted {
		return err
	}
	return t.erase(p)
}

// deletedUnheard is for a post that we do not have yet: it may be on its way in, a
// dead letter, or held back. None of these must bring back what its author has
// deleted. If it is nowhere, it may still come: see Withdrawal.
func (t *Tx) deletedUnheard(o desk.ObjectID, by desk.ActorID) error {
	dropped, err := t.Jobs().Drop(createdBy(by, o), t.Now)
	if err != nil {
		return err
	}
	q, held, err := t.Quarantine().Get(o)
	if err != nil {
		return err
	}
	if held = held && q.Author.ID == by; held {
		if _, err := t.Quarantine().Delete(o); err != nil {
			return err
		}
	}
	if !dropped && !held {
		return t.Withdraw(WithdrawnPost(o, by))
	}
	return t.rememberDeletionOnce(authorsRef(o, by))
}

// deletedBefore says whether a post that we do not have was deleted before it
// came. It is never heard after that, whatever it comes through.
func (t *Tx) deletedBefore(h Heard) (bool, error) {
	if gone, err := t.wasDeleted(h.Post, h.Author.ID); err != nil || gone {
		return gone, err
	}
	gone, err := t.withdrawn(WithdrawnPost(h.Post.Object, h.Author.ID))
	if err != nil || !gone {
		return false, err
	}
	return true, t.rememberDeletionOnce(authorsRef(h.Post.Object, h.Author.ID))
}

// RemoveActor deletes every post of a person, and forgets them. It works in
// portions and reports whether more is left to do.
func (a *App) RemoveActor(ctx context.Context, who desk.ActorID) (more bool, err error) {
	err = a.Update(ctx, func(tx *Tx) error {
		more = false
		if err := tx.forgetViews(who); err != nil { // while the profile is there
			return err
		}
		posts, next, err := tx.Posts().ByAuthor(who, store.Page{Limit: 100})
		for next != "" && err == nil && allDeleted(posts) {
			posts, next, err = tx.Posts().ByAuthor(who, store.Page{After: next, Limit: 100})
		}
		if err != nil {
			return err
		}
		more = next != ""
		for _, p := range posts {
			if p.Deleted || p.Ours() {
				continue
			}
			if err := tx.erase(p); err != nil {
				return err
			}
		}
		aside, next, err := tx.Quarantine().List(store.QuarantineFilter{Actor: who}, store.Page{Limit: 100})
		if err != nil {
			return err
		}
		for _, q := range aside {
			if _, err := tx.Quarantine().Delete(q.Object); err != nil {
				return err
			}
		}
		if more = more || next != ""; more {
			return nil
		}
		if _, err := tx.eraseFlags(func(f desk.Flag) (bool, error) { return f.Sender == who, nil }); err != nil {
			return err
		}
		if err := tx.rememberDeletion(actorRef(who)); err != nil {
			return err
		}
		if err := tx.forgetFelt(who); err != nil {
			return err
		}
		return tx.forget(who)
	})
	if err == nil {
		a.deleted(ctx)
	}
	return more, err
}

func allDeleted(posts []desk.Post) bool {
	for _, p := range posts {
		if !p.Deleted {
			return false
		}
	}
	return true
}

// erase removes a post's words everywhere: in the post, in search, in the
// issue's excerpt. Only a trace stays: here was a post.
func (t *Tx) erase(p desk.Post) error {
	if err := t.eraseWords(p); err != nil {
		return err
	}
	i, err := t.issue(p.Issue)
	if err != nil {
		return err
	}
	if p.Role == desk.RoleReport {
		i.ReportGone(t.Now)
		if len(i.Merged) == 0 { // of the others the whole decides
			i.Withdraw()
		}
	}
	i.UpdatedAt = t.Now
	if err := t.Issues().Put(i); err != nil {
		return err
	}
	if err := t.settleDeleted(i); err != nil {
		return err
	}
	return t.event(added(i, desk.KindDelete, p))
}

// eraseWords removes the words of a post, from it and from search, and forgets
// an author if no words of theirs are left.
func (t *Tx) eraseWords(p desk.Post) error {
	p.Erase()
	if err := t.Posts().Put(p); err != nil {
		return err
	}
	if err := t.index(p); err != nil {
		return err
	}
	return t.forgetSilent(p.Author)
}

// forgetSilent forgets a person's profile if all their posts are deleted.
func (t *Tx) forgetSilent(who desk.ActorID) error {
	for p, err := range store.EachOf(t.Posts().ByAuthor, who) {
		if err != nil {
			return err
		}
		if !p.Deleted {
			return nil
		}
	}
	return t.forgetProfile(who)
}

// forget removes a person's profile, and them from our followers.
func (t *Tx) forget(who desk.ActorID) error {
	desks, err := t.Desks().All()
	if err != nil {
		return err
	}
	for _, d := range desks {
		if _, err := t.Follows().Delete(d.Handle, who); err != nil {
			return err
		}
	}
	if _, err := t.Follows().Delete(desk.RelayHandle, who); err != nil {
		return err
	}
	return t.forgetProfile(who)
}
