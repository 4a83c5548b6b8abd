package build

import (
	"fmt"
	"time"

	"github.com/go-fed/activity/streams/vocab"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// ActorDoc is an actor of ours: a desk (Organization) or the
// instance's own (Application).
type ActorDoc struct {
	ID                      desk.ActorID
	Type                    as.Type
	PreferredUsername, Name string
	SummaryHTML             string
	URL                     string // the page for people
	Icon, Header            Image  // the avatar, and the wide picture above the page

	Inbox, Outbox, Followers, Following, Featured, SharedInbox string

	KeyID, KeyPEM string   // RSA, PKIX: the one publicKey object
	Methods       []Method // keys beside it, as Multikeys (FEP-521a)
	Webfinger     string   // user@handle-domain (FEP-2c59)

	Published               time.Time
	Updated                 time.Time
	Fields                  []as.Field
	Discoverable, Indexable bool
	Generator               string // id of the instance's own actor; may be empty
}

// Image is a picture of an actor; the zero Image is none.
type Image struct {
	URL, MediaType string
	Width, Height  int
}

func (i Image) put(d document, property string) {
	if i.URL == "" {
		return
	}
	image := document{"type": "Image", "url": i.URL}
	image.text("mediaType", i.MediaType)
	if i.Width > 0 {
		image["width"], image["height"] = i.Width, i.Height
	}
	d[property] = image
}

// Method is an entry of assertionMethod: a Multikey.
type Method struct{ ID, Multikey string }

// actor is the part that go-fed's actor types share, as far as we need it.
type actor interface {
	vocab.Type
	SetActivityStreamsPreferredUsername(vocab.ActivityStreamsPreferredUsernameProperty)
	SetActivityStreamsName(vocab.ActivityStreamsNameProperty)
	SetActivityStreamsSummary(vocab.ActivityStreamsSummaryProperty)
	SetActivityStreamsUrl(vocab.ActivityStreamsUrlProperty)
	SetActivityStreamsInbox(vocab.ActivityStreamsInboxProperty)
	SetActivityStreamsOutbox(vocab.ActivityStreamsOutboxProperty)
	SetActivityStreamsFollowers(vocab.ActivityStreamsFollowersProperty)
	SetActivityStreamsFollowing(vocab.ActivityStreamsFollowingProperty)
	SetActivityStreamsPublished(vocab.ActivityStreamsPublishedProperty)
	SetTootDiscoverable(vocab.TootDiscoverableProperty)
	SetW3IDSecurityV1PublicKey(vocab.W3IDSecurityV1PublicKeyProperty)
}

func newActor(t as.Type) (actor, error) {
	switch t {
	case as.Organization:
		return newOrganization(), nil
	case as.Application:
		return newApplication(), nil
	}
	return nil, fmt.Errorf("build an actor: unknown type %q", t)
}

// Actor returns an actor as its own document.
func Actor(a ActorDoc) ([]byte, error) {
	d, err := a.document()
	if err != nil {
		return nil, err
	}
	return d.encode(actorContext)
}

// UpdateActor tells others that an actor has changed.
func UpdateActor(id desk.ActivityID, a ActorDoc, to, cc []string, at time.Time) ([]byte, error) {
	object, err := a.document()
	if err != nil {
		return nil, err
	}
	d, err := wrap(newUpdate(), id, a.ID, to, cc, at)
	if err != nil {
		return nil, err
	}
	d.lists("to", "cc")
	d["object"] = object
	return d.encode(actorContext)
}

func (a ActorDoc) document() (document, error) {
	err := requireIDs(string(a.ID), a.Inbox, a.Outbox, a.Followers, a.Following, a.SharedInbox, a.KeyID)
	if err != nil {
		return nil, err
	}
	v, err := newActor(a.Type)
	if err != nil {
		return nil, err
	}
	setID(v, string(a.ID))
	setPublished(v, a.Published)
	a.setTexts(v)
	a.setEndpoints(v)
	a.setKey(v)
	d, err := serialize(v)
	if err != nil {
		return nil, err
	}
	a.extend(d)
	return d, nil
}

func (a ActorDoc) setTexts(v actor) {
	username := newPreferredUsernameProperty()
	username.SetXMLSchemaString(a.PreferredUsername)
	v.SetActivityStreamsPreferredUsername(username)
	name := newNameProperty()
	name.AppendXMLSchemaString(a.Name)
	v.SetActivityStreamsName(name)
	summary := newSummaryProperty()
	summary.AppendXMLSchemaString(a.SummaryHTML)
	v.SetActivityStreamsSummary(summary)
	discoverable := newDiscoverableProperty()
	discoverable.Set(a.Discoverable)
	v.SetTootDiscoverable(discoverable)
	if a.URL != "" {
		page := newURLProperty()
		page.AppendIRI(iri(a.URL))
		v.SetActivityStreamsUrl(page)
	}
}

func (a ActorDoc) setEndpoints(v actor) {
	inbox := newInboxProperty()
	inbox.SetIRI(iri(a.Inbox))
	v.SetActivityStreamsInbox(inbox)
	outbox := newOutboxProperty()
	outbox.SetIRI(iri(a.Outbox))
	v.SetActivityStreamsOutbox(outbox)
	followers := newFollowersProperty()
	followers.SetIRI(iri(a.Followers))
	v.SetActivityStreamsFollowers(followers)
	following := newFollowingProperty()
	following.SetIRI(iri(a.Following))
	v.SetActivityStreamsFollowing(following)
}

func (a ActorDoc) setKey(v actor) {
	key := newPublicKey()
	setID(key, a.KeyID)
	owner := newOwnerProperty()
	owner.Set(iri(string(a.ID)))
	key.SetW3IDSecurityV1Owner(owner)
	pem := newPublicKeyPemProperty()
	pem.Set(a.KeyPEM)
	key.SetW3IDSecurityV1PublicKeyPem(pem)
	keys := newPublicKeyProperty()
	keys.AppendW3IDSecurityV1PublicKey(key)
	v.SetW3IDSecurityV1PublicKey(keys)
}

// extend adds properties that go-fed does not know. The hides… flags let
// GoToSocial show quiet public replies on the web; alsoKnownAs is never sent,
// for as a single string it trips Misskey.
func (a ActorDoc) extend(d document) {
	d["endpoints"] = document{"sharedInbox": a.SharedInbox}
	d["indexable"] = a.Indexable
	d["manuallyApprovesFollowers"] = false
	d["hidesToPublicFromUnauthedWeb"] = false
	d["hidesCcPublicFromUnauthedWeb"] = false
	d["attachment"] = a.fields()
	d["tag"] = []any{}
	d.text("featured", a.Featured)
	d.text("webfinger", a.Webfinger)
	d.updated(a.Updated)
	a.Icon.put(d, "icon")
	a.Header.put(d, "image")
	var methods []any
	for _, m := range a.Methods {
		methods = append(methods, document{"id": m.ID, "type": "Multikey", "controller": string(a.ID), "publicKeyMultibase": m.Multikey})
	}
	if len(methods) > 0 {
		d["assertionMethod"] = methods
	}
	generator := document{"type": string(as.Application), "name": as.GeneratorName, "implements": []any{
		document{"name": "RFC-9421: HTTP Message Signatures", "href": as.ImplementsRFC9421},
		document{"name": "RFC-9421 signatures using the Ed25519 algorithm", "href": as.ImplementsEd25519},
	}}
	generator.text("id", a.Generator)
	d["generator"] = generator
}

func (a ActorDoc) fields() []any {
	list := make([]any, 0, len(a.Fields))
	for _, f := range a.Fields {
		list = append(list, document{"type": "PropertyValue", "name": f.Name, "value": f.Value})
	}
	return list
}
