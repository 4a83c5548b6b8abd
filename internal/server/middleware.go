package server

import (
	"errors"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"earshot/internal/id"
	"earshot/internal/problem"
)

// headerRequest carries the id by which a request is found in the log.
const headerRequest = problem.HeaderRequest

// publicHandler is the middleware around the public handlers, outermost last.
func (s *Server) publicHandler() http.Handler {
	r := mux.NewRouter().SkipClean(true)
	r.Path("/livez").Handler(readOnly(live))
	r.Path("/readyz").Handler(readOnly(s.ready))
	r.PathPrefix("/").Handler(s.o.Admission.paced(s.o.Public))
	return s.identified(s.recovered(secured(s.plainPaths(r))))
}

// socketHandler is the API, and how the server is for those who cannot reach
// its public address.
func (s *Server) socketHandler() http.Handler {
	m := http.NewServeMux()
	m.Handle("/readyz", readOnly(s.ready))
	m.Handle("/", s.o.API)
	return s.identified(s.recovered(m))
}

func readOnly(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			problem.Write(w, http.StatusMethodNotAllowed, problem.Problem{Detail: "this takes GET, HEAD"}, nil)
			return
		}
		h(w, r)
	})
}

// identified gives every request an id and logs its outcome. It does not use a
// proxy's id: a client could have forged it.
func (s *Server) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		w.Header().Set(headerRequest, id.New())
		noted := &recorder{ResponseWriter: w}
		defer func() { s.observe(r, noted.status, time.Since(began)) }() // also of one that is cut off
		next.ServeHTTP(noted, r)
		from := r.RemoteAddr
		if a := ClientAddr(r, s.o.Proxies); a.IsValid() {
			from = a.String()
		}
		s.o.Log.Debug("request", "method", r.Method, "path", r.URL.Path, "status", noted.status, "bytes", noted.bytes,
			"took", time.Since(began), "from", from, "request_id", w.Header().Get(headerRequest))
	})
}

// recorder remembers the status and size of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (n *recorder) WriteHeader(status int) {
	if n.status == 0 {
		n.status = status
	}
	n.ResponseWriter.WriteHeader(status)
}

func (n *recorder) Write(b []byte) (int, error) {
	if n.status == 0 {
		n.status = http.StatusOK
	}
	written, err := n.ResponseWriter.Write(b)
	n.bytes += int64(written)
	return written, err
}

// Unwrap lets http.ResponseController reach the connection.
func (n *recorder) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// recovered keeps a handler's panic from closing the connection unanswered.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			s.o.Log.Error("a handler panicked", "method", r.Method, "path", r.URL.Path, "request_id", w.Header().Get(headerRequest),
				"panic", p, "stack", string(debug.Stack()))
			if n, ok := w.(*recorder); ok && n.status != 0 {
				panic(http.ErrAbortHandler) // half an answer must not look whole
			}
			problem.Write(w, http.StatusInternalServerError, problem.Problem{Detail: "something went wrong here; the log has the details"}, nil)
		}()
		next.ServeHTTP(w, r)
	})
}

// secured sets headers that limit the harm of other people's words on our
// pages.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		next.ServeHTTP(w, r)
	})
}

// plainPaths refuses a path that is not written plainly. None of our addresses
// needs percent-encoding, and a signature over one spelling must not be good
// for another. A GET with percent-encoding may be led to its own address.
func (s *Server) plainPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		plain, tidy := r.URL.EscapedPath() == r.URL.Path, clean(r.URL.Path)
		if !plain && tidy && s.o.Spelled != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			s.o.Spelled.ServeHTTP(w, r)
			return
		}
		if !plain || !tidy {
			problem.Write(w, http.StatusNotFound, problem.Problem{Detail: "there is nothing here: addresses of this server hold no percent-encoding, no empty and no dot segments"}, nil)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func clean(path string) bool {
	if !strings.HasPrefix(path, "/") {
		return false
	}
	for segment := range strings.SplitSeq(strings.TrimSuffix(path[1:], "/"), "/") {
		if segment == "." || segment == ".." || (segment == "" && path != "/") {
			return false
		}
	}
	return true
}
