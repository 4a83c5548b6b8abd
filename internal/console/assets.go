package console

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"time"

	"github.com/gorilla/mux"

	"earshot/internal/style"
)

// The files in static/vendor come from npm when the program is built, by
// `make assets`, and are in no repository. Without them everything works, but
// no page follows what happens.
//
//go:embed static
var staticFiles embed.FS

// The browser library, in the order in which it is loaded.
var library = []string{"vendor/htmx.min.js", "vendor/hx-sse.min.js"}

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

// loadStyle loads the style with the font, or that of a build without it. Every page
// asks for the font before it reads the style: panes may change for hours without another page.
func (a *assets) loadStyle() (address string, err error) {
	own, err := staticFiles.ReadFile("static/console.css")
	if err != nil {
		return "", err
	}
	sheet, fonts, err := style.Sheet(own)
	if err != nil {
		return "", err
	}
	for n, part := range fonts {
		a.byName[part.Name] = asset{part.Body, style.FontType}
		if n == 0 {
			a.Font = Root + "/static/" + part.Name
		}
	}
	return a.add("console.css", sheet), nil
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
	served := style.Named(path.Base(name), b).Name
	a.byName[served] = asset{b, mime.TypeByExtension(path.Ext(name))}
	return Root + "/static/" + served
}

// static serves an asset for ever: another content has another name.
func (c *Console) static(w http.ResponseWriter, r *http.Request) {
	name := mux.Vars(r)["file"]
	f, ok := c.assets.byName[name]
	if sheet, is := style.Colour(name); is {
		f, ok = asset{sheet, "text/css; charset=utf-8"}, true
	}
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
