package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gorilla/mux"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// Destination is a place outside that is notified of events.
type Destination struct {
	ID           desk.DestinationID   `json:"id"`
	Form         desk.DestinationForm `json:"form"`
	Name         string               `json:"name"`
	URL          string               `json:"url"`
	Desks        []desk.Handle        `json:"desks"`   // none: every desk
	Kinds        []store.ChangeKind   `json:"kinds"`   // none: every kind but presence
	Reasons      []desk.NoticeReason  `json:"reasons"` // of an agent's; none: all
	Quiet        desk.QuietHours      `json:"quiet"`
	Language     string               `json:"language"`
	CreatedAt    Time                 `json:"created_at"`
	Waiting      int                  `json:"waiting"`
	Missed       int                  `json:"missed"` // times that events left the log before they were read
	DeliveredAt  Time                 `json:"delivered_at"`
	Failures     int                  `json:"failures"` // in a row
	FailingSince Time                 `json:"failing_since"`
	Status       int                  `json:"status"` // of the last failure, 0: no answer
	Error        string               `json:"error"`
	PausedAt     Time                 `json:"paused_at"`
	PausedBy     desk.Email           `json:"paused_by"`
	GaveUp       bool                 `json:"gave_up"`       // it was paused because it failed for days
	RotatesUntil Time                 `json:"rotates_until"` // until then the secret before signs too
	// Secret verifies webhooks; only where it is new.
	Secret string `json:"secret"`
}

func destinationOf(d store.Destination) Destination {
	out := Destination{ID: d.ID, Form: d.Form, Name: d.Name, URL: d.URL, Desks: list(d.Desks), Kinds: list(d.Kinds), Reasons: list(d.Reasons), Quiet: d.Quiet, Language: d.Language,
		CreatedAt: Time{d.Created}, Waiting: d.Waiting, Missed: d.Missed, DeliveredAt: Time{d.Delivered}, Failures: d.Failures, FailingSince: Time{d.FailingSince},
		Status: d.Status, Error: d.Error, PausedAt: Time{d.PausedAt}, PausedBy: d.PausedBy, GaveUp: d.Gave}
	if len(d.Secrets) > 1 {
		out.RotatesUntil = Time{d.Secrets[1].Until}
	}
	return out
}

func madeDestinationOf(d app.MadeDestination) Destination {
	out := destinationOf(d.Destination)
	out.Secret = d.Secret
	return out
}

// Notification is one event on its way to a destination.
type Notification struct {
	ID       string                  `json:"id"` // the header webhook-id
	Kind     string                  `json:"kind"`
	At       Time                    `json:"at"`
	State    store.NotificationState `json:"state"`
	Attempts int                     `json:"attempts"`
	Status   int                     `json:"status"` // of the last attempt, 0: no answer
	Error    string                  `json:"error"`
	LastAt   Time                    `json:"last_at"`
	Body     string                  `json:"body"` // as it is signed
}

func notificationOf(n store.Notification) Notification {
	return Notification{ID: n.ID, Kind: n.Kind, At: Time{n.At}, State: n.State, Attempts: n.Attempts, Status: n.Status, Error: n.Error, LastAt: Time{n.Last}, Body: string(n.Body)}
}

// owner is whose destinations an address is about: "" the instance's.
type owner func(*request) (desk.Email, error)

func theInstance(*request) (desk.Email, error) { return "", nil }

func oneself(r *request) (desk.Email, error) {
	return callerOf(r)
}

// destinationRoutes are the routes below a path, for the destinations of the instance
// or of oneself.
func destinationRoutes(path, what string, need desk.Scope, of owner) []route {
	one, its := path+"/{id}", path+"/{id}/deliveries"
	act := func(do func(*app.App, context.Context, app.By, desk.Email, desk.DestinationID) (store.Destination, error)) func(*handler, *request) (response, error) {
		return func(h *handler, r *request) (response, error) {
			agent, err := of(r)
			if err != nil {
				return response{}, err
			}
			d, err := do(h.app, r.Context(), r.by, agent, desk.DestinationID(r.id()))
			return response{body: destinationOf(d)}, err
		}
	}
	return []route{
		{method: "GET", path: path, need: need, says: "List " + what, out: []Destination{}, do: of.list},
		{method: "POST", path: path, need: need, says: "Add one to " + what + "; a webhook's secret is in this answer only", in: app.NewDestination{}, out: Destination{}, status: 201, do: of.add},
		{method: "GET", path: one, need: need, says: "Show one of " + what, out: Destination{}, do: of.show},
		{method: "DELETE", path: one, need: need, says: "Remove one of " + what, do: of.remove},
		{method: "POST", path: one + "/pause", need: need, says: "Send nothing to it until it is resumed", out: Destination{}, do: act((*app.App).PauseDestination)},
		{method: "POST", path: one + "/resume", need: need, says: "Send to it again, with what happened in the last day", out: Destination{}, do: act((*app.App).ResumeDestination)},
		{method: "POST", path: one + "/secret", need: need, says: "Give a webhook a new secret; the one before signs beside it for a day", out: Destination{}, do: of.rotate},
		{method: "POST", path: one + "/test", need: need, says: "Send a test to it", out: Notification{}, status: 201, do: of.test},
		{method: "GET", path: its, need: need, says: "List what was sent to it last, the newest events first", query: paged, out: []Notification{}, do: of.deliveries},
		{method: "POST", path: its + "/{delivery}/redeliver", need: need, says: "Send an event once more, under the same id", out: Notification{}, do: of.redeliver},
	}
}

func (of owner) list(h *handler, r *request) (response, error) {
	agent, err := of(r)
	if err != nil {
		return response{}, err
	}
	all, err := h.app.Destinations(r.Context(), agent)
	return response{body: each(all, destinationOf)}, err
}

func (of owner) add(h *handler, r *request) (response, error) {
	var in app.NewDestination
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	agent, err := of(r)
	if err != nil {
		return response{}, err
	}
	d, err := h.app.AddDestination(r.Context(), r.by, agent, in, h.isAdmin(r))
	return response{body: madeDestinationOf(d)}, err
}

// isAdmin says whether the caller runs the instance.
func (h *handler) isAdmin(r *request) bool { return h.by == nil || r.who.May(desk.ScopeAdmin) }

func (of owner) show(h *handler, r *request) (response, error) {
	agent, err := of(r)
	if err != nil {
		return response{}, err
	}
	d, err := h.app.Destination(r.Context(), agent, desk.DestinationID(r.id()))
	return response{body: destinationOf(d)}, err
}

func (of owner) remove(h *handler, r *request) (response, error) {
	agent, err := of(r)
	if err != nil {
		return response{}, err
	}
	return response{}, h.app.RemoveDestination(r.Context(), r.by, agent, desk.DestinationID(r.id()))
}

func (of owner) rotate(h *handler, r *request) (response, error) {
	agent, err := of(r)
	if err != nil {
		return response{}, err
	}
	d, err := h.app.RotateSecret(r.Context(), r.by, agent, desk.DestinationID(r.id()))
	return response{body: madeDestinationOf(d)}, err
}

func (of owner) test(h *handler, r *request) (response, error) {
	agent, err := of(r)
	if err != nil {
		return response{}, err
	}
	n, err := h.app.TestDestination(r.Context(), r.by, agent, desk.DestinationID(r.id()))
	return response{body: notificationOf(n)}, err
}

func (of owner) deliveries(h *handler, r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	agent, err := of(r)
	if err != nil {
		return response{}, err
	}
	all, next, err := h.app.Notifications(r.Context(), agent, desk.DestinationID(r.id()), page)
	return response{body: each(all, notificationOf), next: next}, err
}

func (of owner) redeliver(h *handler, r *request) (response, error) {
	agent, err := of(r)
	if err != nil {
		return response{}, err
	}
	n, err := h.app.Redeliver(r.Context(), r.by, agent, desk.DestinationID(r.id()), mux.Vars(r.Request)["delivery"])
	return response{body: notificationOf(n)}, err
}

// DestinationPath is where a client finds destinations.
type DestinationPath string

// The paths.
const (
	Webhooks       DestinationPath = "/webhooks"        // of the instance
	MyDestinations DestinationPath = "/me/destinations" // of the agent in whose name the client calls
)

// Destinations lists the destinations.
func (c *Client) Destinations(ctx context.Context, p DestinationPath) (out []Destination, err error) {
	_, err = c.call(ctx, http.MethodGet, string(p), nil, nil, &out)
	return out, err
}

// Destination returns one destination.
func (c *Client) Destination(ctx context.Context, p DestinationPath, id desk.DestinationID) (out Destination, err error) {
	_, err = c.call(ctx, http.MethodGet, string(p)+"/"+segment(id), nil, nil, &out)
	return out, err
}

// AddDestination adds a destination.
func (c *Client) AddDestination(ctx context.Context, p DestinationPath, in app.NewDestination) (out Destination, err error) {
	return out, c.write(ctx, http.MethodPost, string(p), in, &out)
}

// RemoveDestination removes a destination.
func (c *Client) RemoveDestination(ctx context.Context, p DestinationPath, id desk.DestinationID) error {
	return c.write(ctx, http.MethodDelete, string(p)+"/"+segment(id), nil, nil)
}

// ChangeDestination pauses or resumes a destination, or changes its secret.
func (c *Client) ChangeDestination(ctx context.Context, p DestinationPath, id desk.DestinationID, verb string) (out Destination, err error) {
	return out, c.write(ctx, http.MethodPost, string(p)+"/"+segment(id)+"/"+verb, nil, &out)
}

// TestDestination sends a test to a destination.
func (c *Client) TestDestination(ctx context.Context, p DestinationPath, id desk.DestinationID) (out Notification, err error) {
	return out, c.write(ctx, http.MethodPost, string(p)+"/"+segment(id)+"/test", nil, &out)
}

// Notifications lists at most limit of what was sent to a destination last.
func (c *Client) Notifications(ctx context.Context, p DestinationPath, id desk.DestinationID, limit int) ([]Notification, error) {
	return all[Notification](ctx, c, string(p)+"/"+segment(id)+"/deliveries", url.Values{}, limit)
}

// Redeliver sends an event to a destination once more.
func (c *Client) Redeliver(ctx context.Context, p DestinationPath, id desk.DestinationID, notification string) (out Notification, err error) {
	return out, c.write(ctx, http.MethodPost, string(p)+"/"+segment(id)+"/deliveries/"+segment(notification)+"/redeliver", nil, &out)
}
