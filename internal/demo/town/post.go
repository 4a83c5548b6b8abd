package town

import (
	"context"
	"slices"
	"time"

	"earshot/federation/as"
	"earshot/internal/desk"
	"earshot/internal/id"
)

// post is one post, of ours or of others. Guarded by Town.mu.
type post struct {
	id         desk.ObjectID
	author     desk.ActorID
	acct, name string // of the author; name is plain text
	local      *actor // the author, if one of ours
	question   bool
	options    []string

	text      string // as typed, of ours; plain text, of others
	html      string // as sent, of ours; sanitised, of others
	language  string
	plainTags bool
	approves  bool // people who answer it, and are not mentioned, need approval
	tags      []string
	mentions  []mention
	everyone  []mention // ever mentioned: they hear of edits and of the end

	visibility desk.Visibility
	to, cc     []string
	inReplyTo  desk.ObjectID
	published  time.Time
	updated    time.Time // zero: never edited
	deleted    bool
	url        string

	likes  map[desk.ActorID]desk.ActivityID
	boosts map[desk.ActorID]desk.ActivityID
	// announced holds, by normalised tag, the boosts of hashtag actors.
	announced map[string]doc
}

// PostInput is the text and the choices of a person who writes. Tags and
// mentions are found in Text.
type PostInput struct {
	Text       string
	Visibility desk.Visibility // default public
	InReplyTo  desk.ObjectID   // a post the town knows
	Language   string          // default: the person's
	// PlainTags leaves "#tag" plain text, as servers without hashtags do.
	PlainTags bool
	// Approves: the author wants to approve answers, as on GoToSocial.
	Approves bool
}

// Post publishes as one of the people. A mention that cannot be resolved stays
// text, as on Mastodon.
func (t *Town) Post(ctx context.Context, person string, in PostInput) (desk.ObjectID, error) {
	text, err := cleanText(in.Text)
	if err != nil {
		return "", err
	}
	mentions := t.resolveMentions(ctx, text)
	key := id.New()
	t.mu.Lock()
	defer t.mu.Unlock()
	author, err := t.find(person)
	if err != nil {
		return "", err
	}
	p := &post{
		id:     desk.ObjectID(string(author.id) + "/posts/" + key),
		author: author.id, acct: t.acctOf(author), name: author.displayName(), local: author,
		inReplyTo: in.InReplyTo, published: t.clock.Now(), plainTags: in.PlainTags, approves: in.Approves, visibility: in.Visibility,
		language: in.Language, announced: map[string]doc{},
	}
	if p.visibility == "" {
		p.visibility = desk.VisibilityPublic
	}
	if p.language == "" {
		p.language = author.person.Language
	}
	if in.InReplyTo != "" {
		parent := t.posts[in.InReplyTo]
		if parent == nil || parent.deleted || !t.sees(author, parent) {
			return "", desk.NotFound("town_parent_not_found", "%s knows no such post to answer: %s", person, in.InReplyTo)
		}
	}
	p.write(t, text, mentions)
	if err := p.address(author); err != nil {
		return "", err
	}
	t.remember(p)
	t.notifyMentioned(p)
	t.send(author, t.createDoc(p), t.audience(p))
	t.announceTags(p)
	t.changed()
	return p.id, nil
}

func (p *post) write(t *Town, text string, mentions map[string]mention) {
	r := t.render(text, p.plainTags, mentions)
	p.text, p.html, p.tags, p.mentions = text, r.html, r.tags, r.mentions
	for _, m := range r.mentions {
		if !slices.ContainsFunc(p.everyone, func(e mention) bool { return e.id == m.id }) {
			p.everyone = append(p.everyone, m)
		}
	}
}

// address writes to and cc, as Mastodon does.
func (p *post) address(author *actor) error {
	var mentioned []string
	for _, m := range p.mentions {
		mentioned = append(mentioned, string(m.id))
	}
	followers := author.followerURL()
	switch p.visibility {
	case desk.VisibilityPublic:
		p.to, p.cc = []string{as.Public}, append([]string{followers}, mentioned...)
	case desk.VisibilityQuiet:
		p.to, p.cc = []string{followers}, append([]string{as.Public}, mentioned...)
	case desk.VisibilityFollowers:
		p.to, p.cc = []string{followers}, append([]string{}, mentioned...)
	case desk.VisibilityDirect:
		p.to, p.cc = append([]string{}, mentioned...), []string{}
	default:
		return desk.Invalid("town_visibility_unknown", "a post is public, quiet, followers or direct, not %q", p.visibility)
	}
	return nil
}

// Edit changes the words of a person's own post. Its audience stays.
func (t *Town) Edit(ctx context.Context, person string, object desk.ObjectID, text string) error {
	text, err := cleanText(text)
	if err != nil {
		return err
	}
	mentions := t.resolveMentions(ctx, text)
	t.mu.Lock()
	defer t.mu.Unlock()
	author, p, err := t.own(person, object)
	if err != nil {
		return err
	}
	p.updated = later(t.clock.Now(), p.updated)
	p.write(t, text, mentions)
	if err := p.address(author); err != nil {
		return err
	}
	t.notifyMentioned(p)
	t.send(author, t.updateDoc(p), t.audience(p))
	t.announceTags(p)
	t.changed()
	return nil
}

// later returns now in the whole seconds that go over the wire, but never the
// time of the last edit: two edits with one `updated` are one to others.
func later(now, last time.Time) time.Time {
	if now = now.Truncate(time.Second); now.After(last) {
		return now
	}
	return last.Add(time.Second)
}

// Delete takes a person's own post back: a Tombstone is left.
func (t *Town) Delete(person string, object desk.ObjectID) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	author, p, err := t.own(person, object)
	if err != nil {
		return err
	}
	t.deletePost(author, p)
	t.changed()
	return nil
}

func (t *Town) deletePost(author *actor, p *post) {
	audience := t.audience(p)
	p.erase()
	t.send(author, t.deleteDoc(p), audience)
	t.announceTags(p)
}

// erase leaves of a post only that there was one.
func (p *post) erase() {
	p.deleted = true
	p.text, p.html, p.tags, p.language, p.options = "", "", nil, "", nil
}

// own returns a person and a living post of theirs; the caller holds the lock.
func (t *Town) own(person string, object desk.ObjectID) (*actor, *post, error) {
	author, err := t.find(person)
	if err != nil {
		return nil, nil, err
	}
	p := t.posts[object]
	if p == nil || p.deleted || p.local != author {
		return nil, nil, desk.NotFound("town_post_not_theirs", "%s has no such post: %s", person, object)
	}
	return author, p, nil
}

// remember keeps a post, and forgets the oldest beyond maxPosts.
func (t *Town) remember(p *post) {
	p.likes, p.boosts = map[desk.ActorID]desk.ActivityID{}, map[desk.ActorID]desk.ActivityID{}
	t.posts[p.id] = p
	t.order = append(t.order, p.id)
	if p.inReplyTo != "" {
		t.answers[p.inReplyTo] = append(t.answers[p.inReplyTo], p)
	}
	if len(t.order) <= maxPosts {
		return
	}
	oldest := t.posts[t.order[0]]
	t.order = slices.Delete(t.order, 0, 1)
	delete(t.posts, oldest.id)
	siblings := slices.DeleteFunc(t.answers[oldest.inReplyTo], func(p *post) bool { return p == oldest })
	if t.answers[oldest.inReplyTo] = siblings; len(siblings) == 0 {
		delete(t.answers, oldest.inReplyTo)
	}
}
