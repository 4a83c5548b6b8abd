package console

import (
	"fmt"
	"net/http"
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// several does one thing to all the issues that were marked. What could not be
// done to some is said; the others are done.
func (c *Console) several(v *visit) error {
	ids := v.PostForm["issue"]
	if len(ids) == 0 {
		return desk.Invalid("no issue is marked: mark some first")
	}
	if len(ids) > pageSize {
		return desk.Invalid("at most %d issues at once", pageSize)
	}
	do, ok := deeds[v.PostFormValue("do")]
	if !ok {
		return desk.Invalid("what shall be done to them?")
	}
	var failed []string
	for _, id := range ids {
		by := v.by()
		if by.Key != "" {
			by.Key += ":" + id
		}
		if err := do(c, v, by, desk.IssueID(id)); desk.ErrorCode(err) == desk.CodeInternal {
			return err
		} else if err != nil {
			failed = append(failed, desk.ErrorMessage(err))
		}
	}
	if len(failed) > 0 {
		return desk.Conflict("done for %d of %d; not for the others: %s", len(ids)-len(failed), len(ids), strings.Join(failed, "; "))
	}
	q := queryOf(v.PostForm)
	q.said = "bulk"
	http.Redirect(v.w, v.Request, q.List(), http.StatusSeeOther)
	return nil
}

// deed is something that can be done to several issues at once. Nothing of it
// says a word to a reporter: each of them is answered by a person.
type deed func(*Console, *visit, app.By, desk.IssueID) error

var deeds = map[string]deed{
	"mine":         assignTo(func(v *visit) string { return string(v.agent.Email) }),
	"nobody":       assignTo(func(*visit) string { return "" }),
	"acknowledged": setTo(desk.StatusChange{To: desk.StatusAcknowledged}),
	"in_progress":  setTo(desk.StatusChange{To: desk.StatusInProgress}),
	"not_a_call":   setTo(desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotACall}),
	"duplicate":    setTo(desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonDuplicate}),
}

func assignTo(who func(*visit) string) deed {
	return func(c *Console, v *visit, by app.By, id desk.IssueID) error {
		_, err := c.app.Assign(v.Context(), by, id, who(v))
		return named(id, err)
	}
}

func setTo(change desk.StatusChange) deed {
	return func(c *Console, v *visit, by app.By, id desk.IssueID) error {
		_, err := c.app.SetStatus(v.Context(), by, app.StatusInput{Issue: id, Change: change})
		return named(id, err)
	}
}

// named says of which issue an error is.
func named(id desk.IssueID, err error) error {
	code := desk.ErrorCode(err)
	if code == "" || code == desk.CodeInternal {
		return err
	}
	return &desk.Error{Code: code, Message: fmt.Sprintf("…%s: %s", id[max(0, len(id)-6):], desk.ErrorMessage(err))}
}
