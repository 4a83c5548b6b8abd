package public

import (
	"bytes"
	"embed"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"earshot/internal/style"
)

//go:embed static
var staticFiles embed.FS

// assets are the files the pages refer to.
type assets struct {
	style  string           // the stylesheet's name
	font   string           // path of the part of the font that every page needs, "" in a build without it
	byName map[string]asset // by names that say their content, so that they may be cached for ever
	icon   []byte
}

type asset struct {
	mediaType string
	body      []byte
}

func loadAssets() (a assets, err error) {
	own, err := staticFiles.ReadFile("static/style.css")
	if err != nil {
		return a, err
	}
	sheet, fonts, err := style.Sheet(own)
	if err != nil {
		return a, err
	}
	file := style.Named("style.css", sheet)
	a.style, a.byName = file.Name, map[string]asset{file.Name: {"text/css; charset=utf-8", sheet}}
	for n, part := range fonts {
		if n == 0 {
			a.font = "/static/" + part.Name
		}
		a.byName[part.Name] = asset{style.FontType, part.Body}
	}
	a.icon, err = staticFiles.ReadFile("static/favicon.svg")
	return a, err
}

func (p *Pages) static(w http.ResponseWriter, r *http.Request) {
	name := mux.Vars(r)["file"]
	f, ok := p.assets.byName[name]
	if sheet, is := style.Colour(name); is {
		f, ok = asset{"text/css; charset=utf-8", sheet}, true
	}
	if !ok {
		p.Error(w, r, http.StatusNotFound)
		return
	}
	serveAsset(w, r, f.mediaType, "public, max-age=31536000, immutable", f.body)
}

func (p *Pages) favicon(w http.ResponseWriter, r *http.Request) {
	serveAsset(w, r, "image/svg+xml", "public, max-age=86400", p.assets.icon)
}

// robotsText keeps crawlers away from pages that are not for them. /issues/ is
// left open: only who reads a page can see that it says noindex.
const robotsText = `User-agent: *
Disallow: /console/
Disallow: /api/
Disallow: /activities/
`

func (p *Pages) robots(w http.ResponseWriter, r *http.Request) {
	serveAsset(w, r, "text/plain; charset=utf-8", "public, max-age=86400", []byte(robotsText))
}

func serveAsset(w http.ResponseWriter, r *http.Request, mediaType, cache string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Cache-Control", cache)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("ETag", `W/"`+style.Checksum(body)+`"`) // weak: it may be compressed on its way
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
