package public

import (
	"errors"
	"fmt"
	"net/http"

	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/internal/problem"
	"earshot/store"
)

// The two ways in which there is nothing to show.
var (
	errNotFound = errors.New("there is no such page")
	errGone     = errors.New("there was such a page")
)

// Error answers with a page that names the error and the next step. It asks
// nothing of the store. Headers such as Allow and Retry-After are the caller's
// to set.
func (p *Pages) Error(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	request := h.Get(problem.HeaderRequest)
	if request == "" {
		request = id.New()
		h.Set(problem.HeaderRequest, request)
	}
	for _, k := range []string{"ETag", "Last-Modified", "Content-Length", "Content-Encoding", "Link"} {
		h.Del(k)
	}
	v := p.voice(r)
	data := errorData{Status: status, Key: errorKey(v, status), Request: request}
	body, err := p.render(r, "error", frame{Title: v.T(data.Key), NoIndex: true, Data: data})
	if err != nil {
		p.log.Error("rendering an error page", "request_id", request, "err", err)
		http.Error(w, http.StatusText(status), status)
		return
	}
	p.pageHeaders(h, r, nowhere)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // nobody is left to tell
	}
}

type errorData struct {
	Status  int
	Key     string // key of its title; with _more, of the next step
	Request string
}

func errorKey(v voice, status int) string {
	if key := fmt.Sprintf("error.%d", status); v.Has(key) {
		return key
	}
	if status >= http.StatusInternalServerError {
		return "error.500"
	}
	return "error.other"
}

// fail answers what a page's function returned.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case err == nil:
	case r.Context().Err() != nil: // nobody waits for the answer
	case errors.Is(err, errGone):
		p.Error(w, r, http.StatusGone)
	case errors.Is(err, errNotFound), errors.Is(err, store.ErrCursor), errors.Is(err, store.ErrText),
		desk.ErrorCode(err) == desk.CodeNotFound:
		p.Error(w, r, http.StatusNotFound)
	default:
		status := http.StatusInternalServerError
		if store.Passing(err) {
			status = http.StatusServiceUnavailable
			w.Header().Set("Retry-After", "60")
		}
		p.Error(w, r, status)
		p.log.Error("showing a page", "path", r.URL.Path, "request_id", w.Header().Get(problem.HeaderRequest), "err", err)
	}
}
