package notify

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// turns runs the timers of rotas that are due, as the worker does.
func (o *office) turns() {
	o.Helper()
	var due []store.Job
	fine(o, o.View(ctx, func(tx *app.Tx) (err error) {
		due, _, err = tx.Jobs().List(store.JobFilter{Queue: store.QueueTimer}, store.Page{})
		return err
	}))
	for _, j := range due {
		var t app.Timer
		fine(o, json.Unmarshal(j.Payload, &t))
		if t.Kind != app.TimerRota || j.Due.After(o.Now()) {
			continue
		}
		fine(o, o.RunTimer(ctx, j))
		fine(o, o.Update(ctx, func(tx *app.Tx) error { _, err := tx.Jobs().Drop(j.ID, time.Time{}); return err }))
	}
	o.run()
}

// Of a new issue that nobody takes the agents of the rota are told one after the other,
// each once; who is disabled is passed over. It ends when an agent takes it, and nothing
// says afterwards who did not.
func TestRota(t *testing.T) {
	const dee = desk.Email("dee@acme.example")
	onStores(t, func(o *office) {
		_, err := o.AddAgent(ctx, app.By{}, desk.Agent{Email: dee, Name: "Dee Dol", Role: desk.RoleAgent})
		fine(o, err)
		hook := o.add("", app.NewDestination{URL: "/hook"}, true)
		for who, reasons := range map[desk.Email][]desk.NoticeReason{bo: nil, cy: {desk.NoticeTurn}, dee: {desk.NoticeTurn}} {
			o.add(who, app.NewDestination{Form: desk.FormNtfy, URL: "/" + string(who), Reasons: reasons}, true)
		}
		told := func(what string, want ...string) {
			o.Helper()
			got := []string{}
			for _, r := range o.takeAll() {
				if r.path != "/hook" {
					got = append(got, r.path+" "+r.body)
				}
			}
			slices.Sort(got)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				o.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		const turn = "Nobody has taken a new issue at @help: it is your turn"
		_, err = o.SetRota(ctx, app.By{}, "help", desk.Rota{Agents: []desk.Email{bo, "eve@acme.example"}})
		o.same("an agent that is none", desk.ErrorCode(err), desk.CodeNotFound)
		_, err = o.SetRota(ctx, app.By{}, "help", desk.Rota{Agents: []desk.Email{bo}, Minutes: 24*60 + 1})
		o.same("minutes", desk.ErrorCode(err), desk.CodeInvalid)
		d, err := o.SetRota(ctx, app.By{}, "help", desk.Rota{Agents: []desk.Email{bo, bo, cy, dee}, Minutes: 15})
		fine(o, err)
		o.same("rota", d.Rota, desk.Rota{Agents: []desk.Email{bo, cy, dee}, Minutes: 15})

		issue := o.hears("ana", "1")
		o.run()
		told("at once, as a new one", "/bo@acme.example New report at @help")
		o.clock.Advance(14 * time.Minute)
		o.turns()
		told("too early")
		o.clock.Advance(time.Minute)
		o.turns()
		o.turns()
		told("the second", "/cy@acme.example "+turn)
		_, err = o.Assign(ctx, app.By{Agent: cy}, issue, cy)
		fine(o, err)
		o.clock.Advance(time.Hour)
		o.turns()
		told("it was taken")

		yes := true
		_, err = o.EditAgent(ctx, app.By{}, cy, app.AgentEdit{Disabled: &yes})
		fine(o, err)
		o.hears("ben", "2")
		o.run()
		o.takeAll()
		o.clock.Advance(15 * time.Minute)
		o.turns()
		told("who is disabled is passed over", "/dee@acme.example "+turn)
		o.clock.Advance(time.Hour)
		o.turns()
		told("nobody is left")
		_, err = o.SetRota(ctx, app.By{}, "help", desk.Rota{})
		fine(o, err)
		o.hears("cem", "3")
		o.run()
		o.takeAll()
		o.clock.Advance(time.Hour)
		o.turns()
		told("no rota")
		for _, line := range o.log(hook) {
			if line[:4] == "turn" {
				o.Errorf("a webhook has it: %s", line)
			}
		}
		audit, _, err := o.AuditEntries(ctx, store.AuditFilter{}, store.Page{})
		fine(o, err)
		for _, e := range audit {
			if e.What != "desk.rota" && e.What != "issue.assign" && e.What[:5] != "agent" && e.What[:4] != "desk" && e.What[:4] != "dest" {
				o.Errorf("the audit log has %s", e.What)
			}
		}
	})
}
