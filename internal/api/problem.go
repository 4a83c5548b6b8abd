package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"earshot/internal/desk"
	"earshot/store"
)

// Problem is an error in JSON (RFC 9457).
type Problem struct {
	Code    desk.Code `json:"code"`
	Title   string    `json:"title"`
	Status  int       `json:"status"`
	Detail  string    `json:"detail"`               // for people: says what to do next
	Request string    `json:"request_id,omitempty"` // also in the log, with 5xx
}

// ProblemOf is the one place in which errors become HTTP answers. Errors
// without a code keep their text for the log.
func ProblemOf(err error) Problem {
	p := Problem{Code: desk.ErrorCode(err), Detail: desk.ErrorMessage(err)}
	switch {
	case p.Code != desk.CodeInternal:
	case errors.Is(err, store.ErrCursor):
		p.Code, p.Detail = desk.CodeInvalid, "`after` is not a cursor of this list: take it from the header X-Next, and ask with the same filters"
	case errors.Is(err, store.ErrText):
		p.Code, p.Detail = desk.CodeInvalid, "a text must be valid UTF-8 without NUL"
	case errors.Is(err, store.ErrFull):
		p.Code, p.Detail = desk.CodeUnavailable, "there is no room left on the disk, or the store has reached its max_size: make room and try again"
	case errors.Is(err, store.ErrClosed):
		p.Code, p.Detail = desk.CodeUnavailable, "the store is closed: the server is stopping"
	case errors.Is(err, store.ErrUnavailable):
		p.Code, p.Detail = desk.CodeUnavailable, "the database cannot be reached right now; try again"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		p.Code, p.Detail = desk.CodeUnavailable, "this took too long; try again"
	}
	p.Status = statusOf(p.Code)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		p.Code, p.Detail, p.Status = desk.CodeInvalid, fmt.Sprintf("a request has at most %d bytes", maxBody), http.StatusRequestEntityTooLarge
	}
	p.Title = http.StatusText(p.Status)
	return p
}

// statusOf maps a code to an HTTP status.
func statusOf(c desk.Code) int {
	switch c {
	case desk.CodeInvalid:
		return http.StatusBadRequest
	case desk.CodeNotFound:
		return http.StatusNotFound
	case desk.CodeConflict:
		return http.StatusConflict
	case desk.CodeUnauthenticated:
		return http.StatusUnauthorized
	case desk.CodeRateLimited:
		return http.StatusTooManyRequests
	case desk.CodeForbidden:
		return http.StatusForbidden
	case desk.CodeUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// write sends the problem; what went wrong inside carries the request's id, by
// which the log tells more.
func (p Problem) write(w http.ResponseWriter) {
	if p.Status >= 500 {
		p.Request = w.Header().Get(HeaderRequest)
	}
	switch p.Code {
	case desk.CodeUnavailable:
		w.Header().Set("Retry-After", "30")
	case desk.CodeRateLimited:
		w.Header().Set("Retry-After", "60")
	case desk.CodeUnauthenticated:
		w.Header().Set("WWW-Authenticate", `Bearer realm="earshot"`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
