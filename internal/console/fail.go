package console

import (
	"fmt"
	"net/http"

	"earshot/internal/api"
	"earshot/internal/desk"
	"earshot/internal/locale"
)

// failure is what an error page shows.
type failure struct {
	api.Problem
	Says sentence // the error, and the next step
}

func failureOf(l *locale.Language, err error) failure {
	return failure{api.ProblemOf(err), mistakeIn(l, err)}
}

// problem is what an error is called.
func problem(l *locale.Language, p api.Problem) string {
	if key := fmt.Sprintf("console_error.%d", p.Status); l.Has(key) {
		return l.T(key)
	}
	return p.Title
}

// fail shows an error in words. An error of our own goes to the log, with the
// id that the page shows.
func (c *Console) fail(v *visit, err error) {
	p := failureOf(v.speech, err)
	if p.Code == desk.CodeInternal {
		p.Request = v.w.Header().Get(api.HeaderRequest)
		c.log.Error("a page of the console failed", "method", v.Method, "path", v.URL.Path, "request_id", p.Request, "err", err)
	}
	if err := c.send(v, p.Status, "error", frame{Title: problem(v.speech, p.Problem), Data: p}); err != nil {
		c.log.Error("an error page could not be shown", "err", err)
		http.Error(v.w, "something went wrong here; the log has the details", http.StatusInternalServerError)
	}
}
