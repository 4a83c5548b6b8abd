package as

import (
	"slices"
	"strings"

	"earshot/internal/desk"
)

// GeneratorName is the name of an Earshot instance in the `generator` of its
// actors, so that two instances never answer each other.
const GeneratorName = "Earshot"

// What an actor's generator may say that it implements (FEP-844e), as Mitra and tootik
// spell it.
const (
	ImplementsRFC9421 = "https://datatracker.ietf.org/doc/html/rfc9421"
	ImplementsEd25519 = ImplementsRFC9421 + "#name-eddsa-using-curve-edwards25" // HTTP signatures by an Ed25519 key
)

// Actor is a parsed actor. Links that are no http or https URLs are empty.
type Actor struct {
	ID                desk.ActorID
	Type              Type
	PreferredUsername string
	Name              string // plain text
	Summary           string // HTML as received
	URL, IconURL      string
	Webfinger         string // user@host (FEP-2c59), as claimed

	Inbox, Outbox, Followers, Following, SharedInbox, Featured string

	Keys        []Key   // of publicKey, then assertionMethod, at most MaxList
	Fields      []Field // profile fields, at most MaxList
	AlsoKnownAs []desk.ActorID
	MovedTo     desk.ActorID
	Generator   []string // ids, names and types found in generator and implements

	Bot              bool // Service or Application; not an Organization or Group
	ManuallyApproves bool
	Suspended        bool
	Memorial         bool
	Discoverable     *bool // nil: not said
	Indexable        *bool // nil: not said

	Raw []byte // the actor's own bytes, shared with the input
}

// Field is a profile field: a PropertyValue.
type Field struct {
	Name  string // plain text
	Value string // HTML
}

// Key returns the key that a keyId means: the one with exactly this id, fragment
// included, or the only one whose id is the same in another spelling, or, for a
// keyId without a fragment, which names the document, the only key of the actor.
func (a *Actor) Key(id string) (Key, bool) {
	same := keySpelling(id)
	var spelt []Key
	for _, k := range a.Keys {
		if k.ID == id {
			return k, true
		}
		if keySpelling(k.ID) == same {
			spelt = append(spelt, k)
		}
	}
	switch {
	case len(spelt) == 1:
		return spelt[0], true
	case len(a.Keys) == 1 && !strings.Contains(id, "#"):
		return a.Keys[0], true
	}
	return Key{}, false
}

// keySpelling is by which ids of keys are compared: some write a slash before
// the fragment that the actor's id does not have.
func keySpelling(id string) string {
	document, fragment, has := strings.Cut(id, "#")
	if s, ok := desk.Spelling(document); ok {
		document = s
	}
	document = strings.TrimSuffix(document, "/")
	if !has {
		return document
	}
	return document + "#" + fragment
}

// IsEarshot says whether the actor says it is an Earshot desk.
func (a *Actor) IsEarshot() bool {
	for _, g := range a.Generator {
		if strings.EqualFold(g, GeneratorName) {
			return true
		}
	}
	return false
}

// TakesEd25519 says whether the actor's server says that it takes HTTP signatures by
// Ed25519 keys.
func (a *Actor) TakesEd25519() bool { return slices.Contains(a.Generator, ImplementsEd25519) }

// ParseActor reads an actor: an id, and a type of actor or an inbox. The inbox
// itself may be missing (GoToSocial's unsigned stub): then nothing can be sent.
func ParseActor(raw []byte) (*Actor, error) {
	n, err := decode(raw)
	if err != nil {
		return nil, err
	}
	return readActor(n)
}

func readActor(n *node) (*Actor, error) {
	a := &Actor{
		ID:                desk.ActorID(n.self()),
		Type:              n.typ(),
		PreferredUsername: n.str("preferredUsername"),
		URL:               n.link("url"),
		IconURL:           n.link("icon"),
		Webfinger:         strings.TrimPrefix(n.str("webfinger"), "acct:"),
		Inbox:             n.id("inbox"),
		Outbox:            n.id("outbox"),
		Followers:         n.id("followers"),
		Following:         n.id("following"),
		Featured:          n.id("featured"),
		Keys:              n.keys(),
		MovedTo:           desk.ActorID(n.id("movedTo")),
		Generator:         n.software(),
		ManuallyApproves:  n.bool("manuallyApprovesFollowers"),
		Suspended:         n.bool("suspended"),
		Memorial:          n.bool("memorial"),
		Discoverable:      n.flag("discoverable"),
		Indexable:         n.flag("indexable"),
		Raw:               n.raw,
	}
	if a.ID == "" {
		return nil, malformed("an actor needs an id that is an http or https URL")
	}
	if a.Type == "" || !actorTypes[a.Type] && a.Inbox == "" {
		return nil, malformed("neither a type of actor nor an inbox")
	}
	a.Name, _ = n.natural("name")
	a.Summary, _ = n.natural("summary")
	a.Bot = a.Type == Service || a.Type == Application
	if e := n.child("endpoints"); e != nil {
		a.SharedInbox = e.id("sharedInbox")
	}
	if a.SharedInbox == "" { // where it was before there were endpoints
		a.SharedInbox = n.id("sharedInbox")
	}
	for _, id := range n.ids("alsoKnownAs", MaxList) {
		a.AlsoKnownAs = append(a.AlsoKnownAs, desk.ActorID(id))
	}
	a.readFields(n)
	return a, nil
}

func (a *Actor) readFields(n *node) {
	for _, v := range n.list("attachment") {
		c, ok := v.(*node)
		if ok && c.is("PropertyValue") && len(a.Fields) < MaxList {
			name, _ := c.natural("name")
			value, _ := c.natural("value")
			a.Fields = append(a.Fields, Field{name, value})
		}
	}
}

// flag is a boolean for which absence means something.
func (n *node) flag(key string) *bool {
	if b, ok := n.fields[key].(bool); ok {
		return &b
	}
	return nil
}

// software collects an actor's information about its software: generator
// (FEP-844e puts `implements` inside) and implements.
func (n *node) software() []string {
	var out []string
	for _, key := range []string{"generator", "implements"} {
		for _, v := range n.list(key) {
			if len(out) >= MaxList {
				return out[:MaxList]
			}
			switch v := v.(type) {
			case string:
				out = appendNonEmpty(out, v)
			case *node:
				for _, k := range []string{"id", "href", "name", "type"} {
					out = appendNonEmpty(out, v.str(k))
				}
				out = append(out, v.software()...)
			}
		}
	}
	return out
}
