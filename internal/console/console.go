package console

import (
	"html/template"
	"log/slog"
	"net/http"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
)

// Root is the path everything is below.
const Root = "/console"

// Deps is what the console needs.
type Deps struct {
	App      *app.App
	Site     desk.Site
	Log      *slog.Logger
	Accounts *auth.Accounts
}

// Console is the agents' pages.
type Console struct {
	app      *app.App
	site     desk.Site
	log      *slog.Logger
	accounts *auth.Accounts
	pages    map[string]*template.Template
	assets   assets
}

// New reads the templates and the assets; a mistake in one shows here.
func New(d Deps) (*Console, error) {
	c := &Console{app: d.App, site: d.Site, log: d.Log, accounts: d.Accounts}
	var err error
	if c.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	c.pages, err = parsePages("issues", "broadcasts", "desks", "sources", "silence", "queue", "people", "audit", "you", "signin", "welcome", "error")
	return c, err
}

// page is an action of somebody who is signed in.
type page func(*visit) error

// Handler answers everything below Root.
func (c *Console) Handler() http.Handler {
	r := mux.NewRouter().SkipClean(true)
	r.Path(Root+"/static/{file}").Methods(http.MethodGet, http.MethodHead).HandlerFunc(c.static)
	get := func(path string, p page) {
		r.Path(Root+path).Methods(http.MethodGet, http.MethodHead).Handler(c.signedIn(p))
	}
	post := func(path string, p page) { r.Path(Root + path).Methods(http.MethodPost).Handler(c.signedIn(p)) }

	open := func(path, method string, f http.HandlerFunc) { r.Path(Root + path).Methods(method).HandlerFunc(f) }
	open("/sign-in", http.MethodGet, c.signIn)
	open("/sign-in", http.MethodPost, c.enter)
	open("/welcome", http.MethodGet, c.welcome)
	open("/welcome", http.MethodPost, c.settle)

	get("", c.home)
	get("/", c.home)
	get("/issues", c.issues)
	get("/issues/{id}", c.issue)
	post("/issues/{id}/say", c.say)
	post("/issues/{id}/status", c.status)
	post("/issues/{id}/assign", c.assign)
	post("/issues/{id}/undo", c.undo)
	post("/several", c.several)
	post("/posts/retract", c.retract)

	get("/broadcasts", c.broadcasts)
	post("/broadcasts", allowed(desk.ScopePublish, c.broadcast))
	post("/broadcasts/undo", allowed(desk.ScopePublish, c.undoBroadcast))
	get("/desks", allowed(desk.ScopeAdmin, c.desks))
	post("/desks", allowed(desk.ScopeAdmin, c.addDesk))
	post("/desks/edit", allowed(desk.ScopeAdmin, c.editDesk))
	get("/sources", allowed(desk.ScopeAdmin, c.sources))
	post("/sources", allowed(desk.ScopeAdmin, c.addSource))
	post("/sources/check", allowed(desk.ScopeAdmin, c.checkSource))
	post("/sources/remove", allowed(desk.ScopeAdmin, c.removeSource))
	get("/silence", allowed(desk.ScopeAdmin, c.silence))
	post("/silence/block", allowed(desk.ScopeAdmin, c.addBlock))
	post("/silence/unblock", allowed(desk.ScopeAdmin, c.removeBlock))
	post("/silence/optout", allowed(desk.ScopeAdmin, c.addOptOut))
	post("/silence/release", allowed(desk.ScopeAdmin, c.removeOptOut))
	get("/people", allowed(desk.ScopeAdmin, c.people))
	post("/people", allowed(desk.ScopeAdmin, c.addPerson))
	post("/people/edit", allowed(desk.ScopeAdmin, c.editPerson))
	post("/people/link", allowed(desk.ScopeAdmin, c.linkPerson))
	get("/audit", allowed(desk.ScopeAdmin, c.audit))
	get("/you", c.you)
	post("/you/password", c.changePassword)
	post("/you/sessions/end", c.endSession)
	post("/you/passkeys/remove", c.removePasskey)
	post("/sign-out", c.leave)
	get("/queue", allowed(desk.ScopeAdmin, c.queue))
	post("/queue/retry", allowed(desk.ScopeAdmin, c.retryJob))
	post("/queue/drop", allowed(desk.ScopeAdmin, c.dropJob))

	r.NotFoundHandler = c.signedIn(func(v *visit) error { return desk.NotFound("there is no page %s", v.URL.Path) })
	r.MethodNotAllowedHandler = r.NotFoundHandler
	return c.accounts.Protect(r)
}
