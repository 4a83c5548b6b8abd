package console

import (
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/locale"
)

// status changes an issue's status silently: the reporter gets no post.
func (c *Console) status(v *visit) error {
	in := app.StatusInput{Issue: v.issueID(), Because: v.PostFormValue("because"), Change: desk.StatusChange{
		To: desk.Status(v.PostFormValue("status")), Reason: desk.Reason(v.PostFormValue("reason")), Next: strings.TrimSpace(v.PostFormValue("next"))}}
	_, err := c.app.SetStatus(v.Context(), v.by(), in)
	if desk.ErrorCode(err) == desk.CodeStale {
		return c.again(v, err)
	}
	if err != nil {
		return err
	}
	return v.back(in.Issue, "status")
}

// offerStatuses says what the menu of the status offers: every status that an agent sets
// by hand, and to close it for each reason that needs no word.
func (t *thread) offerStatuses(l *locale.Language) {
	for _, s := range []desk.Status{desk.StatusAcknowledged, desk.StatusInProgress, desk.StatusWaiting, desk.StatusFixed} {
		if s != t.Issue.Status {
			t.Statuses = append(t.Statuses, s)
		}
	}
	for _, r := range reasons(l) {
		switch {
		case t.Issue.Status == desk.StatusClosed && t.Issue.Reason == r.Key:
		case r.Key == desk.ReasonNotOurs: // which says where to go: the form beside the menu asks
		default:
			t.Closes = append(t.Closes, r)
		}
	}
}
