package public

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/locale"
	"earshot/internal/templates"
)

// Deps are the parts that the pages need.
type Deps struct {
	App         *app.App
	Site        desk.Site
	Peers       Peers // who asks other servers
	LookupLimit Limit // how often one address may make us ask; nil: any number of times
	Log         *slog.Logger
}

// Pages are the public pages.
type Pages struct {
	app     *app.App
	site    desk.Site
	log     *slog.Logger
	speech  *locale.Catalogue
	pages   templates.Set[page]
	assets  assets
	lookups lookups
}

// New reads the languages and the assets; a mistake in one shows here.
func New(d Deps) (*Pages, error) {
	p := &Pages{app: d.App, site: d.Site, log: d.Log, lookups: newLookups(d)}
	var err error
	if p.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if p.speech, err = locale.Load(); err != nil {
		return nil, err
	}
	p.pages = pagesOf(p.speech, "home", "desk", "post", "issue", "incidents", "incident", "follow", "listening", "genuine", "stop", "mail_off", "error")
	return p, nil
}

// Handler answers the paths that are for people only, and unknown paths with an
// error page. /desks/HANDLE and /posts/ID are not among them: the caller
// decides by Accept, and calls Desk, Post and Incident.
//
// A form counts only from a page of ours: http.CrossOriginProtection.
func (p *Pages) Handler() http.Handler {
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.Error(w, r, http.StatusForbidden) }))
	if err := own.AddTrustedOrigin(p.site.URL); err != nil {
		p.log.Error("the instance's address is no origin", "url", p.site.URL, "err", err)
	}
	return own.Handler(p.routes())
}

func (p *Pages) routes() *mux.Router {
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
	get("/incidents", p.incidentsPage)
	get("/incidents/{id:[0-9a-f-]+}", func(w http.ResponseWriter, r *http.Request) {
		p.Incident(w, r, desk.IncidentID(mux.Vars(r)["id"]))
	})
	get("/incidents/{id:[0-9a-f-]+}.atom", p.incidentFeed)
	for path, h := range p.statuspage() {
		get("/"+path, h)
		get(StatusRoot+path, h)
	}
	get("/listening", p.listening)
	get("/.well-known/earshot", p.card)
	get("/is-it-you", p.genuine)
	get("/feed.{format:atom|json}", p.feed)
	get("/feeds/{handle}.{format:atom|json}", p.feed)
	get("/static/{file}", p.static)
	get("/files/{id}", p.file)
	get("/pictures/{handle}/{role:icon|header}-{version}", p.picture)
	get("/favicon.svg", p.favicon)
	get("/favicon.ico", p.favicon)
	get("/robots.txt", p.robots)
	get("/follow", p.followForm)
	get("/stop", p.stopForm)
	get(mailOffPath, p.mailOffForm)
	r.HandleFunc(mailOffPath, p.mailOff).Methods(http.MethodPost)
	r.HandleFunc("/follow", p.follow).Methods(http.MethodPost)
	r.HandleFunc("/incidents/{id:[0-9a-f-]+}/too", p.tooForm).Methods(http.MethodPost)
	r.HandleFunc("/stop", p.stopAsk).Methods(http.MethodPost)
	r.HandleFunc("/stop/check", p.stopCheck).Methods(http.MethodPost)
	r.MethodNotAllowedHandler = http.HandlerFunc(p.methodNotAllowed)
	r.NotFoundHandler = p.notRouted(r)
	return r
}

func (p *Pages) methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	allow := "GET, HEAD"
	switch {
	case r.URL.Path == "/stop/check" || strings.HasSuffix(r.URL.Path, "/too"):
		allow = "POST"
	case r.URL.Path == "/follow" || strings.HasPrefix(r.URL.Path, "/mail/") || strings.HasPrefix(r.URL.Path, "/stop"):
		allow = "GET, HEAD, POST"
	}
	w.Header().Set("Allow", allow)
	p.Error(w, r, http.StatusMethodNotAllowed)
}
