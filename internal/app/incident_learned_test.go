package app_test

import (
	"fmt"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/test/crowds"
	"earshot/store"
)

// One press makes a public postmortem of what was learned, after the take-back time; it
// is found when something like it is heard again, and not before the incident is over.
func TestPostmortem(t *testing.T) {
	h := newHouse(t)
	i, err := h.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet in Ostviertel", Services: []string{"Webmail"}, Language: "de", Publish: true, Now: true})
	h.ok(err)
	h.works()
	_, err = h.Postmortem(ctx, app.By{}, app.PostmortemInput{Incident: i.ID})
	h.refusedAs("nothing learned", err, "incident_nothing_learned")
	_, err = h.Postmortem(ctx, app.By{}, app.PostmortemInput{Incident: i.ID, Changed: "It rings now."})
	h.refusedAs("while it is open", err, "incident_status_order")
	_, err = h.CloseIncident(ctx, app.By{}, app.CloseInput{Incident: i.ID, Text: "Over.", Surprised: "No alarm rang.", Now: true})
	h.ok(err)
	h.works()
	found := func(text string) int {
		t.Helper()
		lessons, err := h.Lessons(ctx, "help", text)
		h.ok(err)
		return len(lessons)
	}
	h.equal("alike", []int{found("Ostviertel: internet is gone"), found("cannot read my WEBMAIL"), found("my invoice is wrong"), found("internet")}, []int{1, 1, 0, 0})

	now, err := h.Postmortem(ctx, app.By{}, app.PostmortemInput{Incident: i.ID, Changed: "It rings now."})
	h.ok(err)
	post := now.Updates[len(now.Updates)-1].Post
	_, err = h.Undo(ctx, app.By{}, string(post))
	h.ok(err)
	v, err := h.ShowIncident(ctx, i.ID)
	h.ok(err)
	h.equal("taken back", []any{v.Incident.Status, v.Incident.Changed}, []any{desk.IncidentResolved, "It rings now."})
	_, err = h.Postmortem(ctx, app.By{}, app.PostmortemInput{Incident: i.ID, Now: true})
	h.ok(err)
	h.works()
	v, err = h.ShowIncident(ctx, i.ID)
	h.ok(err)
	if text := v.Updates[0].BroadcastView.Post.Text; v.Incident.Status != desk.IncidentPostmortem || text != "Was uns überrascht hat: No alarm rang.\n\nWas wir geändert haben: It rings now." {
		t.Errorf("%s, %q", v.Incident.Status, text)
	}
	_, err = h.Postmortem(ctx, app.By{Via: store.ViaConsole}, app.PostmortemInput{Incident: i.ID})
	h.refusedAs("without the right", err, "incident_scope")
}

// Who likes or boosts the first post counts as a voice once, whatever they do besides.
func TestFeltOnce(t *testing.T) {
	h := newHouse(t)
	ana := h.shouts("ana", "m.example", true)
	id := h.outage(ana)
	v, err := h.ShowIncident(ctx, id)
	h.ok(err)
	root := v.Root.Post.Object
	react := func(kind string, who desk.ActorID) {
		t.Helper()
		why, err := h.React(ctx, app.Reaction{Kind: kind, Actor: who, Object: root})
		h.ok(err)
		h.equal("kept", why, drop.Kept)
	}
	counts := func(what string, voices, felt int) {
		t.Helper()
		v, err := h.ShowIncident(ctx, id)
		h.ok(err)
		h.equal(what, []int{v.Incident.Voices, v.Felt}, []int{voices, felt})
	}
	react("like", "https://m.example/ana")
	counts("a voice that likes", 1, 0)
	const ben, cy = "https://n.example/ben", "https://n.example/cy"
	react("like", ben)
	react("like", ben)
	react("boost", ben)
	react("boost", cy)
	counts("two people", 1, 2)
	h.ok(h.Unreact(ctx, app.Reaction{Kind: "like", Actor: ben, Object: root}, ""))
	counts("one of two reactions taken back", 1, 2)
	h.ok(h.Unreact(ctx, app.Reaction{Kind: "boost", Actor: ben, Object: root}, ""))
	h.ok(h.Unreact(ctx, app.Reaction{Kind: "boost", Actor: ben, Object: root}, ""))
	counts("both taken back", 1, 1)
	_, err = h.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: cy, Inbox: "https://n.example/inbox"},
		Post: desk.Post{Object: cy + "/1", Author: cy, Text: "me too", HTML: "me too", InReplyTo: root, Visibility: desk.VisibilityPublic, Published: h.Now()}})
	h.ok(err)
	counts("who boosted and answers", 2, 0)
	_, err = h.CloseIncident(ctx, app.By{}, app.CloseInput{Incident: id, Text: "Over.", Now: true})
	h.ok(err)
	h.works()
	why, err := h.React(ctx, app.Reaction{Kind: "like", Actor: ben, Object: root})
	h.ok(err)
	h.equal("after the end", []any{why, h.heard(ana) == nil}, []any{drop.NotReporter, true})
}

// A reply that a server did not take is sent again as it was: once, and not to those who
// want no more.
func TestRetryVoices(t *testing.T) {
	h := newHouse(t)
	var crowd []desk.IssueID
	for n := range 130 {
		crowd = append(crowd, h.shouts(fmt.Sprint("p", n), fmt.Sprintf("m%d.example", n), true))
	}
	i := h.outage(crowd...)
	h.updates(i, desk.IncidentIdentified, "A cable.", app.TellInput{Count: 130})
	_, err := h.RetryVoices(ctx, app.By{}, i)
	h.refusedAs("none failed", err, "round_no_failures")
	deliver := func(id desk.IssueID) app.Deliver {
		who := h.view(id).Issue.Reporter
		return app.Deliver{Activity: app.CreateID(h.Site(), h.heard(id)[0].ID), Inbox: string(who) + "/inbox", Signer: "help", Recipient: who}
	}
	for _, id := range crowd {
		h.ok(h.Update(ctx, func(tx *app.Tx) error { return tx.Deliver(deliver(id), h.heard(id)[0].ID, string(id)) }))
		h.ok(h.DeliveryFailed(ctx, deliver(id), 404, "there is no such inbox"))
	}
	for _, id := range h.jobs(store.QueueDeliver) {
		h.ok(h.Update(ctx, func(tx *app.Tx) error { _, err := tx.Jobs().Drop(id, tx.Now); return err }))
	}
	h.equal("standing", h.standing(h.round(i)), map[string]int{"failed": 130})
	_, err = h.AddOptOut(ctx, app.By{}, h.view(crowd[0]).Issue.Reporter, "")
	h.ok(err)
	_, err = h.RetryVoices(ctx, app.By{Via: store.ViaConsole}, i)
	h.refusedAs("without the right", err, "incident_scope")
	_, err = h.RetryVoices(ctx, app.By{}, i)
	h.ok(err)
	h.works()
	h.equal("standing", h.standing(h.round(i)), map[string]int{"written": 129, "left left_alone": 1})
	h.equal("deliveries", len(h.jobs(store.QueueDeliver)), 129)
	_, err = h.RetryVoices(ctx, app.By{}, i)
	h.refusedAs("again", err, "round_no_failures")
	h.ok(h.Delivered(ctx, deliver(crowd[1]), store.HostState{Host: "m1.example"}, "", 202))
	h.equal("standing", h.standing(h.round(i)), map[string]int{"told": 1, "written": 128, "left left_alone": 1})
	h.equal("replies", len(h.heard(crowd[1])), 1)
}

// Reports that come into a pile after it was linked are proposed, and not linked.
func TestLaterInPiles(t *testing.T) {
	l := newCrowded(t)
	pile := l.piled(60)
	i, err := l.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet"})
	l.ok(err)
	link := func() {
		t.Helper()
		_, err = l.ActOnPile(ctx, app.By{}, app.PileInput{Pile: pile.ID, Do: desk.PileLink, Incident: i.ID})
		l.ok(err)
		l.portions()
	}
	later := func() (n int) {
		t.Helper()
		more, err := l.LaterInPiles(ctx, i)
		l.ok(err)
		for _, p := range more {
			n += p.People
		}
		return n
	}
	link()
	if n := later(); n != 0 {
		t.Errorf("%d came later at once", n)
	}
	for n := range 12 {
		l.hear(100+n, crowds.Post{Person: fmt.Sprintf("https://c.example/users/%d", n), Text: fmt.Sprintf("no internet in Ostviertel %d", n), Tags: []string{"acme", "fail"}, At: l.Now()})
	}
	if n := later(); n != 12 {
		t.Errorf("%d came later, want 12", n)
	}
	link()
	now, err := l.ShowIncident(ctx, i.ID)
	l.ok(err)
	if n := later(); n != 0 || now.Incident.Voices != 72 {
		t.Errorf("%d came later after a press, %d voices", n, now.Incident.Voices)
	}
}
