package public

import (
	"net/http"
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// followData is a form that leads to the reader's own server.
type followData struct {
	Desks   []card
	Desk    desk.Handle // that is followed
	Server  string      // as it was typed
	Problem string      // key of the mistake in it, "" for none
}

// followForm shows the form by itself.
func (p *Pages) followForm(w http.ResponseWriter, r *http.Request) {
	d, err := p.followData(r, r.URL.Query().Get("desk"))
	if err == nil {
		err = p.send(w, r, "follow", p.followFrame(r, d))
	}
	p.fail(w, r, err)
}

func (p *Pages) followFrame(r *http.Request, d followData) frame {
	v := p.voice(r)
	return frame{Title: v.T("follow.heading"), Description: v.T("follow.lede"), Canonical: p.site.URL + "/follow", Kind: "website", NoIndex: true, Forms: theirs, Data: d}
}

// followData has the desks there are, and which one is meant: the one that is
// named, or the first.
func (p *Pages) followData(r *http.Request, named string) (d followData, err error) {
	err = p.app.View(r.Context(), func(tx *app.Tx) error {
		desks, err := tx.Desks().All()
		if err != nil {
			return err
		}
		d = p.following(desks, named)
		return nil
	})
	if err == nil && d.Desk == "" {
		err = errNotFound
	}
	return d, err
}

func (p *Pages) following(desks []desk.Desk, named string) (d followData) {
	for _, k := range desks {
		d.Desks = append(d.Desks, p.deskCard(k))
		if d.Desk == "" && named == "" || string(k.Handle) == named {
			d.Desk = k.Handle
		}
	}
	return d
}

// follow sends a reader to their own server, to follow one of our desks there.
// It leads only to a server that the reader typed on a page of ours, and there
// to the page that this server names for the purpose.
func (p *Pages) follow(w http.ResponseWriter, r *http.Request) {
	if !p.form(w, r) {
		return
	}
	d, err := p.followData(r, r.PostForm.Get("desk"))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	d.Server = strings.TrimSpace(r.PostForm.Get("server"))
	p.onTheirServer(w, r, d.Server, p.site.Desk(d.Desk), func(problem string) {
		d.Problem = problem
		p.answer(w, r, http.StatusUnprocessableEntity, "follow", p.followFrame(r, d))
	})
}

// onTheirServer sends a reader to the page of their own server for an actor or a post
// of ours; again shows the form once more, with the key of why it cannot.
func (p *Pages) onTheirServer(w http.ResponseWriter, r *http.Request, server string, what desk.ActorID, again func(problem string)) {
	end, ok := p.lookups.begin(r)
	if !ok {
		p.tooMany(w, r)
		return
	}
	defer end()
	to, err := p.lookups.peers.FollowPage(r.Context(), server, what)
	if err != nil {
		again("follow." + lookupProblem(err, p.isOurs(server)))
		return
	}
	p.toTheirServer(w, r, to)
}

// toTheirServer leads a reader to a page of their own server.
func (p *Pages) toTheirServer(w http.ResponseWriter, r *http.Request, to string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", theirs.policy(p.site))
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// lookupProblem returns the end of the catalogue key that explains why another
// server could not be asked.
func lookupProblem(err error, ours bool) string {
	switch code := desk.ErrorCode(err); {
	case ours:
		return "ours"
	case code == desk.CodeInvalid:
		return "bad"
	case code == desk.CodeNotFound:
		return "unknown"
	}
	return "unreachable"
}

// isOurs says whether a typed text names this server, or an account on it.
func (p *Pages) isOurs(typed string) bool {
	l, ok := readLink(typed, p.site)
	if !ok {
		l, ok = readLink("https://"+typed, p.site)
	}
	return ok && (l.host == p.site.Host() || l.host == p.site.HandleDomain)
}
