package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/locale"
	"earshot/internal/queue"
	"earshot/internal/safehttp"
	"earshot/store"
)

// Secrets opens the secrets of destinations.
type Secrets interface {
	OpenSecret(desk.DestinationID, []byte) (string, error)
	PushKey() (private, public string, err error)
}

// Notifier sends notifications.
type Notifier struct {
	App     *app.App
	Clock   clock.Clock
	Secrets Secrets
	// Admins is the way out to destinations that an admin set: it may lead to the
	// private hosts of the settings. Others use Strict, which does not.
	Admins, Strict *safehttp.Client
	Mail           Post // nil: none is sent
	Languages      *locale.Catalogue
	Log            *slog.Logger
}

// backoff makes about eight attempts in the first hour. A notification is given up
// after app.NoticeGivenUp.
var backoff = queue.Backoff{First: 15 * time.Second, Max: 4 * time.Hour}

// pausedFor is how long a job waits between two looks at a destination that is paused.
const pausedFor = time.Hour

// Worker returns the worker of the queue.
func (n *Notifier) Worker(lease time.Duration, observe func(queue.Ended)) *queue.Worker {
	return &queue.Worker{Store: n.App.Store(), Clock: n.Clock, Log: n.Log, Queue: store.QueueNotify, Handle: n.Handle, Concurrency: 8, PerHost: 2, Lease: lease, Backoff: backoff, Observe: observe}
}

// Handle sends the notification of a job.
func (n *Notifier) Handle(ctx context.Context, j store.Job) error {
	todo, wanted, err := n.App.Notification(ctx, j.Payload)
	if err != nil || !wanted {
		return err
	}
	if todo.Destination.Paused() {
		return &queue.Later{At: n.Clock.Now().Add(pausedFor), Err: errors.New("the destination is paused")}
	}
	answer, err := n.send(ctx, todo)
	if err != nil && ctx.Err() != nil { // the program stops
		return err
	}
	at, failed := attempt(answer, err)
	// A push service answers 404 too for a subscription that has ended.
	at.Gone = at.Gone || todo.Destination.Form == desk.FormPush && at.Status == http.StatusNotFound
	now := n.Clock.Now()
	// Where everything fails, the destination is paused instead.
	at.Final = !at.OK && now.Sub(j.Added) >= app.NoticeGivenUp && todo.Destination.Delivered.After(j.Added)
	paused, err := n.App.Attempted(ctx, todo.Destination.ID, todo.ID, at)
	if err != nil {
		return err
	}
	if paused {
		n.Log.Warn("a destination is paused: it failed for days, or asks for no more", "destination", todo.Destination.ID, "name", todo.Destination.Name, "err", at.Error)
	}
	switch {
	case at.OK || at.Final:
		return nil
	case answer != nil && safehttp.RetryAfter(answer.Header, now) > 0:
		return &queue.Later{At: now.Add(min(safehttp.RetryAfter(answer.Header, now), backoff.Max)), Counted: true, Err: failed}
	}
	return failed
}

// Close ends the connections that are kept for later.
func (n *Notifier) Close() {
	n.Admins.CloseIdle()
	n.Strict.CloseIdle()
}

// attempt reads an answer: 2xx is a success, as Standard Webhooks has it; a redirect is
// none, and 410 asks for no more.
func attempt(answer *safehttp.Response, err error) (app.Attempt, error) {
	switch {
	case err != nil:
		return app.Attempt{Error: err.Error()}, err
	case answer.Status/100 == 2:
		return app.Attempt{OK: true, Status: answer.Status}, nil
	}
	err = fmt.Errorf("the answer was %d %s", answer.Status, http.StatusText(answer.Status))
	return app.Attempt{Status: answer.Status, Error: err.Error(), Gone: answer.Status == http.StatusGone}, err
}

func (n *Notifier) send(ctx context.Context, todo app.ToNotify) (*safehttp.Response, error) {
	d := todo.Destination
	client := n.Strict
	if d.ByAdmin {
		client = n.Admins
	}
	secrets, err := n.open(d)
	if err != nil {
		return nil, err
	}
	switch d.Form {
	case desk.FormWebhook:
		return client.Post(ctx, d.URL, todo.Body, func(r *http.Request) error {
			r.Header.Set("Content-Type", "application/json")
			return sign(r.Header, secrets, todo.ID, n.Clock.Now(), todo.Body)
		})
	case desk.FormNtfy:
		return n.push(ctx, client, todo, secrets)
	case desk.FormMail:
		if n.Mail == nil {
			return nil, errors.New("there is no server for mail in the settings")
		}
		return n.toMailbox(ctx, todo)
	case desk.FormPush:
		return n.toBrowser(ctx, client, todo, secrets)
	}
	return nil, fmt.Errorf("there is no destination of the form %q", d.Form)
}

// open reads the secrets that are in use.
func (n *Notifier) open(d store.Destination) (all []string, err error) {
	for _, s := range d.Secrets {
		if !s.Until.IsZero() && !n.Clock.Now().Before(s.Until) {
			continue
		}
		plain, err := n.Secrets.OpenSecret(d.ID, s.Sealed)
		if err != nil {
			return nil, err
		}
		all = append(all, plain)
	}
	return all, nil
}
