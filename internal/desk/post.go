package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

// Role says what a post is to the issue it is in.
type Role string

// The roles of a post.
const (
	RoleReport    Role = "report"    // opened the issue
	RolePost      Role = "post"      // a later word of the reporter, or of a third person
	RoleReply     Role = "reply"     // the desk's word to the reporter
	RoleComment   Role = "comment"   // between agents; has no ActivityPub id and never leaves
	RoleBroadcast Role = "broadcast" // the desk's word to its followers; in no issue
)

// PostState is how far one of our own posts has come.
type PostState string

// The states of our own posts; remote posts have none.
const (
	PostUnchecked        PostState = "unchecked" // a colleague looks at it first
	PostPending          PostState = "pending"   // may still be taken back
	PostAwaitingApproval PostState = "asked"     // the author of what it answers was asked for approval
	PostPublished        PostState = "published" // frozen; deliveries are written
	PostUndone           PostState = "undone"    // taken back in time: nobody saw it
	PostWithheld         PostState = "withheld"  // the last look before publishing forbade it
)

// Cut says that only the beginning of a stranger's long report is stored.
type Cut string

// The states of such a report.
const (
	CutShort Cut = "short" // until an agent opens it
	CutAsked Cut = "asked" // one did: what comes of it next is stored whole
)

// Post is one message: a report, a later word, a reply, a comment or a broadcast.
type Post struct {
	ID         PostID     `json:"id"`
	Issue      IssueID    `json:"issue,omitempty"`    // "" for broadcasts
	Incident   IncidentID `json:"incident,omitempty"` // of its first post and its updates
	Desk       Handle     `json:"desk"`
	Role       Role       `json:"role"`
	Object     ObjectID   `json:"object,omitempty"` // "" for comments
	Author     ActorID    `json:"author"`
	URL        string     `json:"url,omitempty"`
	Text       string     `json:"text"` // plain text
	HTML       string     `json:"html"` // sanitised, or rendered by us
	Language   string     `json:"language,omitempty"`
	Tags       []string   `json:"tags,omitempty"` // as written
	Mentions   []ActorID  `json:"mentions,omitempty"`
	To         []string   `json:"to,omitempty"`
	Cc         []string   `json:"cc,omitempty"`
	Visibility Visibility `json:"visibility"`
	InReplyTo  ObjectID   `json:"in_reply_to,omitempty"`
	Context    string     `json:"context,omitempty"`
	// Conversation is the older name of the same idea; replies copy it.
	Conversation string `json:"conversation,omitempty"`
	// Group is the community a remote post is in, or that one of ours was sent to
	// as well (FEP-1b12).
	Group       ActorID      `json:"group,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Sensitive   bool         `json:"sensitive,omitempty"`
	// Warning is what stands before the words, which readers open behind it: plain
	// text. A reply has the one of the post that it answers.
	Warning   string    `json:"warning,omitempty"`
	Published time.Time `json:"published"` // the author's own words
	Received  time.Time `json:"received"`  // when we heard or wrote it
	Updated   time.Time `json:"updated,omitzero"`
	Edits     int       `json:"edits"`
	Deleted   bool      `json:"deleted"`
	Invited   bool      `json:"invited,omitempty"` // this post mentioned us or answered us
	// Cut: only the beginning of its text is stored.
	Cut Cut `json:"cut,omitempty"`
	// CanReply is who may answer a remote post; nil: everybody.
	CanReply *ReplyPolicy `json:"can_reply,omitempty"`

	Outgoing
}

// Outgoing is what only posts of ours have; a comment, which is never sent, has
// the Agent only.
type Outgoing struct {
	Agent Email     `json:"agent,omitempty"` // who of us wrote it
	State PostState `json:"state,omitempty"`
	// Withheld is why it was not sent, where that is its state.
	Withheld string `json:"withheld,omitempty"`
	// RequestedVisibility is the visibility that the agent chose, "" for the
	// default: the last check before publishing decides again.
	RequestedVisibility Visibility `json:"asked,omitempty"`
	// Unwarned: the agent took off the warning of the answered post.
	Unwarned bool `json:"unwarned,omitempty"`
	// MentionNames are the user@host of Mentions.
	MentionNames []string `json:"mention_names,omitempty"`
	Status       Status   `json:"status,omitempty"` // takes effect when the reply is published
	Reason       Reason   `json:"reason,omitempty"`
	Next         string   `json:"next,omitempty"`
	// CheckedBy is the colleague who released it, where its agent's replies wait for one.
	CheckedBy Email `json:"checked_by,omitempty"`
	// DueAt is when a pending post is published.
	DueAt time.Time `json:"due_at,omitzero"`
	// PublishedAt is when a reply of ours took effect.
	PublishedAt time.Time `json:"published_at,omitzero"`
	// Quotes is how many quotes of it were authorized.
	Quotes int `json:"quotes,omitempty"`
	// Copies are the replies that say the same to the reporters of merged issues, and
	// CopyOf is the one of which this is a copy.
	Copies []PostID `json:"copies,omitempty"`
	CopyOf PostID   `json:"copy_of,omitempty"`
	// Round is the post of an incident whose words this reply tells a voice.
	Round PostID `json:"round,omitempty"`
	// Approval is the reply permission that a reply of ours needs, nil if none.
	Approval *Approval `json:"approval,omitempty"`
}

// Attachment is a link to a picture or file of an author. Pictures are shown: see
// Picture.
type Attachment struct {
	URL       string `json:"url"`
	MediaType string `json:"media_type"`
	Alt       string `json:"alt"`
	// File is one of ours, with its size in pixels.
	File   FileID `json:"file,omitempty"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
}

// Unsent says whether it is to go out, and may be taken back until then.
func (p Post) Unsent() bool {
	return p.State == PostUnchecked || p.State == PostPending || p.State == PostAwaitingApproval
}

// Version names the words and pictures of a post as they are: with it an agent says on
// what they decided, where a post is in no issue. It tells also what was changed before
// the post went out, which Edits does not.
func (p Post) Version() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q", p.Text)
	for _, a := range p.Attachments {
		fmt.Fprintf(h, " %q %q", a.File, a.Alt)
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// Line is what stands for a post in a list: its text, and where that has no word
// but mentions and hashtags, what its pictures show, or what their files are called.
func (p Post) Line() string {
	said := slices.ContainsFunc(strings.Fields(p.Text), func(word string) bool { return word[0] != '@' && word[0] != '#' })
	if said {
		return p.Text
	}
	line := p.Text
	for _, a := range p.Attachments {
		if len(line) > maxSearched {
			break
		}
		line += "\n" + a.name()
	}
	return strings.TrimSpace(line)
}

// Picture says whether it seems to be a picture that agents are shown: of one of four
// kinds, never an SVG, by what its author says of it, or else by its name.
func (a Attachment) Picture() bool {
	kind := strings.ToLower(a.MediaType)
	if u, err := url.Parse(a.URL); err == nil && kind == "" {
		kind = "image/" + strings.TrimPrefix(strings.ToLower(path.Ext(u.Path)), ".")
	}
	return slices.Contains([]string{"image/jpeg", "image/jpg", "image/png", "image/gif", "image/webp"}, kind)
}

// name is the description of a picture, or else the name of its file.
func (a Attachment) name() string {
	if a.Alt != "" {
		return a.Alt
	}
	u, err := url.Parse(a.URL)
	if err != nil {
		return ""
	}
	return strings.Trim(path.Base(u.Path), "/.")
}

// maxSearched is how much of a post with its descriptions is searched, in bytes.
const maxSearched = 64 << 10

// Searched is the text by which a post is found, with the descriptions of its pictures.
func (p Post) Searched() string {
	text := p.Text
	for _, a := range p.Attachments {
		if len(text)+len(a.Alt) > maxSearched {
			break
		}
		text += "\n" + a.Alt
	}
	return text
}

// Size is how many bytes the words of a post have, with all that others made it say.
func (p Post) Size() int {
	n := len(p.Text) + len(p.HTML) + len(p.URL) + len(p.Object) + len(p.InReplyTo) + len(p.Warning)
	for _, a := range p.Attachments {
		n += len(a.URL) + len(a.MediaType) + len(a.Alt)
	}
	for _, list := range [][]string{p.Tags, p.To, p.Cc} {
		for _, s := range list {
			n += len(s)
		}
	}
	return n
}

// HasFile says whether a file of ours belongs to the post.
func (p Post) HasFile(id FileID) bool {
	return slices.ContainsFunc(p.Attachments, func(a Attachment) bool { return a.File == id })
}

// Ours says whether the desk wrote the post.
func (p Post) Ours() bool {
	return p.Role == RoleReply || p.Role == RoleComment || p.Role == RoleBroadcast
}

// MentionAcct returns the user@host under which one of our posts mentions an
// actor, or the host if that was never known.
func (p Post) MentionAcct(a ActorID) string {
	for n, m := range p.Mentions {
		if m == a && n < len(p.MentionNames) && p.MentionNames[n] != "" {
			return p.MentionNames[n]
		}
	}
	return string(a.Host())
}

// Erase removes the words of a deleted post and leaves that there was one.
func (p *Post) Erase() {
	p.Deleted = true
	p.Text, p.HTML, p.Warning, p.Language, p.Context, p.Conversation, p.URL = "", "", "", "", "", "", ""
	p.Tags, p.Attachments = nil, nil
	if !p.Ours() { // ours keep their recipients: the Delete goes there too
		p.To, p.Cc, p.Mentions, p.Group, p.CanReply = nil, nil, nil, "", nil
	}
}
