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

// BulkDone is the result of a change of many issues.
type BulkDone struct {
	Act     string // by which all of it is taken back; "": nothing was changed
	Results []BulkResult
}

// Failed is for how many it was not done.
func (d BulkDone) Failed() (n int) {
	for _, r := range d.Results {
		if r.Err != nil {
			n++
		}
	}
	return n
}

// Bulk changes many issues, each by itself: an error in one does not stop the
// others. It is silent, like SetStatus. An issue that the others are merged into may
// be among them. What was changed before an error of the store is taken back by the act
// too, which the same request has when it is made again.
func (a *App) Bulk(ctx context.Context, by By, in BulkInput) (out BulkDone, err error) {
	if len(in.Issues) == 0 || len(in.Issues) > MaxBulk {
		return out, desk.Invalid("bulk_count", "name 1 to %d issues", MaxBulk)
	}
	if in.Change.To == "" && in.Assignee == nil && in.Into == "" && in.Snooze == nil && !in.Spam {
		return out, desk.Invalid("bulk_change_missing", "name what shall change: the status, the assignee, until when they are snoozed, or the issue that they are to be")
	}
	by.bulk = &bulkStep{act: actOf(by), all: in.Issues}
	for _, id := range in.Issues {
		err := a.bulkOne(ctx, by, id, in)
		if code := desk.ErrorCode(err); code == desk.CodeInternal || code == desk.CodeUnavailable {
			return out, err
		}
		out.Results = append(out.Results, BulkResult{id, err})
	}
	out.Act, err = a.actMade(ctx, by.bulk.act)
	return out, err
}

// actMade returns the act if it changed something, or else "".
func (a *App) actMade(ctx context.Context, act string) (made string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		if _, ok, err := tx.Once().Get(bulkKey(act)); err != nil || !ok {
			return err
		}
		made = act
		return nil
	})
	return made, err
}

// step is who does a step of a change of many issues; the request's key makes one for each.
func (by By) step(name string, of desk.IssueID) By {
	now := *by.bulk
	now.of, by.bulk = of, &now
	if by.Key != "" {
		by.Key += " " + name + " " + string(of)
	}
	return by
}

// bulkOne changes one issue.
func (a *App) bulkOne(ctx context.Context, by By, id desk.IssueID, in BulkInput) (err error) {
	step := func(name string, do func(By) error) {
		if err != nil {
			return
		}
		err = do(by.step(name, id))
	}
	if in.Spam {
		step("spam", func(by By) error { _, err := a.Spam(ctx, by, SpamInput{Issue: id}); return err })
		return err
	}
	if in.Change.To != "" || in.Assignee != nil {
		step("status", func(by By) error { return a.statusAndAgent(ctx, by, id, in) })
	}
	if in.Snooze != nil {
		step("snooze", func(by By) error {
			_, err := a.Snooze(ctx, by, SnoozeInput{Issue: id, Until: *in.Snooze})
			return err
		})
	}
	if in.Into != "" && in.Into != id {
		step("merge", func(by By) error {
			by.bulk.into = in.Into
			_, err := a.Merge(ctx, by, MergeInput{Into: in.Into, Issue: id})
			return err
		})
	}
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
			if err == nil && len(tx.added) > 0 { // it was another's
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
