package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/internal/problem"
	"earshot/store"
)

// The headers of our own.
const (
	HeaderKey     = "Idempotency-Key"
	HeaderAgent   = "X-Earshot-Agent"
	HeaderNext    = "X-Next"
	HeaderRequest = problem.HeaderRequest
)

const (
	maxBody int64 = 1 << 20
	maxKey        = 200
)

// request is one request with its body read.
type request struct {
	*http.Request
	body []byte
	by   app.By
	who  auth.Principal // nobody on this machine
}

// read reads the body.
func (h *handler) read(w http.ResponseWriter, r *http.Request, who auth.Principal, by app.By, most int64) (*request, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, err
	}
	if err != nil {
		return nil, desk.Invalid("request_unreadable", "the request could not be read")
	}
	if key := r.Header.Get(HeaderKey); len(key) > maxKey {
		return nil, desk.Invalid("header_too_long", "%s has at most %d characters", HeaderKey, maxKey)
	} else if key != "" {
		by.Key, by.Content = scoped(key, by.Agent, r), digest(body)
	}
	// An entry is only ever compared whole (RFC 9110 §13.1.1): one that a proxy weakened is
	// the same. * is whatever there is, which says nothing.
	if seen := r.Header.Get("If-Match"); seen != "*" {
		by.Seen = desk.EventID(strings.Trim(strings.TrimPrefix(seen, "W/"), `"`))
	}
	if len(by.Seen) > maxKey {
		return nil, desk.Invalid("header_too_long", "%s has at most %d characters", "If-Match", maxKey)
	}
	return &request{Request: r, body: body, by: by, who: who}, nil
}

// named returns the agent that is named by a request on this machine (believed, like the
// socket itself); nobody: it is the admin.
func (h *handler) named(r *http.Request) (desk.Agent, error) {
	name := r.Header.Get(HeaderAgent)
	if name == "" {
		return desk.Agent{}, nil
	}
	e, err := desk.ParseEmail(name)
	if err != nil {
		return desk.Agent{}, desk.Invalid("header_not_email", "%s is an e-mail address", HeaderAgent)
	}
	a, err := h.app.Agent(r.Context(), e)
	if err == nil && !a.Active() {
		err = desk.Forbidden("caller_disabled", "%s is disabled", e)
	}
	return a, err
}

// scoped makes a key belong to one caller and address: used for another, it
// must not bring back this one's result.
func scoped(key string, agent desk.Email, r *http.Request) string {
	h := sha256.New()
	for _, part := range []string{key, string(agent), r.Method, r.URL.RequestURI()} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// decode reads the body strictly: a misspelt field must not be ignored.
func (r *request) decode(into any) error {
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return desk.Invalid("body_unexpected", "the body does not fit this request: %s", jsonTrouble(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return desk.Invalid("body_more_than_one", "the body is more than one JSON value")
	}
	return nil
}

func jsonTrouble(err error) string {
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return "there is no field " + field
	}
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("the field %q cannot be a %s", t.Field, t.Value)
	}
	if errors.Is(err, io.EOF) {
		return "it is empty"
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// page reads limit and after.
func (r *request) page() (store.Page, error) {
	p := store.Page{After: r.URL.Query().Get("after")}
	s := r.URL.Query().Get("limit")
	if s == "" {
		p.Limit = 100
		return p, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > store.MaxLimit {
		return p, desk.Invalid("limit_invalid", "limit is a number from 1 to %d, not %q", store.MaxLimit, s)
	}
	p.Limit = n
	return p, nil
}

// time reads a time or a day of the query, the zero time without one.
func (r *request) time(name string) (time.Time, error) {
	s := r.query(name)
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, desk.Invalid("time_invalid", "%s is a day like 2026-03-01 or an RFC 3339 time, not %q", name, s)
}

// flag reads a yes or no of the query, under the first name that is given.
func (r *request) flag(names ...string) (bool, error) {
	for _, name := range names {
		s := r.URL.Query().Get(name)
		if s == "" {
			continue
		}
		v, err := strconv.ParseBool(s)
		if err != nil {
			return false, desk.Invalid("bool_invalid", "%s is true or false, not %q", name, s)
		}
		return v, nil
	}
	return false, nil
}

// known refuses parameters that do nothing: a misspelt filter would show
// everything.
func known(r *http.Request, names []string) error {
	for name := range r.URL.Query() {
		if slices.Contains(names, name) {
			continue
		}
		if len(names) == 0 {
			return desk.Invalid("parameter_none", "there is no parameter %q here; this address takes none", name)
		}
		return desk.Invalid("parameter_unknown", "there is no parameter %q here; there is %s", name, strings.Join(names, ", "))
	}
	return nil
}
