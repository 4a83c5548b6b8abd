package foreign

import (
	"net/url"
	"time"
)

// A Person has an account on the Fedify server. Every method acts as that person and fails the test if the peer itself
// cannot do it; Sent says whether others accepted the activities.
type Person struct {
	Name        string
	ID          string // actor id
	Handle      string // @name@127.0.0.1:PORT
	Inbox       string
	SharedInbox string
	f           *Fedify
}

// Visibility says who may see a post, as in a Mastodon client.
type Visibility string

// Public is in `to`; in unlisted posts it is in `cc`; followers and direct posts are not for the public.
const (
	Public    Visibility = "public"
	Unlisted  Visibility = "unlisted"
	Followers Visibility = "followers"
	Direct    Visibility = "direct"
)

// A Post is what a person writes. It is delivered to those mentioned, to the author of the post it answers, to the
// person's followers unless it is direct, and to DeliverTo.
type Post struct {
	Text       string     `json:"text,omitempty"`     // rendered to HTML; a tag that the text lacks is appended to it
	HTML       string     `json:"html,omitempty"`     // instead of Text: the content as it is
	Tags       []string   `json:"tags,omitempty"`     // without #
	Mentions   []string   `json:"mentions,omitempty"` // actor ids
	InReplyTo  string     `json:"inReplyTo,omitempty"`
	Options    []string   `json:"options,omitempty"`    // not empty: a poll (a Question) for one day, with these answers
	Vote       string     `json:"vote,omitempty"`       // not empty: no post but a vote for this answer in the poll InReplyTo
	Visibility Visibility `json:"visibility,omitempty"` // default Public
	Summary    string     `json:"summary,omitempty"`    // a content warning
	Language   string     `json:"language,omitempty"`   // BCP 47: adds a contentMap
	Only       []string   `json:"only,omitempty"`       // of all these, deliver to these actor ids alone
	DeliverTo  []string   `json:"deliverTo,omitempty"`  // further actor ids, without addressing them: as a relay or a follower's server would hear
}

// An Edit changes a post. A zero field changes nothing; an empty, non-nil Tags removes
// all tags.
type Edit struct {
	Text     string   `json:"text,omitempty"`
	HTML     string   `json:"html,omitempty"`
	Tags     []string `json:"tags,omitzero"`
	Summary  string   `json:"summary,omitempty"`
	Language string   `json:"language,omitempty"`
	Votes    []int    `json:"votes,omitempty"` // of a poll: how many each answer has; no time of an edit is said of that, as on Mastodon
	Ended    bool     `json:"ended,omitempty"` // of a poll: nobody may vote any more
}

// Sent is the outcome of an action of a person.
type Sent struct {
	Object     string   // id of the post, or of the followed, blocked, liked or announced object
	Activity   string   // id of the activity, for Undo
	Recipients []string // actor ids
	Failures   []string // deliveries that were refused, in the peer's words; always empty with Retry
}

// Lookup finds an actor by handle (@help@127.0.0.1:PORT) or any object by URL, as Fedify sees it, by signed requests.
func (p *Person) Lookup(target string) Found {
	p.f.p.t.Helper()
	found, err := p.TryLookup(target)
	if err != nil {
		p.f.p.t.Fatalf("%s looks up %s: %v", p.Name, target, err)
	}
	return found
}

// TryLookup is Lookup for an object that may be absent or refused.
func (p *Person) TryLookup(target string) (Found, error) {
	var found Found
	err := p.f.p.post("/lookup", map[string]string{"as": p.Name, "target": target}, &found)
	return found, err
}

// Post publishes and delivers a post.
func (p *Person) Post(post Post) Sent {
	p.f.p.t.Helper()
	return p.do("/post", struct {
		As string `json:"as"`
		Post
	}{p.Name, post})
}

// Edit changes a post of this person and tells everybody who got it.
func (p *Person) Edit(id string, edit Edit) Sent {
	p.f.p.t.Helper()
	return p.do("/edit", struct {
		As string `json:"as"`
		ID string `json:"id"`
		Edit
	}{p.Name, id, edit})
}

// Delete removes a post of this person and tells everybody who got it; its URL answers 410 from then on.
func (p *Person) Delete(id string) Sent { p.f.p.t.Helper(); return p.act("/delete", "id", id) }

// Follow asks to follow an actor; its Accept shows in Received.
func (p *Person) Follow(actor string) Sent {
	p.f.p.t.Helper()
	return p.act("/follow", "target", actor)
}

// Unfollow takes a Follow back.
func (p *Person) Unfollow(actor string) Sent {
	p.f.p.t.Helper()
	return p.act("/unfollow", "target", actor)
}

// Block blocks an actor, and tells it so, as Mastodon does.
func (p *Person) Block(actor string) Sent { p.f.p.t.Helper(); return p.act("/block", "target", actor) }

// Like likes a post; its author is told.
func (p *Person) Like(object string) Sent { p.f.p.t.Helper(); return p.act("/like", "object", object) }

// Undo takes back a Follow, Block or Like by its activity id.
func (p *Person) Undo(activity string) Sent { p.f.p.t.Helper(); return p.act("/undo", "id", activity) }

// RotateKeys gives the person new keys, under the ids of the old ones.
func (p *Person) RotateKeys() { p.f.p.t.Helper(); p.do("/rotate", map[string]string{"as": p.Name}) }

// Forward lets this person's server forward proven activities in their inbox to other actors, unchanged and signed by
// this person (ActivityPub 7.1.2).
func (p *Person) Forward(to ...string) {
	p.f.p.t.Helper()
	p.do("/forward", map[string]any{"as": p.Name, "to": to})
}

// Followers are the ids of the actors that follow this person. The peer accepts every Follow.
func (p *Person) Followers() []string {
	p.f.p.t.Helper()
	var ids []string
	if err := p.f.p.get("/followers?as="+url.QueryEscape(p.Name), &ids); err != nil {
		p.f.p.t.Fatalf("ask for the followers of %s: %v", p.Name, err)
	}
	return ids
}

// Received returns the verified activities for this person, in order: at the personal inbox, or at the shared one
// if they name the person or come from an actor that the person follows.
func (p *Person) Received() []Received { p.f.p.t.Helper(); return p.f.received(p.Name) }

// Await waits for the first activity for this person that match accepts. what names it in the failure.
func (p *Person) Await(timeout time.Duration, what string, match func(Received) bool) Received {
	p.f.p.t.Helper()
	return await(p.f.p.t, timeout, what+" for "+p.Name, p.Received, p.f.summary, match)
}

func (p *Person) act(path, key, value string) Sent {
	p.f.p.t.Helper()
	return p.do(path, map[string]string{"as": p.Name, key: value})
}

func (p *Person) do(path string, in any) Sent {
	p.f.p.t.Helper()
	var sent Sent
	if err := p.f.p.post(path, in, &sent); err != nil {
		p.f.p.t.Fatalf("%s: %s: %v", p.Name, path[1:], err)
	}
	return sent
}
