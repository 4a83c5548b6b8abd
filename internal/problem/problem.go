// Package problem writes errors as application/problem+json (RFC 9457,
// FEP-c180).
package problem

import (
	"encoding/json"
	"maps"
	"net/http"
)

const (
	// ContentType is the media type of a problem.
	ContentType = "application/problem+json"
	// HeaderRequest is the response header with the id by which a request is
	// found in the log.
	HeaderRequest = "X-Request-Id"
)

// Problem describes a failed request. An empty member is left out: a problem
// without a type is "about:blank", whose title is that of the status.
type Problem struct {
	Type   string
	Title  string // "" for the text of the status
	Detail string // for people: says what to do next
}

// Write answers with a problem. extra holds members beyond those of RFC 9457
// (nil: no more), and must not repeat those. A failure of ours carries the
// request's id, by which the log tells more.
func Write(w http.ResponseWriter, status int, p Problem, extra map[string]any) {
	body := map[string]any{"status": status}
	maps.Copy(body, extra)
	if p.Title == "" {
		p.Title = http.StatusText(status)
	}
	members := map[string]string{"type": p.Type, "title": p.Title, "detail": p.Detail}
	if status >= http.StatusInternalServerError {
		members["request_id"] = w.Header().Get(HeaderRequest)
	}
	for name, value := range members {
		if value != "" {
			body[name] = value
		}
	}
	w.Header().Set("Content-Type", ContentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
