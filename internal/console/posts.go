package console

import (
	"net/http"
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
)

// edit changes the words of one of our posts, on all servers that got it. If it
// fails, the form comes back with the reason, and no text is lost.
func (c *Console) edit(v *visit) error {
	d := draft{Text: strings.ReplaceAll(v.PostFormValue("text"), "\r\n", "\n"), Rewrites: desk.PostID(v.PostFormValue("post")), Seen: v.seen(), Files: typedFiles(v.PostForm)}
	by := v.by()
	by.Draft = app.DraftOnPost(d.Rewrites)
	var p desk.Post
	files, err := c.refiled(v, by.Draft)
	if err == nil {
		p, err = c.app.EditPost(v.Context(), by, d.Rewrites, d.Text, files...)
	}
	if err != nil {
		if err := c.keep(v, by.Draft, d); err != nil {
			return err
		}
	}
	status := http.StatusUnprocessableEntity
	switch desk.ErrorCode(err) {
	case "":
		return v.toPost(p, "edit")
	case desk.CodeStale:
		status = http.StatusConflict
	case desk.CodeInvalid, desk.CodeConflict, desk.CodeForbidden:
	default:
		return err
	}
	d.ask(v, err)
	issue := desk.IssueID(v.PostFormValue("issue"))
	if h := desk.Handle(v.PostFormValue("desk")); issue == "" && h != "" {
		return c.showRewrite(v, h, status, &d)
	}
	if issue == "" {
		return err
	}
	return c.showIssueOf(v, issue, status, &d)
}

// showRewrite answers with the broadcasts of a desk, and a new text of one of them.
func (c *Console) showRewrite(v *visit, h desk.Handle, status int, d *draft) error {
	return c.showBroadcasts(v, status, broadcasts{Key: id.New(), Draft: app.BroadcastInput{Desk: h}, Rewrite: d})
}

// refiled are the pictures that a post is to have; none: the form has no place for them.
func (c *Console) refiled(v *visit, on string) ([][]app.FileInput, error) {
	if v.PostFormValue("pictures") == "" {
		return nil, nil
	}
	files, _, err := c.filed(v, on)
	if err == nil {
		err = checkDescribed(v, files)
	}
	return [][]app.FileInput{files}, err
}

// retract deletes one of our posts on all servers that got it.
func (c *Console) retract(v *visit) error {
	p, err := c.app.RetractPost(v.Context(), v.by(), desk.PostID(v.PostFormValue("post")))
	if issue := desk.IssueID(v.PostFormValue("issue")); issue != "" && desk.ErrorCode(err) == desk.CodeStale {
		return c.showIssueOf(v, issue, http.StatusConflict, &draft{Key: id.New(), Unread: mistakeIn(v.speech, err).Words})
	}
	if err != nil {
		return err
	}
	return v.toPost(p, "retract")
}

// release lets a colleague's reply go.
func (c *Console) release(v *visit) error {
	p, err := c.app.ReleaseReply(v.Context(), v.by(), desk.PostID(v.PostFormValue("post")))
	return c.checked(v, p, err, "release", "")
}

// sendBack returns a colleague's reply with a word.
func (c *Console) sendBack(v *visit) error {
	word := strings.ReplaceAll(v.PostFormValue("word"), "\r\n", "\n")
	p, err := c.app.ReturnReply(v.Context(), v.by(), desk.PostID(v.PostFormValue("post")), word)
	return c.checked(v, p, err, "returned", word)
}

// checked answers a decision about a colleague's reply. One that is refused shows the issue
// as it is now, with the word that was typed.
func (c *Console) checked(v *visit, p desk.Post, err error, said, word string) error {
	issue, status := desk.IssueID(v.PostFormValue("issue")), http.StatusUnprocessableEntity
	switch desk.ErrorCode(err) {
	case "":
		return v.toPost(p, said)
	case desk.CodeStale, desk.CodeConflict:
		status = http.StatusConflict
	case desk.CodeInvalid, desk.CodeForbidden:
	default:
		return err
	}
	if issue == "" {
		return err
	}
	return c.showIssueOf(v, issue, status, &draft{Key: id.New(), Unread: mistakeIn(v.speech, err).Words, Returns: desk.PostID(v.PostFormValue("post")), Word: word})
}

// toPost redirects to where one of our posts is shown.
func (v *visit) toPost(p desk.Post, said string) error {
	if p.Issue != "" {
		return v.back(p.Issue, said)
	}
	if p.Incident != "" {
		return v.toIncident(p.Incident, said)
	}
	return v.done(broadcastsOf(p.Desk), said)
}
