package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/backup"
	"earshot/internal/desk"
	"earshot/internal/doctor"
)

// Root is the path everything is below.
const Root = "/api/v1"

// Deps is what the API needs.
type Deps struct {
	App      *app.App
	Accounts *auth.Accounts
	Log      *slog.Logger
	Version  string
	// Backup writes a backup of everything.
	Backup func(context.Context, io.Writer) (backup.Header, error)
	// Doctor looks whether the instance is well; thorough reads the whole
	// store, for which writers wait.
	Doctor func(ctx context.Context, thorough bool) doctor.Report
}

type handler struct {
	app      *app.App
	accounts *auth.Accounts
	log      *slog.Logger
	version  string
	backup   func(context.Context, io.Writer) (backup.Header, error)
	doctor   func(context.Context, bool) doctor.Report
	router   *mux.Router
	methods  map[string][]string // by path template
}

// New returns the handler of everything below Root.
func New(d Deps) http.Handler {
	// One flat router: subrouters of gorilla/mux answer a wrong method with 404.
	h := &handler{app: d.App, accounts: d.Accounts, log: d.Log, version: d.Version, backup: d.Backup, doctor: d.Doctor, router: mux.NewRouter().SkipClean(true), methods: map[string][]string{}}
	h.routes()
	h.router.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ProblemOf(desk.NotFound("there is no %s in this API", r.URL.Path)).write(w)
	})
	h.router.MethodNotAllowedHandler = http.HandlerFunc(h.methodNotAllowed)
	return h.router
}

func (h *handler) routes() {
	h.on("GET", "/version", h.instance)
	h.on("GET", "/desks", h.listDesks)
	h.on("POST", "/desks", h.addDesk)
	h.on("GET", "/desks/{desk}", h.showDesk)
	h.on("PATCH", "/desks/{desk}", h.editDesk)
	h.on("POST", "/desks/{desk}/keys", h.rotateKey)
	h.on("GET", "/issues", h.listIssues)
	h.on("GET", "/issues/{id}", h.showIssue)
	h.on("POST", "/issues/{id}/reply", h.reply)
	h.on("POST", "/issues/{id}/comment", h.comment)
	h.on("POST", "/issues/{id}/status", h.setStatus)
	h.on("POST", "/issues/{id}/assign", h.assign)
	h.on("POST", "/issues/{id}/link", h.link)
	h.on("POST", "/issues/{id}/undo", h.undo)
	h.on("POST", "/posts/{id}/undo", h.undo)
	h.on("PATCH", "/posts/{id}", h.editPost)
	h.on("DELETE", "/posts/{id}", h.retractPost)
	h.on("GET", "/broadcasts", h.listBroadcasts)
	h.on("POST", "/broadcasts", h.broadcast)
	h.on("GET", "/sources", h.listSources)
	h.on("POST", "/sources", h.addSource)
	h.on("GET", "/sources/{id}", h.showSource)
	h.on("POST", "/sources/{id}/check", h.checkSource)
	h.on("DELETE", "/sources/{id}", h.removeSource)
	h.on("GET", "/blocks", h.listBlocks)
	h.on("POST", "/blocks", h.addBlock)
	h.on("DELETE", "/blocks", h.removeBlock)
	h.on("GET", "/optouts", h.listOptOuts)
	h.on("POST", "/optouts", h.addOptOut)
	h.on("DELETE", "/optouts", h.removeOptOut)
	h.on("GET", "/quarantine", h.listQuarantine)
	h.on("POST", "/quarantine/release", h.releaseQuarantine)
	h.on("POST", "/quarantine/drop", h.dropQuarantine)
	h.on("GET", "/queue", h.listJobs)
	h.on("GET", "/queue/counts", h.countJobs)
	h.on("POST", "/queue/retry", h.retryJob)
	h.on("POST", "/queue/drop", h.dropJob)
	h.on("GET", "/agents", h.listAgents)
	h.on("POST", "/agents", h.addAgent)
	h.on("GET", "/agents/{email}", h.showAgent)
	h.on("PATCH", "/agents/{email}", h.editAgent)
	h.on("POST", "/agents/{email}/link", h.linkAgent)
	h.on("GET", "/agents/{email}/sessions", h.listSessions)
	h.on("DELETE", "/agents/{email}/sessions/{id}", h.endSession)
	h.on("GET", "/tokens", h.listTokens)
	h.on("POST", "/tokens", h.addToken)
	h.on("DELETE", "/tokens/{id}", h.endToken)
	h.on("GET", "/audit", h.listActs)
	h.on("GET", "/doctor", h.showDoctor)
	h.on("POST", "/backups", h.noteBackup)
	h.stream("GET", "/backup", h.sendBackup)
}

// answer is what a handler returns: a value for the body, and a cursor where
// a list goes on. A nil body is 204.
type answer struct {
	status int // 0 means 200
	body   any
	next   string
}

func (h *handler) on(method, path string, f func(*request) (answer, error)) {
	h.methods[Root+path] = append(h.methods[Root+path], method)
	h.router.Path(Root + path).Methods(method).HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in, err := read(w, r)
		var out answer
		if err == nil {
			out, err = f(in)
		}
		if err == nil {
			err = send(w, r, out)
		}
		if err != nil {
			h.fail(w, r, err)
		}
	})
}

func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := ProblemOf(err)
	if p.Code == desk.CodeInternal {
		h.log.Error("a request to the API failed", "method", r.Method, "path", r.URL.Path, "request_id", w.Header().Get(HeaderRequest), "err", err)
	}
	p.write(w)
}

// send encodes before it writes, so that a failure can still be told.
func send(w http.ResponseWriter, r *http.Request, a answer) error {
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
	if a.next != "" {
		u := url.URL{Path: r.URL.Path}
		q := r.URL.Query()
		q.Set("after", a.next)
		u.RawQuery = q.Encode()
		w.Header().Set("Link", "<"+u.String()+`>; rel="next"`)
		w.Header().Set(HeaderNext, url.QueryEscape(a.next))
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	_, _ = w.Write(b.Bytes())
	return nil
}

// methodNotAllowed names what is allowed (RFC 9110 §15.5.6); gorilla/mux does not.
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
	Problem{Code: desk.CodeInvalid, Title: http.StatusText(http.StatusMethodNotAllowed), Status: http.StatusMethodNotAllowed,
		Detail: r.URL.Path + " takes " + strings.Join(allow, ", ")}.write(w)
}

// fits says whether a path has the shape of a template.
func fits(template, path string) bool {
	t, p := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(t, p, func(a, b string) bool { return a == b || strings.HasPrefix(a, "{") && b != "" })
}

func created(body any) answer { return answer{status: http.StatusCreated, body: body} }

// each converts a list.
func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for n, v := range in {
		out[n] = f(v)
	}
	return out
}
