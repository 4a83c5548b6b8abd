package app

import (
	"context"
	"time"

	"earshot/internal/desk"
)

// MaxSeveral is to how many issues an agent writes the same reply at once. More of one
// matter are an incident.
const MaxSeveral = 50

// SeveralInput is one reply to the reporters of several issues, each in their own thread.
type SeveralInput struct {
	Issues   []desk.IssueID
	Text     string // {name} is what each reporter is called
	Language string // "" for that of each reporter
	Change   desk.StatusChange
}

// ReplyToSeveral writes the same reply in several issues, each by itself: where one is
// refused, the others are not. It keeps the manners and the pace in which strangers are
// told of an incident: the first few of those who were only heard by tags get it alone,
// and the rest a while later. UndoBulk takes back what has not gone out.
func (a *App) ReplyToSeveral(ctx context.Context, by By, in SeveralInput) (out BulkDone, err error) {
	if in, err = checkSeveral(by, in); err != nil {
		return out, err
	}
	waits, err := a.waitsOf(ctx, in.Issues)
	if err != nil {
		return out, err
	}
	all := by
	by.Draft = ""
	before, err := a.madeBy(ctx, actOf(all))
	if err != nil {
		return out, err
	}
	by.bulk = &bulkStep{act: actOf(by), all: in.Issues, said: &in}
	for _, id := range in.Issues {
		step := by.step("reply", id)
		_, err := a.Reply(ctx, step, in.to(id, waits[id]))
		if code := desk.ErrorCode(err); code == desk.CodeInternal || code == desk.CodeUnavailable {
			return out, err
		}
		out.Results = append(out.Results, BulkResult{id, err})
	}
	now, err := a.madeBy(ctx, by.bulk.act)
	if err != nil {
		return out, err
	}
	if now > 0 {
		out.Act = by.bulk.act
	}
	// If all of it was made before, the draft may be of other words, or of these once taken back.
	if all.Draft == "" || out.Failed() > 0 || now == before {
		return out, nil
	}
	return out, a.DiscardDraft(ctx, all, all.Draft)
}

// madeBy counts the changes that a change of many issues has made so far.
func (a *App) madeBy(ctx context.Context, act string) (n int, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		made, _, err := tx.bulkMade(act)
		n = len(made.Made)
		return err
	})
	return n, err
}

// PreviewOfSeveral is what one of several reporters would get, or why they get nothing.
type PreviewOfSeveral struct {
	Issue desk.IssueID
	Posts []desk.Post // of a merged issue, one for each reporter
	Later bool        // it goes out a while after the others
	Err   error       // a *desk.Error
}

// PreviewSeveral returns what ReplyToSeveral would send, in the order of the issues.
// Nothing is stored.
func (a *App) PreviewSeveral(ctx context.Context, by By, in SeveralInput) (out []PreviewOfSeveral, err error) {
	by.Meant = true // its questions are asked when it is sent
	if in, err = checkSeveral(by, in); err != nil {
		return nil, err
	}
	waits, err := a.waitsOf(ctx, in.Issues)
	if err != nil {
		return nil, err
	}
	for _, id := range in.Issues {
		p := PreviewOfSeveral{Issue: id, Later: waits[id] > 0}
		p.Posts, p.Err = a.PreviewReply(ctx, by, in.to(id, 0))
		if code := desk.ErrorCode(p.Err); code == desk.CodeInternal || code == desk.CodeUnavailable {
			return nil, p.Err
		}
		out = append(out, p)
	}
	return out, nil
}

// to is the reply in one of the issues.
func (in SeveralInput) to(id desk.IssueID, after time.Duration) ReplyInput {
	return ReplyInput{Issue: id, Text: in.Text, Named: true, Language: in.Language, Change: in.Change, After: after}
}

func checkSeveral(by By, in SeveralInput) (SeveralInput, error) {
	var issues []desk.IssueID
	there := map[desk.IssueID]bool{}
	for _, id := range in.Issues {
		if !there[id] {
			there[id] = true
			issues = append(issues, id)
		}
	}
	if in.Issues = issues; len(issues) == 0 || len(issues) > MaxSeveral {
		return in, desk.Invalid("several_count", "name 1 to %d issues; if more have the same matter, open an incident and tell all of them there", MaxSeveral)
	}
	var err error
	if in.Text, err = checkOutward(by, in.Text); err != nil {
		return in, err
	}
	in.Language, err = checkLanguage(in.Language)
	return in, err
}

// waitsOf is how much later than the take-back time a reply goes out in each of several
// issues. Parts of one merged issue are refused: it would get the reply twice.
func (a *App) waitsOf(ctx context.Context, issues []desk.IssueID) (map[desk.IssueID]time.Duration, error) {
	waits, strangers, ofHost := map[desk.IssueID]time.Duration{}, 0, map[desk.Host]int{}
	err := a.View(ctx, func(tx *Tx) error {
		strangers = 0
		clear(waits)
		clear(ofHost)
		homes := map[desk.IssueID]bool{}
		for _, id := range issues {
			home, err := tx.home(id)
			if desk.ErrorCode(err) == desk.CodeNotFound { // its own result says so
				continue
			}
			if err != nil {
				return err
			}
			if homes[home.ID] {
				return desk.Invalid("several_merged", "the issues %s and another one are merged: name one of them", id)
			}
			homes[home.ID] = true
			if home.Invited {
				continue
			}
			h := home.Reporter.Host()
			if strangers++; strangers > a.pace.First {
				waits[id] = a.pace.Look + time.Duration(a.pace.Slot(ofHost[h]))*time.Second
			}
			ofHost[h]++
		}
		return nil
	})
	return waits, err
}
