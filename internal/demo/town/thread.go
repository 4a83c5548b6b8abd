package town

import (
	"html/template"
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/internal/markup"
)

// Message is a post as one of the people sees it.
type Message struct {
	ID         desk.ObjectID
	Author     desk.ActorID
	Acct       string // user@host
	Name       string // plain text
	Local      bool   // by a person of the town
	Text       string // plain text; "" if deleted
	HTML       template.HTML
	Language   string
	Visibility desk.Visibility
	InReplyTo  desk.ObjectID
	Depth      int // below the first of the thread
	At         time.Time
	Edited     bool
	Deleted    bool
	Mentions   []desk.ActorID
	Tags       []string // as written, without #
	Likes      int
	Boosts     int
	Liked      bool // by the person
	Boosted    bool
	Options    []string // of a poll
	URL        string   // page of a post of others
}

func (p *post) plain() string {
	if p.local != nil {
		return p.text
	}
	return markup.Text(p.html)
}

// message shows a post to viewer (nil: a stranger); the caller holds the lock.
func (p *post) message(viewer *actor, depth int) Message {
	m := Message{
		ID: p.id, Author: p.author, Acct: p.acct, Name: p.name, Local: p.local != nil,
		Visibility: p.visibility, InReplyTo: p.inReplyTo, Depth: depth, At: p.published,
		Edited: !p.updated.IsZero(), Deleted: p.deleted, Likes: len(p.likes), Boosts: len(p.boosts), URL: p.url,
	}
	if viewer != nil {
		m.Liked, m.Boosted = p.likes[viewer.id] != "", p.boosts[viewer.id] != ""
	}
	if p.deleted {
		return m
	}
	m.Text, m.HTML, m.Language = p.text, p.safeHTML(), p.language
	m.Tags, m.Options = slices.Clone(p.tags), slices.Clone(p.options)
	for _, other := range p.mentions {
		m.Mentions = append(m.Mentions, other.id)
	}
	return m
}

// Thread returns the whole thread around a post as a person sees it ("": a
// stranger): the first post, then the answers below each, oldest first.
func (t *Town) Thread(person string, object desk.ObjectID) []Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	viewer := t.people[person]
	if person != "" && viewer == nil {
		return nil
	}
	root := t.posts[object]
	if root == nil {
		return nil
	}
	for up := 0; up < maxPosts; up++ { // ids may lead in circles
		parent := t.posts[root.inReplyTo]
		if parent == nil {
			break
		}
		root = parent
	}
	var out []Message
	seen := map[desk.ObjectID]bool{}
	var walk func(p *post, depth int)
	walk = func(p *post, depth int) {
		if seen[p.id] || depth > 200 {
			return
		}
		seen[p.id] = true
		if t.sees(viewer, p) {
			out = append(out, p.message(viewer, depth))
		}
		below := slices.Clone(t.answers[p.id])
		slices.SortStableFunc(below, byTime)
		for _, c := range below {
			walk(c, depth+1)
		}
	}
	walk(root, 0)
	return out
}

// byTime compares whole seconds, as on the wire; within one, a stable sort
// keeps the order of arrival.
func byTime(a, b *post) int {
	return a.published.Truncate(time.Second).Compare(b.published.Truncate(time.Second))
}

// Home returns the posts and boosts of the accounts that a person follows,
// newest first, at most 100. As on Mastodon, answers to accounts that the
// person does not follow are left out.
func (t *Town) Home(person string) []Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	viewer := t.people[person]
	if viewer == nil {
		return nil
	}
	return t.timeline(viewer, func(p *post) bool {
		for booster := range p.boosts {
			if viewer.following[booster].accepted {
				return true
			}
		}
		if !viewer.following[p.author].accepted {
			return false
		}
		parent := t.posts[p.inReplyTo]
		return p.inReplyTo == "" || parent != nil &&
			(parent.author == p.author || parent.author == viewer.id || viewer.following[parent.author].accepted)
	})
}

// timeline returns living posts that viewer sees, newest first; the caller
// holds the lock.
func (t *Town) timeline(viewer *actor, want func(*post) bool) []Message {
	out := []Message{}
	for _, id := range slices.Backward(t.order) {
		p := t.posts[id]
		if !p.deleted && want(p) && t.sees(viewer, p) {
			out = append(out, p.message(viewer, 0))
		}
		if len(out) == 100 {
			break
		}
	}
	return out
}
