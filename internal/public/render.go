package public

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/internal/locale"
	"earshot/internal/markup"
	"earshot/internal/style"
	"earshot/internal/templates"
)

//go:embed templates/*.html
var templateFiles embed.FS

// voice is the language of an answer. A choice with ?lang= stays in the links,
// and nowhere else.
type voice struct {
	*locale.Language
	chosen bool
}

// page is a template in one voice.
type page struct {
	name   string
	code   string // of the language
	chosen bool
}

func (p *Pages) voice(r *http.Request) voice {
	l, chosen := p.speech.Choose(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	return voice{l, chosen}
}

func pagesOf(speech *locale.Catalogue, names ...string) templates.Set[page] {
	out := templates.Set[page]{}
	for _, l := range speech.Languages() {
		for _, chosen := range []bool{false, true} {
			funcs := voice{l, chosen}.funcs()
			for _, name := range names {
				out.Add(page{name, l.Code, chosen}, templateFiles, funcs, "layout.html",
					"templates/layout.html", "templates/parts.html", "templates/"+name+".html")
			}
		}
	}
	return out
}

// funcs are the functions of the templates. The HTML that they return is
// escaped here.
func (v voice) funcs() template.FuncMap {
	return template.FuncMap{
		"t":    v.HTML,
		"text": v.T,
		"href": v.href,
		"time": v.time,
		"day":  v.Day,
		"feed": feedPath,
		"lang": v.hidden,
		// Render escapes all of our text and makes nothing but paragraphs, line
		// breaks and http(s) links of it. It gets only the plain text of desks,
		// never the HTML of others.
		"words": func(s string) template.HTML { return template.HTML(markup.Render(s, nil)) }, //nolint:gosec // see above
		"bdi":   func(s any) template.HTML { return element("bdi", "", fmt.Sprint(s)) },
		"code":  func(s any) template.HTML { return element("code", "", fmt.Sprint(s)) },
		"a":     func(href, text string) template.HTML { return element("a", href, text) },
		"origin": func(o origin) template.HTML {
			if o.URL == "" {
				return v.HTML("post.unlinked")
			}
			return template.HTML(`<a href="` + template.HTMLEscapeString(o.URL) + `" rel="nofollow ugc noopener noreferrer">` + //nolint:gosec // an http(s) address: link
				string(v.HTML("post.elsewhere", "host", element("bdi", "", string(o.Host)))) + `</a>`)
		},
	}
}

// element is one element around escaped text. href is an address of ours.
func element(name, href, text string) template.HTML {
	open := name
	if href != "" {
		open += ` href="` + template.HTMLEscapeString(href) + `"`
	}
	return template.HTML("<" + open + ">" + template.HTMLEscapeString(text) + "</" + name + ">") //nolint:gosec // escaped
}

// time is a time for people and machines.
func (v voice) time(at time.Time) template.HTML {
	return template.HTML(`<time datetime="` + at.UTC().Format(time.RFC3339) + `">` + template.HTMLEscapeString(v.Time(at)) + `</time>`) //nolint:gosec // escaped
}

// hidden keeps the chosen language in a form that is sent as a query.
func (v voice) hidden() template.HTML {
	if !v.chosen {
		return ""
	}
	return template.HTML(`<input type="hidden" name="lang" value="` + v.Code + `">`) //nolint:gosec // one of the catalogue's
}

// href is a path of ours, in the chosen language.
func (v voice) href(path string) string {
	if !v.chosen {
		return path
	}
	return withLanguage(path, v.Code)
}

func withLanguage(path, code string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	q := u.Query()
	q.Set("lang", code)
	u.RawQuery = q.Encode()
	return u.String()
}

// frame holds the parts that the layout needs on every page.
type frame struct {
	Title       string
	Description string // one line, for previews
	Canonical   string // absolute; "" on error pages
	Alternate   string // the same as ActivityStreams, "" for none
	Atom        string // path of a feed of this page alone, "" for none
	Kind        string // OpenGraph type
	NoIndex     bool
	Desk        desk.Handle // whose feeds and face are shown, "" for those of all
	Forms       formsTo
	Data        any

	// Filled in by render.
	Voice     voice
	Site      desk.Site
	Style     string
	Font      string
	Brand     brand
	Languages []choice
}

// choice is a language that can be chosen.
type choice struct {
	Code, Name, Href string
	Now              bool
}

// formsTo says where a page's forms may lead.
type formsTo int

const (
	nowhere formsTo = iota
	here            // to this server
	theirs          // to this server, and from there to the reader's own
)

// policy allows only the needs of the pages: our stylesheet, its font, our icon, and
// their forms. A redirect after a form counts as its target.
func (f formsTo) policy(site desk.Site) string {
	to := "'none'"
	switch f {
	case here:
		to = "'self'"
	case theirs:
		scheme, _, _ := strings.Cut(site.URL, ":")
		to = "'self' " + scheme + ":"
	}
	return "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; form-action " + to + "; frame-ancestors 'none'"
}

func (p *Pages) render(r *http.Request, name string, f frame) ([]byte, error) {
	f.Voice = p.voice(r)
	f.Site, f.Style, f.Font, f.Brand = p.site, "/static/"+p.assets.style, p.assets.font, p.brand(r, f.Desk)
	for _, l := range p.speech.Languages() {
		f.Languages = append(f.Languages, choice{l.Code, l.Name, withLanguage(r.URL.RequestURI(), l.Code), l == f.Voice.Language})
	}
	var b bytes.Buffer
	if err := p.pages.Show(&b, page{name, f.Voice.Code, f.Voice.chosen}, f); err != nil {
		return nil, fmt.Errorf("rendering the page %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// send answers with a page. It may be kept but is asked for again each time:
// an edit or a deletion shows at once. Vary: at the same address servers get
// ActivityStreams.
func (p *Pages) send(w http.ResponseWriter, r *http.Request, name string, f frame) error {
	body, err := p.render(r, name, f)
	if err != nil {
		return err
	}
	h := w.Header()
	p.pageHeaders(h, r, f.Forms)
	h.Set("Cache-Control", "public, no-cache")
	h.Set("ETag", `W/"`+style.Checksum(body)+`"`) // weak: it may be compressed on its way
	if f.NoIndex {
		h.Set("X-Robots-Tag", "noindex")
	}
	if f.Alternate != "" {
		h.Set("Link", fmt.Sprintf(`<%s>; rel="alternate"; type="application/activity+json"`, f.Alternate))
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	return nil
}

// answer answers a form with a page that is nobody else's.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request, status int, name string, f frame) {
	f.NoIndex = true
	body, err := p.render(r, name, f)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	h := w.Header()
	p.pageHeaders(h, r, f.Forms)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // nobody is left to tell
}

// pageHeaders are those of every page. The referrer stays among our own pages;
// without one a browser would not say either that a form comes from them.
func (p *Pages) pageHeaders(h http.Header, r *http.Request, f formsTo) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", p.voice(r).Code)
	h.Set("Content-Security-Policy", f.policy(p.site))
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept, Accept-Language")
}
