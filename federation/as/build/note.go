package build

import (
	"time"

	"github.com/go-fed/activity/streams/vocab"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// NoteDoc is a post of ours. ID, AttributedTo and HTML are needed; other fields
// are left out if empty.
type NoteDoc struct {
	ID                    desk.ObjectID
	AttributedTo          desk.ActorID
	HTML                  string // in the subset that internal/markup renders
	Language              string // BCP 47; with it goes a contentMap of one
	Source                string // the plain text HTML was made of
	Summary               string // content warning
	Sensitive             bool
	To, Cc                []string
	Group                 desk.ActorID // the community it is said in: its audience
	InReplyTo             desk.ObjectID
	Context, Conversation string // the parent's, copied
	Mentions              []as.Mention
	Hashtags              []Hashtag
	Attachments           []as.Attachment
	Published, Updated    time.Time
	URL                   string        // the page for people
	Replies               string        // id of the collection of replies
	ReplyAuthorization    desk.ObjectID // the authorization to answer, where one is needed
	Quotable              bool          // by everybody, who asks (FEP-044f)
}

// Hashtag is a hashtag of a post, with its page.
type Hashtag struct{ Name, Href string }

// Note returns a post as its own document.
func Note(n NoteDoc) ([]byte, error) {
	d, err := n.document()
	if err != nil {
		return nil, err
	}
	return d.encode(noteContext)
}

func (n NoteDoc) document() (document, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	v := newNote()
	setID(v, string(n.ID))
	setAudience(v, n.To, n.Cc)
	setPublished(v, n.Published)
	author := newAttributedToProperty()
	author.AppendIRI(iri(string(n.AttributedTo)))
	v.SetActivityStreamsAttributedTo(author)
	content := newContentProperty()
	content.AppendXMLSchemaString(n.HTML)
	v.SetActivityStreamsContent(content)
	n.setThread(v)
	n.setTags(v)

	d, err := serialize(v)
	if err != nil {
		return nil, err
	}
	d.lists("to", "cc", "tag")
	for _, h := range n.Hashtags {
		tags, _ := d["tag"].([]any)
		d["tag"] = append(tags, document{"type": "Hashtag", "name": h.Name, "href": h.Href})
	}
	d["attachment"] = documents(n.Attachments)
	d["sensitive"] = n.Sensitive
	d.text("audience", string(n.Group))
	d.text("summary", n.Summary)
	d.text("conversation", n.Conversation)
	d.text("context", n.Context) // copied from others: need not be a URL
	d.updated(n.Updated)
	if n.Language != "" {
		d["contentMap"] = map[string]any{n.Language: n.HTML}
	}
	if n.ReplyAuthorization != "" { // the second is its name before GoToSocial 0.21
		d["replyAuthorization"], d["approvedBy"] = string(n.ReplyAuthorization), string(n.ReplyAuthorization)
	}
	if n.Quotable {
		d["interactionPolicy"] = document{"canQuote": document{"automaticApproval": []any{as.Public}}}
	}
	if n.Replies != "" {
		d["replies"] = repliesOf(n.Replies)
	}
	if n.Source != "" {
		d["source"] = map[string]any{"content": n.Source, "mediaType": "text/plain"}
	}
	return d, nil
}

// repliesOf embeds the collection of replies with an empty first page, as
// Mastodon does: GoToSocial reads no collection that it would have to fetch
// before the page. The next page has the first replies.
func repliesOf(id string) document {
	return document{"id": id, "type": "Collection", "first": document{
		"type": "CollectionPage", "partOf": id, "next": id + "?page=first", "items": []any{},
	}}
}

func (n NoteDoc) check() error {
	if err := requireIDs(string(n.ID), string(n.AttributedTo)); err != nil {
		return err
	}
	for _, m := range n.Mentions {
		if err := requireIDs(string(m.Href)); err != nil {
			return err
		}
	}
	return requireAudience(n.To, n.Cc)
}

func (n NoteDoc) setThread(v vocab.ActivityStreamsNote) {
	if n.InReplyTo != "" {
		p := newInReplyToProperty()
		p.AppendIRI(iri(string(n.InReplyTo)))
		v.SetActivityStreamsInReplyTo(p)
	}
	if n.URL != "" {
		p := newURLProperty()
		p.AppendIRI(iri(n.URL))
		v.SetActivityStreamsUrl(p)
	}
}

func (n NoteDoc) setTags(v vocab.ActivityStreamsNote) {
	tags := newTagProperty()
	for _, m := range n.Mentions {
		mention := newMention()
		href := newHrefProperty()
		href.Set(iri(string(m.Href)))
		mention.SetActivityStreamsHref(href)
		name := newNameProperty()
		name.AppendXMLSchemaString(m.Name)
		mention.SetActivityStreamsName(name)
		tags.AppendActivityStreamsMention(mention)
	}
	if tags.Len() > 0 {
		v.SetActivityStreamsTag(tags)
	}
}

// documents are attachments as everybody reads them: type Document with mediaType.
func documents(attachments []as.Attachment) []any {
	list := make([]any, 0, len(attachments))
	for _, a := range attachments {
		d := document{"type": "Document", "url": a.URL, "mediaType": a.MediaType}
		d.text("name", a.Alt)
		if a.Width > 0 && a.Height > 0 {
			d["width"], d["height"] = a.Width, a.Height
		}
		list = append(list, d)
	}
	return list
}

// Create wraps a new post. The audience and the author are on both levels:
// Mastodon looks at both.
func Create(id desk.ActivityID, actor desk.ActorID, note NoteDoc) ([]byte, error) {
	return buildWithNote(newCreate(), id, actor, note, note.Published)
}

// Update wraps an edited post, in full. Its Updated must be set: an edit
// without it is ignored.
func Update(id desk.ActivityID, actor desk.ActorID, note NoteDoc) ([]byte, error) {
	if note.Updated.IsZero() {
		return nil, desk.Invalid("edit_time_missing", "an edited post needs the time of the edit")
	}
	return buildWithNote(newUpdate(), id, actor, note, note.Updated)
}

func buildWithNote(v activity, id desk.ActivityID, actor desk.ActorID, note NoteDoc, at time.Time) ([]byte, error) {
	object, err := note.document()
	if err != nil {
		return nil, err
	}
	d, err := wrap(v, id, actor, note.To, note.Cc, at)
	if err != nil {
		return nil, err
	}
	d.lists("to", "cc")
	d["object"] = object
	return d.encode(noteContext)
}
