package console

import (
	"fmt"
	"net/http"

	"earshot/internal/api"
	"earshot/internal/desk"
	"earshot/internal/locale"
)

// problem is what an error is called. Its details stay in English: they are
// those of the API and of the command line.
func problem(l *locale.Language, p api.Problem) string {
	if key := fmt.Sprintf("console_error.%d", p.Status); l.Has(key) {
		return l.T(key)
	}
	return p.Title
}

// fail shows an error in words. What is our own fault is told to the log, with
// the id that the page shows.
func (c *Console) fail(v *visit, err error) {
	p := api.ProblemOf(err)
	if p.Code == desk.CodeInternal {
		p.Request = v.w.Header().Get(api.HeaderRequest)
		c.log.Error("a page of the console failed", "method", v.Method, "path", v.URL.Path, "request_id", p.Request, "err", err)
	}
	if err := c.send(v, p.Status, "error", frame{Title: problem(v.speech, p), Data: p}); err != nil {
		c.log.Error("an error page could not be shown", "err", err)
		http.Error(v.w, "something went wrong here; the log has the details", http.StatusInternalServerError)
	}
}
