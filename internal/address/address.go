package address

import (
	"slices"

	"earshot/internal/desk"
)

// Kind says to what an address belongs.
type Kind string

// The kinds.
const (
	Elsewhere Kind = ""        // another server, or no address
	Unknown   Kind = "unknown" // on our hosts, and no address that we give out
	Page      Kind = "page"    // a page that is about no single thing, such as /listening

	Actor         Kind = "actor" // a desk, or the instance's own actor
	Key           Kind = "key"   // of an actor
	Inbox         Kind = "inbox" // of an actor; without a handle the shared one
	Collection    Kind = "collection"
	Post          Kind = "post"
	Activity      Kind = "activity"
	Issue         Kind = "issue"  // the page of an issue
	Thread        Kind = "thread" // the collection of an issue's public posts
	Authorization Kind = "authorization"
)

// Address is an address of ours, in whatever way it was written.
type Address struct {
	Kind Kind
	// ID is the one spelling of what it belongs to, URL the one spelling of the
	// address itself: a desk's page has the desk's id, and its own URL. Both are
	// "" if Ours is false.
	ID, URL string

	Handle desk.Handle  // of an Actor, a Key, an Inbox, an actor's Collection
	Post   desk.PostID  // of a Post, its Collections, an Activity on a post, an Authorization
	Issue  desk.IssueID // of an Issue, a Thread
	Verb   string       // of an Activity: create, update, ask
}

// Ours says whether it is an address that this instance gives out.
func (a Address) Ours() bool { return a.Kind != Elsewhere && a.Kind != Unknown }

// CacheRedirect is the Cache-Control of a redirect to where an address has gone, or to
// its usual spelling: it may be another one later, as an alias may be taken away.
const CacheRedirect = "public, max-age=600"

// speaks are the verbs of the activities that stand for the post in them.
var speaks = []string{"create", "update"}

// Object returns the id of what somebody means who likes, answers, follows or
// blocks this address: the post for its Create, the actor for its key.
func (a Address) Object(site desk.Site) string {
	switch {
	case a.Kind == Key:
		return string(site.Desk(a.Handle))
	case a.Kind == Activity && a.Post != "" && slices.Contains(speaks, a.Verb):
		return string(site.Post(a.Post))
	}
	return a.ID
}
