package town

import (
	"context"
	"fmt"
	"html/template"
	"slices"

	"earshot/federation/as"
	"earshot/internal/desk"
	"earshot/internal/markup"
)

// maxAncestors is how far up a thread is fetched.
const maxAncestors = 10

// concerns says whether a post of others is stored: a person here is addressed,
// is in its thread, or follows its author.
func (t *Town) concerns(author desk.ActorID, o *as.Object) bool {
	if t.posts[o.InReplyTo] != nil || t.isFollowed(author) {
		return true
	}
	for _, id := range slices.Concat(o.To, o.Cc) {
		if a := t.local(desk.ActorID(id)); a != nil {
			return true
		}
	}
	return false
}

func (t *Town) isFollowed(id desk.ActorID) bool {
	for _, a := range t.people {
		if a.following[id].accepted {
			return true
		}
	}
	return false
}

// keep takes in a post of others, and queues the fetch of up to ancestors posts
// above it; the caller holds the lock.
func (t *Town) keep(author *remote, o *as.Object, ancestors int) (note string) {
	switch {
	case t.posts[o.ID] != nil:
		return "known already"
	case o.IsVote:
		return "a vote"
	case o.Type != as.Note && o.Type != as.Article && o.Type != as.Page && o.Type != as.Question:
		return fmt.Sprintf("a %s is no post", o.Type)
	}
	p := &post{
		id: o.ID, author: author.ID, acct: author.acct, name: author.displayName(),
		to: o.To, cc: o.Cc, visibility: visibilityOf(o.To, o.Cc, author.Followers),
		inReplyTo: o.InReplyTo, published: o.Published, question: o.Type == as.Question, url: o.URL,
	}
	if p.published.IsZero() {
		p.published = t.clock.Now()
	}
	if o.Updated.After(p.published) {
		p.updated = o.Updated
	}
	p.read(o)
	t.remember(p)
	t.notifyMentioned(p)
	if o.InReplyTo != "" && t.posts[o.InReplyTo] == nil {
		t.fetchLater(o.InReplyTo, ancestors, "", "")
	}
	return ""
}

// read takes over what an edit may change.
func (p *post) read(o *as.Object) {
	p.html, p.text = markup.Sanitise(o.Content), markup.Text(o.Content)
	p.language, p.options, p.tags, p.mentions = o.Language, o.Options, o.Hashtags, nil
	for _, m := range o.Mentions {
		p.mentions = append(p.mentions, mention{id: m.Href, acct: m.Name})
	}
}

// safeHTML is a post's HTML for our pages, of ours too.
func (p *post) safeHTML() template.HTML { return template.HTML(markup.Sanitise(p.html)) }

// fetchLater queues the fetch of a post, and of up to depth posts above it; if
// booster is not "", it was boosted. The caller holds the lock.
func (t *Town) fetchLater(object desk.ObjectID, depth int, booster desk.ActorID, boost desk.ActivityID) {
	host := object.Host()
	if depth == 0 || host == "" || host == t.host {
		return
	}
	t.enqueue(&job{what: "fetch " + string(object), host: host, run: func(ctx context.Context) error {
		return t.fetchInto(ctx, object, depth, booster, boost)
	}})
}

func (t *Town) fetchInto(ctx context.Context, object desk.ObjectID, depth int, booster desk.ActorID, boost desk.ActivityID) error {
	o, err := t.fetchPost(ctx, object)
	if err != nil {
		return err
	}
	author, err := t.remote(ctx, o.AttributedTo)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keep(author, o, depth-1)
	if p := t.posts[object]; p != nil && booster != "" && len(p.boosts) < maxLinks {
		p.boosts[booster] = boost
	}
	t.changed()
	return nil
}
