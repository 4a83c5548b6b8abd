package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"earshot/internal/desk"
	"earshot/store"
)

// EditPost changes the words of one of our posts, and its files to those of a list: without
// one it keeps them. If it has gone out, an Update follows to the same inboxes.
func (a *App) EditPost(ctx context.Context, by By, id desk.PostID, text string, files ...[]FileInput) (desk.Post, error) {
	text, err := checkOutward(by, text)
	if err != nil {
		return desk.Post{}, err
	}
	return a.oncePost(ctx, by, "post.edit", func(tx *Tx) (desk.Post, error) {
		p, err := tx.ownPost(by, id)
		if err != nil || p.Text == text && (len(files) == 0 || saysFiles(p, files[0])) {
			return p, err
		}
		if err := tx.checkEdit(by, p); err != nil {
			return p, err
		}
		if err := tx.mayEditReleased(by, p); err != nil {
			return p, err
		}
		if p.Role == desk.RoleComment && p.Agent != by.Agent {
			return p, desk.Forbidden("comment_of_another", "a comment is changed by its author only; write one of your own")
		}
		same, err := tx.editedTogether(p)
		if err != nil {
			return p, err
		}
		var named []string
		if p.Role == desk.RoleComment {
			if named, err = tx.mentionMore(by, p, text); err != nil {
				return p, err
			}
		}
		if err := tx.mayChangeRoot(p, false); err != nil {
			return p, err
		}
		if len(files) > 0 {
			if p.Role != desk.RoleReply && p.Role != desk.RoleBroadcast || p.Incident != "" {
				return p, desk.Invalid("files_not_here", "only replies and broadcasts have pictures")
			}
			if err := tx.refile(by, p, same, files[0]); err != nil {
				return p, err
			}
		}
		for n := range same {
			if same[n], err = tx.rewrite(by, same[n], text, named...); err != nil {
				return p, err
			}
			if same[n].ID == p.ID {
				p = same[n]
			}
		}
		return p, nil
	})
}

// checkEdit refuses an edit that was decided before something newer was said.
func (t *Tx) checkEdit(by By, p desk.Post) error {
	if p.Issue == "" {
		return checkVersion(by, p)
	}
	i, err := t.home(p.Issue)
	if err != nil {
		return err
	}
	return t.checkSeen(by, i)
}

// saysFiles says whether a post has just these files, described so.
func saysFiles(p desk.Post, files []FileInput) bool {
	return slices.EqualFunc(p.Attachments, files, func(a desk.Attachment, in FileInput) bool { return a.File == in.ID && a.Alt == in.Alt })
}

// editedTogether lists what an edit of a post changes: the post and its copies, but
// for those whose reporters want no further word.
func (t *Tx) editedTogether(p desk.Post) (out []desk.Post, err error) {
	same, err := t.copies(p)
	if err != nil {
		return nil, err
	}
	var refused error
	for _, c := range same {
		if c.Deleted || c.State == desk.PostUndone || c.State == desk.PostWithheld {
			continue
		}
		err := t.mayEdit(c)
		switch {
		case err == nil:
			out = append(out, c)
		case desk.ErrorCode(err) != desk.CodeForbidden:
			return nil, err
		default:
			refused = cmp.Or(refused, err)
		}
	}
	if len(out) == 0 {
		return nil, refused
	}
	return out, nil
}

// rewrite changes the words of a post. named are the agents that a comment names only
// since.
func (t *Tx) rewrite(by By, p desk.Post, text string, named ...string) (desk.Post, error) {
	p.Text = text
	t.render(&p)
	if p.State != desk.PostPending && p.State != desk.PostUnchecked {
		p.Edits++
		p.Updated = t.Now
	}
	if err := t.storeOwn(p, desk.Event{Kind: desk.KindEdit, Agent: by.Agent, With: named}); err != nil {
		return p, err
	}
	if p.Incident != "" {
		if err := t.roundEdited(p); err != nil {
			return p, err
		}
	}
	if p.State != desk.PostPublished {
		return p, nil
	}
	return p, t.publish(fmt.Sprintf("update:%s:%d", p.ID, p.Edits), string(p.ID), t.Now, Publish{Verb: VerbUpdate, Post: p.ID, N: p.Edits})
}

// mayEdit forbids an edit that would reach a person who wants no more posts: to
// them an edit is a post too. Retracting is always allowed.
func (t *Tx) mayEdit(p desk.Post) error {
	if p.State == desk.PostAwaitingApproval {
		return desk.Conflict("reply_awaits_approval", "the reporter is looking at the reply, and approves what they see: take it back, then write another")
	}
	if p.State != desk.PostPublished || p.Issue == "" {
		return nil
	}
	i, err := t.issue(p.Issue)
	if err != nil {
		return err
	}
	blocked, err := t.blocked(i.Reporter)
	if err != nil {
		return err
	}
	if blocked {
		i.Silence(desk.SilenceBlock)
	}
	if i.Silenced == "" {
		return nil
	}
	return desk.Forbidden("edit_silenced", "no further word may be sent here: %s; the post can still be deleted", i.Silenced.Words())
}

// stillMayEdit checks once more, just before an edit goes out.
func (t *Tx) stillMayEdit(p desk.Post) (bool, error) {
	err := t.mayEdit(p)
	if desk.ErrorCode(err) == desk.CodeForbidden {
		return false, nil
	}
	return err == nil, err
}

// RetractPost deletes one of our posts, here and on all servers that got it.
func (a *App) RetractPost(ctx context.Context, by By, id desk.PostID) (desk.Post, error) {
	p, err := a.oncePost(ctx, by, "post.retract", func(tx *Tx) (desk.Post, error) {
		p, err := tx.ownPost(by, id)
		if err != nil {
			return p, err
		}
		if may, err := tx.mayRemoveComment(by, p); err != nil {
			return p, err
		} else if !may {
			return p, desk.Forbidden("comment_not_removed", "a comment is removed by its author or an admin")
		}
		if p.Unsent() {
			return p, desk.Conflict("reply_not_sent", "it has not gone out yet: take it back instead")
		}
		if err := tx.mayChangeRoot(p, true); err != nil {
			return p, err
		}
		same, err := tx.copies(p)
		if err != nil {
			return p, err
		}
		if err := tx.checkPosts(by, same...); err != nil {
			return p, err
		}
		if err := tx.incidentPostEnded(p); err != nil {
			return p, err
		}
		for _, c := range same[1:] {
			switch {
			case c.Deleted:
			case c.Unsent():
				_, err = tx.takeBack(by, c)
			case c.State == desk.PostPublished:
				_, err = tx.retract(by, c)
			}
			if err != nil {
				return p, err
			}
		}
		return tx.retract(by, p)
	})
	if err == nil {
		a.deleted(ctx)
	}
	return p, err
}

// retract deletes a post of ours.
func (t *Tx) retract(by By, p desk.Post) (desk.Post, error) {
	if err := t.eraseOwn(&p); err != nil {
		return p, err
	}
	p.Updated = t.Now
	if err := t.rememberDeletion(postRef(t.site, p)); err != nil {
		return p, err
	}
	if err := t.storeOwn(p, desk.Event{Kind: desk.KindDelete, Agent: by.Agent}); err != nil || p.State != desk.PostPublished {
		return p, err
	}
	return p, t.publish("delete:"+string(p.ID), string(p.ID), t.Now, Publish{Verb: VerbDelete, Post: p.ID})
}

// mayRemoveComment keeps the colleagues' words among themselves: nobody takes back
// what another has noted, but an admin and who works on this machine.
func (t *Tx) mayRemoveComment(by By, p desk.Post) (bool, error) {
	if p.Role != desk.RoleComment || p.Agent == by.Agent || by.Via == "" || by.Via == store.ViaMachine {
		return true, nil
	}
	a, ok, err := t.Agents().Get(desk.Email(by.Agent))
	return ok && a.Role == desk.RoleAdmin, err
}

// ownPost finds a post of ours that the caller may change.
func (t *Tx) ownPost(by By, id desk.PostID) (desk.Post, error) {
	p, ok, err := t.Posts().Get(id)
	switch {
	case err != nil:
		return p, err
	case !ok:
		return p, desk.NotFound("post_not_found", "there is no post %s", id)
	case !p.Ours():
		return p, desk.Forbidden("post_not_ours", "%s is not a post of ours", id)
	case p.Deleted || p.State == desk.PostUndone || p.State == desk.PostWithheld:
		return p, desk.Conflict("post_not_there", "%s is not there any more", id)
	}
	return p, by.mayChange(p)
}
