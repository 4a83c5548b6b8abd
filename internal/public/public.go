package public

import (
	"html/template"
	"log/slog"
	"net/http"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// Deps is what the pages need.
type Deps struct {
	App  *app.App
	Site desk.Site
	Log  *slog.Logger
}

// Pages are the public pages.
type Pages struct {
	app    *app.App
	site   desk.Site
	log    *slog.Logger
	pages  map[string]*template.Template
	assets assets
}

// New reads the templates and the assets; a mistake in one shows here.
func New(d Deps) (*Pages, error) {
	p := &Pages{app: d.App, site: d.Site, log: d.Log}
	var err error
	if p.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	p.pages, err = parsePages("home", "desk", "post", "issue", "error")
	return p, err
}

// Handler answers the paths that are for people only, and with an error page
// what is nobody's. /desks/HANDLE and /posts/ID are not among them: whoever
// decides there by Accept calls Desk and Post.
func (p *Pages) Handler() http.Handler {
	r := mux.NewRouter().SkipClean(true)
	get := func(path string, h http.HandlerFunc) {
		r.HandleFunc(path, h).Methods(http.MethodGet, http.MethodHead)
	}
	get("/", p.Home)
	get("/@{handle}", func(w http.ResponseWriter, r *http.Request) {
		p.Desk(w, r, desk.Handle(mux.Vars(r)["handle"]))
	})
	get("/issues/{id}", func(w http.ResponseWriter, r *http.Request) {
		p.Issue(w, r, desk.IssueID(mux.Vars(r)["id"]))
	})
	get("/static/{file}", p.static)
	get("/favicon.svg", p.favicon)
	get("/favicon.ico", p.favicon)
	get("/robots.txt", p.robots)
	r.MethodNotAllowedHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", "GET, HEAD")
		p.Error(w, r, http.StatusMethodNotAllowed)
	})
	r.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.Error(w, r, http.StatusNotFound)
	})
	return r
}
