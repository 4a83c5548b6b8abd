package public

import (
	"net/http"
	"strings"

	"earshot/internal/address"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/lookalike"
	"earshot/internal/markup"
)

// genuineData answers whether something is ours.
type genuineData struct {
	Domain  desk.Host
	Desks   []card
	Checked string // as it was pasted
	Verdict string // key of the answer, "" without a question; with _more, of the rest
	Good    bool
	Acct    string // the account of ours that it is about
	Page    string // of ours, absolute
	Given   string // the pasted text, if it only resembles ours
	Host    string // another host, as it is shown
	Plain   string // the host in ASCII, where it is written otherwise
}

// genuine says whether a handle or a link is this provider's. The answer
// follows from our own data: no other server is asked.
func (p *Pages) genuine(w http.ResponseWriter, r *http.Request) {
	d := genuineData{Domain: p.site.HandleDomain, Checked: strings.TrimSpace(r.URL.Query().Get("q"))}
	book, err := p.app.Addresses(r.Context())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	err = p.app.View(r.Context(), func(tx *app.Tx) error {
		desks, err := tx.Desks().All()
		if err != nil {
			return err
		}
		d.Desks = nil
		for _, k := range desks {
			d.Desks = append(d.Desks, p.deskCard(k))
		}
		if d.Checked == "" {
			return nil
		}
		return p.judge(tx, book, &d, desks)
	})
	d.Checked = markup.Excerpt(d.Checked, 200)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	v := p.voice(r)
	f := frame{Title: v.T("genuine.title", "domain", d.Domain), Description: v.T("genuine.description", "domain", d.Domain),
		Canonical: p.site.URL + "/is-it-you", Kind: "website", Forms: here, Data: d}
	if d.Checked != "" { // nothing of it is kept, in no cache either
		p.answer(w, r, http.StatusOK, "genuine", f)
		return
	}
	p.fail(w, r, p.send(w, r, "genuine", f))
}

func (p *Pages) judge(tx *app.Tx, book address.Book, d *genuineData, desks []desk.Desk) error {
	l, ok := readLink(d.Checked, p.site)
	if !ok {
		d.Verdict = "genuine.unreadable"
		return nil
	}
	if l.host == p.site.Host() || l.host == p.site.HandleDomain {
		return p.judgeOurs(tx, d, book.Find(d.Checked))
	}
	d.Host = l.shown()
	if l.unusual() {
		d.Plain = string(l.host)
	}
	d.Verdict = "genuine.no"
	ours, alike := p.hostResembles(l)
	if !alike {
		// Every server can name us in an address: that is no word for its page.
		if shown, ok := l.inPath(p.site); ok && (shown.host == p.site.HandleDomain || shown.host == p.site.Host()) {
			if k, ok, err := tx.Desks().Get(desk.Handle(strings.ToLower(shown.user))); err != nil || ok {
				d.Verdict, d.Acct = "genuine.copy", "@"+p.site.Acct(k.Handle)
				return err
			}
		}
		ours, alike = p.nameResembles(l, desks)
	}
	if alike {
		d.Verdict, d.Acct, d.Given = "genuine.lookalike", ours, d.Host
		if l.user != "" {
			d.Given = "@" + markup.Excerpt(l.user, 60) + "@" + d.Host
		}
	}
	return nil
}

// judgeOurs is about something that says to be on this server.
func (p *Pages) judgeOurs(tx *app.Tx, d *genuineData, a address.Address) error {
	d.Verdict = "genuine.no_such"
	switch {
	case a.Handle == desk.RelayHandle:
		d.Verdict, d.Good, d.Acct = "genuine.yes_account", true, "@"+p.site.Acct(a.Handle)
	case a.Handle != "":
		k, ok, err := tx.Desks().Get(a.Handle)
		if err == nil && ok {
			d.Verdict, d.Good, d.Acct = "genuine.yes_account", true, "@"+p.site.Acct(k.Handle)
		}
		return err
	case a.Post != "":
		return p.judgePost(tx, d, a.Post)
	case a.Issue != "":
		return p.judgeIssue(tx, d, a.Issue)
	}
	return nil
}

func (p *Pages) judgePost(tx *app.Tx, d *genuineData, id desk.PostID) error {
	post, ok, err := tx.Posts().Get(id)
	if err == nil && ok && shown(post) {
		d.Verdict, d.Good, d.Acct, d.Page = "genuine.yes_post", true, "@"+p.site.Acct(post.Desk), string(post.Object)
	}
	return err
}

func (p *Pages) judgeIssue(tx *app.Tx, d *genuineData, id desk.IssueID) error {
	i, ok, err := tx.Issues().Get(id)
	if err != nil || !ok {
		return err
	}
	if path, err := issuePath(tx, id); err != nil || path == "" {
		return err
	}
	d.Verdict, d.Good, d.Acct = "genuine.yes_issue", true, "@"+p.site.Acct(i.Desk)
	return nil
}

// hostResembles returns which of our domains could be meant by a host that is not ours.
func (p *Pages) hostResembles(l pasted) (ours string, ok bool) {
	for _, domain := range []desk.Host{p.site.HandleDomain, p.site.Host()} {
		if lookalike.Host(l.shown(), string(domain)) {
			return string(domain), true
		}
	}
	return "", false
}

// nameResembles returns which desk could be meant by a name on another server.
func (p *Pages) nameResembles(l pasted, desks []desk.Desk) (ours string, ok bool) {
	name := l.user
	if name == "" {
		first, _, _ := strings.Cut(strings.TrimPrefix(l.path, "/"), "/")
		name = strings.TrimPrefix(first, "@")
	}
	for _, k := range desks {
		for _, n := range k.Names {
			if lookalike.Name(name, n) {
				return "@" + p.site.Acct(k.Handle), true
			}
		}
	}
	return "", false
}
