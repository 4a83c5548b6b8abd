package app

import (
	"context"
	"fmt"
	"time"

	"earshot/internal/desk"
	"earshot/internal/failpoint"
	"earshot/internal/id"
	"earshot/store"
)

// windowAgain is when a prepared update is tried again that had to wait for another post
// of the incident.
const windowAgain = 5 * time.Second

// prepare sets the texts of planned work that go out by themselves; nil stays. Only a
// person who may publish writes them, and only for a time to come.
func (t *Tx) prepare(by By, i *desk.Incident, texts map[desk.IncidentStatus]*string) error {
	for _, to := range desk.PreparedStatuses() {
		if texts[to] == nil {
			continue
		}
		text := *texts[to]
		if text == i.PreparedText(to) {
			continue
		}
		if !by.publishes() {
			return errIncidentScope()
		}
		if text != "" {
			var err error
			if text, err = checkOutward(by, text); err != nil {
				return err
			}
		}
		if err := i.Prepare(to, text, by.Agent); err != nil {
			return err
		}
		if text != "" && !i.PreparedAt(to).After(t.Now) {
			return desk.Invalid("incident_prepare_past", "the planned time has passed already: write an update")
		}
	}
	return nil
}

// armWindow adds the jobs of prepared updates. A job whose time is no longer the planned
// one does nothing.
func (t *Tx) armWindow(i desk.Incident) error {
	if i.State() != desk.IncidentOpen {
		return nil
	}
	for _, p := range i.Prepared {
		if p.Post != "" {
			continue
		}
		if err := t.windowJob(Timer{Kind: TimerWindow, Incident: i.ID, Stands: p.Status, At: i.PreparedAt(p.Status)}, i.PreparedAt(p.Status)); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) windowJob(w Timer, due time.Time) error {
	return t.addJob(store.QueueTimer, fmt.Sprintf("window:%s:%s:%d:%d", w.Incident, w.Stands, w.At.UnixMicro(), w.N), "", due, w)
}

// Window lets a prepared update go out, with the take-back time, unless a person has said
// the same before. Its post's id follows from the incident and the planned time: a restored
// backup says it under the same id.
func (a *App) Window(ctx context.Context, w Timer) error {
	failpoint.Hit("window.due")
	defer failpoint.Hit("window.written")
	return a.Update(ctx, func(tx *Tx) error {
		i, ok, err := tx.Incidents().Get(w.Incident)
		if err != nil || !ok || i.State() != desk.IncidentOpen {
			return err
		}
		p := i.PreparedFor(w.Stands)
		if p == nil || p.Post != "" || !i.PreparedAt(w.Stands).Equal(w.At) {
			return nil
		}
		if w.Stands == desk.WorkInProgress && i.Status != desk.WorkScheduled {
			return nil
		}
		if i.Leaving() {
			w.N++
			return tx.windowJob(w, tx.Now.Add(windowAgain))
		}
		by := By{Agent: p.Agent}
		post := desk.PostID(id.At(w.At, fmt.Sprintf("window %s %s", i.ID, w.Stands)))
		if err := tx.writeUpdate(by, &i, UpdateInput{Status: w.Stands, Text: p.Text, post: post}, a.leaves(tx, false), Audience{}); err != nil {
			return err
		}
		p.Post = post
		i.Revision++
		if err := tx.Incidents().Put(i); err != nil {
			return err
		}
		return tx.Audit(by, "incident.window", "incidents/"+string(i.ID), string(w.Stands))
	})
}
