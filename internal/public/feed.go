package public

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/internal/style"
)

const (
	entriesInFeed = 20
	titleInFeed   = 80 // characters
)

// feedData is the broadcasts of a desk, or of all, for every format.
type feedData struct {
	Title, Home, Atom, JSON string // absolute
	Language                string
	Veil                    string // what stands for sensitive pictures
	Changed                 time.Time
	Entries                 []entry
}

type entry struct {
	desk.Post
	By, ByURL string
}

// words are what the entry says, after its warning: a reader of feeds folds nothing.
func (e entry) words() string {
	if e.Warning == "" {
		return e.Text
	}
	return e.Warning + "\n\n" + e.Text
}

// html is what the entry says, with its pictures. Sensitive ones are a link to where they are
// folded.
func (e entry) html(veil string) string {
	out := markup.Render(e.words(), nil)
	if e.Sensitive && len(e.Attachments) > 0 {
		return out + `<p><a href="` + html.EscapeString(string(e.Object)) + `">` + html.EscapeString(veil) + "</a></p>"
	}
	for _, a := range e.pictures() {
		out += fmt.Sprintf(`<p><img src="%s" width="%d" height="%d" alt="%s"></p>`, html.EscapeString(a.URL), a.Width, a.Height, html.EscapeString(a.Alt))
	}
	return out
}

// pictures are those that a reader of feeds may show at once.
func (e entry) pictures() []desk.Attachment {
	if e.Sensitive {
		return nil
	}
	return e.Attachments
}

// at is when the entry was last changed.
func (e entry) at() time.Time { return changed(e.Post) }

func changed(p desk.Post) time.Time {
	if p.Updated.After(p.PublishedAt) {
		return p.Updated
	}
	return p.PublishedAt
}

// feed answers with a feed. A desk is named in the path, or else all are meant.
func (p *Pages) feed(w http.ResponseWriter, r *http.Request) {
	format, v := mux.Vars(r)["format"], p.voice(r)
	d, err := p.feedData(r, v, desk.Handle(mux.Vars(r)["handle"]))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	body, mediaType, err := d.json()
	if format == "atom" {
		body, mediaType, err = d.atom()
	}
	p.sendFeed(w, r, d, body, mediaType, err)
}

// sendFeed answers with what a format made of a feed.
func (p *Pages) sendFeed(w http.ResponseWriter, r *http.Request, d feedData, body []byte, mediaType string, err error) {
	if err != nil {
		p.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Language", d.Language)
	h.Set("Vary", "Accept-Language")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cache-Control", "public, no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("ETag", `W/"`+style.Checksum(body)+`"`) // weak: it may be compressed on its way
	http.ServeContent(w, r, "", d.Changed, bytes.NewReader(body))
}

func (p *Pages) feedData(r *http.Request, v voice, only desk.Handle) (d feedData, err error) {
	err = p.app.View(r.Context(), func(tx *app.Tx) error {
		desks, err := tx.Desks().All()
		if err != nil {
			return err
		}
		d = feedData{Title: v.T("feed.all", "domain", p.site.HandleDomain), Home: p.site.URL + "/", Language: v.Code, Veil: v.T("post.sensitive"),
			Atom: p.site.URL + "/feed.atom", JSON: p.site.URL + "/feed.json"}
		if only != "" {
			desks = slices.DeleteFunc(desks, func(k desk.Desk) bool { return k.Handle != only })
			if len(desks) == 0 {
				return errNotFound
			}
			d = feedData{Title: v.T("feed.title", "name", desks[0].Name), Home: p.site.Profile(only), Language: v.Code, Veil: d.Veil,
				Atom: p.site.URL + feedPath(only, "atom"), JSON: p.site.URL + feedPath(only, "json")}
		}
		for _, k := range desks {
			if err := d.add(tx, p.site, k); err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortStableFunc(d.Entries, func(a, b entry) int { return cmp.Compare(b.PublishedAt.UnixMicro(), a.PublishedAt.UnixMicro()) })
	d.Entries = d.Entries[:min(len(d.Entries), entriesInFeed)]
	return d, err
}

// add adds what a desk said. A deletion changes the feed too.
func (d *feedData) add(tx *app.Tx, site desk.Site, k desk.Desk) error {
	if k.Created.After(d.Changed) {
		d.Changed = k.Created
	}
	posts, _, err := said(tx, k.Handle, "", entriesInFeed, shown)
	for _, b := range posts {
		if at := changed(b); at.After(d.Changed) {
			d.Changed = at
		}
		if shown(b) {
			d.Entries = append(d.Entries, entry{b, k.Name, site.Profile(k.Handle)})
		}
	}
	return err
}

// feedPath is where a desk's feed is; "" means all desks.
func feedPath(h desk.Handle, format string) string {
	if h == "" {
		return "/feed." + format
	}
	return "/feeds/" + string(h) + "." + format
}

// The elements of RFC 4287.
type (
	atomFeed struct {
		XMLName   xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang      string      `xml:"xml:lang,attr"`
		ID        string      `xml:"id"`
		Title     string      `xml:"title"`
		Updated   string      `xml:"updated"`
		Links     []atomLink  `xml:"link"`
		Generator string      `xml:"generator"`
		Author    *atomAuthor `xml:"author,omitempty"` // where no entry has one
		Entries   []atomEntry `xml:"entry"`
	}
	atomLink struct {
		Rel   string `xml:"rel,attr"`
		Type  string `xml:"type,attr"`
		Href  string `xml:"href,attr"`
		Title string `xml:"title,attr,omitempty"`
	}
	atomAuthor struct {
		Name string `xml:"name"`
		URI  string `xml:"uri"`
	}
	atomEntry struct {
		Lang      string      `xml:"xml:lang,attr,omitempty"`
		ID        string      `xml:"id"`
		Title     string      `xml:"title"`
		Published string      `xml:"published"`
		Updated   string      `xml:"updated"`
		Links     []atomLink  `xml:"link"`
		Author    atomAuthor  `xml:"author"`
		Content   atomContent `xml:"content"`
	}
	atomContent struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	}
)

func feedTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// atom is the feed in Atom (RFC 4287).
func (d feedData) atom() (body []byte, mediaType string, err error) {
	f := atomFeed{Lang: d.Language, ID: d.Atom, Title: d.Title, Updated: feedTime(d.Changed), Generator: "Earshot",
		Links: []atomLink{{Rel: "self", Type: "application/atom+xml", Href: d.Atom}, {Rel: "alternate", Type: "text/html", Href: d.Home}}}
	if len(d.Entries) == 0 {
		f.Author = &atomAuthor{Name: d.Title, URI: d.Home}
	}
	for _, e := range d.Entries {
		links := []atomLink{{Rel: "alternate", Type: "text/html", Href: string(e.Object)}}
		for _, a := range e.pictures() {
			links = append(links, atomLink{"enclosure", a.MediaType, a.URL, a.Alt})
		}
		f.Entries = append(f.Entries, atomEntry{Lang: e.Language, ID: string(e.Object), Title: markup.Excerpt(e.words(), titleInFeed),
			Published: feedTime(e.PublishedAt), Updated: feedTime(e.at()), Links: links,
			Author: atomAuthor{e.By, e.ByURL}, Content: atomContent{"html", e.html(d.Veil)}})
	}
	body, err = xml.MarshalIndent(f, "", "  ")
	return append([]byte(xml.Header), body...), "application/atom+xml; charset=utf-8", err
}

// The objects of JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1).
type (
	jsonFeed struct {
		Version  string     `json:"version"`
		Title    string     `json:"title"`
		Home     string     `json:"home_page_url"`
		Feed     string     `json:"feed_url"`
		Language string     `json:"language"`
		Items    []jsonItem `json:"items"`
	}
	jsonItem struct {
		ID        string       `json:"id"`
		URL       string       `json:"url"`
		HTML      string       `json:"content_html"`
		Text      string       `json:"content_text"`
		Published string       `json:"date_published"`
		Modified  string       `json:"date_modified"`
		Language  string       `json:"language,omitempty"`
		Authors   []jsonAuthor `json:"authors"`
		Files     []jsonFile   `json:"attachments,omitempty"`
	}
	jsonFile struct {
		URL   string `json:"url"`
		Type  string `json:"mime_type"`
		Title string `json:"title,omitempty"`
	}
	jsonAuthor struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	}
)

// json is the feed as a JSON Feed.
func (d feedData) json() (body []byte, mediaType string, err error) {
	f := jsonFeed{Version: "https://jsonfeed.org/version/1.1", Title: d.Title, Home: d.Home, Feed: d.JSON, Language: d.Language, Items: []jsonItem{}}
	for _, e := range d.Entries {
		var files []jsonFile
		for _, a := range e.pictures() {
			files = append(files, jsonFile{a.URL, a.MediaType, a.Alt})
		}
		f.Items = append(f.Items, jsonItem{ID: string(e.Object), URL: string(e.Object), HTML: e.html(d.Veil), Text: e.words(),
			Published: feedTime(e.PublishedAt), Modified: feedTime(e.at()), Language: e.Language, Authors: []jsonAuthor{{e.By, e.ByURL}}, Files: files})
	}
	body, err = json.MarshalIndent(f, "", "  ")
	return body, "application/feed+json; charset=utf-8", err
}
