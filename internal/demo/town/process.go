package town

import (
	"context"
	"fmt"
	"net/http"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// process does what a verified activity says. note says why nothing came of it.
func (t *Town) process(ctx context.Context, a *as.Activity) (note string, err error) {
	author, err := t.remote(ctx, a.Actor)
	if err != nil {
		return "", err
	}
	defer t.changed()
	switch a.Type {
	case as.Create:
		return t.processCreate(ctx, author, a)
	case as.Update:
		return t.processUpdate(ctx, author, a)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch a.Type {
	case as.Delete:
		return t.processDelete(author, a), nil
	case as.Follow:
		return t.processFollow(author, a), nil
	case as.Accept, as.Reject:
		return t.processAnswer(author, a), nil
	case as.Like, as.EmojiReact:
		return t.processLike(author, a), nil
	case as.Announce:
		return t.processAnnounce(author, a), nil
	case as.Undo:
		return t.processUndo(author, a), nil
	case as.Block:
		return t.processBlock(author, a), nil
	case as.ReplyRequest:
		return t.processRequest(author, a)
	}
	return fmt.Sprintf("a %s means nothing here", a.Type), nil
}

// embedded returns the object of a Create or Update, fetched if only its id
// was sent. The actor must be its author, on its own host.
func (t *Town) embedded(ctx context.Context, author *remote, a *as.Activity) (*as.Object, error) {
	o := a.Object.Object
	if o == nil {
		if a.Object.ID == "" || a.Object.ID.Host() != author.ID.Host() {
			return nil, refuse(http.StatusBadRequest, "a %s needs an object of its actor", a.Type)
		}
		var err error
		if o, err = t.fetchPost(ctx, a.Object.ID); err != nil {
			return nil, err
		}
	}
	if o.AttributedTo != author.ID || o.ID.Host() != author.ID.Host() {
		return nil, refuse(http.StatusUnauthorized, "object %s by %s is not the signer's", o.ID, o.AttributedTo)
	}
	return o, nil
}

func (t *Town) processCreate(ctx context.Context, author *remote, a *as.Activity) (string, error) {
	o, err := t.embedded(ctx, author, a)
	if err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.concerns(author.ID, o) {
		return "nobody here is addressed, follows the author or is in the thread", nil
	}
	if target := t.needsApproval(o); target != nil && t.posts[o.ID] == nil {
		return t.ask(request{author: author, reply: o, target: target}), nil
	}
	return t.keep(author, o, maxAncestors), nil
}

// processUpdate takes an edit only if it has an `updated` later than that of the
// last edit: without one, Mastodon takes it for new poll results.
func (t *Town) processUpdate(ctx context.Context, author *remote, a *as.Activity) (string, error) {
	if string(a.Object.ID) == string(author.ID) {
		t.remotes.Remove(author.ID)
		_, err := t.fetchActor(ctx, author.ID)
		return "", err
	}
	o, err := t.embedded(ctx, author, a)
	if err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.posts[o.ID]
	switch {
	case p == nil || p.deleted:
		return "an edit of a post that is not here", nil
	case p.author != author.ID:
		return "", refuse(http.StatusUnauthorized, "the post is not the signer's")
	case !o.Updated.After(p.updated): // also without a time
		return "an edit that is not newer than the last", nil
	}
	p.read(o)
	p.updated = o.Updated
	t.notifyMentioned(p)
	return "", nil
}

func (t *Town) processDelete(author *remote, a *as.Activity) string {
	if string(a.Object.ID) == string(author.ID) {
		t.forgetActor(author.ID)
		return ""
	}
	if r, ok := t.requests[a.Object.ID]; ok && r.author.ID == author.ID {
		delete(t.requests, a.Object.ID)
		return ""
	}
	p := t.posts[a.Object.ID]
	if p == nil {
		return "the end of a post that is not here"
	}
	if p.author != author.ID {
		return "the post is not the signer's"
	}
	p.erase()
	return ""
}

// forgetActor erases a remote actor's posts and all their follows, in both
// directions.
func (t *Town) forgetActor(id desk.ActorID) {
	for _, p := range t.posts {
		if p.author == id {
			p.erase()
		}
		delete(p.likes, id)
		delete(p.boosts, id)
	}
	for _, a := range t.ours() {
		delete(a.followers, id)
		delete(a.following, id)
	}
	t.remotes.Remove(id)
}

// ours returns people and hashtag actors.
func (t *Town) ours() []*actor {
	var out []*actor
	for _, a := range t.people {
		out = append(out, a)
	}
	for _, a := range t.tags {
		out = append(out, a)
	}
	return out
}

func (t *Town) processLike(author *remote, a *as.Activity) string {
	p := t.posts[a.Object.ID]
	if p == nil || p.local == nil || p.deleted {
		return "a reaction to a post that is not ours"
	}
	if len(p.likes) < maxLinks {
		p.likes[author.ID] = a.ID
	}
	t.notify(p.local, Notification{Kind: NoteLike, From: author.ID, Acct: author.acct, Object: p.id})
	return ""
}

func (t *Town) processAnnounce(author *remote, a *as.Activity) string {
	p := t.posts[a.Object.ID]
	switch {
	case p != nil && p.local != nil && !p.deleted:
		if len(p.boosts) < maxLinks {
			p.boosts[author.ID] = a.ID
		}
		t.notify(p.local, Notification{Kind: NoteBoost, From: author.ID, Acct: author.acct, Object: p.id})
	case t.isFollowed(author.ID):
		t.fetchLater(a.Object.ID, maxAncestors, author.ID, a.ID)
	default:
		return "a boost by an actor without followers here"
	}
	return ""
}

// processUndo takes the embedded activity or, for reactions, just its id.
func (t *Town) processUndo(author *remote, a *as.Activity) string {
	if in := a.Inner; in != nil {
		if in.Actor != author.ID {
			return "the undone activity was not the signer's"
		}
		switch in.Type {
		case as.Follow:
			if target := t.local(desk.ActorID(in.Object.ID)); target != nil {
				delete(target.followers, author.ID)
				return ""
			}
		case as.Block:
			return ""
		}
	}
	for _, p := range t.posts {
		if a.Object.ID != "" && string(p.likes[author.ID]) == string(a.Object.ID) {
			delete(p.likes, author.ID)
			return ""
		}
		if a.Object.ID != "" && string(p.boosts[author.ID]) == string(a.Object.ID) {
			delete(p.boosts, author.ID)
			return ""
		}
	}
	return "nothing of that kind was done"
}
