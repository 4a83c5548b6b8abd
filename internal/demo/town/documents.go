package town

import (
	"encoding/json"
	"strconv"
	"time"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/internal/desk"
)

// doc is a JSON object that we send. It is made by hand, in the shape Mastodon
// gives it, not with the instance's builders.
type doc map[string]any

var jsonContext = []any{
	as.Namespace,
	"https://w3id.org/security/v1",
	doc{
		"manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
		"movedTo":                   doc{"@id": "as:movedTo", "@type": "@id"},
		"sensitive":                 "as:sensitive",
		"Hashtag":                   "as:Hashtag",
	},
}

// bytes returns the document with its context.
func (d doc) bytes() []byte {
	d["@context"] = jsonContext
	b, err := json.Marshal(d)
	if err != nil { // strings, lists and maps of them always marshal
		panic(err)
	}
	return b
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// actorDoc is the document of an actor.
func (t *Town) actorDoc(a *actor) doc {
	pem, err := httpsig.MarshalPublicKeyPEM(a.key().Public())
	if err != nil { // our own RSA key of 2048 bits
		panic(err)
	}
	d := doc{
		"id": a.id, "type": a.kind, "preferredUsername": a.username, "name": a.displayName(),
		"inbox": string(a.id) + "/inbox", "outbox": string(a.id) + "/outbox",
		"followers": a.followerURL(), "following": string(a.id) + "/following",
		"url": a.id, "manuallyApprovesFollowers": false,
		"endpoints": doc{"sharedInbox": t.base + "/inbox"},
		"publicKey": doc{"id": a.keyID(), "owner": a.id, "publicKeyPem": pem},
	}
	switch {
	case a.tag != "":
		d["summary"] = "<p>Boosts posts of this server with #" + escape(a.tag) + "</p>"
	case a.person.Bio != "":
		d["summary"] = t.render(a.person.Bio, false, nil).html
	default:
		d["summary"] = ""
	}
	if a.movedTo != "" {
		d["movedTo"] = a.movedTo
	}
	return d
}

// noteDoc is a post as it is now; of a deleted one the Tombstone.
func (t *Town) noteDoc(p *post) doc {
	if p.deleted {
		return doc{"id": p.id, "type": as.Tombstone}
	}
	d := doc{
		"id": p.id, "type": as.Note, "summary": nil, "inReplyTo": nil,
		"published": stamp(p.published), "url": p.id, "attributedTo": p.author,
		"to": p.to, "cc": p.cc, "sensitive": false, "content": p.html,
		"attachment": []any{}, "tag": p.tagDocs(t),
	}
	if p.inReplyTo != "" {
		d["inReplyTo"] = p.inReplyTo
	}
	if p.approves {
		d["interactionPolicy"] = p.policy()
	}
	if p.language != "" {
		d["contentMap"] = doc{p.language: p.html}
	}
	if !p.updated.IsZero() {
		d["updated"] = stamp(p.updated)
	}
	return d
}

func (p *post) tagDocs(t *Town) []doc {
	tags := []doc{}
	for _, m := range p.mentions {
		tags = append(tags, doc{"type": "Mention", "href": m.id, "name": "@" + m.acct})
	}
	for _, tag := range p.tags {
		tags = append(tags, doc{"type": "Hashtag", "href": t.tagURL(tag), "name": "#" + tag})
	}
	return tags
}

func (t *Town) createDoc(p *post) doc {
	return doc{
		"id": string(p.id) + "/activity", "type": as.Create, "actor": p.author,
		"published": stamp(p.published), "to": p.to, "cc": p.cc, "object": t.noteDoc(p),
	}
}

// updateDoc gives every edit an id of its own, as Mastodon does.
func (t *Town) updateDoc(p *post) doc {
	return doc{
		"id": string(p.id) + "#updates/" + strconv.FormatInt(p.updated.Unix(), 10), "type": as.Update, "actor": p.author,
		"published": stamp(p.updated), "to": p.to, "cc": p.cc, "object": t.noteDoc(p),
	}
}

func (t *Town) deleteDoc(p *post) doc {
	return doc{
		"id": string(p.id) + "#delete", "type": as.Delete, "actor": p.author,
		"to": []string{as.Public}, "object": t.noteDoc(p),
	}
}

// simple is an activity about something that is only named.
func simple(id desk.ActivityID, kind as.Type, actor desk.ActorID, object any) doc {
	return doc{"id": id, "type": kind, "actor": actor, "object": object}
}

// undo embeds the undone activity, without its context.
func undo(id desk.ActivityID, actor desk.ActorID, what doc) doc {
	return simple(id, as.Undo, actor, what)
}

func collectionDoc(id string, total int, items []any) doc {
	d := doc{"id": id, "type": "OrderedCollection", "totalItems": total}
	if items != nil {
		d["orderedItems"] = items
	}
	return d
}
