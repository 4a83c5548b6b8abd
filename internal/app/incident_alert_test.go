package app_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

var pager = app.By{Agent: "bo@acme.example", Via: store.ViaToken, Token: "pager"}

func uplink(firing bool) desk.Alert {
	return desk.Alert{Source: desk.AlertAlertmanager, Key: "uplink", Title: "Uplink down", Text: "No packets through core-1.intern", Impact: desk.ImpactMajor, Firing: firing,
		Since: time.Date(2026, 3, 1, 11, 58, 0, 0, time.UTC), Labels: []string{"internet", "snmp"}}
}

// alert takes an alert at a node and says what became of it.
func (r *threads) alert(by app.By, in desk.Alert) (app.AlertResult, desk.IncidentID) {
	r.Helper()
	result, id, err := r.app().TakeAlert(ctx, by, "", in)
	fine(r, err)
	return result, id
}

func (r *threads) incident(id desk.IncidentID) desk.Incident {
	r.Helper()
	v, err := r.app().ShowIncident(ctx, id)
	fine(r, err)
	return v.Incident
}

func (r *threads) broadcasts() int {
	r.Helper()
	list, _, err := r.app().Broadcasts(ctx, "help", store.Page{})
	fine(r, err)
	return len(list)
}

// An alert makes a draft and nothing else; its next words change the draft, then say that
// it is over. A person publishes, updates and closes.
func TestAlert(t *testing.T) {
	onStores(t, func(r *threads) {
		result, id := r.alert(pager, uplink(true))
		i := r.incident(id)
		r.same("the result", result, app.AlertDrafted)
		r.same("the draft", []any{i.State(), i.Title, i.Text, i.Status, i.Impact, i.Agent, len(i.Services)}, []any{desk.IncidentDraft, "Uplink down", "", desk.IncidentInvestigating, desk.ImpactMajor, desk.Email(""), 0})
		r.same("its alert", *i.Alert, desk.IncidentAlert{Source: desk.AlertAlertmanager, Sender: "bo@acme.example/pager", Title: "Uplink down", Text: "No packets through core-1.intern", Firing: true,
			Since: uplink(true).Since, At: i.OpenedAt, Times: 1})

		r.clock.Advance(time.Minute)
		again := uplink(true)
		again.Title = "Two uplinks down"
		result, same := r.alert(pager, again)
		r.same("the second word", []any{result, same, r.incident(id).Title, r.incident(id).Alert.Times}, []any{app.AlertUpdated, id, "Two uplinks down", 2})
		title := "No internet in the Ostviertel"
		_, err := r.app().EditIncident(ctx, app.By{}, id, app.IncidentEdit{Title: &title})
		fine(t, err)
		r.alert(pager, uplink(true))
		r.same("the title that a person wrote", r.incident(id).Title, title)

		result, _ = r.alert(pager, uplink(false))
		r.same("over, of a draft", []any{result, r.incident(id).State(), r.incident(id).Proposes()}, []any{app.AlertUpdated, desk.IncidentDraft, desk.IncidentStatus("")})
		r.alert(pager, uplink(true))

		i, err = r.app().PublishIncident(ctx, app.By{}, id, true)
		fine(t, err)
		fine(t, r.app().Update(ctx, func(tx *app.Tx) error { _, _, err := tx.PublishPost(i.Root); return err }))
		result, _ = r.alert(pager, uplink(true))
		r.same("firing, of an open one", []any{result, r.incident(id).Proposes()}, []any{app.AlertUpdated, desk.IncidentStatus("")})
		result, _ = r.alert(pager, uplink(false))
		i = r.incident(id)
		r.same("over, of an open one", []any{result, i.Proposes(), i.Status, i.State()}, []any{app.AlertProposed, desk.IncidentMonitoring, desk.IncidentInvestigating, desk.IncidentOpen})
		if n := r.broadcasts(); n != 1 {
			t.Errorf("%d posts, want the one of the person", n)
		}

		i, err = r.app().CloseIncident(ctx, app.By{}, app.CloseInput{Incident: id, Text: "Over.", Now: true})
		fine(t, err)
		fine(t, r.app().Update(ctx, func(tx *app.Tx) error { _, _, err := tx.PublishPost(i.Updates[0].Post); return err }))
		result, none := r.alert(pager, uplink(false))
		r.same("over, when nothing is open", []any{result, none}, []any{app.AlertIgnored, desk.IncidentID("")})
		result, next := r.alert(pager, uplink(true))
		r.same("the same again on another day", []any{result, next != id}, []any{app.AlertDrafted, true})

		var acts []string
		entries, _, err := r.app().AuditEntries(ctx, store.AuditFilter{Agent: pager.Agent}, store.Page{})
		fine(t, err)
		for _, e := range entries {
			acts = append(acts, e.What+" "+e.Token+" "+e.Note)
		}
		r.same("the audit log", acts, []string{"alert.draft pager alertmanager", "alert.over pager alertmanager", "alert.draft pager alertmanager"})
	})
}

// Each token has its own keys and its own twenty drafts. A draft that was put away counts
// no more, and can be taken out again.
func TestAlertDrafts(t *testing.T) {
	onStores(t, func(r *threads) {
		other := pager
		other.Token = "kuma"
		_, first := r.alert(pager, uplink(true))
		_, theirs := r.alert(other, uplink(true))
		if first == theirs {
			t.Error("two senders share a key")
		}
		for n := range desk.MaxAlertDrafts - 1 {
			a := uplink(true)
			a.Key = fmt.Sprint(n)
			r.alert(pager, a)
		}
		more := uplink(true)
		more.Key = "one more"
		_, _, err := r.app().TakeAlert(ctx, pager, "help", more)
		r.same("one more", desk.ErrorID(err), "alert_drafts_full")
		result, _ := r.alert(pager, uplink(true))
		r.same("a known one", result, app.AlertUpdated)
		r.alert(other, more)

		i, err := r.app().DiscardIncident(ctx, app.By{}, first, false)
		fine(t, err)
		r.same("put away", []any{i.State(), i.Hidden()}, []any{desk.IncidentDiscarded, true})
		_, err = r.app().PublishIncident(ctx, app.By{}, first, true)
		r.same("publishing it", desk.ErrorID(err), "incident_discarded")
		title := "x"
		_, err = r.app().EditIncident(ctx, app.By{}, first, app.IncidentEdit{Title: &title})
		r.same("changing it", desk.ErrorID(err), "incident_discarded")
		drafts, _, err := r.app().Incidents(ctx, store.IncidentFilter{State: desk.IncidentDraft}, store.Page{})
		fine(t, err)
		if slices.ContainsFunc(drafts, func(i desk.Incident) bool { return i.ID == first }) {
			t.Error("it stands among the drafts")
		}
		result, _ = r.alert(pager, more)
		r.same("one more now", result, app.AlertDrafted)
		i, err = r.app().DiscardIncident(ctx, app.By{}, first, true)
		fine(t, err)
		r.same("taken out", i.State(), desk.IncidentDraft)
	})
}

// Two nodes that hear the same at once make one draft.
func TestAlertAtOnce(t *testing.T) {
	onStores(t, func(r *threads) {
		var wg sync.WaitGroup
		for n := range 16 {
			wg.Go(func() {
				if _, _, err := r.nodes[n%len(r.nodes)].TakeAlert(ctx, pager, "", uplink(true)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		drafts, _, err := r.app().Incidents(ctx, store.IncidentFilter{}, store.Page{})
		fine(t, err)
		if len(drafts) != 1 || drafts[0].Alert.Times != 16 {
			t.Errorf("%d drafts: %+v", len(drafts), drafts)
		}
	})
}

// A desk's list of services is what an alert may name; where there are several desks it
// says whose it is.
func TestAlertServices(t *testing.T) {
	onStores(t, func(r *threads) {
		_, err := r.app().EditDesk(ctx, app.By{}, "help", app.DeskEdit{Services: []string{"Internet", "Telephone"}})
		fine(t, err)
		a := uplink(true)
		a.Services = []string{"core-1"}
		_, id := r.alert(pager, a)
		r.same("the services", r.incident(id).Services, []string{"Internet"})
		_, err = r.app().AddDesk(ctx, app.By{}, desk.Desk{Handle: "sales", Name: "Sales"})
		fine(t, err)
		_, _, err = r.app().TakeAlert(ctx, pager, "", a)
		r.same("of which desk", desk.ErrorID(err), "alert_desk_missing")
		_, _, err = r.app().TakeAlert(ctx, pager, "none", a)
		r.same("of a desk that is not there", desk.ErrorID(err), "desk_not_found")
		a.Key = ""
		_, _, err = r.app().TakeAlert(ctx, pager, "help", a)
		r.same("without a key", desk.ErrorID(err), "alert_key_invalid")
	})
}
