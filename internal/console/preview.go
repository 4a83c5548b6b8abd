package console

import (
	"net/http"
	"regexp"
	"unicode"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/locale"
)

// preview is a reply as the reporter's app shows it.
type preview struct {
	desk.Post
	Title string // who sees it so
	By    string // the desk's name
	Acct  string // and address
	Count string // how long it is, of how much their server allows
	Over  bool
	Files []shownPicture
	More  int // how many more reporters get it, each with their own name
}

// preview answers with the form, the words, and the reply as it would go out.
func (c *Console) preview(v *visit) error {
	d, issue := draftOf(v), v.issueID()
	d.asked(v)
	on := app.DraftOnIssue(issue)
	_, _, err := c.filed(v, on)
	if kept := c.keep(v, on, d); kept != nil {
		return kept
	}
	var posts []desk.Post
	if err == nil && d.To != toDesk { // colleagues read a comment as it is written
		posts, err = c.app.PreviewReply(v.Context(), v.by(), app.ReplyInput{Issue: issue, Only: d.Only, Text: d.Text, Visibility: desk.Visibility(d.To), Language: d.Language,
			Change: desk.StatusChange{To: d.Status, Reason: d.Reason, Next: d.Next}, Unwarned: d.Unwarned})
	}
	switch desk.ErrorCode(err) {
	case "":
		d.Previewed = posts
		return c.showIssue(v, http.StatusOK, &d)
	case desk.CodeInvalid, desk.CodeConflict, desk.CodeForbidden:
		d.Wrong = mistakeIn(v.speech, err)
		return c.showIssue(v, http.StatusUnprocessableEntity, &d)
	}
	return err
}

// previewOf is what the composer shows of replies that would go out; nil: of none.
func (c *Console) previewOf(l *locale.Language, by desk.Desk, k composer) *preview {
	if len(k.Previewed) == 0 {
		return nil
	}
	p := k.Previewed[0]
	out := &preview{Post: p, Title: l.T("console_composer.previewed"), By: by.Name, Acct: "@" + c.site.Acct(p.Desk), More: len(k.Previewed) - 1}
	n := lengthOf(p.Text) + lengthOf(p.Warning)
	for _, m := range p.MentionNames {
		n += lengthOf(mentionShown.FindString(m)) + len("@ ")
	}
	out.Over = n > k.Limit
	if out.Count = l.T("console_script.count_usual", "n", n, "limit", k.Limit); k.Host != "" {
		out.Count = l.T("console_script.count", "n", n, "limit", k.Limit, "host", k.Host)
	}
	if out.Over {
		out.Count = l.T("console_script.over", "count", out.Count)
	}
	for _, f := range k.Pictures.Files {
		if !f.Drop {
			out.Files = append(out.Files, shownPicture{Attachment: desk.Attachment{Alt: f.Alt}, At: f.At})
		}
	}
	return out
}

var (
	// Of a mention, Mastodon counts the name without the server, and of an address 23 characters.
	mentionShown = regexp.MustCompile(`^@?[^@]*`)
	addressIn    = regexp.MustCompile(`https?://\S+`)
)

const addressCounts = 23

// lengthOf counts a text as most servers do: what a reader takes for one character is one,
// also one of several signs. A flag is two.
func lengthOf(s string) (n int) {
	n = addressCounts * len(addressIn.FindAllString(s, -1))
	joined := false
	for _, r := range addressIn.ReplaceAllString(s, "") {
		joins := r == '\u200d' // the zero width joiner
		if !joins && !joined && !unicode.In(r, unicode.Mn, unicode.Me, unicode.Sk) || r == '^' || r == '`' {
			n++
		}
		joined = joins
	}
	return n
}
