package console

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"earshot/internal/alike"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/internal/locale"
)

// say sends the composer's text: a reply, or a comment. If it fails, the form
// comes back with the reason, and no text is lost.
func (c *Console) say(v *visit) error {
	d := draftOf(v)
	issue, by := v.issueID(), v.by()
	by.Draft = app.DraftOnIssue(issue)
	files, brought, err := c.filed(v, by.Draft)
	if err == nil && d.To != toDesk { // colleagues get no pictures: they wait for the reply
		err = cmp.Or(checkDescribed(v, files), checkTongue(v, d))
	}
	if err != nil {
		return c.said(v, d, "reply", func() error { return err })
	}
	if d.To == toDesk {
		what := "comment"
		if len(files) > 0 {
			what = "comment_pictures"
		}
		return c.said(v, d, what, func() error { _, err := c.app.Comment(v.Context(), by, issue, d.Text); return err })
	}
	return c.said(v, d, "reply", func() error {
		_, err := c.app.Reply(v.Context(), by, app.ReplyInput{Issue: issue, Only: d.Only, Text: d.Text, Visibility: desk.Visibility(d.To), Language: d.Language,
			Change: desk.StatusChange{To: d.Status, Reason: d.Reason, Next: d.Next}, Unwarned: d.Unwarned, Files: files})
		if err == nil {
			c.sentAgain(v, brought)
		}
		return err
	})
}

// sentAgain takes away the picture that came with a form that was sent before: what it sent
// then counts.
func (c *Console) sentAgain(v *visit, brought desk.FileID) {
	if brought == "" {
		return
	}
	if err := c.app.RemoveUpload(v.Context(), v.who.By(""), brought); err != nil && desk.ErrorCode(err) != desk.CodeNotFound {
		c.log.Error("a picture that was sent twice could not be removed", "file", brought, "err", err)
	}
}

// checkTongue asks once whether the language is right, where the words are clearly in another.
func checkTongue(v *visit, d draft) error {
	other := alike.OtherTongue(d.Text, d.Language)
	if other == "" || v.PostFormValue("tongue") == tongueAsked(other, d.Language) {
		return nil
	}
	return desk.Invalid("language_looks", "the words look like %s, and the language is set to %s: choose the language of the reply, or press again to send it so", locale.TongueName(other), locale.TongueName(d.Language))
}

// tongueAsked says what a form was asked: another language is another question.
func tongueAsked(other, said string) string { return other + " " + said }

// draftOf is the draft that the composer sent.
func draftOf(v *visit) draft {
	d := draft{Key: v.PostFormValue("key"), Text: v.PostFormValue("text"), To: audience(cmp.Or(v.PostFormValue("to"), v.PostFormValue("audience"))), Status: desk.Status(v.PostFormValue("status")),
		Reason: desk.Reason(v.PostFormValue("reason")), Next: strings.TrimSpace(cmp.Or(v.PostFormValue("next"), v.PostFormValue("title"))), Language: v.PostFormValue("language"), Only: desk.IssueID(v.PostFormValue("only")),
		Unwarned: v.PostFormValue("warned") != "" && v.PostFormValue("warning") == "", Seen: v.seen(), Files: typedFiles(v.PostForm)}
	if strings.HasPrefix(v.PostFormValue("on"), "desks/") {
		d.Warning = v.PostFormValue("warning")
		d.GoesOut, _ = dueTime(v.PostFormValue("at"), v.agent.Zone()) // a time that is half typed is none
	}
	return d
}

// said redirects after a text was sent, or shows the draft with its mistake.
func (c *Console) said(v *visit, d draft, what string, do func() error) error {
	err := do()
	if err != nil {
		if err := c.keep(v, app.DraftOnIssue(v.issueID()), d); err != nil {
			return err
		}
	}
	switch desk.ErrorCode(err) {
	case "":
		if v.PostFormValue("then") == "next" {
			return c.toNext(v, what)
		}
		return v.back(v.issueID(), what)
	case desk.CodeStale:
		d.asked(v)
		if err := c.moved(v, &d, err); err != nil {
			return err
		}
		return c.showIssue(v, http.StatusConflict, &d)
	case desk.CodeInvalid, desk.CodeConflict, desk.CodeForbidden, desk.CodeReused:
		d.Key = keyAfter(d.Key, err)
		d.ask(v, err)
		return c.showIssue(v, http.StatusUnprocessableEntity, &d)
	}
	return err
}

// toNext leads to the next issue of the list whose reporter waits, but for those that were
// answered; to the list, if nobody waits.
func (c *Console) toNext(v *visit, said string) error {
	q := queryOf(v.PostForm)
	if q.After, q.said = "", said; said == "reply" {
		q.said = "reply_next"
	}
	list, _, err := c.app.ListIssues(v.Context(), q.input(v.agent))
	if err != nil {
		return err
	}
	to := q.List()
	for _, i := range list {
		if i.Issue.ID == v.issueID() || i.Issue.WaitingSince.IsZero() {
			continue
		}
		soon, err := c.goesOut(v, i.Issue.ID)
		if err != nil {
			return err
		}
		if !soon {
			to = q.issue(i.Issue.ID)
			break
		}
	}
	http.Redirect(v.w, v.Request, to, http.StatusSeeOther)
	return nil
}

// goesOut says whether an answer to the reporter's newest word is written, and can still be
// taken back: until it is out, they wait.
func (c *Console) goesOut(v *visit, issue desk.IssueID) (bool, error) {
	whole, err := c.app.ShowIssue(v.Context(), issue)
	if err != nil {
		return false, err
	}
	for _, e := range slices.Backward(whole.Timeline) {
		switch {
		case e.Post == nil:
		case e.Event.Kind == desk.KindReply && (e.Post.State == desk.PostPending || e.Post.State == desk.PostAwaitingApproval):
			return true, nil
		case !e.Post.Ours() && e.Post.Author == whole.Issue.Reporter:
			return false, nil
		}
	}
	return false, nil
}

// ask puts a mistake on the form. A text that seems to ask for a secret is sent
// at a second press, if it is still the same.
func (d *draft) ask(v *visit, err error) {
	d.Wrong = mistakeIn(v.speech, err)
	d.asked(v)
	if desk.ErrorID(err) == "alt_missing" {
		d.AsksAlt = true
	}
	if desk.ErrorID(err) == "language_looks" {
		d.AsksTongue = tongueAsked(alike.OtherTongue(d.Text, d.Language), d.Language)
	}
	if desk.ErrorID(err) == "reply_asks_secret" {
		d.Meant = textDigest(d.Text)
	}
	d.askMore(v, err)
}

// askMore asks with one question those that the next press would meet: a second press is
// the most that a text takes.
func (d *draft) askMore(v *visit, asked error) {
	var more []error
	switch desk.ErrorID(asked) {
	case "alt_missing":
		if other := checkTongue(v, *d); other != nil && d.To != "" {
			d.AsksTongue = tongueAsked(alike.OtherTongue(d.Text, d.Language), d.Language)
			more = append(more, other)
		}
		fallthrough
	case "language_looks":
		if secret := desk.CheckWords(d.Text); secret != nil && d.Meant == "" {
			d.Meant = textDigest(d.Text)
			more = append(more, secret)
		}
	}
	for _, err := range more {
		d.Wrong.Words += "; " + mistakeIn(v.speech, err).Words
	}
}

// asked carries on what the form was asked already: a form that comes back with another
// question has not forgotten the answer to the first.
func (d *draft) asked(v *visit) {
	d.AsksAlt, d.AsksTongue = v.PostFormValue("undescribed") != "", v.PostFormValue("tongue")
	if meant := textDigest(d.Text); v.PostFormValue("meant") == meant {
		d.Meant = meant
	}
}

// moved says on the form what came since the page was loaded. A second press is
// decided on that.
func (c *Console) moved(v *visit, d *draft, stale error) (err error) {
	before := d.Seen
	if d.Unread, d.Seen, err = c.unread(v, before); err == nil && d.Unread == "" {
		d.Unread = mistakeIn(v.speech, stale).Words
	}
	return err
}

// keyAfter returns the key of a form that comes back: another one, where the old
// one was used by the same form with other words.
func keyAfter(key string, err error) string {
	if desk.ErrorCode(err) == desk.CodeReused {
		return id.New()
	}
	return key
}

// unread returns the entries of the reporter and colleagues since the page was
// loaded, and the newest entry now.
func (c *Console) unread(v *visit, before desk.EventID) (what string, seen desk.EventID, err error) {
	whole, err := c.app.ShowIssue(v.Context(), v.issueID())
	if err != nil {
		return "", "", err
	}
	staff, err := c.staff(v.Context())
	if err != nil {
		return "", "", err
	}
	seen = newest(whole.Timeline)
	var said []string
	// What was seen may be on an earlier page, or in another issue by now.
	after := !slices.ContainsFunc(whole.Timeline, func(e app.Entry) bool { return e.Event.ID == before })
	for _, e := range whole.Timeline {
		if e.Event.ID == before {
			after = true
			continue
		}
		if !after || e.Event.Third || e.Event.Agent == v.agent.Email {
			continue
		}
		switch e.Event.Kind {
		case desk.KindPost:
			said = append(said, v.speech.T("console_thread.wrote", "who", nameOf(v.speech, e.Author)))
		case desk.KindEdit:
			said = append(said, v.speech.T("console_thread.edited_by", "who", nameOf(v.speech, e.Author)))
		case desk.KindReply:
			said = append(said, v.speech.T("console_thread.replied", "who", staff.name(e.Event.Agent)))
		case desk.KindComment:
			said = append(said, v.speech.T("console_thread.commented", "who", staff.name(e.Event.Agent)))
		}
	}
	if len(said) == 0 {
		return "", seen, nil
	}
	return v.speech.T("console_thread.unread", "what", strings.Join(said, ", ")), seen, nil
}
