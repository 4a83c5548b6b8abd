package as

import (
	"slices"
	"strings"
)

// Public is the collection of everybody, in the spelling we send.
const Public = "https://www.w3.org/ns/activitystreams#Public"

// Namespace is the ActivityStreams context and vocabulary.
const Namespace = "https://www.w3.org/ns/activitystreams"

// IsPublic knows the three spellings of Public that are in use.
func IsPublic(s string) bool {
	return s == Public || s == "as:Public" || s == "Public"
}

// Type is the type of an object, activity or actor without prefix: "Note".
type Type string

// The types Earshot makes or gives a meaning to.
const (
	Create       Type = "Create"
	Update       Type = "Update"
	Delete       Type = "Delete"
	Follow       Type = "Follow"
	Accept       Type = "Accept"
	Reject       Type = "Reject"
	Undo         Type = "Undo"
	Announce     Type = "Announce"
	Like         Type = "Like"
	EmojiReact   Type = "EmojiReact"
	Add          Type = "Add"
	Remove       Type = "Remove"
	Block        Type = "Block"
	Flag         Type = "Flag"
	Move         Type = "Move"
	Offer        Type = "Offer"
	ReplyRequest Type = "ReplyRequest"
	QuoteRequest Type = "QuoteRequest"
	Note         Type = "Note"
	Article      Type = "Article"
	Page         Type = "Page"
	Question     Type = "Question"
	Tombstone    Type = "Tombstone"
	Person       Type = "Person"
	Service      Type = "Service"
	Application  Type = "Application"
	Organization Type = "Organization"
	Group        Type = "Group"

	ReplyAuthorization Type = "ReplyAuthorization"
	ReplyApproval      Type = "ReplyApproval" // its name before GoToSocial 0.21
	QuoteAuthorization Type = "QuoteAuthorization"
)

var activityTypes = set(Create, Update, Delete, Follow, Accept, Reject, Undo, Announce, Like, EmojiReact, Add,
	Remove, Block, Flag, Move, Offer, "Arrive", "Dislike", "Ignore", "Invite", "Join", "Leave", "Listen", "Read",
	"TentativeAccept", "TentativeReject", "Travel", "View", QuoteRequest, ReplyRequest, "LikeRequest",
	"AnnounceRequest", "Lock", "Resolve", "Edit", "Push")

var objectTypes = set(Note, Article, Page, Question, Tombstone, "Audio", "Document", "Event", "Image", "Place",
	"Profile", "Relationship", "Video", "ChatMessage", "Collection", "OrderedCollection", "CollectionPage",
	"OrderedCollectionPage", ReplyAuthorization, ReplyApproval, QuoteAuthorization)

// IsActivity says whether a type is of an activity that is known, also without a
// meaning here.
func IsActivity(t Type) bool { return activityTypes[t] }

var actorTypes = set(Person, Service, Application, Organization, Group)

func set(types ...Type) map[Type]bool {
	m := make(map[Type]bool, len(types))
	for _, t := range types {
		m[t] = true
	}
	return m
}

// typ returns the type; of several the first that has a meaning here, else the first.
func (n *node) typ() Type {
	var first Type
	for _, v := range n.list("type") {
		s, ok := v.(string)
		if !ok || s == "" || len(s) > maxID {
			continue
		}
		t := Type(strings.TrimPrefix(strings.TrimPrefix(s, "as:"), Namespace+"#"))
		if activityTypes[t] || objectTypes[t] || actorTypes[t] {
			return t
		}
		if first == "" {
			first = t
		}
	}
	return first
}

// is says whether want is among the types.
func (n *node) is(want Type) bool {
	return slices.ContainsFunc(n.list("type"), func(v any) bool {
		s, ok := v.(string)
		return ok && Type(strings.TrimPrefix(strings.TrimPrefix(s, "as:"), Namespace+"#")) == want
	})
}

// isActivity also takes unknown types that have both an actor and an object. A
// known object type is never one: Lemmy adds an actor to announced pages.
func (n *node) isActivity() bool {
	t := n.typ()
	if activityTypes[t] {
		return true
	}
	return !objectTypes[t] && !actorTypes[t] && n.fields["actor"] != nil && n.fields["object"] != nil
}
