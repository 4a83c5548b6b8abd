package federation

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"earshot/federation/as"
	"earshot/federation/as/build"
	"earshot/federation/httpsig"
	"earshot/federation/inbox"
	"earshot/federation/webfinger"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/problem"
	"earshot/store"
)

// Handler answers requests of servers and browsers for our actors and posts. It
// expects paths without percent-encoding: the server refuses others.
func (f *Federation) Handler() http.Handler { return f.router }

func (f *Federation) routes() *mux.Router {
	// One flat router: subrouters of gorilla/mux answer a wrong method with 404.
	r := mux.NewRouter().SkipClean(true)
	for _, p := range webfinger.Paths() {
		r.Handle(p, f.finger)
	}
	get := func(path string, h func(http.ResponseWriter, *http.Request) error) {
		r.Handle(path, f.handle(h)).Methods(http.MethodGet, http.MethodHead)
	}
	r.Handle("/inbox", f.inbox).Methods(http.MethodPost)
	r.Handle("/relay/inbox", http.HandlerFunc(f.relayInbox)).Methods(http.MethodPost)
	r.Handle("/desks/{handle}/inbox", f.handle(f.personalInbox)).Methods(http.MethodPost)
	get("/relay", f.relay)
	get("/desks/{handle}", f.desk)
	get("/@{handle}", f.desk) // the address that people copy from the address bar into a search
	for _, c := range []string{"outbox", "followers", "following", "featured"} {
		get("/relay/"+c, f.relayCollection)
	}
	get("/desks/{handle}/outbox", f.outboxCollection)
	get("/desks/{handle}/followers", f.followersCollection)
	get("/desks/{handle}/following", f.emptyCollection)
	get("/desks/{handle}/featured", f.featuredCollection)
	get("/posts/{id}", f.post)
	get("/posts/{id}/replies", f.repliesCollection)
	get("/posts/{id}/quotes/{hash}", f.quoteAuthorization)
	get("/issues/{id}/thread", f.thread)
	get("/incidents/{id:[0-9a-f-]+}", f.incident)
	get("/activities/{id}/{verb}", f.activity)
	get("/activities/{id}/{verb}/{n:[0-9]+}", f.activity)
	r.MethodNotAllowedHandler = http.HandlerFunc(f.methodNotAllowed)
	r.NotFoundHandler = http.HandlerFunc(f.notRouted)
	return r
}

// shared are the folders in which others have addresses too: a page of an issue
// is for people, and a feed of an incident.
var shared = []string{"/.well-known/", "/issues/", "/incidents/"}

// folders lists the folders in which federation alone has addresses.
func folders(r *mux.Router) (out []string) {
	_ = r.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		if err != nil {
			return err
		}
		folder, _, below := strings.Cut(path[1:], "/")
		if folder = "/" + folder + "/"; strings.HasPrefix(path, "/@") {
			folder, below = "/@", true
		}
		if below && !slices.Contains(shared, folder) && !slices.Contains(out, folder) {
			out = append(out, folder)
		}
		return nil
	})
	return out
}

// Routed says whether Handler is to answer a request: its path is a route, or
// in a folder of federation's, where Handler says that there is nothing, or it may
// be one of our addresses in another spelling.
func (f *Federation) Routed(r *http.Request) bool {
	var m mux.RouteMatch
	f.router.Match(r, &m)
	return !errors.Is(m.MatchErr, mux.ErrNotFound) || f.inFolder(r) || f.misspelt(r)
}

func (f *Federation) inFolder(r *http.Request) bool {
	return slices.ContainsFunc(f.folders, func(folder string) bool { return strings.HasPrefix(r.URL.Path, folder) })
}

// methodNotAllowed names the allowed methods: POST for an inbox, GET and HEAD
// elsewhere.
func (f *Federation) methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	allow := "GET, HEAD"
	if r.URL.Path == "/inbox" || strings.HasSuffix(r.URL.Path, "/inbox") {
		allow = "POST"
	}
	w.Header().Set("Allow", allow)
	problem.Write(w, http.StatusMethodNotAllowed, problem.Problem{Detail: "this takes " + allow}, nil)
}

// handle turns the error of a handler into an answer.
func (f *Federation) handle(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost && f.misspelt(r) {
			f.notRouted(w, r)
			return
		}
		err := h(w, r)
		var no *denied
		switch {
		case err == nil:
		case errors.Is(err, errNothing):
			if !f.respelled(w, r) {
				f.fail(w, r, http.StatusNotFound, "there is nothing here")
			}
		case errors.As(err, &no):
			if no.status == http.StatusTooManyRequests || no.status == http.StatusServiceUnavailable {
				w.Header().Set("Retry-After", "60")
			}
			problem.Write(w, no.status, problem.Problem{Detail: no.reason}, nil)
		case desk.ErrorCode(err) == desk.CodeInvalid:
			f.fail(w, r, http.StatusBadRequest, desk.ErrorMessage(err))
		default:
			f.unavailable(w, r, err)
		}
	})
}

// unavailable answers when the store does not.
func (f *Federation) unavailable(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == nil {
		f.d.Log.Error("answering a request failed", "path", r.URL.Path, "err", err)
	}
	w.Header().Set("Retry-After", "60")
	f.fail(w, r, http.StatusServiceUnavailable, "this cannot be answered right now")
}

// fail answers a machine with a problem, and a browser with a page.
func (f *Federation) fail(w http.ResponseWriter, r *http.Request, status int, reason string) {
	if strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "text/html") && !as.PrefersActivityPub(r.Header.Values("Accept")...) {
		f.d.Pages.Error(w, r, status)
		return
	}
	problem.Write(w, status, problem.Problem{Detail: reason}, nil)
}

var errNothing = errors.New("there is nothing here")

// deskOf returns the desk a path names.
func (f *Federation) deskOf(r *http.Request) (desk.Handle, error) {
	h := desk.Handle(mux.Vars(r)["handle"])
	_, ok, err := f.d.App.Desk(r.Context(), h)
	if err == nil && !ok {
		err = errNothing
	}
	return h, err
}

func (f *Federation) relayInbox(w http.ResponseWriter, r *http.Request) {
	f.inbox.ServeHTTP(w, r.WithContext(inbox.ToRelay(r.Context())))
}

func (f *Federation) personalInbox(w http.ResponseWriter, r *http.Request) error {
	h, err := f.deskOf(r)
	if errors.Is(err, errNothing) {
		f.inbox.NoDesk(r)
	}
	if err != nil {
		return err
	}
	f.inbox.ServeHTTP(w, r.WithContext(inbox.InInbox(r.Context(), h)))
	return nil
}

// desk shows a desk's actor to servers, its page to people.
func (f *Federation) desk(w http.ResponseWriter, r *http.Request) error {
	h, err := f.deskOf(r)
	if err != nil {
		return err
	}
	if !as.PrefersActivityPub(r.Header.Values("Accept")...) {
		f.d.Pages.Desk(w, r, h)
		return nil
	}
	doc, _, err := f.outbox.DeskDoc(r.Context(), h)
	if err != nil {
		return err
	}
	f.keyShown(r, h)
	return f.actor(w, doc)
}

// keyShown notes whose server sees an actor with its newest keys, as far as the
// request says so. Nothing is verified here: servers that verify each other's
// requests for keys never end.
func (f *Federation) keyShown(r *http.Request, h desk.Handle) {
	keyID, err := httpsig.KeyIDOf(r)
	if err != nil {
		return
	}
	host, err := desk.HostOf(keyID)
	if err != nil {
		return
	}
	if err := f.d.App.KeyShown(r.Context(), h, host); err != nil {
		f.d.Log.Warn("who was shown new keys cannot be noted", "actor", h, "host", host, "err", err)
	}
}

// relay shows the instance's own actor. Everyone gets it without a signature: a
// server that verifies our fetches must read it first.
func (f *Federation) relay(w http.ResponseWriter, r *http.Request) error {
	doc, err := f.outbox.RelayDoc(r.Context())
	if err != nil {
		return err
	}
	f.keyShown(r, desk.RelayHandle)
	return f.actor(w, doc)
}

func (f *Federation) actor(w http.ResponseWriter, doc build.ActorDoc) error {
	body, err := build.Actor(doc)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, body, "public, max-age=180")
	return nil
}

// write sends a document. Vary: the same address is a page to a browser.
func write(w http.ResponseWriter, status int, body []byte, cache string) {
	w.Header().Set("Content-Type", as.ContentType)
	w.Header().Set("Cache-Control", cache)
	w.Header().Add("Vary", "Accept")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// post shows one of our posts: as a page, or as it was sent.
func (f *Federation) post(w http.ResponseWriter, r *http.Request) error {
	if as.PrefersActivityPub(r.Header.Values("Accept")...) {
		return f.document(w, r)
	}
	f.d.Pages.Post(w, r, desk.PostID(mux.Vars(r)["id"]))
	return nil
}

// incident leads servers to the first post of a published incident, and shows people
// its page.
func (f *Federation) incident(w http.ResponseWriter, r *http.Request) error {
	id := desk.IncidentID(mux.Vars(r)["id"])
	if !as.PrefersActivityPub(r.Header.Values("Accept")...) {
		f.d.Pages.Incident(w, r, id)
		return nil
	}
	v, err := f.d.App.ShowIncident(r.Context(), id)
	if desk.ErrorCode(err) == desk.CodeNotFound || err == nil && v.Incident.Hidden() {
		return errNothing
	}
	if err != nil {
		return err
	}
	w.Header().Add("Vary", "Accept")
	w.Header().Set("Cache-Control", "public, no-cache")
	http.Redirect(w, r, string(f.d.App.Site().Post(v.Incident.Root)), http.StatusSeeOther)
	return nil
}

// activity sends an activity to servers, and people to the post it is about.
func (f *Federation) activity(w http.ResponseWriter, r *http.Request) error {
	if as.PrefersActivityPub(r.Header.Values("Accept")...) {
		return f.document(w, r)
	}
	_, ok, err := f.publicPost(r.Context(), desk.PostID(mux.Vars(r)["id"]))
	if err != nil {
		return err
	}
	if !ok {
		return f.document(w, r)
	}
	w.Header().Add("Vary", "Accept")
	http.Redirect(w, r, "/posts/"+mux.Vars(r)["id"], http.StatusSeeOther)
	return nil
}

// document serves a stored document, byte for byte. One that is not public
// exists only for the signed GET of an addressee (CVE-2025-66402).
func (f *Federation) document(w http.ResponseWriter, r *http.Request) error {
	id := f.d.App.Site().URL + r.URL.Path
	var d struct {
		found, gone, public bool
		json                json.RawMessage
		addressed           []desk.ActorID
	}
	err := f.d.App.View(r.Context(), func(tx *app.Tx) error {
		doc, ok, err := tx.Documents().Get(id)
		d.found, d.gone, d.public, d.json, d.addressed = ok, doc.Gone, doc.Public, doc.JSON, doc.Addressed
		return err
	})
	if err != nil {
		return err
	}
	if !d.found {
		return errNothing
	}
	cache := forOne
	if d.public {
		if cache, err = f.admit(w, r); err != nil {
			return err
		}
	} else {
		varies(w)
		if !f.mayRead(r, d.addressed) {
			return errNothing
		}
	}
	status := http.StatusOK
	if d.gone {
		status = http.StatusGone
	}
	write(w, status, d.json, cache)
	return nil
}

// cursorError: a page that was never handed out is the asker's mistake.
func cursorError(err error) error {
	if errors.Is(err, store.ErrCursor) {
		return desk.Invalid("public_page_not_found", "there is no such page")
	}
	return err
}
