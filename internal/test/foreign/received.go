package foreign

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// An Object is parsed by Fedify: fields that it did not understand are empty. Times are RFC 3339 or
// empty.
type Object struct {
	ID           string
	Type         string // "Note", "Tombstone", "Organization", ...
	AttributedTo string
	Content      string // HTML
	Language     string // of contentMap, if there is one
	Summary      string
	Name         string
	InReplyTo    string
	Context      string
	To, Cc       []string
	Tags         []Tag
	URL          string
	Published    string
	Updated      string
	Sensitive    bool
}

// A Tag is a Mention or a Hashtag of an object.
type Tag struct{ Type, Name, Href string }

// Mentions reports whether the object has a Mention tag of the actor: without one, most servers notify nobody.
func (o Object) Mentions(actor string) bool {
	return slices.ContainsFunc(o.Tags, func(tag Tag) bool { return tag.Type == "Mention" && tag.Href == actor })
}

// Found is the result of a lookup: any object, and for actors what an actor has.
type Found struct {
	Object
	PreferredUsername         string
	Inbox, SharedInbox        string
	Outbox                    string
	Followers, Following      string
	ManuallyApprovesFollowers bool
	Discoverable              bool
	PublicKeys                []Key // publicKey
	AssertionMethods          []Key // assertionMethod (FEP-521a)
}

// A Key is a public key of an actor. Algorithm is empty if Fedify could not read it.
type Key struct{ ID, Owner, Algorithm string }

// Received is an activity that arrived with a valid HTTP signature of its actor.
type Received struct {
	Seq       int // position among everything the server received, from 1
	At        time.Time
	Inbox     string // the person whose inbox it came to; empty for the shared inbox
	Type      string // "Create", "Update", "Delete", "Accept", ...
	ID        string
	Actor     string
	ObjectID  string
	Object    *Object // of Create, Update and Delete: embedded, or fetched when it was only named
	To, Cc    []string
	Published string
	Updated   string
	Notified  bool // by activitypub-bot only: its library told the bot that the object mentions it
	Signature Signature
	Proof     string          // the key that Fedify found its proof valid by; "invalid", or "" without one
	Raw       json.RawMessage // the body as it came
}

// Signature is the result of the library's verifier; Fedify's verifies the request a second time on its
// own.
type Signature struct {
	Scheme     Scheme
	KeyID      string
	Owner      string // the key's owner, by the key's own document
	VerifiedBy string // "fedify" or "activitypub-bot"
}

// await checks until a received activity is accepted by match; summary describes the received ones, for a
// test that waited in vain.
func await(t testing.TB, timeout time.Duration, what string, look func() []Received, summary func([]Received) string, match func(Received) bool) Received {
	t.Helper()
	var found Received
	Eventually(t, timeout, func() (bool, string) {
		received := look()
		n := slices.IndexFunc(received, match)
		if n < 0 {
			return false, what + summary(received)
		}
		found = received[n]
		return true, ""
	})
	return found
}

// Is reports whether the activity is of a type, by an actor, about an object. Empty arguments match anything.
func (r Received) Is(kind, actor, object string) bool {
	return (kind == "" || r.Type == kind) && (actor == "" || r.Actor == actor) && (object == "" || r.ObjectID == object)
}

// RepliesTo reports whether it is the Create of an answer to a post.
func (r Received) RepliesTo(post string) bool {
	return r.Type == "Create" && r.Object != nil && r.Object.InReplyTo == post
}
