package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"time"

	"github.com/gorilla/mux"
)

// The files in static/vendor come from npm when the program is built, by
// `make assets`, and are in no repository. Without them everything works, but
// no page follows what happens.
//
//go:embed static
var staticFiles embed.FS

// The browser library, in the order in which it is loaded.
var library = []string{"vendor/htmx.min.js", "vendor/hx-sse.min.js"}

// font is a part of the console's font, which a browser asks for if a page has a
// character of it: together they are about 30 kB. Other scripts are shown in the font of the system.
type font struct{ file, characters string }

// The characters are those that the npm package says.
var fonts = []font{
	{"vendor/figtree-latin-wght-normal.woff2", "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"},
	{"vendor/figtree-latin-ext-wght-normal.woff2", "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C4,U+2113,U+2C60-2C7F,U+A720-A7FF"},
}

// asset is a file under the name that says its content.
type asset struct {
	body      []byte
	mediaType string
}

type assets struct {
	byName  map[string]asset
	Style   string   // addresses, for the pages
	Font    string   // that every page needs, "" in a build without it
	Scripts []string // ours last
	Push    string   // the script of the page for notifications
	Setup   string   // the script of the first steps
	worker  []byte   // the service worker, which has one address for ever
}

func loadAssets() (a assets, err error) {
	a.byName = map[string]asset{}
	if a.Style, err = a.loadStyle(); err != nil {
		return a, err
	}
	for _, name := range library {
		address, err := a.load(name)
		if errors.Is(err, fs.ErrNotExist) {
			a.Scripts = nil // half a library is no use
			break
		}
		if err != nil {
			return a, err
		}
		a.Scripts = append(a.Scripts, address)
	}
	for _, name := range []string{"console.js", "visit.js", "thread.js", "search.js"} {
		ours, err := a.load(name)
		if err != nil {
			return a, err
		}
		a.Scripts = append(a.Scripts, ours)
	}
	if a.Push, err = a.load("push.js"); err != nil {
		return a, err
	}
	if a.Setup, err = a.load("setup.js"); err != nil {
		return a, err
	}
	a.worker, err = staticFiles.ReadFile("static/worker.js")
	return a, err
}

// loadStyle loads the style with the font, or that of a build without it.
func (a *assets) loadStyle() (address string, err error) {
	style, err := staticFiles.ReadFile("static/console.css")
	if err != nil {
		return "", err
	}
	for _, f := range fonts {
		at, err := a.load(f.file)
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return "", err
		}
		if a.Font == "" {
			a.Font = at
		}
		// Nothing moves when it comes late: it is then shown from the next page on. So every page
		// asks for it before it reads the style, as panes may change for hours without another page.
		style = fmt.Appendf(style, "@font-face { font-family: Figtree; font-weight: 300 900; font-display: optional; src: url(%s) format(\"woff2\"); unicode-range: %s; }\n", path.Base(at), f.characters)
	}
	return a.add("console.css", style), nil
}

func (a assets) load(name string) (address string, err error) {
	b, err := staticFiles.ReadFile("static/" + name)
	if err != nil {
		return "", err
	}
	return a.add(name, b), nil
}

// add serves a file under a name that says its content.
func (a assets) add(name string, b []byte) (address string) {
	kind := mime.TypeByExtension(path.Ext(name))
	if path.Ext(name) == ".woff2" { // not every system knows it
		kind = "font/woff2"
	}
	served := fmt.Sprintf("%x", sha256.Sum256(b))[:16] + "-" + path.Base(name)
	a.byName[served] = asset{b, kind}
	return Root + "/static/" + served
}

// static serves an asset for ever: another content has another name.
func (c *Console) static(w http.ResponseWriter, r *http.Request) {
	f, ok := c.assets.byName[mux.Vars(r)["file"]]
	if !ok {
		http.Error(w, "there is no such file", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", f.mediaType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}

// worker serves the service worker. Browsers look for another one at this address.
func (c *Console) worker(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(c.assets.worker))
}

// manifest serves what a phone needs to put the console on its Home Screen: some send
// notifications to pages there only.
func (c *Console) manifest(w http.ResponseWriter, _ *http.Request) {
	type icon struct {
		Source string `json:"src"`
		Sizes  string `json:"sizes"`
		Type   string `json:"type"`
	}
	body, err := json.Marshal(struct {
		Name    string `json:"name"`
		Short   string `json:"short_name"`
		ID      string `json:"id"`
		Start   string `json:"start_url"`
		Scope   string `json:"scope"`
		Display string `json:"display"`
		Icons   []icon `json:"icons"`
	}{"Earshot " + string(c.site.HandleDomain), "Earshot", Root + "/", Root + "/", Root + "/", "standalone", []icon{{"/favicon.svg", "any", "image/svg+xml"}}})
	if err != nil {
		http.Error(w, "the manifest cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	_, _ = w.Write(body)
}
