package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

const (
	// NoticeGivenUp is how long one notification is tried.
	NoticeGivenUp = 3 * 24 * time.Hour
	// pauseAfter is how long a destination may fail, every time, before it is paused.
	pauseAfter = 3 * 24 * time.Hour
	// noticeError bounds the stored reason of a failure, in bytes.
	noticeError = 300
)

// ToNotify is a notification that is about to be sent.
type ToNotify struct {
	store.Notification
	Destination store.Destination
}

// Notification reads what a job is to send; ok is false if it is not wanted any more.
func (a *App) Notification(ctx context.Context, payload []byte) (out ToNotify, ok bool, err error) {
	var n Notice
	if err := json.Unmarshal(payload, &n); err != nil {
		return out, false, fmt.Errorf("reading a notice: %w", err)
	}
	err = a.View(ctx, func(tx *Tx) error {
		if out.Destination, ok, err = tx.Destinations().Get(n.Destination); err != nil || !ok {
			return err
		}
		out.Notification, ok, err = tx.Destinations().Notification(n.Destination, n.ID)
		ok = ok && out.State == store.NotificationQueued
		return err
	})
	return out, ok, err
}

// Attempt is what came of sending a notification once.
type Attempt struct {
	OK     bool
	Status int    // 0: no answer
	Error  string // why it failed
	Gone   bool   // the destination asks for no more
	Final  bool   // it is not tried again
}

// Attempted writes down an attempt. A destination that failed for days, or asks for no
// more, is paused; paused says so.
func (a *App) Attempted(ctx context.Context, d desk.DestinationID, id string, at Attempt) (paused bool, err error) {
	err = a.Update(ctx, func(tx *Tx) error {
		paused = false
		dest, ok, err := tx.Destinations().Get(d)
		if err != nil || !ok {
			return err
		}
		n, ok, err := tx.Destinations().Notification(d, id)
		if err != nil || !ok {
			return err
		}
		if at.Gone && dest.Form == desk.FormPush { // the browser's agent ended it there
			return tx.removeDestination(d)
		}
		was := n.State
		n.Attempts++
		n.Last, n.Status, n.Error = tx.Now, at.Status, reasonOf(at.Error)
		switch {
		case at.OK:
			n.State = store.NotificationDelivered
			dest.Delivered, dest.Failures, dest.FailingSince, dest.Status, dest.Error = tx.Now, 0, time.Time{}, 0, ""
		default:
			if at.Final {
				n.State = store.NotificationFailed
			}
			paused = destinationFailed(&dest, tx.Now, at, n.Error)
		}
		if was == store.NotificationQueued && n.State != was {
			dest.Waiting = max(0, dest.Waiting-1)
		}
		if err := tx.Destinations().PutNotification(n); err != nil {
			return err
		}
		return tx.Destinations().Put(dest)
	})
	return paused, err
}

// reasonOf makes what may hold bytes of others a text that can be stored.
func reasonOf(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
	return strings.ToValidUTF8(s[:min(len(s), noticeError)], "")
}

// destinationFailed counts a failure, and pauses a destination that failed for too
// long.
func destinationFailed(d *store.Destination, now time.Time, at Attempt, reason string) (paused bool) {
	d.Failures++
	d.Status, d.Error = at.Status, reason
	if d.FailingSince.IsZero() {
		d.FailingSince = now
	}
	if d.Paused() || !at.Gone && now.Sub(d.FailingSince) < pauseAfter {
		return false
	}
	d.PausedAt, d.PausedBy, d.Gave = now, "", true
	return true
}

// errPaused refuses to send where nothing is sent.
var errPaused = desk.Conflict("destination_is_paused", "it is paused, so nothing is sent: resume it first")

// Redeliver sends a notification of the log once more, under the same id.
func (a *App) Redeliver(ctx context.Context, by By, agent desk.Email, d desk.DestinationID, id string) (store.Notification, error) {
	var out store.Notification
	_, err := a.changeDestination(ctx, by, "redeliver", agent, d, func(tx *Tx, dest *store.Destination) error {
		n, ok, err := tx.Destinations().Notification(d, id)
		switch {
		case err != nil:
			return err
		case !ok:
			return desk.NotFound("notification_not_found", "there is no notification %s in the log", id)
		case n.State == store.NotificationQueued:
			return desk.Conflict("notification_waiting", "it is on its way already")
		case dest.Paused():
			return errPaused
		}
		n.State, n.Error, n.Status = store.NotificationQueued, "", 0
		if dest.Gathering == id { // it is sent as it is: later events make another one
			dest.Gathering, dest.GatheringUntil, dest.Gathered = "", time.Time{}, 0
		}
		dest.Waiting++
		out = n
		if err := tx.Destinations().PutNotification(n); err != nil {
			return err
		}
		return tx.notifyAt(*dest, id, tx.Now)
	})
	return out, err
}

// kindTest is the kind of a notification that only shows whether it arrives.
const kindTest = "test"

// TestDestination sends a notification that only shows whether it arrives.
func (a *App) TestDestination(ctx context.Context, by By, agent desk.Email, d desk.DestinationID) (store.Notification, error) {
	var out store.Notification
	_, err := a.changeDestination(ctx, by, "test", agent, d, func(tx *Tx, dest *store.Destination) error {
		if dest.Paused() {
			return errPaused
		}
		if dest.Waiting >= 2*noticesAtOnce {
			return desk.RateLimited("destination_full", "too many notifications wait already")
		}
		var what any = noticeOf(kindTest, store.Change{At: tx.Now})
		if dest.Form == desk.FormMail {
			what = MailBody{At: tx.Now, Count: 1, Lines: []MailLine{{Kind: kindTest, N: 1}}}
		}
		body, err := json.Marshal(what)
		if err != nil {
			return err
		}
		out = store.Notification{Destination: d, ID: tx.NewID(), Kind: kindTest, At: tx.Now, State: store.NotificationQueued, Body: body}
		return tx.addNotification(dest, out, tx.Now)
	})
	return out, err
}
