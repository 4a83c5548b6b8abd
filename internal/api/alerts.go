package api

import (
	"path"
	"time"

	"earshot/internal/alerts"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/ratelimit"
)

// alertRate is how many alerts one token may send: 60 at once, then one a second.
var alertRate = ratelimit.Rate{Burst: 60, Every: time.Second}

// maxAlertSenders bounds how many tokens are counted at a time.
const maxAlertSenders = 1000

// AlertTaken is what became of an alert.
type AlertTaken struct {
	// Result is drafted, updated, proposed or ignored.
	Result   app.AlertResult `json:"result"`
	Incident desk.IncidentID `json:"incident"` // "": ignored
}

// takeAlert takes what a source sends; the end of the path names it.
func (h *handler) takeAlert(r *request) (response, error) {
	if !h.senders.Allow(string(r.by.Agent)+"/"+r.by.Token, alertRate, h.app.Now()) {
		return response{}, desk.RateLimited("alerts_too_many", "these are too many alerts of one token: at most 60 a minute are taken")
	}
	a, ok, err := alerts.Read(desk.AlertSource(path.Base(r.URL.Path)), r.body)
	if err != nil {
		return response{}, err
	}
	if !ok {
		return response{body: AlertTaken{Result: app.AlertIgnored}}, nil
	}
	var out AlertTaken
	out.Result, out.Incident, err = h.app.TakeAlert(r.Context(), r.by, desk.Handle(r.query("desk")), a)
	return response{body: out}, err
}

// countAlert counts what became of an alert, also of one that was refused before it was read.
func (h *handler) countAlert(source desk.AlertSource, out response, err error) {
	if source == "" || h.counted == nil {
		return
	}
	if taken, ok := out.body.(AlertTaken); ok && err == nil {
		h.counted(string(source), string(taken.Result))
	} else if err != nil {
		h.counted(string(source), desk.ErrorID(Coded(err)))
	}
}

// IncidentAlert is the alert that an incident was made from.
type IncidentAlert struct {
	Source  desk.AlertSource `json:"source"`
	Sender  string           `json:"sender"` // the agent and the name of the token
	Title   string           `json:"title"`
	Text    string           `json:"text"`
	URL     string           `json:"url"`
	Firing  bool             `json:"firing"`
	SinceAt Time             `json:"since"`
	At      Time             `json:"at"`      // the newest word
	Times   int              `json:"times"`   // how many words came
	OverAt  Time             `json:"over_at"` // when it said first that it is over
}

func alertOf(a *desk.IncidentAlert) *IncidentAlert {
	if a == nil {
		return nil
	}
	return &IncidentAlert{Source: a.Source, Sender: a.Sender, Title: a.Title, Text: a.Text, URL: a.URL, Firing: a.Firing, SinceAt: Time{a.Since}, At: Time{a.At}, Times: a.Times, OverAt: Time{a.Over}}
}

// Discarding is the body of putting a draft away.
type Discarding struct {
	Restore bool `json:"restore,omitempty"` // take it out again
}

func (h *handler) discardIncident(r *request) (response, error) {
	var in Discarding
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	i, err := h.app.DiscardIncident(r.Context(), r.by, r.incident(), in.Restore)
	return response{body: incidentOf(i)}, err
}
