package api

import (
	"context"
	"errors"
	"net/http"

	"earshot/internal/desk"
	"earshot/internal/problem"
	"earshot/store"
)

// Problem is an error in JSON (RFC 9457).
type Problem struct {
	Type    string    `json:"type"` // the error's stable id, as an address below problemRoot
	Code    desk.Code `json:"code"`
	Title   string    `json:"title"`
	Status  int       `json:"status"`
	Detail  string    `json:"detail"`               // for people: names the mistake
	Request string    `json:"request_id,omitempty"` // also in the log, with 5xx
}

// problemRoot is where the types of problems are described. It is a full path,
// as RFC 9457 (section 3.1.1) wants it of a relative address: it means the same
// in the answer to every request.
const problemRoot = Root + "/problems/"

// ProblemOf is the one place in which errors become HTTP answers. Errors
// without a code keep their text for the log.
func ProblemOf(err error) Problem {
	err = Coded(err)
	id, code := desk.ErrorID(err), desk.ErrorCode(err)
	status := statusOfError(id, code)
	return Problem{Type: problemRoot + id, Code: code, Title: http.StatusText(status), Status: status, Detail: desk.ErrorMessage(err)}
}

// statusOfError is that of its code, with two exceptions.
func statusOfError(id string, c desk.Code) int {
	switch id {
	case idTooLarge:
		return http.StatusRequestEntityTooLarge
	case idMethod:
		return http.StatusMethodNotAllowed
	}
	return statusOf(c)
}

const (
	idTooLarge = "request_too_large"
	idMethod   = "method_not_allowed"
)

// Coded gives the store's errors, and that of a body without end, a code, an id and words for people. All others
// stay as they are.
func Coded(err error) error {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return desk.Invalid(idTooLarge, "a request has at most %d bytes", large.Limit)
	}
	switch {
	case desk.ErrorCode(err) != desk.CodeInternal:
		return err
	case errors.Is(err, store.ErrCursor):
		return desk.Invalid("cursor_unknown", "`after` is not a cursor of this list: take it from the header X-Next, and ask with the same filters")
	case errors.Is(err, store.ErrText):
		return desk.Invalid("text_invalid", "a text must be valid UTF-8 without NUL")
	case errors.Is(err, store.ErrFull):
		return desk.Unavailable("store_full", "there is no room left on the disk, or the store has reached its max_size: make room and try again")
	case errors.Is(err, store.ErrClosed):
		return desk.Unavailable("store_closed", "the store is closed: the server is stopping")
	case errors.Is(err, store.ErrUnavailable):
		return desk.Unavailable("database_unreachable", "the database cannot be reached right now; try again")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return desk.Unavailable("took_too_long", "this took too long; try again")
	}
	return err
}

// statusOf maps a code to an HTTP status.
func statusOf(c desk.Code) int {
	switch c {
	case desk.CodeInvalid:
		return http.StatusBadRequest
	case desk.CodeStale:
		return http.StatusPreconditionFailed
	case desk.CodeReused:
		return http.StatusUnprocessableEntity
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

// write sends the problem.
func (p Problem) write(w http.ResponseWriter) {
	switch p.Code {
	case desk.CodeUnavailable:
		w.Header().Set("Retry-After", "30")
	case desk.CodeRateLimited:
		w.Header().Set("Retry-After", "60")
	case desk.CodeUnauthenticated:
		w.Header().Set("WWW-Authenticate", `Bearer realm="earshot"`)
	}
	problem.Write(w, p.Status, problem.Problem{Type: p.Type, Title: p.Title, Detail: p.Detail}, map[string]any{"code": p.Code})
}
