package public

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/markup"
)

// updatesOnIncident is how many posts about an incident a page has.
const updatesOnIncident = 20

// word is one post of the desk about an incident.
type word struct {
	Post   desk.Post
	Status desk.IncidentStatus
}

// wordsOf lists what was said about an incident, newest first: the updates, then the
// first post. Posts that were deleted are not there.
func wordsOf(tx *app.Tx, i desk.Incident, most int) (out []word, err error) {
	first, published := i.Status, false
	for _, u := range slices.Backward(i.Updates) {
		if u.Published.IsZero() {
			continue
		}
		published = true
		if len(out) == most {
			return out, nil
		}
		post, ok, err := tx.Posts().Get(u.Post)
		if err != nil {
			return nil, err
		}
		if ok && shown(post) {
			out = append(out, word{post, u.Status})
		}
	}
	if first = cmp.Or(i.FirstStatus, first); published && i.FirstStatus == "" { // published before that was kept
		if first = desk.IncidentInvestigating; i.Planned() {
			first = desk.WorkScheduled
		}
	}
	root, ok, err := tx.Posts().Get(i.Root)
	if ok && shown(root) && len(out) < most {
		root.Text = cmp.Or(i.Text, i.Title)
		root.Updated = time.Time{} // its first line follows the incident: nothing that was said has changed
		out = append(out, word{root, first})
	}
	return out, err
}

// publicIncident finds an incident that people outside may see. A draft is answered
// like one that does not exist.
func publicIncident(tx *app.Tx, id desk.IncidentID) (i told, err error) {
	found, ok, err := tx.Incidents().Get(id)
	if err != nil {
		return i, err
	}
	if !ok || found.Hidden() {
		return i, errNotFound
	}
	by, ok, err := tx.Desks().Get(found.Desk)
	if err == nil && !ok {
		err = errNotFound
	}
	return told{found, by}, err
}

// incidentData is the page of an incident.
type incidentData struct {
	told
	Updates []saidUpdate
	Earlier string // path of the page of earlier updates, "" at the beginning
	IsLate  bool   // the next word was promised for an earlier time
	Crowd   string // key of the words for how many people said that it affects them, "" for few
	Server  string // of the reader, as it was typed
	Problem string // key of the mistake in it, "" for none
}

// saidUpdate is one post about the incident.
type saidUpdate struct {
	item
	Key string // the words for where the incident stood
}

// crowd puts a number of voices into words: this is no contest.
func crowd(voices int) string {
	switch {
	case voices >= 200:
		return "incident.hundreds"
	case voices >= 24:
		return "incident.dozens"
	case voices >= 3:
		return "incident.several"
	}
	return ""
}

// Incident shows an incident that is published.
func (p *Pages) Incident(w http.ResponseWriter, r *http.Request, id desk.IncidentID) {
	d, err := p.incidentData(r, id)
	if err == nil {
		err = p.send(w, r, "incident", p.incidentFrame(r, d))
	}
	p.fail(w, r, err)
}

func (p *Pages) incidentFrame(r *http.Request, d incidentData) frame {
	v := p.voice(r)
	return frame{Title: d.Title, Canonical: p.site.URL + d.Path(), Alternate: string(p.site.Post(d.Root)), Kind: "article", Atom: d.Path() + ".atom",
		Description: markup.Excerpt(v.T(d.StatusKey())+" "+d.Text, 200), Desk: d.By.Handle, NoIndex: r.URL.Query().Has("before"), Forms: theirs, Data: d}
}

func (p *Pages) incidentData(r *http.Request, id desk.IncidentID) (d incidentData, err error) {
	before, felt := desk.PostID(r.URL.Query().Get("before")), 0
	err = p.app.View(r.Context(), func(tx *app.Tx) (err error) {
		d = incidentData{}
		if d.told, err = publicIncident(tx, id); err != nil {
			return err
		}
		if felt, err = tx.Felt(id); err != nil {
			return err
		}
		words, err := wordsOf(tx, d.Incident, desk.MaxIncidentUpdates+1)
		if err != nil {
			return err
		}
		if before != "" {
			n := slices.IndexFunc(words, func(w word) bool { return w.Post.ID == before })
			if n < 0 {
				return errNotFound
			}
			words = words[n+1:]
		}
		for n, w := range words {
			if n == updatesOnIncident {
				d.Earlier = d.Path() + "?" + url.Values{"before": {string(words[n-1].Post.ID)}}.Encode()
				break
			}
			d.Updates = append(d.Updates, saidUpdate{p.item(d.By, w.Post), "incident_status." + string(w.Status)})
		}
		return nil
	})
	d.IsLate, d.Crowd = d.Late(p.app.Now()), crowd(d.Voices+felt)
	return d, err
}

// tooForm sends a reader to their own server, where they can answer the incident's
// first post: that is heard. It leads only to a server that the reader
// typed on a page of ours.
func (p *Pages) tooForm(w http.ResponseWriter, r *http.Request) {
	if !p.form(w, r) {
		return
	}
	d, err := p.incidentData(r, desk.IncidentID(mux.Vars(r)["id"]))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	d.Server = strings.TrimSpace(r.PostForm.Get("server"))
	p.onTheirServer(w, r, d.Server, desk.ActorID(p.site.Post(d.Root)), func(problem string) {
		d.Problem = problem
		p.answer(w, r, http.StatusUnprocessableEntity, "incident", p.incidentFrame(r, d))
	})
}

// incidentFeed is the Atom feed of one incident.
func (p *Pages) incidentFeed(w http.ResponseWriter, r *http.Request) {
	v, id := p.voice(r), desk.IncidentID(mux.Vars(r)["id"])
	var d feedData
	err := p.app.View(r.Context(), func(tx *app.Tx) error {
		i, err := publicIncident(tx, id)
		if err != nil {
			return err
		}
		d = feedData{Title: i.Title, Home: p.site.URL + i.Path(), Atom: p.site.URL + i.Path() + ".atom", Language: cmp.Or(i.Language, v.Code), Veil: v.T("post.sensitive"), Changed: i.StatusAt}
		words, err := wordsOf(tx, i.Incident, entriesInFeed)
		for _, w := range words {
			if at := changed(w.Post); at.After(d.Changed) {
				d.Changed = at
			}
			d.Entries = append(d.Entries, entry{w.Post, i.By.Name, p.site.Profile(i.By.Handle)})
		}
		return err
	})
	if err != nil {
		p.fail(w, r, err)
		return
	}
	body, mediaType, err := d.atom()
	p.sendFeed(w, r, d, body, mediaType, err)
}
