package app

import (
	"reflect"
	"slices"

	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/markup"
	"earshot/internal/match"
)

// edited applies a new version of a post by its own author. An older one, or
// the same, changes nothing.
func (t *Tx) edited(old desk.Post, h Heard) (drop.Reason, error) {
	now, whole, err := t.shortenAgain(old, h.Post)
	if err != nil {
		return "", err
	}
	if whole {
		return drop.Kept, t.fill(old, now)
	}
	if sameWords(old, now) && !later(old, now) && reflect.DeepEqual(old.CanReply, now.CanReply) {
		return drop.Duplicate, nil
	}
	if !old.Updated.IsZero() && now.Updated.Before(old.Updated) {
		return drop.Duplicate, nil
	}
	who, err := t.author(h.Author)
	if err != nil || who.Blocked {
		return drop.Blocked, err
	}
	return drop.Kept, t.edit(old, now, h)
}

// edit replaces a post by a new version.
func (t *Tx) edit(old, now desk.Post, h Heard) error {
	changed := !sameWords(old, now)
	now.ID, now.Issue, now.Desk, now.Role = old.ID, old.Issue, old.Desk, old.Role
	now.Published, now.Received, now.Invited = old.Published, old.Received, old.Invited
	now.Edits = old.Edits
	if changed {
		now.Edits++
	}
	if err := t.Posts().Put(now); err != nil {
		return err
	}
	if err := t.index(now); err != nil {
		return err
	}
	if err := t.Actors().Put(h.Author); err != nil {
		return err
	}
	i, err := t.issue(old.Issue)
	if err != nil {
		return err
	}
	if err := t.applyEdit(&i, old, &now); err != nil {
		return err
	}
	i.UpdatedAt = t.Now
	if i.Room != "" && i.Post == now.ID {
		i.RoomBytes = now.Size()
	}
	if err := t.Issues().Put(i); err != nil {
		return err
	}
	if !changed {
		return nil
	}
	o, err := t.mayAdd(i, now.Author)
	if err != nil || o.flood != "" { // the new words are there; that they changed is told so often
		return err
	}
	if err := t.pay(o); err != nil {
		return err
	}
	return t.event(added(i, desk.KindEdit, now))
}

// applyEdit draws the conclusions of a reporter's edit: removed tags silence us,
// a new mention invites us.
func (t *Tx) applyEdit(i *desk.Issue, old desk.Post, now *desk.Post) error {
	if now.Author != i.Reporter {
		return nil
	}
	if now.Role == desk.RoleReport {
		i.Excerpt, i.Language = markup.Excerpt(now.Line(), excerptLength), now.Language
	}
	for _, h := range append([]desk.Handle{i.Desk}, i.Also...) {
		actor := t.site.Desk(h)
		if slices.Contains(now.Mentions, actor) && !slices.Contains(old.Mentions, actor) {
			now.Invited = true
			i.Invite()
			if err := t.Posts().Put(*now); err != nil {
				return err
			}
		}
	}
	if i.Heard != desk.HeardTags || i.Invited || now.Role != desk.RoleReport {
		return nil
	}
	d, err := t.anyDesk(now.Desk) // that heard it, wherever the issue is now
	if err != nil {
		return err
	}
	switch has := match.TwoKeys(now.Tags, d) && now.Visibility == desk.VisibilityPublic; {
	case !has && i.Silenced == "":
		i.Silence(desk.SilenceWithdrawn)
		return t.event(desk.Event{Issue: i.ID, Kind: desk.KindNotice, Actor: now.Author}.Says(desk.NoteUntagged))
	case has && i.Silenced == desk.SilenceWithdrawn:
		i.Silenced = ""
	}
	return nil
}

func sameWords(a, b desk.Post) bool {
	return a.Text == b.Text && a.HTML == b.HTML && a.Visibility == b.Visibility && a.Language == b.Language &&
		slices.EqualFunc(a.Tags, b.Tags, desk.SameTag) && slices.Equal(a.Mentions, b.Mentions) && slices.Equal(a.Attachments, b.Attachments)
}
