package public

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// listener is a desk on the listening card.
type listener struct {
	ID    desk.ActorID `json:"id"`
	Acct  string       `json:"acct"`
	Name  string       `json:"name"`
	URL   string       `json:"url"`
	Names []string     `json:"names"`
	Calls []string     `json:"calls"`
	Since time.Time    `json:"since"`
	path  string
}

// Path is the desk's page.
func (l listener) Path() string { return l.path }

// way is one way of hearing.
type way struct {
	Kind  string       `json:"kind"` // "inbox", or a kind of source
	Tag   string       `json:"tag,omitempty"`
	Actor desk.ActorID `json:"actor,omitempty"` // that is followed for it
	URL   string       `json:"url,omitempty"`   // of a server that is asked
	Since time.Time    `json:"since,omitzero"`
}

// heard holds the tags and sources of this instance.
type heard struct {
	Desks []listener
	Ways  []way
	Days  int // for which other people's words are kept
}

// waysAtMost bounds how many sources are listed.
const waysAtMost = 1000

func (p *Pages) heard(tx *app.Tx) (h heard, err error) {
	h = heard{Ways: []way{{Kind: app.Inbox}}, Desks: []listener{}, Days: int(p.app.WordsExpire() / (24 * time.Hour))}
	desks, err := tx.Desks().All()
	if err != nil {
		return h, err
	}
	for _, d := range desks {
		h.Desks = append(h.Desks, listener{ID: p.site.Desk(d.Handle), Acct: p.site.Acct(d.Handle), Name: d.Name, URL: p.site.Profile(d.Handle),
			Names: list(d.Names), Calls: list(d.Calls), Since: d.Created.UTC().Truncate(time.Second), path: "/@" + string(d.Handle)})
	}
	for after := ""; len(h.Ways) < waysAtMost; {
		sources, next, err := tx.Sources().List(store.Page{After: after})
		if err != nil {
			return h, err
		}
		for _, s := range sources {
			if s.State.Hears() {
				h.Ways = append(h.Ways, way{Kind: s.Kind, Tag: s.Tag(), Actor: s.Actor, URL: s.URL, Since: s.Accepted.UTC().Truncate(time.Second)})
			}
		}
		if after = next; next == "" {
			break
		}
	}
	return h, nil
}

// list is never null in JSON.
func list(s []string) []string { return append([]string{}, s...) }

// listening shows the listening card to people.
func (p *Pages) listening(w http.ResponseWriter, r *http.Request) {
	var h heard
	err := p.app.View(r.Context(), func(tx *app.Tx) (err error) { h, err = p.heard(tx); return err })
	if err == nil {
		v := p.voice(r)
		err = p.send(w, r, "listening", frame{Title: v.T("listening.title", "domain", p.site.HandleDomain), Description: v.T("listening.description", "domain", p.site.HandleDomain),
			Canonical: p.site.URL + "/listening", Kind: "website", Data: h})
	}
	p.fail(w, r, err)
}

// cardDocument is /.well-known/earshot, as FEDERATION.md describes it.
type cardDocument struct {
	Version   string       `json:"version"`
	Domain    desk.Host    `json:"domain"`
	URL       string       `json:"url"`
	Actor     desk.ActorID `json:"actor"`
	Page      string       `json:"page"`
	Languages []string     `json:"languages"`
	Desks     []listener   `json:"desks"`
	Sources   []way        `json:"sources"`
	Keeps     struct {
		Days int `json:"words_days"`
	} `json:"keeps"`
	OptOut optOut `json:"opt_out"`
	Feeds  feeds  `json:"feeds"`
}

type optOut struct {
	Page    string         `json:"page"`
	Block   []desk.ActorID `json:"block"`
	Reply   []string       `json:"reply"`
	Profile []string       `json:"profile_tags"`
}

type feeds struct {
	Atom string `json:"atom"`
	JSON string `json:"json"`
}

// cardVersion grows when a field changes its meaning; new fields may come without.
const cardVersion = "1.0"

// card shows the listening card to machines of any origin.
func (p *Pages) card(w http.ResponseWriter, r *http.Request) {
	var h heard
	err := p.app.View(r.Context(), func(tx *app.Tx) (err error) { h, err = p.heard(tx); return err })
	if err != nil {
		p.fail(w, r, err)
		return
	}
	c := cardDocument{Version: cardVersion, Domain: p.site.HandleDomain, URL: p.site.URL, Actor: p.site.Relay(), Page: p.site.URL + "/listening",
		Desks: h.Desks, Sources: h.Ways,
		OptOut: optOut{Page: p.site.URL + "/stop", Block: []desk.ActorID{p.site.Relay()}, Reply: []string{"stop"}, Profile: desk.NoBotTags()},
		Feeds:  feeds{Atom: p.site.URL + "/feed.atom", JSON: p.site.URL + "/feed.json"}}
	c.Keeps.Days = h.Days
	for _, l := range p.speech.Languages() {
		c.Languages = append(c.Languages, l.Code)
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(c); err != nil {
		p.fail(w, r, err)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	serveAsset(w, r, "application/json", "public, max-age=300", b.Bytes())
}
