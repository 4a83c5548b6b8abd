package delivery

import (
	"net/http"
	"strings"
	"time"

	"earshot/internal/queue"
	"earshot/store"
)

// verdict is what an HTTP status means for a delivery.
type verdict int

const (
	temporary verdict = iota // try again
	delivered
	refused // the signature was not taken
	moved   // there is no such inbox
	final   // never
)

// classify reads an HTTP status; 0 means that no answer came.
func classify(status int) verdict {
	switch {
	case status/100 == 2:
		return delivered
	case status == http.StatusUnauthorized:
		return refused
	case status == http.StatusNotFound:
		return moved
	case status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status == http.StatusTooEarly:
		return temporary
	case status/100 == 4 || status/100 == 3:
		return final // redirects are never followed: a signature is for one place
	}
	return temporary
}

// backoff makes about eight attempts in the first hour, then slows down.
var backoff = queue.Backoff{First: 15 * time.Second, Max: maxPause}

// thread returns the thread of a job's lane.
func thread(j store.Job) string {
	_, t, _ := strings.Cut(j.Lane, " ")
	return t
}
