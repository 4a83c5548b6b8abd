package app_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// work runs the due jobs, each twice and at two nodes: jobs run at least once.
func (r *threads) work() {
	r.Helper()
	for range 20 {
		var ran int
		for _, q := range []store.Queue{store.QueueTimer, store.QueuePublish} {
			var jobs []store.Job
			fine(r, r.nodes[0].Update(ctx, func(tx *app.Tx) (err error) {
				jobs, err = tx.Jobs().Lease(q, tx.Now, tx.Now.Add(time.Minute), 500)
				return err
			}))
			for _, j := range jobs {
				for _, n := range []int{0, len(r.nodes) - 1} {
					if q == store.QueueTimer {
						fine(r, r.nodes[n].RunTimer(ctx, j))
						continue
					}
					var p app.Publish
					fine(r, json.Unmarshal(j.Payload, &p))
					_, err := r.nodes[n].Publish(ctx, p, func(*app.Tx, app.Publish, desk.Post) (app.Written, error) { return app.Written{}, nil })
					fine(r, err)
				}
				ran++
				fine(r, r.nodes[0].Update(ctx, func(tx *app.Tx) error { _, err := tx.Jobs().Done(j.ID, j.Lease); return err }))
			}
		}
		if ran == 0 {
			return
		}
	}
	r.Fatal("it never ends")
}

func (r *threads) until(at time.Time) {
	r.clock.Advance(at.Sub(r.clock.Now()))
	r.work()
}

// planned opens planned work from one hour to two hours from now, with both texts.
func (r *threads) planned() (id desk.IncidentID, from, until time.Time) {
	r.Helper()
	from = r.clock.Now().Add(time.Hour).Truncate(time.Hour)
	until = from.Add(time.Hour)
	i, err := r.app().OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "Mail servers", From: from, Until: until, AtBegin: "We have begun.", AtEnd: "Done.", Publish: true, Now: true})
	fine(r, err)
	r.work()
	return i.ID, from, until
}

// said are the updates of an incident that are out, the newest first.
func (r *threads) saidOf(id desk.IncidentID) (out []string) {
	r.Helper()
	v, err := r.app().ShowIncident(ctx, id)
	fine(r, err)
	for _, u := range v.Updates {
		if u.BroadcastView.Post.State == desk.PostPublished {
			out = append(out, string(u.Status)+": "+u.BroadcastView.Post.Text)
		}
	}
	return out
}

// The texts of planned work go out by themselves, once, at its beginning and its end; until
// then they and the window can change.
func TestWindow(t *testing.T) {
	onStores(t, func(r *threads) {
		id, from, until := r.planned()
		if said := r.saidOf(id); len(said) > 0 {
			t.Errorf("said before it begins: %q", said)
		}
		text, later := "We have begun, and mail pauses.", until.Add(time.Hour)
		_, err := r.app().EditIncident(ctx, app.By{}, id, app.IncidentEdit{AtBegin: &text, Until: &later})
		fine(t, err)
		_, err = r.app().EditIncident(ctx, app.By{Via: store.ViaToken}, id, app.IncidentEdit{AtEnd: &text})
		r.same("by one who may not publish", desk.ErrorID(err), "incident_scope")
		r.work()

		r.until(from)
		i := r.incident(id)
		if said := r.saidOf(id); len(said) > 0 || !i.Leaving() {
			t.Errorf("it has no take-back time: %q", said)
		}
		r.until(from.Add(time.Minute))
		r.same("at the beginning", r.saidOf(id), []string{"in_progress: " + text})
		r.same("the status", r.incident(id).Status, desk.WorkInProgress)
		_, err = r.app().EditIncident(ctx, app.By{}, id, app.IncidentEdit{AtBegin: new(string)})
		r.same("changing it when it is out", desk.ErrorID(err), "incident_prepared_gone")

		r.until(until.Add(time.Minute))
		r.same("at the end that was planned first", r.saidOf(id), []string{"in_progress: " + text})
		r.until(later.Add(time.Minute))
		r.until(later.Add(2 * time.Minute))
		r.same("at the end", r.saidOf(id), []string{"completed: Done.", "in_progress: " + text})
		r.same("the state", r.incident(id).State(), desk.IncidentOver)
	})
}

// Of two instances that begin alike, as after a restored backup, both say the same under
// the same id.
func TestWindowIDs(t *testing.T) {
	var ids []desk.PostID
	for range 2 {
		h := newHouse(t)
		from := h.Now().Add(time.Hour)
		h.ok(h.Update(ctx, func(tx *app.Tx) error {
			return tx.Incidents().Put(desk.Incident{ID: "0192aaaa-0000-7000-8000-000000000001", Desk: "help", Title: "Work", Impact: desk.ImpactMinor, Status: desk.WorkScheduled, From: from, Until: from.Add(time.Hour),
				Root: "root", PublishedAt: tx.Now, StatusAt: tx.Now, OpenedAt: tx.Now, Prepared: []desk.PreparedUpdate{{Status: desk.WorkInProgress, Text: "Begun."}}})
		}))
		h.clock.Advance(time.Hour)
		h.ok(h.Window(ctx, app.Timer{Incident: "0192aaaa-0000-7000-8000-000000000001", Stands: desk.WorkInProgress, At: from}))
		i := h.incident("0192aaaa-0000-7000-8000-000000000001").Incident
		if len(i.Updates) != 1 {
			t.Fatalf("%+v", i)
		}
		ids = append(ids, i.Updates[0].Post)
	}
	if ids[0] != ids[1] {
		t.Errorf("two ids: %v", ids)
	}
}

// A prepared text that was taken back is not said again; one that a person said before, or
// whose incident is a draft, is not said at all.
func TestWindowTakenBack(t *testing.T) {
	onStores(t, func(r *threads) {
		id, from, until := r.planned()
		r.until(from)
		post := r.incident(id).Updates[0].Post
		_, err := r.app().Undo(ctx, app.By{}, string(post))
		fine(t, err)
		title := "Mail servers in Kiel"
		_, err = r.app().EditIncident(ctx, app.By{}, id, app.IncidentEdit{Title: &title})
		fine(t, err)
		r.until(from.Add(time.Minute))
		r.same("after the take-back", []any{len(r.saidOf(id)), r.incident(id).Status, r.incident(id).PreparedText(desk.WorkInProgress)}, []any{0, desk.WorkScheduled, ""})
		again := "We have begun."
		_, err = r.app().EditIncident(ctx, app.By{}, id, app.IncidentEdit{AtBegin: &again})
		r.same("for a time that has passed", desk.ErrorID(err), "incident_prepare_past")
		_, err = r.app().CloseIncident(ctx, app.By{}, app.CloseInput{Incident: id, Text: "Called off.", Now: true})
		fine(t, err)
		r.until(until.Add(time.Minute))
		r.same("after a person ended it", r.saidOf(id), []string{"completed: Called off."})

		draft, err := r.app().OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "Later", From: r.clock.Now().Add(time.Hour), Until: r.clock.Now().Add(2 * time.Hour), AtBegin: "Begun."})
		fine(t, err)
		r.until(r.clock.Now().Add(3 * time.Hour))
		r.same("a draft", len(r.incident(draft.ID).Updates), 0)
		_, err = r.app().OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No mail", AtBegin: "Begun."})
		r.same("of an incident", desk.ErrorID(err), "incident_prepare_window")
	})
}

// A prepared text waits until another post of the incident has gone out.
func TestWindowWaits(t *testing.T) {
	onStores(t, func(r *threads) {
		id, from, _ := r.planned()
		r.until(from.Add(-time.Second))
		_, err := r.nodes[0].UpdateIncident(ctx, app.By{}, app.UpdateInput{Incident: id, Text: "It begins in a moment."})
		fine(t, err)
		r.until(from.Add(2 * time.Second))
		r.until(from.Add(time.Minute))
		r.until(from.Add(2 * time.Minute))
		r.until(from.Add(3 * time.Minute))
		r.same("both", r.saidOf(id), []string{"in_progress: We have begun.", "scheduled: It begins in a moment."})
		entries, _, err := r.app().AuditEntries(ctx, store.AuditFilter{On: "incidents/" + string(id)}, store.Page{})
		fine(t, err)
		if !slices.ContainsFunc(entries, func(e store.AuditEntry) bool { return strings.HasPrefix(e.What, "incident.window") }) {
			t.Error("the audit log does not name it")
		}
	})
}
