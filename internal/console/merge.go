package console

import (
	"net/http"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
)

// merge makes the chosen issue a part of this one.
func (c *Console) merge(v *visit) error {
	i, err := c.app.Merge(v.Context(), v.by(), app.MergeInput{Into: v.issueID(), Issue: desk.IssueID(v.PostFormValue("other"))})
	if desk.ErrorCode(err) == desk.CodeStale || desk.ErrorCode(err) == desk.CodeConflict { // the page comes back, on what there is now
		return c.showLink(v, http.StatusConflict, mistakeIn(v.speech, err))
	}
	if err != nil {
		return err
	}
	return v.back(i.ID, "merge")
}

// move gives an issue to another desk.
func (c *Console) move(v *visit) error {
	_, err := c.app.MoveIssue(v.Context(), v.by(), app.MoveInput{Issue: v.issueID(), To: desk.Handle(v.PostFormValue("to_desk"))})
	if err != nil {
		return c.outdated(v, err)
	}
	return v.back(v.issueID(), "move")
}

// outdated shows the issue again if something newer came than the page had on which a change
// was decided.
func (c *Console) outdated(v *visit, err error) error {
	if desk.ErrorCode(err) == desk.CodeStale {
		return c.again(v, err)
	}
	return err
}

// again shows an issue after something newer came: the form is on the page, on what
// there is now.
func (c *Console) again(v *visit, stale error) error {
	d := draft{Key: id.New(), Seen: v.seen()}
	if err := c.moved(v, &d, stale); err != nil {
		return err
	}
	return c.showIssue(v, http.StatusConflict, &d)
}
