package app

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// AlertResult says what became of an alert.
type AlertResult string

// The results.
const (
	AlertDrafted  AlertResult = "drafted"  // a new draft was made
	AlertUpdated  AlertResult = "updated"  // its incident knows the newest word
	AlertProposed AlertResult = "proposed" // it says that it is over: its incident proposes an update
	AlertIgnored  AlertResult = "ignored"  // it is over, and no incident knew of it; or it is a test
)

// alertKnown is how long an alert and its incident are remembered together.
const alertKnown = 400 * 24 * time.Hour

// TakeAlert makes an incident of what a program says, or brings its incident up to date.
// The incident is a draft: only a person publishes, updates and closes it. h may be "" if
// there is one desk.
func (a *App) TakeAlert(ctx context.Context, by By, h desk.Handle, in desk.Alert) (result AlertResult, id desk.IncidentID, err error) {
	if in, err = desk.NewAlert(in); err != nil {
		return "", "", err
	}
	in.Since = micro(in.Since)
	err = a.Update(ctx, func(tx *Tx) error {
		d, err := tx.alertDesk(h)
		if err != nil {
			return err
		}
		key := fmt.Sprintf("alert:%x", sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", d.Handle, alertSender(by), in.Source, in.Key)))
		i, err := tx.alerted(key)
		if err != nil {
			return err
		}
		if id = i.ID; id == "" && !in.Firing {
			result = AlertIgnored
			return nil
		}
		if id == "" {
			result = AlertDrafted
			id, err = tx.draftOf(by, d, key, in)
			return err
		}
		first := !in.Firing && i.Alert != nil && i.Alert.Over.IsZero()
		i.Take(in, tx.Now)
		i.Revision++
		if err := tx.Incidents().Put(i); err != nil {
			return err
		}
		if result = AlertUpdated; i.Proposes() != "" {
			result = AlertProposed
		}
		if first { // and no more of an alert that comes and goes: the log would be full of it
			return tx.Audit(by, "alert.over", "incidents/"+string(id), string(in.Source))
		}
		return nil
	})
	return result, id, err
}

// alertDesk finds the desk of an alert.
func (t *Tx) alertDesk(h desk.Handle) (desk.Desk, error) {
	if h != "" {
		return t.desk(h)
	}
	all, err := t.desks()
	if err != nil {
		return desk.Desk{}, err
	}
	if len(all) != 1 {
		return desk.Desk{}, desk.Invalid("alert_desk_missing", "there are %d desks: say whose alert this is", len(all))
	}
	return all[0], nil
}

// alertSender names the token with which an alert comes. Two senders may give two matters
// the same key, so each has its own.
func alertSender(by By) string {
	if by.Token == "" {
		return string(by.Agent)
	}
	return string(by.Agent) + "/" + by.Token
}

// alerted finds the incident that an alert is about; its id is "" if no
// incident is known, or the known one is over, or its draft was put away.
func (t *Tx) alerted(key string) (i desk.Incident, err error) {
	id, ok, err := t.Once().Get(key)
	if err != nil || !ok {
		return i, err
	}
	i, ok, err = t.Incidents().Get(desk.IncidentID(id))
	if err != nil || !ok || i.State() == desk.IncidentOver || i.State() == desk.IncidentDiscarded {
		return desk.Incident{}, err
	}
	return i, nil
}

// draftOf makes a draft of an alert. Its text stays empty: what a program says of our own
// machines is for the agents, until one of them writes it.
func (t *Tx) draftOf(by By, d desk.Desk, key string, in desk.Alert) (desk.IncidentID, error) {
	drafts, err := t.alertDrafts(by)
	if err != nil {
		return "", err
	}
	if len(drafts) >= desk.MaxAlertDrafts {
		return "", desk.RateLimited("alert_drafts_full", "%d drafts of this token are open already: publish or discard some", desk.MaxAlertDrafts)
	}
	services := in.Services
	if len(d.Services) > 0 {
		services = d.ServicesNamed(slices.Concat(in.Services, in.Labels))
	}
	i, err := desk.CheckIncident(desk.Incident{ID: desk.IncidentID(t.NewID()), Desk: d.Handle, Title: in.Title, Services: services, Impact: in.Impact,
		Status: desk.IncidentInvestigating, OpenedAt: t.Now, StatusAt: t.Now, Revision: 1, Alert: &desk.IncidentAlert{Source: in.Source, Sender: alertSender(by)}})
	if err != nil {
		return "", err
	}
	i.Take(in, t.Now)
	if err := t.Incidents().Put(i); err != nil {
		return "", err
	}
	if err := t.rememberAs(key, []byte(i.ID), alertKnown); err != nil {
		return "", err
	}
	raw, err := json.Marshal(append(drafts, i.ID))
	if err != nil {
		return "", err
	}
	if err := t.rememberAs(draftsOfSender(by), raw, alertKnown); err != nil {
		return "", err
	}
	if err := t.Changes().Add(store.Change{ID: t.NewID(), At: t.Now, Kind: store.ChangeIncident, Incident: i.ID, Desks: []desk.Handle{i.Desk}, State: store.StateAlert}); err != nil {
		return "", err
	}
	return i.ID, t.Audit(by, "alert.draft", "incidents/"+string(i.ID), string(in.Source))
}

func draftsOfSender(by By) string { return "alerts:" + alertSender(by) }

// alertDrafts lists the drafts of a sender that are still drafts: at most as many as it
// may have.
func (t *Tx) alertDrafts(by By) (open []desk.IncidentID, err error) {
	raw, ok, err := t.Once().Get(draftsOfSender(by))
	if err != nil || !ok {
		return nil, err
	}
	var had []desk.IncidentID
	if err := json.Unmarshal(raw, &had); err != nil {
		return nil, fmt.Errorf("reading the drafts of alerts: %w", err)
	}
	for _, id := range had {
		i, ok, err := t.Incidents().Get(id)
		if err != nil {
			return nil, err
		}
		if ok && i.State() == desk.IncidentDraft {
			open = append(open, id)
		}
	}
	return open, nil
}

// DiscardIncident puts a draft away, or takes it out again.
func (a *App) DiscardIncident(ctx context.Context, by By, id desk.IncidentID, again bool) (desk.Incident, error) {
	what := "incident.discard"
	if again {
		what = "incident.restore"
	}
	return a.changeIncident(ctx, by, what, id, func(tx *Tx, i *desk.Incident) error { return i.Discard(again, tx.Now) })
}
