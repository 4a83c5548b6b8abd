package public

import (
	"net/http"
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// stopData is the page on which a person can ask to be left alone.
type stopData struct {
	Relay   string // handle of the instance's own actor
	Who     string // as it was typed
	Forget  bool
	Problem string // key of the error, "" for none

	// Once it is known who it is about.
	Actor desk.ActorID
	Acct  string
	Code  string
	Done  string // key of the result; with _more, of the rest
}

func (p *Pages) stopFrame(r *http.Request, d stopData) frame {
	v := p.voice(r)
	d.Relay = "@" + p.site.Acct(desk.RelayHandle)
	return frame{Title: v.T("stop.title", "domain", p.site.HandleDomain), Description: v.T("stop.description", "domain", p.site.HandleDomain),
		Canonical: p.site.URL + "/stop", Kind: "website", Forms: here, Data: d}
}

// stopForm shows every way of being left alone.
func (p *Pages) stopForm(w http.ResponseWriter, r *http.Request) {
	p.fail(w, r, p.send(w, r, "stop", p.stopFrame(r, stopData{})))
}

// stopAsk finds the person of a form and shows a code, with which they can
// prove that the request is theirs. Nothing is stored: the code follows from
// the person, the request and the day.
func (p *Pages) stopAsk(w http.ResponseWriter, r *http.Request) {
	if !p.form(w, r) {
		return
	}
	d := stopData{Who: strings.TrimSpace(r.PostForm.Get("who")), Forget: r.PostForm.Get("what") == "forget"}
	if p.isOurs(d.Who) {
		d.Problem = "stop.ours"
		p.answer(w, r, http.StatusUnprocessableEntity, "stop", p.stopFrame(r, d))
		return
	}
	if _, ok := readLink(d.Who, p.site); !ok {
		d.Problem = "stop.bad"
		p.answer(w, r, http.StatusUnprocessableEntity, "stop", p.stopFrame(r, d))
		return
	}
	end, ok := p.lookups.begin(r)
	if !ok {
		p.tooMany(w, r)
		return
	}
	defer end()
	var err error
	if d.Actor, d.Acct, err = p.lookups.peers.Person(r.Context(), d.Who); err != nil {
		d.Problem = "stop." + lookupProblem(err, false)
		p.answer(w, r, http.StatusUnprocessableEntity, "stop", p.stopFrame(r, d))
		return
	}
	p.askForCode(w, r, http.StatusOK, d)
}

// askForCode shows the code for a request.
func (p *Pages) askForCode(w http.ResponseWriter, r *http.Request, status int, d stopData) {
	var err error
	if d.Code, err = p.app.OptOutCode(r.Context(), app.OptOutRequest{Actor: d.Actor, Forget: d.Forget}); err != nil {
		p.fail(w, r, err)
		return
	}
	p.answer(w, r, status, "stop", p.stopFrame(r, d))
}

// stopCheck reads the profile, and carries out the request if the code is there.
func (p *Pages) stopCheck(w http.ResponseWriter, r *http.Request) {
	if !p.form(w, r) {
		return
	}
	d := stopData{Actor: desk.ActorID(r.PostForm.Get("actor")), Forget: r.PostForm.Get("what") == "forget"}
	if _, err := desk.HostOf(string(d.Actor)); err != nil || p.site.Owns(string(d.Actor)) {
		d.Actor, d.Problem = "", "stop.bad"
		p.answer(w, r, http.StatusUnprocessableEntity, "stop", p.stopFrame(r, d))
		return
	}
	end, ok := p.lookups.begin(r)
	if !ok {
		p.tooMany(w, r)
		return
	}
	defer end()
	acct, words, err := p.lookups.peers.Profile(r.Context(), d.Actor)
	if err != nil {
		d.Actor, d.Problem = "", "stop."+lookupProblem(err, false)
		p.answer(w, r, http.StatusUnprocessableEntity, "stop", p.stopFrame(r, d))
		return
	}
	d.Acct = acct
	proven, err := p.app.OptOutByCode(r.Context(), app.OptOutRequest{Actor: d.Actor, Forget: d.Forget}, words)
	switch {
	case err != nil:
		p.fail(w, r, err)
	case !proven:
		d.Problem = "stop.not_found_code"
		p.askForCode(w, r, http.StatusUnprocessableEntity, d)
	default:
		if d.Done = "stop.done_alone"; d.Forget {
			d.Done = "stop.done_forget"
		}
		p.answer(w, r, http.StatusOK, "stop", p.stopFrame(r, d))
	}
}
