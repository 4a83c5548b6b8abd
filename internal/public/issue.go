package public

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"earshot/internal/address"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// repliesOnIssue is how many replies a page has at most, and repliesBytes how long
// they are together, as they are stored. Replies that are not public count too, so
// that a page looks at no more.
const (
	repliesOnIssue = 20
	repliesBytes   = 256 << 10
)

// issueData is the public part of an issue: its status, the desk's posts, and a
// link to the report.
type issueData struct {
	Home           desk.IssueID // where its report is: another issue, if it belonged there
	Merged         bool         // Home is the issue of which it is a part
	Status         desk.Status
	Reason         desk.Reason
	Opened         time.Time
	Desk           desk.Handle
	By, Acct, Path string
	Origin         origin
	Replies        []item
	Earlier        string // path of the page of earlier replies, "" at the beginning
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
		d, err = p.issue(tx, id, desk.EventID(r.URL.Query().Get("before")))
		return err
	})
	if err == nil && d.Merged { // as long as it is: an undo is possible
		w.Header().Set("Cache-Control", address.CacheRedirect)
		http.Redirect(w, r, string(p.site.Issue(d.Home)), http.StatusFound)
		return
	}
	if err == nil && d.Home != id {
		p.moved(w, r, string(p.site.Issue(d.Home)), nil)
		return
	}
	if err == nil {
		v := p.voice(r)
		err = p.send(w, r, "issue", frame{Title: v.T("issue.title", "name", d.By), Canonical: string(p.site.Issue(id)), Kind: "article",
			Description: v.T("issue.description", "name", d.By), NoIndex: true, Desk: d.Desk, Data: d})
	}
	p.fail(w, r, err)
}

func (p *Pages) issue(tx *app.Tx, id desk.IssueID, before desk.EventID) (issueData, error) {
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
	if i.Status == desk.StatusNew && i.Replies > 0 { // answered before a reply made an issue acknowledged
		i.Status = desk.StatusAcknowledged
	}
	home, err := tx.HomeOf(i)
	if err != nil {
		return issueData{}, err
	}
	threads, err := publicThreads(tx, id)
	if err != nil {
		return issueData{}, err
	}
	merged := home == id && threads[0].ID != id
	if merged {
		home = threads[0].ID
	}
	d := issueData{Home: home, Merged: merged, Status: i.Status, Reason: i.Reason, Opened: i.OpenedAt, By: by.Name,
		Desk: by.Handle, Acct: "@" + p.site.Acct(by.Handle), Path: "/@" + string(by.Handle), Origin: link(i, report)}
	replies, older, err := tx.ThreadOf(threads, store.ThreadQuery{Part: store.ThreadReplies, Before: before, Limit: repliesOnIssue, Bytes: repliesBytes})
	if err != nil {
		return d, err
	}
	if older {
		d.Earlier = "/issues/" + string(id) + "?before=" + url.QueryEscape(string(replies[len(replies)-1].Event.ID))
	}
	for _, e := range slices.Backward(replies) {
		if e.Post == nil || !shown(*e.Post) {
			continue
		}
		if again, err := saidAgain(tx, threads, *e.Post); err != nil {
			return d, err
		} else if again {
			continue
		}
		if by.Handle != e.Post.Desk { // the issue was moved
			if by, _, err = tx.Desks().Get(e.Post.Desk); err != nil {
				return d, err
			}
		}
		d.Replies = append(d.Replies, p.item(by, *e.Post))
	}
	return d, nil
}

// publicThreads lists the threads that the page of an issue shows: itself, or the
// issue of which it is a part with all parts, as far as their reports are public.
func publicThreads(tx *app.Tx, id desk.IssueID) (shown []desk.Issue, err error) {
	all, err := tx.Whole(id)
	if err != nil {
		return nil, err
	}
	for n, i := range all {
		switch _, err := issueShown(tx, i); {
		case err == nil:
			shown = append(shown, i)
		case !errors.Is(err, errNotFound) && !errors.Is(err, errGone):
			return nil, err
		case n == 0: // the whole has no page, so each part has its own
			own, _, err := tx.Issues().Get(id)
			return []desk.Issue{own}, err
		}
	}
	return shown, nil
}

// saidAgain says whether a reply is a copy of one in another of the threads.
func saidAgain(tx *app.Tx, threads []desk.Issue, p desk.Post) (bool, error) {
	if p.CopyOf == "" {
		return false, nil
	}
	first, ok, err := tx.Posts().Get(p.CopyOf)
	return ok && shown(first) && slices.ContainsFunc(threads, func(i desk.Issue) bool { return i.ID == first.Issue }), err
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
