package app

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/store"
)

// BulkUndoFor is how long a change of many issues can be taken back in one.
const BulkUndoFor = time.Hour

// madeChange is one entry that a change of many issues made.
type madeChange struct {
	Of    desk.IssueID   `json:"of"` // for which of the issues that were asked for
	Issue desk.IssueID   `json:"issue"`
	Kind  desk.Kind      `json:"kind"`
	Entry desk.EventID   `json:"entry"`
	Post  desk.PostID    `json:"post,omitempty"` // of a reply
	With  []desk.IssueID `json:"with,omitempty"` // of a merge: the others that it is about
}

// bulkMade is all that a change of many issues made, in its order.
type bulkMade struct {
	Asked []desk.IssueID `json:"asked"`
	Made  []madeChange   `json:"made"`
	// Said and Language are those of one reply in all of them.
	Said     string `json:"said,omitempty"`
	Language string `json:"language,omitempty"`
}

// bulkStep says of which change of many issues something is a step, and for which of them.
type bulkStep struct {
	act      string
	all      []desk.IssueID
	of, into desk.IssueID
	said     *SeveralInput // a reply in all of them
}

func bulkKey(act string) string { return "bulk:" + act }

// actOf names a change of many issues: the same for the same request.
func actOf(by By) string {
	if by.Key == "" {
		return id.New()
	}
	return id.At(time.Time{}, "bulk\x00"+string(by.Agent)+"\x00"+by.Key+"\x00"+by.Content)
}

// keepBulk remembers the changes of a step, in the transaction of the step: they can be
// taken back, also where the rest did not follow.
func (t *Tx) keepBulk(by By) error {
	var made []madeChange
	for _, e := range t.added {
		c := madeChange{Of: by.bulk.of, Issue: e.Issue, Kind: e.Kind, Entry: e.ID}
		switch {
		case e.Kind == desk.KindMerge && e.Note == desk.NoteMerged:
			c.With = []desk.IssueID{by.bulk.into, desk.IssueID(e.With[0])}
		case e.Kind == desk.KindReply && e.Agent == by.Agent:
			c.Post = e.Post
		case e.Was == nil || e.Agent != by.Agent:
			continue
		}
		made = append(made, c)
	}
	if len(made) == 0 {
		return nil
	}
	kept, _, err := t.bulkMade(by.bulk.act)
	if err != nil {
		return err
	}
	now := bulkMade{Asked: by.bulk.all, Made: append(kept.Made, made...)}
	if in := by.bulk.said; in != nil {
		now.Said, now.Language = in.Text, in.Language
	}
	b, err := json.Marshal(now)
	if err != nil {
		return err
	}
	return t.rememberAs(bulkKey(by.bulk.act), b, BulkUndoFor)
}

// bulkMade reads what a change of many issues made.
func (t *Tx) bulkMade(act string) (out bulkMade, ok bool, err error) {
	b, ok, err := t.Once().Get(bulkKey(act))
	if err != nil || !ok || json.Unmarshal(b, &out) != nil {
		return bulkMade{}, false, err
	}
	return out, true, nil
}

// groups are the changes of issues that a merge made one, or of one issue, together: they
// are taken back together or not at all.
func (m bulkMade) groups() (out [][]madeChange) {
	of := map[desk.IssueID]desk.IssueID{}
	root := func(i desk.IssueID) desk.IssueID {
		for of[i] != "" {
			i = of[i]
		}
		return i
	}
	for _, c := range m.Made {
		for _, i := range append(c.With, c.Issue) {
			if a, b := root(c.Of), root(i); a != b {
				of[a] = b
			}
		}
	}
	at := map[desk.IssueID]int{}
	for _, c := range m.Made {
		n, ok := at[root(c.Of)]
		if !ok {
			n = len(out)
			at[root(c.Of)], out = n, append(out, nil)
		}
		out[n] = append(out[n], c)
	}
	return out
}

// UndoBulk takes back all that a change of many issues did, backwards. An issue that
// another person has changed since is left as it is, whole, with those that the change
// merged with it, and its result says why. There is a result for each issue that was asked
// for and changed, and for that into which others were merged.
func (a *App) UndoBulk(ctx context.Context, by By, act string) (out []BulkResult, err error) {
	var made bulkMade
	err = a.View(ctx, func(tx *Tx) (err error) {
		var ok bool
		if made, ok, err = tx.bulkMade(act); err == nil && !ok {
			err = desk.NotFound("bulk_gone", "there is no such change of many issues, or it is longer ago than an hour: each can be taken back by itself")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	by.undoesMany = true
	defer a.deleted(ctx) // also of those before one that fails
	results := map[desk.IssueID]error{}
	for _, group := range made.groups() {
		err := a.undoGroup(ctx, by, group)
		if code := desk.ErrorCode(err); code == desk.CodeInternal || code == desk.CodeUnavailable {
			return out, err
		}
		for _, c := range group {
			results[c.Of] = err
			if len(c.With) > 0 {
				results[c.With[0]] = err
			}
		}
	}
	if err := a.saidAgain(ctx, by, made, results); err != nil {
		return out, err
	}
	for _, id := range made.Asked {
		if err, ok := results[id]; ok {
			out = append(out, BulkResult{id, err})
			delete(results, id) // once, if it was asked for twice
		}
	}
	return out, nil
}

// undoGroup takes back some changes, all or none. The audit log tells of those issues that
// it changed.
func (a *App) undoGroup(ctx context.Context, by By, group []madeChange) error {
	if by.Key != "" {
		by.Key += " undo " + string(group[0].Entry)
	}
	const what = "issue.bulk.undo"
	_, err := once(ctx, a, by, audit[Ack]{what, func(Ack) (string, string) { return "", "" }}, func(tx *Tx) (ack Ack, err error) {
		told, merged := map[desk.IssueID]bool{}, slices.ContainsFunc(group, func(c madeChange) bool { return len(c.With) > 0 })
		for _, c := range slices.Backward(group) {
			before := len(tx.added)
			if err := tx.undoMade(by, c, merged); err != nil && !besideReply(group, c, err) {
				return ack, err
			}
			if len(tx.added) == before || told[c.Of] {
				continue
			}
			told[c.Of] = true
			i, err := tx.home(c.Of)
			if err != nil {
				return ack, err
			}
			if err := tx.Audit(by, what, "issues/"+string(c.Of), statusNote(i)); err != nil {
				return ack, err
			}
		}
		return ack, nil
	})
	return err
}

// besideReply says whether a silent change stays, although the reply with which it was made
// is taken back: something has happened since, and that is no reason to send the words.
func besideReply(group []madeChange, c madeChange, err error) bool {
	switch desk.ErrorCode(err) {
	case desk.CodeInternal, desk.CodeUnavailable:
		return false
	}
	return c.Kind == desk.KindAssign && slices.ContainsFunc(group, func(other madeChange) bool {
		return other.Of == c.Of && other.Kind == desk.KindReply
	})
}

// undoMade takes back one change; merged: merges are taken back with it.
func (t *Tx) undoMade(by By, c madeChange, merged bool) error {
	if c.Kind != desk.KindReply {
		_, err := t.undoChange(by, UndoInput{Issue: c.Issue, Kind: c.Kind, Entry: c.Entry, merged: merged})
		return err
	}
	if p, ok, err := t.Posts().Get(c.Post); err != nil || ok && p.State == desk.PostUndone {
		return err // alone, or with its copies
	}
	_, err := t.undoPost(by, string(c.Post))
	return err
}

// saidAgain keeps the words of a reply in many issues that was taken back, in the form in
// which it was written.
func (a *App) saidAgain(ctx context.Context, by By, made bulkMade, results map[desk.IssueID]error) error {
	back := false
	for _, err := range results {
		back = back || err == nil
	}
	if !back || made.Said == "" || by.Agent == "" {
		return nil
	}
	drafts, err := a.Drafts(ctx, by.Agent)
	if err != nil {
		return err
	}
	d, there := drafts[DraftOnSeveral]
	switch {
	case !there:
		d = store.Draft{On: DraftOnSeveral, Text: made.Said, Language: made.Language}
	case strings.Contains(d.Text, made.Said):
		return nil
	default: // the next ones are being written already
		d.Text += "\n\n" + made.Said
	}
	err = a.SaveDraft(ctx, by, d)
	if code := desk.ErrorCode(err); code == desk.CodeInternal || code == desk.CodeUnavailable {
		return err
	}
	return nil // too many drafts do not make undone what was taken back
}
