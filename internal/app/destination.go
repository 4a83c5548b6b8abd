package app

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/store"
)

// The bounds of destinations: see docs/operations/limits.md.
const (
	maxWebhooks      = 20  // of the instance
	maxOfAgent       = 10  // browsers among them
	maxDestinationOf = 500 // characters of an address
	maxTokenOf       = 200
	// SecretOverlap is how long the secret before signs beside the new one.
	SecretOverlap = 24 * time.Hour
)

// SecretSealer encrypts the secrets of destinations.
type SecretSealer interface {
	// MakeSecret makes the secret of a webhook, and encrypts it.
	MakeSecret(desk.DestinationID) (sealed []byte, err error)
	SealSecret(d desk.DestinationID, plain string) ([]byte, error)
	OpenSecret(d desk.DestinationID, sealed []byte) (string, error)
	// PushKey is the key pair for pushes to browsers, in base64url.
	PushKey() (private, public string, err error)
	// OffCode is the code of a link that turns a destination off.
	OffCode(desk.DestinationID) string
	IsOffCode(d desk.DestinationID, code string) bool
}

// NewDestination is a destination as it is asked for.
type NewDestination struct {
	Form    desk.DestinationForm `json:"form"` // "": webhook
	Name    string               `json:"name"` // "": the host of the address
	URL     string               `json:"url"`
	Token   string               `json:"token"` // of ntfy, may be empty
	Keys    PushKeys             `json:"keys"`  // of a browser
	Desks   []desk.Handle        `json:"desks"`
	Kinds   []store.ChangeKind   `json:"kinds"`   // of the instance's
	Reasons []desk.NoticeReason  `json:"reasons"` // of an agent's; none: all
	Quiet   desk.QuietHours      `json:"quiet"`   // of an agent's
	// Language is that of the texts for an agent, "" English.
	Language string `json:"language"`
	Words    bool   `json:"words"` // to a browser the first words of the post too
}

// MadeDestination is a new destination, or one with a new secret, which is shown in
// this answer only.
type MadeDestination struct {
	store.Destination
	Secret string `json:"-"` // results of requests are stored
}

// AddDestination adds a destination of an agent, or for "" one of the instance.
// byAdmin: the caller is an admin, whose destinations may be in a private network.
func (a *App) AddDestination(ctx context.Context, by By, agent desk.Email, n NewDestination, byAdmin bool) (MadeDestination, error) {
	d := store.Destination{ID: desk.DestinationID(id.New()), Agent: agent, Form: n.Form, Name: strings.TrimSpace(n.Name), ByAdmin: byAdmin}
	d.Desks, d.Kinds, d.Reasons, d.Quiet, d.Language, d.Words = n.Desks, n.Kinds, n.Reasons, n.Quiet, n.Language, n.Words
	if d.Form == "" {
		d.Form = desk.FormWebhook
	}
	if err := a.checkForm(&d, n); err != nil {
		return MadeDestination{}, err
	}
	if d.Name == "" {
		u, _ := url.Parse(d.URL)
		d.Name = u.Hostname()
	}
	if utf8.RuneCountInString(d.Name) > 100 || len(n.Token) > maxTokenOf || len(n.Language) > 35 {
		return MadeDestination{}, desk.Invalid("destination_long", "a name has at most 100 characters, a token at most %d", maxTokenOf)
	}
	if err := checkFilter(d); err != nil {
		return MadeDestination{}, err
	}
	if err := a.sealFor(&d, n); err != nil {
		return MadeDestination{}, err
	}
	return a.withSecret(once(ctx, a, by, destinationAudit("add"), func(tx *Tx) (MadeDestination, error) {
		if err := tx.replaces(by, &d); err != nil {
			return MadeDestination{}, err
		}
		if err := tx.mayAddDestination(d); err != nil {
			return MadeDestination{}, err
		}
		if d.Quiet != (desk.QuietHours{}) && d.Quiet.Zone == "" {
			agent, err := tx.Agent(d.Agent)
			if err != nil {
				return MadeDestination{}, err
			}
			d.Quiet.Zone = agent.TimeZone
		}
		last, there, err := tx.Changes().Last()
		if err != nil {
			return MadeDestination{}, err
		}
		if there {
			d.After = afterOf(last)
		}
		d.Created, d.Read = tx.Now, tx.Now
		for n := range d.Secrets {
			d.Secrets[n].Since = tx.Now
		}
		return MadeDestination{Destination: d}, tx.Destinations().Put(d)
	}))
}

// checkForm checks the address of a new destination, as its form has it.
func (a *App) checkForm(d *store.Destination, n NewDestination) (err error) {
	if d.Words && d.Form != desk.FormPush {
		return desk.Invalid("destination_words", "words are sent to browsers only, for which they are encrypted")
	}
	switch {
	case d.Form == desk.FormWebhook:
	case d.Form == desk.FormNtfy && d.Agent != "":
	case d.Form == desk.FormMail && d.Agent != "":
		return a.checkMail(d, n)
	case d.Form == desk.FormPush && d.Agent != "":
		d.ByAdmin = false // the address is the browser's, whose agent it is
		if err := n.Keys.check(); err != nil {
			return err
		}
	default:
		return desk.Invalid("destination_form", "there is no such form of a destination here: %q", d.Form)
	}
	d.URL, err = a.destinationURL(n.URL)
	return err
}

// destinationAudit makes the audit entries of destinations.
func destinationAudit(what string) audit[MadeDestination] {
	return audit[MadeDestination]{"destination." + what, func(d MadeDestination) (string, string) { return "destinations/" + string(d.ID), d.Name }}
}

// withSecret shows the secret of a webhook to the one who made it. It is read from
// where it is sealed, so that a repeated request shows the same one.
func (a *App) withSecret(d MadeDestination, err error) (MadeDestination, error) {
	if err != nil || d.Form != desk.FormWebhook {
		return d, err
	}
	d.Secret, err = a.secrets.OpenSecret(d.ID, d.Secrets[0].Sealed)
	return d, err
}

// sealFor gives a new destination its secret: one that we make for a webhook, the
// token for ntfy, its keys for a browser.
func (a *App) sealFor(d *store.Destination, n NewDestination) (err error) {
	plain := n.Token
	if d.Form == desk.FormPush {
		keys, err := json.Marshal(n.Keys)
		if err != nil {
			return err
		}
		plain = string(keys)
	}
	var s store.SealedSecret
	switch {
	case d.Form == desk.FormWebhook:
		s.Sealed, err = a.secrets.MakeSecret(d.ID)
	case plain != "" && d.Form != desk.FormMail: // mail goes through one server, which has its own
		s.Sealed, err = a.secrets.SealSecret(d.ID, plain)
	default:
		return nil
	}
	d.Secrets = []store.SealedSecret{s}
	return err
}

// destinationURL checks an address: https, or http too in development.
func (a *App) destinationURL(s string) (string, error) {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	plain := err == nil && u.Scheme == "http" && strings.HasPrefix(a.site.URL, "http:")
	if err != nil || u.Scheme != "https" && !plain || u.Hostname() == "" || u.User != nil || u.Fragment != "" || len(s) > maxDestinationOf {
		return "", desk.Invalid("destination_url", "a destination has an https address of at most %d characters, without a password or a fragment", maxDestinationOf)
	}
	return s, nil
}

// checkFilter checks of which events a destination wants to know.
func checkFilter(d store.Destination) error {
	for _, k := range d.Kinds {
		if !slices.Contains(store.ChangeKinds(), k) {
			return desk.Invalid("destination_kind", "there is no kind of event %q", k)
		}
	}
	for _, r := range d.Reasons {
		if !desk.KnownReason(r) {
			return desk.Invalid("destination_reason", "there is no reason %q to be notified", r)
		}
	}
	if d.Agent == "" && (len(d.Reasons) > 0 || d.Quiet != (desk.QuietHours{})) || d.Agent != "" && len(d.Kinds) > 0 {
		return desk.Invalid("destination_filter", "the instance's destinations are filtered by kinds, those of an agent by reasons and quiet hours")
	}
	q := d.Quiet
	if _, err := time.LoadLocation(q.Zone); err != nil || q.Zone == "Local" || len(q.Zone) > 60 {
		return desk.Invalid("destination_zone", "there is no time zone %q", q.Zone)
	}
	if q.From < 0 || q.To < 0 || q.From >= 24*60 || q.To >= 24*60 {
		return desk.Invalid("destination_hours", "quiet hours begin and end at a minute of the day")
	}
	return nil
}

// mayAddDestination checks the bounds, and that what the filter names exists.
func (t *Tx) mayAddDestination(d store.Destination) error {
	most := maxOfAgent
	if d.Agent == "" {
		most = maxWebhooks
	} else if _, ok, err := t.Agents().Get(d.Agent); err != nil {
		return err
	} else if !ok {
		return desk.NotFound("agent_not_found", "there is no agent %q", d.Agent)
	}
	all, _, err := t.Destinations().Of(d.Agent, store.Page{Limit: most})
	if err != nil {
		return err
	}
	if len(all) >= most {
		return desk.Conflict("destinations_many", "there are %d already: remove one first", most)
	}
	for _, h := range d.Desks {
		if _, err := t.desk(h); err != nil {
			return err
		}
	}
	return nil
}

// Destinations lists those of an agent, or of the instance for "".
func (a *App) Destinations(ctx context.Context, agent desk.Email) (out []store.Destination, err error) {
	err = a.View(ctx, func(tx *Tx) error { out, _, err = tx.Destinations().Of(agent, store.Page{}); return err })
	return out, err
}

// FailingDestinations lists those of everyone that we paused, or that fail.
func (a *App) FailingDestinations(ctx context.Context) (out []store.Destination, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		for d, err := range store.Each(tx.Destinations().List) {
			if err != nil {
				return err
			}
			if d.Gave || d.Failures >= failsBefore {
				out = append(out, d)
			}
		}
		return nil
	})
	return out, err
}

// Destination returns one destination of an agent, or of the instance for "".
func (a *App) Destination(ctx context.Context, agent desk.Email, id desk.DestinationID) (d store.Destination, err error) {
	err = a.View(ctx, func(tx *Tx) error { d, err = tx.destination(agent, id); return err })
	return d, err
}

// destination finds one that is an agent's: those of others are not there.
func (t *Tx) destination(agent desk.Email, id desk.DestinationID) (store.Destination, error) {
	d, ok, err := t.Destinations().Get(id)
	if err == nil && (!ok || d.Agent != agent) {
		err = desk.NotFound("destination_not_found", "there is no destination %s", id)
	}
	return d, err
}

// Notifications lists the last ones of a destination, the newest events first.
func (a *App) Notifications(ctx context.Context, agent desk.Email, id desk.DestinationID, p store.Page) (out []store.Notification, next string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		if _, err := tx.destination(agent, id); err != nil {
			return err
		}
		out, next, err = tx.Destinations().Notifications(id, p)
		return err
	})
	return out, next, err
}

// changeDestination changes one destination.
func (a *App) changeDestination(ctx context.Context, by By, what string, agent desk.Email, id desk.DestinationID, f func(*Tx, *store.Destination) error) (store.Destination, error) {
	out, err := once(ctx, a, by, destinationAudit(what), func(tx *Tx) (MadeDestination, error) {
		d, err := tx.destination(agent, id)
		if err == nil {
			err = f(tx, &d)
		}
		if err != nil {
			return MadeDestination{}, err
		}
		return MadeDestination{Destination: d}, tx.Destinations().Put(d)
	})
	return out.Destination, err
}

// PauseDestination ends sending until it is resumed.
func (a *App) PauseDestination(ctx context.Context, by By, agent desk.Email, id desk.DestinationID) (store.Destination, error) {
	return a.pauseDestination(ctx, by, agent, id, by.Agent)
}

func (a *App) pauseDestination(ctx context.Context, by By, agent desk.Email, id desk.DestinationID, who desk.Email) (store.Destination, error) {
	return a.changeDestination(ctx, by, "pause", agent, id, func(tx *Tx, d *store.Destination) error {
		if d.Paused() {
			return desk.Conflict("destination_paused", "it is paused already")
		}
		d.PausedAt, d.PausedBy, d.Gave = tx.Now, who, false
		return nil
	})
}

// ResumeDestination sends again: what waits, and the events of the pause that are
// still in the log of changes.
func (a *App) ResumeDestination(ctx context.Context, by By, agent desk.Email, id desk.DestinationID) (store.Destination, error) {
	return a.changeDestination(ctx, by, "resume", agent, id, func(tx *Tx, d *store.Destination) error {
		if !d.Paused() {
			return desk.Conflict("destination_not_paused", "it is not paused")
		}
		d.PausedAt, d.PausedBy, d.Gave = time.Time{}, "", false
		d.Failures, d.FailingSince, d.Status, d.Error = 0, time.Time{}, 0, ""
		return tx.sendWaiting(*d)
	})
}

// sendWaiting has the notifications that wait sent now, and the one that gathers events
// at its time.
func (t *Tx) sendWaiting(d store.Destination) error {
	for n, err := range store.EachOf(t.Destinations().Notifications, d.ID) {
		if err != nil {
			return err
		}
		if n.State != store.NotificationQueued {
			continue
		}
		due := t.Now
		if n.ID == d.Gathering && t.Now.Before(d.GatheringUntil) { // events are still added to it
			due = gatheredAt(d)
		}
		if err := t.notifyAt(d, n.ID, due); err != nil {
			return err
		}
	}
	return nil
}

// RotateSecret gives a webhook a new secret. The one before signs beside it for
// SecretOverlap, so that the receiver can change in between.
func (a *App) RotateSecret(ctx context.Context, by By, agent desk.Email, id desk.DestinationID) (MadeDestination, error) {
	sealed, err := a.secrets.MakeSecret(id)
	if err != nil {
		return MadeDestination{}, err
	}
	return a.withSecret(once(ctx, a, by, destinationAudit("rotate"), func(tx *Tx) (MadeDestination, error) {
		d, err := tx.destination(agent, id)
		if err != nil {
			return MadeDestination{}, err
		}
		if d.Form != desk.FormWebhook {
			return MadeDestination{}, desk.Conflict("destination_no_secret", "only a webhook has a secret of ours")
		}
		old := d.Secrets[0]
		old.Until = tx.Now.Add(SecretOverlap)
		d.Secrets = []store.SealedSecret{{Sealed: sealed, Since: tx.Now}, old}
		return MadeDestination{Destination: d}, tx.Destinations().Put(d)
	}))
}

// RemoveDestination removes a destination with its log; what waits is not sent.
func (a *App) RemoveDestination(ctx context.Context, by By, agent desk.Email, id desk.DestinationID) error {
	_, err := once(ctx, a, by, destinationAudit("remove"), func(tx *Tx) (MadeDestination, error) {
		d, err := tx.destination(agent, id)
		if err != nil {
			return MadeDestination{}, err
		}
		return MadeDestination{Destination: d}, tx.removeDestination(d.ID)
	})
	return err
}

func (t *Tx) removeDestination(id desk.DestinationID) error {
	for {
		some, _, err := t.Destinations().Notifications(id, store.Page{})
		if err != nil {
			return err
		}
		if len(some) == 0 {
			break
		}
		for _, n := range some {
			if _, err := t.Destinations().DeleteNotification(id, n.ID); err != nil {
				return err
			}
		}
	}
	_, err := t.Destinations().Delete(id)
	return err
}
