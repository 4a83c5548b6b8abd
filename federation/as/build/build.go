package build

import (
	"bytes"
	"earshot/federation/as"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/go-fed/activity/streams/vocab"
)

// document is go-fed's form of a value, before and after we normalise it.
type document map[string]any

// noteContext defines every term of the posts we send that ActivityStreams does not.
var noteContext = []any{as.Namespace, map[string]any{
	"Hashtag":      "as:Hashtag",
	"sensitive":    "as:sensitive",
	"ostatus":      "http://ostatus.org#",
	"conversation": "ostatus:conversation",

	"gts":                "https://gotosocial.org/ns#",
	"interactionPolicy":  reference("gts:interactionPolicy"),
	"canQuote":           reference("gts:canQuote"),
	"automaticApproval":  reference("gts:automaticApproval"),
	"approvedBy":         reference("gts:approvedBy"),
	"replyAuthorization": reference("gts:replyAuthorization"),
	"interactingObject":  reference("gts:interactingObject"),
	"interactionTarget":  reference("gts:interactionTarget"),
	"ReplyRequest":       "gts:ReplyRequest",
	"QuoteRequest":       "https://w3id.org/fep/044f#QuoteRequest",
	"QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
}}

// reference defines a term whose values are ids.
func reference(id string) map[string]any { return map[string]any{"@id": id, "@type": "@id"} }

// actorContext defines every term of our actors that ActivityStreams does not.
// The wrong `#` of schema.org must stay, because Mastodon reads it.
var actorContext = []any{
	as.Namespace,
	"https://w3id.org/security/v1",
	"https://w3id.org/security/data-integrity/v1",
	"https://w3id.org/security/multikey/v1",
	"https://purl.archive.org/socialweb/webfinger",
	map[string]any{
		"assertionMethod":              map[string]any{"@id": "https://w3id.org/security#assertionMethod", "@type": "@id", "@container": "@set"},
		"implements":                   map[string]any{"@id": "https://w3id.org/fep/844e#implements", "@type": "@id", "@container": "@set"},
		"manuallyApprovesFollowers":    "as:manuallyApprovesFollowers",
		"toot":                         "http://joinmastodon.org/ns#",
		"featured":                     reference("toot:featured"),
		"discoverable":                 "toot:discoverable",
		"indexable":                    "toot:indexable",
		"schema":                       "http://schema.org#",
		"PropertyValue":                "schema:PropertyValue",
		"value":                        "schema:value",
		"gts":                          "https://gotosocial.org/ns#",
		"hidesToPublicFromUnauthedWeb": "gts:hidesToPublicFromUnauthedWeb",
		"hidesCcPublicFromUnauthedWeb": "gts:hidesCcPublicFromUnauthedWeb",
	},
}

// serialize lets go-fed serialise v. No @context is in it: encode adds ours.
func serialize(v vocab.Type) (document, error) {
	m, err := v.Serialize()
	if err != nil {
		return nil, fmt.Errorf("serialize %s: %w", v.GetTypeName(), err)
	}
	return m, nil
}

// lists undoes go-fed's collapsing of one-element lists and adds an empty list
// for a missing one: some peers read only lists.
func (d document) lists(keys ...string) {
	for _, key := range keys {
		switch v := d[key].(type) {
		case nil:
			d[key] = []any{}
		case []any:
		default:
			d[key] = []any{v}
		}
	}
}

// text sets a property unless it is empty.
func (d document) text(key, value string) {
	if value != "" {
		d[key] = value
	}
}

// encode freezes d under a context: sorted keys, no HTML escaping, no newline.
func (d document) encode(context any) ([]byte, error) {
	d["@context"] = context
	return encodeJSON(d)
}

func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode a document: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// iri wraps an id so that it is written byte by byte: url.Parse and String
// would escape some ids again, and so change them.
func iri(id string) *url.URL { return &url.URL{Opaque: id} }

// requireIDs refuses to build with ids that we would not read ourselves.
func requireIDs(ids ...string) error {
	for _, id := range ids {
		if as.CheckID(id) == "" {
			return fmt.Errorf("build a document: %q is not an http or https id", id)
		}
	}
	return nil
}

// requireAudience is requireIDs for recipients, Public included.
func requireAudience(lists ...[]string) error {
	return requireIDs(slices.DeleteFunc(slices.Concat(lists...), as.IsPublic)...)
}

func setID(v interface{ SetJSONLDId(vocab.JSONLDIdProperty) }, id string) {
	p := newIDProperty()
	p.Set(iri(id))
	v.SetJSONLDId(p)
}

func setAudience(v interface {
	SetActivityStreamsTo(vocab.ActivityStreamsToProperty)
	SetActivityStreamsCc(vocab.ActivityStreamsCcProperty)
}, to, cc []string) {
	if len(to) > 0 {
		p := newToProperty()
		for _, id := range to {
			p.AppendIRI(iri(id))
		}
		v.SetActivityStreamsTo(p)
	}
	if len(cc) > 0 {
		p := newCcProperty()
		for _, id := range cc {
			p.AppendIRI(iri(id))
		}
		v.SetActivityStreamsCc(p)
	}
}

func setPublished(v interface {
	SetActivityStreamsPublished(vocab.ActivityStreamsPublishedProperty)
}, at time.Time) {
	if at.IsZero() {
		return
	}
	p := newPublishedProperty()
	p.Set(at.UTC())
	v.SetActivityStreamsPublished(p)
}

// updated is set beside go-fed, which would cut it to seconds: two edits within
// one second must stay two.
func (d document) updated(at time.Time) {
	if !at.IsZero() {
		d["updated"] = at.UTC().Format("2006-01-02T15:04:05.000Z")
	}
}
