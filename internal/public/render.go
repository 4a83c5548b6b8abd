package public

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"earshot/internal/desk"
	"earshot/internal/markup"
)

//go:embed templates/*.html
var templateFiles embed.FS

func parsePages(names ...string) (map[string]*template.Template, error) {
	funcs := template.FuncMap{
		// Render escapes all of our text and makes nothing but paragraphs,
		// line breaks and http(s) links of it. It is given plain text of desks
		// only, never somebody else's HTML.
		"words": func(s string) template.HTML { return template.HTML(markup.Render(s, nil)) },
		"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"day":   func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
	}
	out := map[string]*template.Template{}
	for _, name := range names {
		t, err := template.New("layout.html").Funcs(funcs).ParseFS(templateFiles,
			"templates/layout.html", "templates/parts.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("reading the page %s: %w", name, err)
		}
		out[name] = t
	}
	return out, nil
}

// frame is what the layout needs of every page.
type frame struct {
	Title       string
	Description string // one line, for previews
	Canonical   string // absolute; "" on error pages
	Alternate   string // the same as ActivityStreams, "" for none
	Kind        string // OpenGraph type
	NoIndex     bool
	Site        desk.Site
	Style       string
	Data        any
}

// pagePolicy allows what the pages need: our stylesheet and our icon.
const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func (p *Pages) render(name string, f frame) ([]byte, error) {
	f.Site, f.Style = p.site, "/static/"+p.assets.styleName
	var b bytes.Buffer
	if err := p.pages[name].Execute(&b, f); err != nil {
		return nil, fmt.Errorf("rendering the page %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// send answers with a page. It may be kept but is asked for again each time:
// an edit or a deletion shows at once. Vary: at the same address servers get
// ActivityStreams.
func (p *Pages) send(w http.ResponseWriter, r *http.Request, name string, f frame) error {
	body, err := p.render(name, f)
	if err != nil {
		return err
	}
	h := w.Header()
	pageHeaders(h)
	h.Set("Cache-Control", "public, no-cache")
	h.Set("ETag", `"`+checksum(body)+`"`)
	if f.NoIndex {
		h.Set("X-Robots-Tag", "noindex")
	}
	if f.Alternate != "" {
		h.Set("Link", fmt.Sprintf(`<%s>; rel="alternate"; type="application/activity+json"`, f.Alternate))
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	return nil
}

func pageHeaders(h http.Header) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept")
}
