package as

import (
	"cmp"
	"html"
	"slices"
	"strings"
	"time"

	"earshot/internal/desk"
)

// Object is a parsed post, or another parsed object with an id. HTML is as
// received: it must be sanitised before it is shown.
type Object struct {
	ID              desk.ObjectID
	Type            Type
	AttributedTo    desk.ActorID   // the author: of several the one who sends it, else the first that is no Group
	AllAttributedTo []desk.ActorID // all, at most MaxList
	InReplyTo       desk.ObjectID
	Context         string // opaque; may be no URL
	Conversation    string // opaque; may be no URL

	Name       string            // plain text
	Summary    string            // HTML: the content warning
	Content    string            // HTML: content, else the first of ContentMap, "und" last; text is marked up
	ContentMap map[string]string // by language as received, nil if absent
	Language   string            // of Content; empty if unknown
	URL        string            // first http or https link, else ""
	Generator  string            // name or id of the software that made it

	// Audience as received, at most MaxList each.
	To, Cc, Bto, Bcc, Audience []string

	Hashtags    []string // names in the tag property as received, at most MaxList
	Mentions    []Mention
	Attachments []Attachment
	Sensitive   bool

	Published, Updated time.Time // zero if absent or unreadable

	// IsVote: a Note that is the vote in a Question. It is nobody's report.
	IsVote  bool
	Options []string  // of a Question, at most MaxList
	EndTime time.Time // of a Question: no votes after that, past or to come
	Closed  bool      // a Question that has ended, without saying when

	Quote    desk.ObjectID // the quoted post
	CanReply *Policy       // who may answer it; nil: it does not say
	// Answers are the ids of the answers that the post brings along, at most MaxAnswers.
	// Mastodon lists the author's own there.
	Answers []desk.ObjectID
	// Of an authorization: the authorized post, and the post that it answers or
	// quotes.
	Interaction, Target desk.ObjectID

	Raw []byte // the object's own bytes, shared with the input
}

// Mention is a Mention tag.
type Mention struct {
	Href desk.ActorID // empty if it is no http or https URL
	Name string       // "@user@host", as received
}

// Attachment is a linked file of a post.
type Attachment struct {
	URL       string // http or https
	MediaType string // as claimed
	Alt       string // plain text for those who do not see it
	// Width and Height are those of pictures of ours; what others say is not read.
	Width, Height int
}

// ParseObject reads an object. It must have an id and a type.
func ParseObject(raw []byte) (*Object, error) {
	n, err := decode(raw)
	if err != nil {
		return nil, err
	}
	return readObject(n)
}

func readObject(n *node) (*Object, error) {
	o := &Object{
		ID:           desk.ObjectID(n.self()),
		Type:         n.typ(),
		InReplyTo:    desk.ObjectID(n.id("inReplyTo")),
		Context:      n.opaque("context"),
		Conversation: n.opaque("conversation"),
		ContentMap:   n.languages("content"),
		URL:          n.link("url"),
		Generator:    n.generatorName(),
		To:           n.recipients("to"),
		Cc:           n.recipients("cc"),
		Bto:          n.recipients("bto"),
		Bcc:          n.recipients("bcc"),
		Audience:     n.recipients("audience"),
		Sensitive:    n.bool("sensitive"),
		Published:    n.time("published"),
		Updated:      n.time("updated"),
		Attachments:  n.attachments(),
		Quote:        n.quote(),
		CanReply:     cmp.Or(n.policy("canReply"), n.commentPolicy()),
		Answers:      n.answers(),
		Raw:          n.raw,
	}
	o.Interaction, o.Target = n.authorizes()
	if o.ID == "" {
		return nil, malformed("an object needs an id that is an http or https URL")
	}
	if o.Type == "" {
		return nil, malformed("an object needs a type")
	}
	if err := o.readAuthors(n); err != nil {
		return nil, err
	}
	o.Name, _ = n.natural("name")
	o.Summary, _ = n.natural("summary")
	if o.Content, o.Language = n.natural("content"); o.Language == "" {
		o.Language = n.language()
	}
	if n.isPlainText() {
		o.Content = markUp(o.Content)
	}
	o.readTags(n)
	if o.Type == Question {
		o.readQuestion(n)
	}
	o.IsVote = o.isVote()
	return o, nil
}

// isVote says whether a Note is the vote in a Question. A vote has nothing but its
// name and goes to who asked; a picture with a title is an answer.
func (o *Object) isVote() bool {
	return o.Type == Note && o.Name != "" && o.InReplyTo != "" && o.Content == "" && o.Summary == "" &&
		len(o.Attachments) == 0 && !slices.ContainsFunc(slices.Concat(o.To, o.Cc), IsPublic)
}

// isPlainText says whether the content is text: PeerTube's comments are Markdown.
func (n *node) isPlainText() bool {
	media := MediaType(n.str("mediaType"))
	return media == "text/plain" || media == "text/markdown"
}

// markUp makes HTML of text, which keeps its lines.
func markUp(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	return strings.ReplaceAll(html.EscapeString(text), "\n", "<br>")
}

// readAuthors refuses an attributedTo that is no id: an author that cannot be
// compared with the signer must not look like a missing one (CVE-2026-58593).
func (o *Object) readAuthors(n *node) error {
	for _, v := range n.list("attributedTo") {
		id, group := idOf(v), isGroup(v)
		if id == "" {
			return malformed("attributedTo must be the http or https id of an actor")
		}
		if len(o.AllAttributedTo) < MaxList {
			o.AllAttributedTo = append(o.AllAttributedTo, desk.ActorID(id))
			if o.AttributedTo == "" && !group {
				o.AttributedTo = desk.ActorID(id)
			}
		}
	}
	if o.AttributedTo == "" && len(o.AllAttributedTo) > 0 {
		o.AttributedTo = o.AllAttributedTo[0]
	}
	return nil
}

// AttributedToAs has an object name one of its authors by id, where it spells
// that id in another way.
func (o *Object) AttributedToAs(id desk.ActorID) {
	for i, who := range o.AllAttributedTo {
		if desk.SameID(string(who), string(id)) {
			o.AllAttributedTo[i] = id
		}
	}
	if desk.SameID(string(o.AttributedTo), string(id)) {
		o.AttributedTo = id
	}
}

// WrittenBy makes one of the actors that an object is attributed to its author.
func (o *Object) WrittenBy(id desk.ActorID) { o.spokenBy(id) }

func isGroup(v any) bool {
	n, ok := v.(*node)
	return ok && n.is(Group)
}

// spokenBy makes the actor who sends an object its author, if it is one of them.
func (o *Object) spokenBy(actor desk.ActorID) {
	same := func(who desk.ActorID) bool { return desk.SameID(string(who), string(actor)) }
	if i := slices.IndexFunc(o.AllAttributedTo, same); i >= 0 {
		o.AttributedTo = o.AllAttributedTo[i]
	}
}

// readTags looks at all tags, so that many of one kind cannot hide the other.
func (o *Object) readTags(n *node) {
	for _, v := range n.list("tag") {
		tag, ok := v.(*node)
		if !ok {
			continue
		}
		switch {
		case tag.is("Hashtag"):
			if name, _ := tag.natural("name"); name != "" && len(o.Hashtags) < MaxList {
				o.Hashtags = append(o.Hashtags, name)
			}
		case tag.is("Mention") && len(o.Mentions) < MaxList:
			o.Mentions = append(o.Mentions, Mention{desk.ActorID(tag.id("href")), tag.str("name")})
		}
	}
}

func (o *Object) readQuestion(n *node) {
	o.EndTime, o.Closed = n.time("endTime"), n.bool("closed")
	// Pleroma says from the beginning when it will be closed.
	if closed := n.time("closed"); !closed.IsZero() && (o.EndTime.IsZero() || closed.Before(o.EndTime)) {
		o.EndTime = closed
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		for _, v := range n.list(key) {
			option, ok := v.(*node)
			if !ok || len(o.Options) == MaxList {
				continue
			}
			if name, _ := option.natural("name"); name != "" {
				o.Options = append(o.Options, name)
			}
		}
	}
}

func (n *node) attachments() []Attachment {
	var out []Attachment
	for _, v := range n.list("attachment") {
		c, ok := v.(*node)
		if !ok || len(out) == MaxList {
			continue
		}
		a := Attachment{URL: CheckID(c.str("href")), MediaType: c.str("mediaType")}
		if a.URL == "" {
			a.URL = c.link("url")
		}
		if a.URL == "" {
			continue
		}
		if a.Alt, _ = c.natural("name"); a.Alt == "" {
			a.Alt, _ = c.natural("summary")
		}
		out = append(out, a)
	}
	return out
}

// opaque is an identifier that need not be a URL: a string, or an object's id.
func (n *node) opaque(key string) string {
	s := n.str(key)
	if c := n.child(key); s == "" && c != nil {
		s = c.str("id")
	}
	if len(s) > maxID {
		return ""
	}
	return s
}

// language is the property `language`: a string, or Lemmy's object.
func (n *node) language() string {
	if s := n.str("language"); s != "" {
		return known(s)
	}
	if c := n.child("language"); c != nil {
		return known(c.str("identifier"))
	}
	return ""
}

func (n *node) generatorName() string {
	if c := n.child("generator"); c != nil {
		if name, _ := c.natural("name"); name != "" {
			return name
		}
		return c.str("id")
	}
	return n.str("generator")
}
