package app

import (
	"context"
	"fmt"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// SnoozeInput names an issue and until when it is off the lists.
type SnoozeInput struct {
	Issue desk.IssueID
	Until time.Time // zero: until the reporter speaks
}

// Snooze takes an issue off the lists of those to work on, until a time or until its
// reporter speaks, whichever comes first. One that is snoozed gets another end.
func (a *App) Snooze(ctx context.Context, by By, in SnoozeInput) (desk.Issue, error) {
	return a.onceIssue(ctx, by, "issue.snooze", func(tx *Tx) (desk.Issue, error) {
		i, err := tx.home(in.Issue)
		if err != nil {
			return i, err
		}
		until := in.Until.UTC().Truncate(time.Second)
		if in.Until.IsZero() {
			until = time.Time{}
		}
		if err := i.CheckSnooze(until, tx.Now); err != nil {
			return i, err
		}
		if err := tx.checkSeen(by, i); err != nil {
			return i, err
		}
		e := desk.Event{Issue: i.ID, Kind: desk.KindSnooze, Agent: by.Agent, Was: &desk.Snapshot{Snooze: i.Snooze}}
		if e = e.Says(desk.NoteSnoozedSpeaks); !until.IsZero() {
			e = e.Says(desk.NoteSnoozed, until.Format(time.RFC3339))
		}
		i.Doze(desk.Snooze{Since: tx.Now, Until: until, By: by.Agent})
		if err := tx.Issues().Put(i); err != nil {
			return i, err
		}
		if err := tx.event(e); err != nil {
			return i, err
		}
		return i, tx.snoozeTimer(i)
	})
}

// Wake ends the snooze of an issue.
func (a *App) Wake(ctx context.Context, by By, id desk.IssueID) (desk.Issue, error) {
	return a.onceIssue(ctx, by, "issue.wake", func(tx *Tx) (desk.Issue, error) {
		i, err := tx.home(id)
		if err != nil {
			return i, err
		}
		if !i.Snooze.On() {
			return i, desk.Conflict("snooze_none", "the issue is not snoozed")
		}
		if err := tx.checkSeen(by, i); err != nil {
			return i, err
		}
		e := desk.Event{Issue: i.ID, Kind: desk.KindSnooze, Agent: by.Agent, Was: &desk.Snapshot{Snooze: i.Snooze}}.Says(desk.NoteAwake)
		i.Wake(tx.Now)
		if err := tx.Issues().Put(i); err != nil {
			return i, err
		}
		return i, tx.event(e)
	})
}

// snoozeTimer brings a snoozed issue back at its time.
func (t *Tx) snoozeTimer(i desk.Issue) error {
	at := i.Snooze.Until
	if at.IsZero() {
		return nil
	}
	return t.addJob(store.QueueTimer, fmt.Sprintf("snooze:%s:%d", i.ID, at.UnixMicro()), "", at, Timer{Kind: TimerSnooze, Issue: i.ID, At: at})
}

// SnoozeOver is the action of that timer. What was snoozed until another time since, or
// is back already, stays as it is.
func (a *App) SnoozeOver(ctx context.Context, id desk.IssueID, until time.Time) error {
	return a.Update(ctx, func(tx *Tx) error {
		i, ok, err := tx.Issues().Get(id)
		if err != nil || !ok || !i.Snooze.On() || !i.Snooze.Until.Equal(until) {
			return err
		}
		i.Wake(tx.Now)
		if err := tx.Issues().Put(i); err != nil {
			return err
		}
		return tx.event(desk.Event{Issue: i.ID, Kind: desk.KindSnooze}.Says(desk.NoteAwakeByTime, until.Format(time.RFC3339)))
	})
}
