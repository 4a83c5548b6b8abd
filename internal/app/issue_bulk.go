package app

import (
	"context"
	"time"

	"earshot/internal/desk"
)

// MaxBulk is how many issues are changed at once.
const MaxBulk = 100

// BulkInput is a change of many issues.
type BulkInput struct {
	Issues   []desk.IssueID
	Change   desk.StatusChange // To "" leaves the status
	Assignee *desk.Email       // nil changes no assignee
	Into     desk.IssueID      // the issue into which they are merged, "" for none
	Snooze   *time.Time        // they are snoozed until then, or the zero time: until their reporters speak
	Spam     bool              // they are closed as spam: see Spam
}

// BulkResult is the result for one of many issues.
type BulkResult struct {
	Issue desk.IssueID
	Err   error // a *desk.Error: why this one was not changed
}

// Bulk changes many issues, each by itself: an error in one does not stop the
// others. It is silent, like SetStatus. An issue that the others are merged into may
// be among them.
func (a *App) Bulk(ctx context.Context, by By, in BulkInput) ([]BulkResult, error) {
	if len(in.Issues) == 0 || len(in.Issues) > MaxBulk {
		return nil, desk.Invalid("bulk_count", "name 1 to %d issues", MaxBulk)
	}
	if in.Change.To == "" && in.Assignee == nil && in.Into == "" && in.Snooze == nil && !in.Spam {
		return nil, desk.Invalid("bulk_change_missing", "name what shall change: the status, the assignee, until when they are snoozed, or the issue that they are to be")
	}
	out := make([]BulkResult, len(in.Issues))
	for n, id := range in.Issues {
		err := a.bulkOne(ctx, by, id, in)
		if code := desk.ErrorCode(err); code == desk.CodeInternal || code == desk.CodeUnavailable {
			return nil, err
		}
		out[n] = BulkResult{id, err}
	}
	return out, nil
}

// bulkOne changes one issue; the request's key makes one for each step.
func (a *App) bulkOne(ctx context.Context, by By, id desk.IssueID, in BulkInput) error {
	step := func(name string) By {
		by := by
		if by.Key != "" {
			by.Key += " " + name + " " + string(id)
		}
		return by
	}
	if in.Spam {
		_, err := a.Spam(ctx, step("spam"), SpamInput{Issue: id})
		return err
	}
	if in.Change.To != "" || in.Assignee != nil {
		if err := a.statusAndAgent(ctx, step("status"), id, in); err != nil {
			return err
		}
	}
	if in.Snooze != nil {
		if _, err := a.Snooze(ctx, step("snooze"), SnoozeInput{Issue: id, Until: *in.Snooze}); err != nil {
			return err
		}
	}
	if in.Into == "" || in.Into == id {
		return nil
	}
	_, err := a.Merge(ctx, step("merge"), MergeInput{Into: in.Into, Issue: id})
	return err
}

// statusAndAgent changes the status and the assignee of an issue, as far as is wanted:
// both or, if one of them is refused, neither.
func (a *App) statusAndAgent(ctx context.Context, by By, id desk.IssueID, in BulkInput) error {
	if in.Change.To == "" {
		_, err := a.Assign(ctx, by, id, *in.Assignee)
		return err
	}
	_, err := a.onceIssue(ctx, by, "issue.status", func(tx *Tx) (desk.Issue, error) {
		if in.Assignee != nil {
			i, err := tx.giveTo(by, id, *in.Assignee)
			if err == nil {
				err = tx.Audit(by, "issue.assign", "issues/"+string(i.ID), statusNote(i))
			}
			if err != nil {
				return i, err
			}
		}
		return tx.setStatus(by, StatusInput{Issue: id, Change: in.Change})
	})
	return err
}
