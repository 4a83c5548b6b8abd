package public

import (
	"errors"
	"net/http"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

const (
	repliesOnIssue = 20   // the last ones
	postsOfIssue   = 5000 // looked at
)

// issueData is the public part of an issue: its status, the desk's posts, and a
// link to the report.
type issueData struct {
	Home           desk.IssueID // where its report is: another issue, if it belonged there
	Status         desk.Status
	Reason         desk.Reason
	Opened         time.Time
	By, Acct, Path string
	Origin         origin
	Replies        []item
	Earlier        bool // there are more replies than are shown
}

// Key is the words for where the issue stands.
func (d issueData) Key() string {
	if d.Status == desk.StatusClosed && d.Reason != "" {
		return "reason." + string(d.Reason)
	}
	return "status." + string(d.Status)
}

// Issue shows an issue whose report was public, without the reporter.
func (p *Pages) Issue(w http.ResponseWriter, r *http.Request, id desk.IssueID) {
	var d issueData
	err := p.app.View(r.Context(), func(tx *app.Tx) (err error) {
		d, err = p.issue(tx, id)
		return err
	})
	if err == nil && d.Home != id {
		p.moved(w, r, string(p.site.Issue(d.Home)), nil)
		return
	}
	if err == nil {
		v := p.voice(r)
		err = p.send(w, r, "issue", frame{Title: v.T("issue.title", "name", d.By), Canonical: string(p.site.Issue(id)), Kind: "article",
			Description: v.T("issue.description", "name", d.By), NoIndex: true, Data: d})
	}
	p.fail(w, r, err)
}

func (p *Pages) issue(tx *app.Tx, id desk.IssueID) (issueData, error) {
	i, ok, err := tx.Issues().Get(id)
	if err != nil {
		return issueData{}, err
	}
	if !ok {
		return issueData{}, errNotFound
	}
	report, err := issueShown(tx, i)
	if err != nil {
		return issueData{}, err
	}
	by, ok, err := tx.Desks().Get(i.Desk)
	if err != nil {
		return issueData{}, err
	}
	if !ok {
		return issueData{}, errNotFound
	}
	home, err := tx.HomeOf(i)
	if err != nil {
		return issueData{}, err
	}
	d := issueData{Home: home, Status: i.Status, Reason: i.Reason, Opened: i.OpenedAt, By: by.Name,
		Acct: "@" + p.site.Acct(by.Handle), Path: "/@" + string(by.Handle), Origin: link(i, report)}
	replies, err := repliesOf(tx, id)
	if err != nil {
		return d, err
	}
	if n := len(replies) - repliesOnIssue; n > 0 {
		replies, d.Earlier = replies[n:], true
	}
	for _, post := range replies {
		d.Replies = append(d.Replies, p.item(by, post))
	}
	return d, nil
}

// repliesOf lists the desk's public replies in an issue, in order.
func repliesOf(tx *app.Tx, id desk.IssueID) (out []desk.Post, err error) {
	after := ""
	for looked := 0; looked < postsOfIssue; looked += store.MaxLimit {
		posts, next, err := tx.Posts().ByIssue(id, store.Page{After: after})
		if err != nil {
			return nil, err
		}
		for _, post := range posts {
			if shown(post) {
				out = append(out, post)
			}
		}
		if next == "" {
			break
		}
		after = next
	}
	return out, nil
}

// issuePath is where an issue is shown, "" if it is not.
func issuePath(tx *app.Tx, id desk.IssueID) (string, error) {
	i, ok, err := tx.Issues().Get(id)
	if err != nil || !ok {
		return "", err
	}
	_, err = issueShown(tx, i)
	if errors.Is(err, errNotFound) || errors.Is(err, errGone) {
		return "", nil
	}
	return "/issues/" + string(id), err
}
