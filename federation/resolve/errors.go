package resolve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"earshot/federation/as"
	"earshot/internal/safehttp"
)

// Kind says what a failure means for the requested document.
type Kind int

// The kinds.
const (
	Temporary    Kind = iota + 1 // timeouts, network, 408, 429, 5xx, a firewall's 403, or we are too busy: later
	Unauthorized                 // 401: our signature was not accepted
	Refused                      // 403 in JSON, as ActivityPub servers say it: they do not want us
	NotFound                     // 404
	Gone                         // 410, or a Tombstone
	Invalid                      // wrong media type, id or form; forbidden address; blocked; our own host
)

func (k Kind) String() string {
	names := [...]string{"", "temporary", "unauthorized", "refused", "not found", "gone", "invalid"}
	if k < 1 || int(k) >= len(names) {
		return "unknown"
	}
	return names[k]
}

// Error is the failure of every method of a Resolver. It may be shared between
// callers.
type Error struct {
	Kind       Kind
	URL        string        // that was asked for
	Status     int           // of the answer; 0 if there was none
	RetryAfter time.Duration // the wish of the peer, or of our own budget; 0 without one
	Err        error         // nil where Status says it all

	// own: it says something about us at this moment, not about the peer, and
	// is not remembered.
	own bool
}

func (e *Error) Error() string {
	s := "fetch " + e.URL + ": " + e.Kind.String()
	if e.Status != 0 {
		s += fmt.Sprintf(" (status %d)", e.Status)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of an error of this package: Temporary for an error
// of any other, 0 for nil.
func KindOf(err error) Kind {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Temporary
}

// Own says whether an error of this package tells something about us at this
// moment, and nothing about the peer.
func Own(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.own
}

func invalid(url string, err error) *Error { return &Error{Kind: Invalid, URL: url, Err: err} }

// ours is a failure that is no fault of the peer.
func ours(url string, err error) *Error {
	return &Error{Kind: Temporary, URL: url, Err: err, own: true}
}

// asError puts err into the form this package promises.
func asError(url string, err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if safehttp.Permanent(err) {
		return invalid(url, err)
	}
	return &Error{Kind: Temporary, URL: url, Err: err, own: errors.Is(err, context.Canceled)}
}

var errFirewall = errors.New("the answer is not JSON, so a firewall or proxy gave it, and not the ActivityPub server")

// statusError returns what an answer without a document means.
func statusError(url string, response *safehttp.Response, now time.Time) *Error {
	e := &Error{Kind: kindOfStatus(response.Status), URL: url, Status: response.Status}
	if e.Kind == Refused && !isJSONObject(response) {
		e.Kind, e.Err = Temporary, errFirewall
	}
	if e.Kind == Temporary {
		e.RetryAfter = safehttp.RetryAfter(response.Header, now)
	}
	return e
}

// isJSONObject says whether an answer is one that an ActivityPub server gives to
// who asks for a document: a firewall answers with a page.
func isJSONObject(response *safehttp.Response) bool {
	mediaType := as.MediaType(response.Header.Get("Content-Type"))
	if mediaType != "application/json" && !strings.HasSuffix(mediaType, "+json") {
		return false
	}
	var object map[string]json.RawMessage
	return json.Unmarshal(response.Body, &object) == nil && object != nil
}

func kindOfStatus(status int) Kind {
	switch status {
	case http.StatusGone:
		return Gone
	case http.StatusNotFound:
		return NotFound
	case http.StatusForbidden:
		return Refused
	case http.StatusUnauthorized:
		return Unauthorized
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return Temporary
	}
	if status >= 500 {
		return Temporary
	}
	return Invalid
}
