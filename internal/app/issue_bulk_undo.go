package app

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"earshot/internal/desk"
)

// BulkUndoFor is how long a change of many issues can be taken back in one.
const BulkUndoFor = time.Hour

// madeChange is one entry that a change of many issues made.
type madeChange struct {
	Issue desk.IssueID `json:"issue"`
	Kind  desk.Kind    `json:"kind"`
	Entry desk.EventID `json:"entry"`
}

// noted makes a change and returns its entries in the timeline, of some kinds: none if there
// is no new one of the same agent.
func (a *App) noted(ctx context.Context, by By, id desk.IssueID, change func() error, kinds ...desk.Kind) (made []madeChange, err error) {
	newest := func() (out []desk.Event, err error) {
		err = a.View(ctx, func(tx *Tx) error {
			out = make([]desk.Event, len(kinds))
			i, err := tx.home(id)
			if err != nil {
				return unlessGone(err)
			}
			for n, kind := range kinds {
				if out[n], _, err = tx.newestEvent(i.ID, kind); err != nil {
					return err
				}
			}
			return nil
		})
		return out, err
	}
	before, err := newest()
	if err != nil {
		return nil, err
	}
	if err := change(); err != nil {
		return nil, err
	}
	after, err := newest()
	if err != nil {
		return nil, err
	}
	for n, e := range after {
		if e.ID != before[n].ID && e.Agent == by.Agent {
			made = append(made, madeChange{e.Issue, kinds[n], e.ID})
		}
	}
	return made, nil
}

func bulkKey(act string) string { return "bulk:" + act }

// keepBulk remembers what was changed. The same request again has the act of the first.
func (a *App) keepBulk(ctx context.Context, by By, made []madeChange) (act string, err error) {
	if len(made) == 0 && by.Key == "" {
		return "", nil
	}
	err = a.Update(ctx, func(tx *Tx) error {
		act = tx.NewID()
		if by.Key != "" {
			if kept, ok, err := tx.Once().Get(bulkKey(by.Key)); err != nil || ok {
				act = string(kept)
				return err
			}
		}
		if len(made) == 0 {
			act = ""
			return nil
		}
		b, err := json.Marshal(made)
		if err != nil {
			return err
		}
		if err := tx.rememberAs(bulkKey(act), b, BulkUndoFor); err != nil || by.Key == "" {
			return err
		}
		return tx.rememberAs(bulkKey(by.Key), []byte(act), BulkUndoFor)
	})
	return act, err
}

// UndoBulk takes back all that a change of many issues did. An issue that another person
// has changed since is left as it is, whole, and its result says why.
func (a *App) UndoBulk(ctx context.Context, by By, act string) (out []BulkResult, err error) {
	var made []madeChange
	err = a.View(ctx, func(tx *Tx) error {
		b, ok, err := tx.Once().Get(bulkKey(act))
		if err == nil && (!ok || json.Unmarshal(b, &made) != nil) {
			err = desk.NotFound("bulk_gone", "there is no such change of many issues, or it is longer ago than an hour: each can be taken back by itself")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var of []desk.IssueID
	for _, c := range made {
		if !slices.Contains(of, c.Issue) {
			of = append(of, c.Issue)
		}
	}
	for _, id := range of {
		by := by
		if by.Key != "" {
			by.Key += " undo " + string(id)
		}
		_, err := a.onceIssue(ctx, by, "issue.bulk.undo", func(tx *Tx) (i desk.Issue, err error) {
			for _, c := range slices.Backward(made) {
				if c.Issue != id {
					continue
				}
				if i, err = tx.undoChange(by, UndoInput{Issue: id, Kind: c.Kind, Entry: c.Entry}); err != nil {
					return i, err
				}
			}
			return i, nil
		})
		if code := desk.ErrorCode(err); code == desk.CodeInternal || code == desk.CodeUnavailable {
			return out, err
		}
		out = append(out, BulkResult{id, err})
	}
	return out, nil
}
