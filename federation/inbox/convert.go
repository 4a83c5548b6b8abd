package inbox

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"earshot/federation/as"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/markup"
)

// MaxText is how much of a post's text is stored, in bytes.
const MaxText = 64 << 10

// postTypes are the objects that can be a report.
var postTypes = []as.Type{as.Note, as.Article, as.Page, as.Question}

// heard turns a remote post and its author into what the use cases take.
func heard(o *as.Object, author desk.Actor, followers, source string) app.Heard {
	h := outline(o, author, followers, source)
	h.Post.Text, h.Post.HTML, h.Post.Warning = clip(textOf(o)), clip(htmlOf(o)), warningOf(o)
	return h
}

// outline is a remote post without its words, which cost the most: all that
// decides where it belongs.
func outline(o *as.Object, author desk.Actor, followers, source string) app.Heard {
	p := desk.Post{
		Object: o.ID, Author: o.AttributedTo, URL: cmp.Or(page(o.URL, string(o.ID)), string(o.ID)), Language: o.Language,
		Visibility: visibility(o.To, o.Cc, followers), // of all addressees, also those that are not kept
		InReplyTo:  o.InReplyTo, Context: o.Context, Conversation: o.Conversation, Sensitive: o.Sensitive,
		Published: o.Published, Updated: o.Updated,
	}
	left := room(maxRest)
	// These always fit: federation/as bounds each of them.
	left.fits(string(p.Object), string(p.Author), o.URL, p.Language, string(p.InReplyTo), p.Context, p.Conversation)
	p.To, p.Cc = keep(&left, o.To), keep(&left, o.Cc)
	p.Mentions = keep(&left, mentionsOf(o))
	p.CanReply = policyOf(o.CanReply, &left)
	p.Tags = keep(&left, tagsOf(o))
	p.Attachments = attachmentsOf(o, &left)
	if p.URL == "" && o.URL != "" { // what a post is about, which is its url in a community
		p.Attachments = append(p.Attachments, desk.Attachment{URL: o.URL})
	}
	h := app.Heard{Post: p, Author: author, IsVote: o.IsVote, Source: source}
	for _, r := range slices.Concat(p.To, p.Cc, keep(&left, o.Bto), keep(&left, o.Bcc), keep(&left, o.Audience)) {
		if !as.IsPublic(r) {
			h.Addressed = append(h.Addressed, desk.ActorID(r))
		}
	}
	return h
}

// mentionsOf lists the actors that a post mentions, each once.
func mentionsOf(o *as.Object) (out []desk.ActorID) {
	for _, m := range o.Mentions {
		if m.Href != "" && !slices.Contains(out, m.Href) {
			out = append(out, m.Href)
		}
	}
	return out
}

// policyOf keeps a policy with Public in one spelling. An entry for which there is no
// room permits nothing.
func policyOf(p *as.Policy, left *room) *desk.ReplyPolicy {
	if p == nil {
		return nil
	}
	spelled := func(list []string) (out []string) {
		for _, who := range list {
			if as.IsPublic(who) {
				who = as.Public
			}
			out = append(out, who)
		}
		return keep(left, out)
	}
	return &desk.ReplyPolicy{Automatic: spelled(p.Automatic), Manual: spelled(p.Manual), Older: p.Older, Contacts: p.Contacts}
}

// textOf is what a person reads: title, warning, words, options of a poll.
func textOf(o *as.Object) string {
	var parts []string
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			parts = append(parts, s)
		}
	}
	add(titleOf(o))
	add(markup.Text(summaryOf(o)))
	add(markup.Text(o.Content))
	for _, option := range o.Options {
		add("• " + option)
	}
	switch {
	case o.Closed:
		add("(the poll has ended)")
	case !o.EndTime.IsZero(): // past or to come: the text is read at any time
		add("(votes until " + o.EndTime.Format("2006-01-02 15:04 UTC") + ")")
	}
	if o.Quote != "" && !quotesInWords(o) {
		add("RE: " + string(o.Quote))
	}
	return strings.Join(parts, "\n\n")
}

// quotesInWords says whether a post's text names what it quotes, as servers
// write it for those that know no quotes.
func quotesInWords(o *as.Object) bool {
	return strings.Contains(o.Content, "quote-inline") || strings.Contains(markup.Text(o.Content), "RE: ") ||
		strings.Contains(o.Content, string(o.Quote))
}

func htmlOf(o *as.Object) string {
	html := o.Content
	if s := summaryOf(o); s != "" {
		html = "<p>" + s + "</p>" + html
	}
	if title := titleOf(o); title != "" {
		html = markup.Render(title, nil) + html
	}
	return markup.Sanitise(html)
}

// titleOf is the title of a post, also of a Note: NodeBB's topics are Notes. A
// vote's name is an option, lotide says a title again in the summary, NodeBB and
// Discourse say the topic's title on each of its comments.
func titleOf(o *as.Object) string {
	if o.Name == "" {
		return ""
	}
	content := markup.Text(o.Content)
	comment := o.InReplyTo != "" && content != ""
	if o.IsVote || comment || o.Name == markup.Text(o.Summary) || o.Name == firstLine(content) {
		return ""
	}
	return clip(o.Name)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(line)
}

// maxWarning is how much of a warning is stored, in bytes: that of Mastodon
// shares 500 characters with the words.
const maxWarning = 2 << 10

// warningOf is what stands before a post's words, in one line. The summary of an
// Article is what it says in short, unless the post says that it is sensitive.
func warningOf(o *as.Object) string {
	if (o.Type == as.Article || o.Type == as.Page) && !o.Sensitive {
		return ""
	}
	return cut(oneLine(markup.Text(o.Summary)), maxWarning)
}

// summaryOf is a post's warning, or what an article says in short: not, where
// that is how its content begins, as NodeBB and WordPress write it.
func summaryOf(o *as.Object) string {
	if o.Type != as.Article && o.Type != as.Page {
		return o.Summary
	}
	short := strings.TrimRight(oneLine(markup.Text(o.Summary)), ".…[] ")
	if strings.HasPrefix(oneLine(markup.Text(o.Content)), short) {
		return ""
	}
	return o.Summary
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// tagsOf reads the hashtags: from tag[], in which some are missing or all, and
// from marked links in the content; never from plain text.
func tagsOf(o *as.Object) []string {
	names := slices.Concat(o.Hashtags, markup.Hashtags(o.Content))
	var out []string
	seen := map[string]bool{}
	for _, n := range names {
		t := desk.CleanTag(n)
		if key := desk.FoldTag(t); key != "" && !seen[key] {
			seen[key] = true
			out = append(out, t)
		}
	}
	return out
}

// visibility reads how public a post is, from its addressees.
func visibility(to, cc []string, followers string) desk.Visibility {
	all := append(slices.Clone(to), cc...)
	switch {
	case slices.ContainsFunc(to, as.IsPublic):
		return desk.VisibilityPublic
	case slices.ContainsFunc(cc, as.IsPublic):
		return desk.VisibilityQuiet
	case followers != "" && slices.Contains(all, followers):
		return desk.VisibilityFollowers
	}
	return desk.VisibilityDirect
}

// maxBio is how many characters of a profile's text are stored.
const maxBio = 500

// ActorOf is what we store of an actor.
func ActorOf(a *as.Actor, acct string, now time.Time) desk.Actor {
	return desk.Actor{
		ID: a.ID, Acct: acct, Name: desk.CleanName(cut(a.Name, MaxName)), URL: page(a.URL, string(a.ID)), AvatarURL: a.IconURL, Inbox: a.Inbox, Shared: a.SharedInbox,
		Bot: a.Bot, NoBot: noBot(a), Earshot: a.IsEarshot(), Bio: markup.Excerpt(clip(markup.Text(a.Summary)), maxBio), Fetched: now,
	}
}

// page is the web address of a post or an actor. It is on the domain of the id, or
// it would be a link to what another wrote (CVE-2025-25306).
func page(url, id string) string {
	at, err := desk.HostOf(url)
	own, _ := desk.HostOf(id)
	if err != nil || at.Domain() != own.Domain() {
		return ""
	}
	return url
}

// ProfileText is what actors say about themselves: the text and the fields, at most
// MaxText of them.
func ProfileText(a *as.Actor) string {
	var b strings.Builder
	b.WriteString(clip(markup.Text(a.Summary)))
	for _, f := range a.Fields {
		if b.Len() > MaxText {
			break
		}
		b.WriteString("\n" + clip(f.Name) + "\n" + clip(markup.Text(f.Value)))
	}
	return clip(b.String())
}

// noBot says whether a profile asks bots to keep away, in its text or fields.
func noBot(a *as.Actor) bool {
	for _, w := range strings.FieldsFunc(ProfileText(a), func(r rune) bool { return strings.ContainsRune(" \t\r\n.,;:!?()[]/|·•", r) }) {
		if tag, ok := strings.CutPrefix(w, "#"); ok && slices.Contains(desk.NoBotTags(), desk.FoldTag(tag)) {
			return true
		}
	}
	return false
}

// clip cuts a remote text to MaxText.
func clip(s string) string { return cut(s, MaxText) }

// cut cuts a text to n bytes, between two characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[:n]
	for len(s) > 0 && !utf8.ValidString(s[max(0, len(s)-utf8.UTFMax):]) {
		s = s[:len(s)-1]
	}
	return s
}
