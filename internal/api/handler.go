package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/backup"
	"earshot/internal/desk"
	"earshot/internal/doctor"
	"earshot/internal/drop"
	"earshot/internal/live"
	"earshot/internal/ratelimit"
	"earshot/store"
)

// Root is the path everything is below.
const Root = "/api/v1"

// Deps are the parts that the API needs.
type Deps struct {
	App      *app.App
	Accounts *auth.Accounts
	// Live tells of what happens; nil where no server runs.
	Live    *live.Hub
	Log     *slog.Logger
	Version string
	// Backup writes a backup of everything.
	Backup func(context.Context, io.Writer) (backup.Header, error)
	// Doctor looks whether the instance is well; thorough reads the whole
	// store, for which writers wait.
	Doctor func(ctx context.Context, thorough bool) doctor.Report
	// Drops is what was not kept since the server started; nil where none runs.
	Drops *drop.Log
	// Alert counts an alert by its source and what became of it: an app.AlertResult, or
	// the id of the error; nil: nobody counts.
	Alert func(source, result string)
}

type handler struct {
	app      *app.App
	accounts *auth.Accounts
	by       *auth.Accounts // who may what; nil: everybody may everything
	hub      *live.Hub
	log      *slog.Logger
	version  string
	backup   func(context.Context, io.Writer) (backup.Header, error)
	doctor   func(context.Context, bool) doctor.Report
	drops    *drop.Log
	counted  func(source, result string)
	senders  *ratelimit.Limits[string] // of alerts, by token
	router   *mux.Router
	methods  map[string][]string // by path template
}

// New returns the handler of everything below Root, for where everybody who
// can connect may do everything: the socket, and the command line itself.
func New(d Deps) http.Handler { return newHandler(d, nil) }

// NewPublic returns the handler for the network. A client brings an API token
// or the console's session, and may do what the table of routes allows.
func NewPublic(d Deps) http.Handler {
	crossed := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		ProblemOf(desk.Forbidden("other_site_api", "a page of another site may not do this")).write(w)
	})
	return auth.Protect(newHandler(d, d.Accounts), crossed)
}

func newHandler(d Deps, asked *auth.Accounts) http.Handler {
	// One flat router: subrouters of gorilla/mux answer a wrong method with 404.
	h := &handler{app: d.App, accounts: d.Accounts, by: asked, hub: d.Live, log: d.Log, version: d.Version, backup: d.Backup, doctor: d.Doctor, drops: d.Drops, counted: d.Alert, senders: ratelimit.New[string](maxAlertSenders), router: mux.NewRouter().SkipClean(true), methods: map[string][]string{}}
	for _, r := range routes() {
		h.add(r)
	}
	h.router.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ProblemOf(desk.NotFound("path_not_found", "there is no %s in this API", r.URL.Path)).write(w)
	})
	h.router.MethodNotAllowedHandler = http.HandlerFunc(h.methodNotAllowed)
	return h.router
}

// response is what a handler returns: a value for the body, and a cursor where
// a list goes on. A nil body is 204.
type response struct {
	body any
	next string
	by   string // the parameter of the cursor; "" for after
	tag  string // the version that is shown, for If-Match
}

// add registers a route.
func (h *handler) add(r route) {
	if r.need == needMachine && h.by != nil {
		return
	}
	methods := []string{r.method}
	if r.method == http.MethodGet && r.stream == nil { // every GET is also a HEAD (RFC 9110 §9.1)
		methods = append(methods, http.MethodHead)
	}
	h.methods[Root+r.path] = append(h.methods[Root+r.path], methods...)
	h.router.Path(Root + r.path).Methods(methods...).HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		who, err := h.who(req, r.need)
		agent := who.Agent
		if err == nil && h.by == nil && r.need != needNothing {
			agent, err = h.named(req)
		}
		if err == nil {
			req, err = req.WithContext(app.Within(req.Context(), agent)), known(req, r.query)
		}
		if err != nil {
			h.fail(w, req, err)
			return
		}
		if r.stream != nil {
			r.stream(h, w, req, who, agent)
			return
		}
		by := who.By("")
		if h.by == nil {
			by = app.By{Agent: agent.Email, Via: store.ViaMachine}
		}
		in, err := h.read(w, req, who, by, cmp.Or(r.most, maxBody))
		var out response
		if err == nil {
			out, err = r.do(h, in)
		}
		h.countAlert(r.alert, out, err)
		if err == nil {
			err = send(w, req, r.status, out)
		}
		if err != nil {
			h.fail(w, req, err)
		}
	})
}

// who finds out who asks, and refuses those who may not. Where everybody may
// everything, it is the admin on this machine.
func (h *handler) who(r *http.Request, need desk.Scope) (auth.Principal, error) {
	if h.by == nil || need == needNothing {
		return auth.Principal{}, nil
	}
	who, err := h.by.Authenticate(r)
	switch {
	case err != nil || need == needAnybody:
	case need == needAll && !who.MayAll():
		err = desk.Forbidden("scope_all_missing", "this concerns your account: sign in, or use a token with all the scopes that you have")
	case need != needAll && !who.May(need):
		err = desk.Forbidden("scope_missing", "this needs the scope %q: your role or this token does not have it", need)
	}
	return who, err
}

func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := ProblemOf(err)
	if p.Code == desk.CodeInternal {
		h.log.Error("a request to the API failed", "method", r.Method, "path", r.URL.Path, "request_id", w.Header().Get(HeaderRequest), "err", err)
	}
	p.write(w)
}

// send encodes before it writes, so that a failure can still be told.
func send(w http.ResponseWriter, r *http.Request, status int, a response) error {
	if a.body == nil {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(a.body); err != nil {
		return err
	}
	body := EscapeControls(b.Bytes())
	if a.next != "" {
		u := url.URL{Path: r.URL.Path}
		q := r.URL.Query()
		q.Set(cmp.Or(a.by, "after"), a.next)
		u.RawQuery = q.Encode()
		w.Header().Set("Link", "<"+u.String()+`>; rel="next"`)
		w.Header().Set(HeaderNext, url.QueryEscape(a.next))
	}
	if a.tag != "" {
		w.Header().Set("ETag", strconv.Quote(a.tag))
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if status != 0 {
		w.WriteHeader(status)
	}
	_, _ = w.Write(body)
	return nil
}

// methodNotAllowed names the allowed methods (RFC 9110 §15.5.6); gorilla/mux does
// not.
func (h *handler) methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for template, methods := range h.methods {
		if fits(template, r.URL.Path) {
			allow = append(allow, methods...)
		}
	}
	sort.Strings(allow)
	allow = slices.Compact(allow)
	w.Header().Set("Allow", strings.Join(allow, ", "))
	ProblemOf(desk.Invalid(idMethod, "%s takes %s", r.URL.Path, strings.Join(allow, ", "))).write(w)
}

// fits says whether a path has the shape of a template.
func fits(template, path string) bool {
	t, p := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(t, p, func(a, b string) bool { return a == b || strings.HasPrefix(a, "{") && b != "" })
}

// each converts a list.
func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for n, v := range in {
		out[n] = f(v)
	}
	return out
}
