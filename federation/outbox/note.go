package outbox

import (
	"strings"

	"earshot/federation/as"
	"earshot/federation/as/build"
	"earshot/internal/desk"
)

// noteOf is how a post of ours looks on the wire. A reply carries a Mention of
// the reporter (without it GoToSocial drops it and Mastodon does not notify)
// and no hashtags (they would come back to us); those of a broadcast are real.
func noteOf(site desk.Site, p desk.Post) build.NoteDoc {
	n := build.NoteDoc{
		ID: p.Object, AttributedTo: p.Author, HTML: p.HTML, Language: p.Language, Source: p.Text,
		To: p.To, Cc: p.Cc, Group: p.Group, InReplyTo: p.InReplyTo, Context: p.Context, Conversation: p.Conversation,
		Published: p.Published, Updated: p.Updated, URL: string(site.Post(p.ID)), Sensitive: p.Sensitive, Summary: asHTML(p.Warning),
	}
	if p.Visibility.IsPublic() {
		n.Replies, n.Quotable = string(p.Object)+"/replies", true
	}
	if p.Approved() {
		n.ReplyAuthorization = p.Approval.Authorization
	}
	if p.Role == desk.RoleBroadcast {
		for _, tag := range p.Tags {
			n.Hashtags = append(n.Hashtags, build.Hashtag{Name: "#" + tag, Href: site.TagPage(p.Desk, tag)})
		}
	}
	for _, a := range p.Attachments {
		n.Attachments = append(n.Attachments, as.Attachment{URL: a.URL, MediaType: a.MediaType, Alt: a.Alt, Width: a.Width, Height: a.Height})
	}
	for _, m := range p.Mentions {
		n.Mentions = append(n.Mentions, as.Mention{Href: m, Name: "@" + p.MentionAcct(m)})
	}
	return n
}

// asHTML is a warning as HTML, in which "<" is all that could be markup. Other
// characters stay as they are: most servers show a summary as plain text.
func asHTML(warning string) string { return strings.ReplaceAll(warning, "<", "&lt;") }
