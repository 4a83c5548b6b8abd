package as

import (
	"strings"

	"earshot/internal/desk"
)

// Policy is one sub-policy of GoToSocial's interactionPolicy: ids of actors and
// collections, and Public, at most MaxList each.
type Policy struct {
	Automatic []string // these may
	Manual    []string // these may ask
	// Older: in the words of before GoToSocial 0.21 (always, approvalRequired).
	// Servers of the transition say both, and mean both.
	Older bool
	// Contacts: contacts of the author may (Hubzilla).
	Contacts bool
}

// policy reads a sub-policy; nil if it is absent or no object. Of both
// vocabularies the newer counts.
func (n *node) policy(key string) *Policy {
	all := n.child("interactionPolicy")
	if all == nil {
		return nil
	}
	sub := all.child(key)
	if sub == nil {
		return nil
	}
	has := func(keys ...string) bool {
		for _, k := range keys {
			if _, ok := sub.fields[k]; ok {
				return true
			}
		}
		return false
	}
	p := &Policy{Older: has("always", "approvalRequired")}
	if !has("automaticApproval", "manualApproval") {
		p.Automatic, p.Manual = sub.recipients("always"), sub.recipients("approvalRequired")
		return p
	}
	p.Automatic, p.Manual = sub.recipients("automaticApproval"), sub.recipients("manualApproval")
	return p
}

// commentPolicy reads who may comment on a post of Hubzilla and its relatives: a
// word, and after it perhaps a network or site; nil if that is everybody, or not
// said. What we do not know is no permission: a comment would be dropped there.
func (n *node) commentPolicy() *Policy {
	said := strings.ToLower(strings.TrimSpace(n.str("commentPolicy")))
	if before, _, is := strings.Cut(said, "until="); is { // until then; later the server says no
		said = strings.TrimSpace(before)
	}
	switch said {
	case "", "public", "authenticated":
		return nil
	case "contacts", "any connections", "specific":
		return &Policy{Contacts: true}
	}
	return &Policy{}
}

// quote returns what a post quotes, by FEP-044f or an older name.
func (n *node) quote() desk.ObjectID {
	for _, key := range []string{"quote", "quoteUri", "quoteUrl", "_misskey_quote"} {
		if id := n.id(key); id != "" {
			return desk.ObjectID(id)
		}
	}
	return ""
}

// authorizes reads what an authorization is for; its older form, ReplyApproval,
// says object and target.
func (n *node) authorizes() (interaction, target desk.ObjectID) {
	switch n.typ() {
	case ReplyAuthorization, QuoteAuthorization:
		return desk.ObjectID(n.id("interactingObject")), desk.ObjectID(n.id("interactionTarget"))
	case ReplyApproval:
		return desk.ObjectID(n.id("object")), desk.ObjectID(n.id("target"))
	}
	return "", ""
}
