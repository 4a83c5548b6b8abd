package app

import (
	"context"
	"encoding/json"
	"slices"

	"earshot/internal/desk"
)

// The replies of an agent who is checked wait until a colleague has looked at them. Such a
// reply has no job, so nothing can send it; the transaction that releases it adds the job.

// metaUnchecked is the key in store.Meta of the replies that wait: few, of few agents.
const metaUnchecked = "replies.unchecked"

// maxUnchecked bounds them.
const maxUnchecked = 500

func (t *Tx) isChecked(by By) (bool, error) {
	a, ok, err := t.Agents().Get(by.Agent)
	return ok && a.Checked, err
}

func (t *Tx) unchecked() (ids []desk.PostID, err error) {
	v, ok, err := t.Meta().Get(metaUnchecked)
	if err != nil || !ok {
		return nil, err
	}
	return ids, json.Unmarshal([]byte(v), &ids)
}

func (t *Tx) putUnchecked(ids []desk.PostID) error {
	b, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	return t.Meta().Put(metaUnchecked, string(b))
}

// awaitCheck puts a reply on the list of those that wait. Its copies wait with it.
func (t *Tx) awaitCheck(p desk.Post) error {
	if p.CopyOf != "" {
		return nil
	}
	ids, err := t.unchecked()
	if err != nil {
		return err
	}
	if len(ids) >= maxUnchecked {
		return desk.Conflict("checks_full", "%d replies wait for a colleague already: have some of them released first", len(ids))
	}
	return t.putUnchecked(append(ids, p.ID))
}

// checkEnded takes a reply off that list.
func (t *Tx) checkEnded(p desk.Post) error {
	if p.State != desk.PostUnchecked || p.CopyOf != "" {
		return nil
	}
	ids, err := t.unchecked()
	if err != nil {
		return err
	}
	return t.putUnchecked(slices.DeleteFunc(ids, func(id desk.PostID) bool { return id == p.ID }))
}

// Unchecked lists the replies that wait for a colleague, the oldest first.
func (a *App) Unchecked(ctx context.Context) (out []desk.Post, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		out = nil
		ids, err := tx.unchecked()
		if err != nil {
			return err
		}
		for _, id := range ids {
			p, ok, err := tx.Posts().Get(id)
			if err != nil {
				return err
			}
			if ok && p.State == desk.PostUnchecked {
				out = append(out, p)
			}
		}
		return nil
	})
	return out, err
}

// mayEditReleased keeps an agent who is checked from changing words that nobody looks at
// again.
func (t *Tx) mayEditReleased(by By, p desk.Post) error {
	if p.Role == desk.RoleComment || p.State == desk.PostUnchecked {
		return nil
	}
	checked, err := t.isChecked(by)
	if err == nil && checked {
		err = desk.Forbidden("edit_unchecked", "a colleague has looked at these words: ask one to change them, or write another reply")
	}
	return err
}

// toCheck finds a reply that waits, and its copies, for a colleague who decides about it.
func (t *Tx) toCheck(by By, id desk.PostID) (first desk.Post, same []desk.Post, err error) {
	p, err := t.ownPost(by, id)
	if err != nil {
		return p, nil, err
	}
	if p.State != desk.PostUnchecked {
		return p, nil, desk.Conflict("check_over", "this reply does not wait for a colleague any more")
	}
	checked, err := t.isChecked(by)
	switch {
	case err != nil:
		return p, nil, err
	case p.Agent == by.Agent:
		return p, nil, desk.Forbidden("check_own", "a colleague looks at your reply; you can take it back")
	case checked:
		return p, nil, desk.Forbidden("check_checked", "your own replies wait for a colleague, so you cannot decide about those of others")
	}
	if same, err = t.copies(p); err != nil {
		return p, nil, err
	}
	same = slices.DeleteFunc(same, func(c desk.Post) bool { return c.State != desk.PostUnchecked })
	return p, same, t.checkPosts(by, same...)
}

// ReleaseReply lets a reply go that waits for a colleague: after the take-back time, each
// copy once. It is refused if something happened since by saw the issue.
func (a *App) ReleaseReply(ctx context.Context, by By, id desk.PostID) (desk.Post, error) {
	return a.oncePost(ctx, by, "post.release", func(tx *Tx) (desk.Post, error) {
		p, same, err := tx.toCheck(by, id)
		if err != nil {
			return p, err
		}
		i, err := tx.home(p.Issue)
		if err != nil {
			return p, err
		}
		if err := tx.checkSeen(by, i); err != nil {
			return p, err
		}
		for _, c := range same {
			if err := tx.checkEnded(c); err != nil {
				return p, err
			}
			c.State, c.DueAt, c.CheckedBy = desk.PostPending, tx.Now.Add(a.takeBack), by.Agent
			if c.ID == p.ID {
				p = c
			}
			if err := tx.Posts().Put(c); err != nil {
				return p, err
			}
			of, err := tx.issue(c.Issue)
			if err != nil {
				return p, err
			}
			if err := tx.publishReply(of, c); err != nil {
				return p, err
			}
		}
		return p, tx.event(desk.Event{Issue: p.Issue, Kind: desk.KindNotice, Agent: by.Agent, Post: p.ID}.Says(desk.NoteReleased))
	})
}

// ReturnReply sends a reply that waits for a colleague back to its author, with a word that
// becomes a comment. The words of the reply stay to be read, and are in the author's form
// again if that is empty.
func (a *App) ReturnReply(ctx context.Context, by By, id desk.PostID, word string) (desk.Post, error) {
	word, err := checkText(word)
	if err != nil {
		return desk.Post{}, err
	}
	return a.oncePost(ctx, by, "post.return", func(tx *Tx) (desk.Post, error) {
		p, same, err := tx.toCheck(by, id)
		if err != nil {
			return p, err
		}
		for _, c := range same {
			i, err := tx.issue(c.Issue)
			if err != nil {
				return p, err
			}
			if err := tx.withhold(i, c, desk.Recorded("reply_sent_back")); err != nil {
				return p, err
			}
		}
		i, err := tx.home(p.Issue)
		if err != nil {
			return p, err
		}
		i.MentionColleague(p.Agent)
		if _, err := tx.addComment(by, i, word); err != nil {
			return p, err
		}
		if err := tx.wordsBack(p, DraftOnIssue(i.ID)); err != nil {
			return p, err
		}
		p, _, err = tx.Posts().Get(p.ID)
		return p, err
	})
}
