package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"earshot/internal/alike"
	"earshot/internal/desk"
)

const (
	// dismissedFor is how long it is remembered that reports have several causes:
	// the youngest of them is no longer compared then.
	dismissedFor = 2 * suggestSince
	// dismissedMost is how many suggestions of a desk are remembered, and
	// dismissedSample how many issues of each.
	dismissedMost, dismissedSample = 20, 100
)

// dismissed is a suggestion to which a person said no.
type dismissed struct {
	Issues []desk.IssueID `json:"issues"` // some of them, from the first to the last
	Size   int            `json:"size"`   // how many there were
	At     time.Time      `json:"at"`
}

// DismissSuggestion remembers that these issues of a desk are no incident, so that
// they are not suggested again. A crowd that has doubled since then is.
func (a *App) DismissSuggestion(ctx context.Context, by By, h desk.Handle, issues []desk.IssueID) error {
	issues = slices.Compact(slices.Sorted(slices.Values(issues)))
	if n := len(issues); n == 0 || n > alike.MaxReports {
		return desk.Invalid("incident_issues_count", "name from 1 to %d issues", alike.MaxReports)
	}
	d := audit[Ack]{"incident.dismiss", func(Ack) (string, string) { return "desks/" + string(h), fmt.Sprint(len(issues), " issues") }}
	_, err := once(ctx, a, by, d, func(tx *Tx) (Ack, error) {
		if _, err := tx.desk(h); err != nil {
			return Ack{}, err
		}
		all, err := tx.dismissed(h)
		if err != nil {
			return Ack{}, err
		}
		all = append(all, dismissed{sample(issues), len(issues), tx.Now})
		return Ack{}, tx.keepDismissed(h, all[max(0, len(all)-dismissedMost):])
	})
	return err
}

// sample takes as many of the issues as are remembered, evenly.
func sample(issues []desk.IssueID) []desk.IssueID {
	if len(issues) <= dismissedSample {
		return issues
	}
	out := make([]desk.IssueID, dismissedSample)
	for n := range out {
		out[n] = issues[n*len(issues)/dismissedSample]
	}
	return out
}

func dismissedKey(h desk.Handle) string { return "suggestion:" + string(h) }

// dismissed reads which suggestions of a desk were dismissed, without those of long ago.
func (t *Tx) dismissed(h desk.Handle) (all []dismissed, err error) {
	raw, ok, err := t.Once().Get(dismissedKey(h))
	if err != nil || !ok {
		return nil, err
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("reading which suggestions were dismissed: %w", err)
	}
	return slices.DeleteFunc(all, func(d dismissed) bool { return t.Now.Sub(d.At) >= dismissedFor }), nil
}

func (t *Tx) keepDismissed(h desk.Handle, all []dismissed) error {
	raw, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return t.rememberAs(dismissedKey(h), raw, dismissedFor)
}

// undecided leaves out the crowds to which a person said no.
func (a *App) undecided(ctx context.Context, h desk.Handle, crowds []alike.Crowd) ([]alike.Crowd, error) {
	if len(crowds) == 0 {
		return nil, nil
	}
	var all []dismissed
	if err := a.View(ctx, func(tx *Tx) (err error) { all, err = tx.dismissed(h); return err }); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(crowds, func(c alike.Crowd) bool {
		return slices.ContainsFunc(all, func(d dismissed) bool { return d.is(c) })
	}), nil
}

// is says whether a crowd is the one that was dismissed: most of that is in it, and
// it has not doubled.
func (d dismissed) is(c alike.Crowd) bool {
	in := 0
	for _, i := range c.Issues {
		if slices.Contains(d.Issues, i) {
			in++
		}
	}
	return 2*in > len(d.Issues) && len(c.Issues) < 2*d.Size
}
