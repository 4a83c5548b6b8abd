package delivery

import (
	"net/http"
	"strings"
	"time"

	"earshot/internal/app"
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

// refusedFor is how long to wait after both signatures were refused. After new
// keys others compare with the old ones for a while, GoToSocial for six hours: one
// hour later, and six hours after that, they may know better.
func refusedFor(t app.Delivery, now time.Time) time.Duration {
	switch {
	case !t.KeyChanged:
		return refusedPause
	case classify(t.Status) != refused:
		return time.Hour
	case now.Sub(t.At) < 2*time.Hour:
		return 6 * time.Hour
	}
	return refusedPause
}

// thread returns the thread of a job's lane.
func thread(j store.Job) string {
	_, t, _ := strings.Cut(j.Lane, " ")
	return t
}
