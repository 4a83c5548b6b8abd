package public

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"
)

//go:embed static
var staticFiles embed.FS

// assets are the files the pages refer to.
type assets struct {
	style     []byte
	styleName string // with its checksum, so that it may be cached for ever
	icon      []byte
}

func loadAssets() (a assets, err error) {
	if a.style, err = staticFiles.ReadFile("static/style.css"); err != nil {
		return a, err
	}
	a.styleName = fmt.Sprintf("style-%s.css", checksum(a.style))
	a.icon, err = staticFiles.ReadFile("static/favicon.svg")
	return a, err
}

// checksum is enough of a hash to tell two versions of a text apart.
func checksum(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b))[:16] }

func (p *Pages) static(w http.ResponseWriter, r *http.Request) {
	if hex, ok := strings.CutPrefix(mux.Vars(r)["file"], "colour-"); ok {
		p.colour(w, r, hex)
		return
	}
	if mux.Vars(r)["file"] != p.assets.styleName {
		p.Error(w, r, http.StatusNotFound)
		return
	}
	serveAsset(w, r, "text/css; charset=utf-8", "public, max-age=31536000, immutable", p.assets.style)
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
	h.Set("ETag", `W/"`+checksum(body)+`"`) // weak: it may be compressed on its way
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
