package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/test/crowds"
	"earshot/store"
)

// One press makes a public postmortem of what was learned, after the take-back time; it
// is found when something like it is heard again, and not before the incident is over.
func TestPostmortem(t *testing.T) { inHouses(t, (*house).postmortem) }

func (h *house) postmortem() {
	i, err := h.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet in Ostviertel", Services: []string{"Webmail"}, Language: "de", Publish: true, Now: true})
	h.ok(err)
	h.works()
	_, err = h.Postmortem(ctx, app.By{}, app.PostmortemInput{Incident: i.ID})
	h.refusedAs("nothing learned", err, "incident_nothing_learned")
	agent := app.By{Via: store.ViaConsole}
	_, err = h.EditIncident(ctx, agent, i.ID, app.IncidentEdit{Surprised: new("No alarm?"), Changed: new("x")})
	h.ok(err)
	_, err = h.EditIncident(ctx, agent, i.ID, app.IncidentEdit{Changed: new(""), Title: new("Other")})
	h.refusedAs("more than what was learned", err, "incident_scope")
	learned, err := h.EditIncident(ctx, agent, i.ID, app.IncidentEdit{Changed: new("")})
	h.ok(err)
	h.equal("by an agent", []string{learned.Surprised, learned.Changed}, []string{"No alarm?", ""})
	_, err = h.EditIncident(ctx, agent, i.ID, app.IncidentEdit{Surprised: new(strings.Repeat("x", app.MaxText/2-99))})
	h.refusedAs("too long", err, "text_too_long")
	_, err = h.Postmortem(ctx, app.By{}, app.PostmortemInput{Incident: i.ID, Changed: new("It rings now.")})
	h.refusedAs("while it is open", err, "incident_status_order")
	_, err = h.CloseIncident(ctx, app.By{}, app.CloseInput{Incident: i.ID, Text: "Over.", Surprised: "No alarm rang.", Now: true})
	h.ok(err)
	h.works()
	found := func(text string) int {
		h.t.Helper()
		lessons, err := h.Lessons(ctx, "help", text)
		h.ok(err)
		return len(lessons)
	}
	h.equal("alike", []int{found("Ostviertel: internet is gone"), found("cannot read my WEBMAIL"), found("my invoice is wrong"), found("internet")}, []int{1, 1, 0, 0})

	now, err := h.Postmortem(ctx, app.By{}, app.PostmortemInput{Incident: i.ID, Changed: new("It rings now.")})
	h.ok(err)
	post := now.Updates[len(now.Updates)-1].Post
	_, err = h.Undo(ctx, app.By{}, string(post))
	h.ok(err)
	v, err := h.ShowIncident(ctx, i.ID)
	h.ok(err)
	h.equal("taken back", []any{v.Incident.Status, v.Incident.Changed}, []any{desk.IncidentResolved, "It rings now."})
	long := strings.Repeat("x", app.MaxText/2-100)
	_, err = h.Postmortem(ctx, app.By{}, app.PostmortemInput{Incident: i.ID, Surprised: new(long + "x")})
	h.refusedAs("a line so long that two do not fit", err, "text_too_long")
	both, err := h.Postmortem(ctx, app.By{}, app.PostmortemInput{Incident: i.ID, Surprised: new(long), Changed: new(long)})
	h.ok(err)
	_, err = h.Undo(ctx, app.By{}, string(both.Updates[len(both.Updates)-1].Post))
	h.ok(err)
	_, err = h.Postmortem(ctx, app.By{}, app.PostmortemInput{Incident: i.ID, Surprised: new("No alarm rang."), Changed: new("It rings now."), Now: true})
	h.ok(err)
	h.works()
	v, err = h.ShowIncident(ctx, i.ID)
	h.ok(err)
	if text := v.Updates[0].BroadcastView.Post.Text; v.Incident.Status != desk.IncidentPostmortem || text != "Was uns überrascht hat: No alarm rang.\n\nWas wir geändert haben: It rings now." {
		h.t.Errorf("%s, %q", v.Incident.Status, text)
	}
	_, err = h.Postmortem(ctx, app.By{}, app.PostmortemInput{Incident: i.ID, Now: true})
	h.refusedAs("again", err, "incident_postmortem_exists")
	_, err = h.Postmortem(ctx, app.By{Via: store.ViaConsole}, app.PostmortemInput{Incident: i.ID})
	h.refusedAs("without the right", err, "incident_scope")
}

// Who likes or boosts the first post counts as a voice once, whatever they do besides.
func TestFeltOnce(t *testing.T) { inHouses(t, (*house).feltOnce) }

func (h *house) feltOnce() {
	ana := h.shouts("ana", "m.example", true)
	id := h.outage(ana)
	v, err := h.ShowIncident(ctx, id)
	h.ok(err)
	root := v.Root.Post.Object
	reacts := func(kind, emoji string, who desk.ActorID, want drop.Reason) {
		h.t.Helper()
		why, err := h.React(ctx, app.Reaction{Kind: kind, Actor: who, Object: root, Emoji: emoji})
		h.ok(err)
		h.equal("kept", why, want)
	}
	react := func(kind string, who desk.ActorID) { h.t.Helper(); reacts(kind, "", who, drop.Kept) }
	counts := func(what string, voices, felt int) {
		h.t.Helper()
		v, err := h.ShowIncident(ctx, id)
		h.ok(err)
		h.equal(what, []int{v.Incident.Voices, v.Felt}, []int{voices, felt})
	}
	react("like", "https://m.example/ana")
	counts("a voice that likes", 1, 0)
	const ben, cy = "https://n.example/ben", "https://n.example/cy"
	react("like", ben)
	reacts("like", "", ben, drop.Duplicate)
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
	const dee, eve = "https://n.example/dee", "https://n.example/eve"
	for _, emoji := range []string{"", "👍", "😡", "🎉", "🙏"} {
		reacts("like", emoji, dee, drop.Kept)
	}
	reacts("like", "😢", dee, drop.Limited)
	counts("many reactions of one person", 2, 1)
	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		return tx.Once().Set("felt:"+string(id), []byte("1000"), tx.Now.AddDate(0, 1, 0))
	}))
	reacts("like", "", eve, drop.Limited)
	counts("no more than that", 2, 1000)
	h.ok(h.Update(ctx, func(tx *app.Tx) error { return tx.Once().Set("felt:"+string(id), []byte("1"), tx.Now.AddDate(0, 1, 0)) }))
	react("boost", eve)
	_, err = h.CloseIncident(ctx, app.By{}, app.CloseInput{Incident: id, Text: "Over.", Now: true})
	h.ok(err)
	h.works()
	h.ok(h.Unreact(ctx, app.Reaction{Kind: "boost", Actor: eve, Object: root}, ""))
	counts("taken back after the end", 2, 1)
	why, err := h.React(ctx, app.Reaction{Kind: "like", Actor: ben, Object: root})
	h.ok(err)
	h.equal("after the end", []any{why, h.heard(ana) == nil}, []any{drop.NotReporter, true})
}

// Nobody is counted against their word, nor what a program passes on. Who liked it stands
// nowhere in the store.
func TestFeltForgotten(t *testing.T) { inHouses(t, (*house).feltForgotten) }

func (h *house) feltForgotten() {
	id := h.outage(h.shouts("ana", "m.example", true))
	v, err := h.ShowIncident(ctx, id)
	h.ok(err)
	root := v.Root.Post.Object
	react := func(who desk.ActorID, bot bool, want drop.Reason) {
		h.t.Helper()
		why, err := h.React(ctx, app.Reaction{Kind: "boost", Actor: who, Object: root, Bot: bot})
		h.ok(err)
		h.equal("kept", why, want)
	}
	felt := func(want int) {
		h.t.Helper()
		v, err := h.ShowIncident(ctx, id)
		h.ok(err)
		h.equal("felt", v.Felt, want)
	}
	const ben, cy, dee, eve = "https://n.example/ben", "https://n.example/cy", "https://n.example/dee", "https://n.example/eve"
	for _, who := range []desk.ActorID{ben, cy, dee, eve} {
		react(who, false, drop.Kept)
	}
	react("https://n.example/robot", true, drop.Bot)
	const relay = "https://relay.example/tags/acme"
	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		return tx.Sources().Put(store.Source{ID: "tag", Kind: "tag-actor", Name: "tag-actor relay #acme", Actor: relay, Inbox: "https://relay.example/inbox", State: store.SourceAccepted})
	}))
	react(relay, false, drop.Bot)
	felt(4)
	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		for _, key := range []string{"felt:" + string(id) + ":" + ben, "felt of:" + ben} {
			if _, plain, err := tx.Once().Get(key); err != nil || plain {
				h.t.Errorf("%s is stored, %v", key, err)
			}
		}
		return nil
	}))
	_, err = h.RemoveActor(ctx, ben)
	h.ok(err)
	felt(3)
	_, err = h.AddOptOut(ctx, app.By{}, cy, "")
	h.ok(err)
	felt(2)
	h.ok(h.BlockedUs(ctx, dee, "help"))
	felt(1)
	_, err = h.AddBlock(ctx, app.By{}, eve, "")
	h.ok(err)
	felt(0)
	react(cy, false, drop.OptedOut)
	react(dee, false, drop.OptedOut)
	react(eve, false, drop.Blocked)
	react(ben, false, drop.Kept)
	felt(1)
}

// What a person reacted to before it was stored by a digest is taken back, too, and not
// counted twice.
func TestFeltOfBefore(t *testing.T) { inHouses(t, (*house).feltOfBefore) }

func (h *house) feltOfBefore() {
	id := h.outage(h.shouts("ana", "m.example", true))
	v, err := h.ShowIncident(ctx, id)
	h.ok(err)
	root := v.Root.Post.Object
	const ben, cy, dee = "https://n.example/ben", "https://n.example/cy", "https://n.example/dee"
	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		for _, who := range []string{ben, cy} {
			if err := tx.Once().Set("felt:"+string(id)+":"+who, []byte(`["like:"]`), tx.Now.AddDate(0, 1, 0)); err != nil {
				return err
			}
		}
		return tx.Once().Set("felt:"+string(id), []byte("2"), tx.Now.AddDate(0, 1, 0))
	}))
	felt := func(what string, want int) {
		h.t.Helper()
		v, err := h.ShowIncident(ctx, id)
		h.ok(err)
		h.equal(what, v.Felt, want)
	}
	react := func(kind string, who desk.ActorID, want drop.Reason) {
		h.t.Helper()
		why, err := h.React(ctx, app.Reaction{Kind: kind, Actor: who, Object: root})
		h.ok(err)
		h.equal("kept", why, want)
	}
	react("like", ben, drop.Duplicate)
	react("boost", ben, drop.Kept)
	felt("a second reaction", 2)
	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		_, plain, err := tx.Once().Get("felt:" + string(id) + ":" + ben)
		h.equal("stored by the address", plain, false)
		return err
	}))
	h.ok(h.Unreact(ctx, app.Reaction{Kind: "like", Actor: cy, Object: root}, ""))
	felt("taken back", 1)
	_, err = h.AddBlock(ctx, app.By{}, ben, "")
	h.ok(err)
	felt("blocked", 0)
	react("like", dee, drop.Kept)
	_, err = h.AddBlock(ctx, app.By{}, "n.example", "")
	h.ok(err)
	felt("a blocked server", 0)
	react("boost", dee, drop.Blocked)
	h.ok(h.Unreact(ctx, app.Reaction{Kind: "like", Actor: dee, Object: root}, ""))
	felt("taken back from a blocked server", 0)

	const sub, beside, old = "https://a.o.example/eve", "https://b.o.example/eve", "https://p.example/old"
	react("like", sub, drop.Kept)
	react("like", beside, drop.Kept)
	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		if err := tx.Once().Set("felt:"+string(id)+":"+old, []byte(`["like:"]`), tx.Now.AddDate(0, 1, 0)); err != nil {
			return err
		}
		return tx.Once().Set("felt:"+string(id), []byte("3"), tx.Now.AddDate(0, 1, 0))
	}))
	_, err = h.AddBlock(ctx, app.By{}, "a.o.example", "")
	h.ok(err)
	felt("a blocked part of a domain", 2)
	_, err = h.AddBlock(ctx, app.By{}, "o.example", "")
	h.ok(err)
	felt("a blocked domain", 1)
	_, err = h.AddBlock(ctx, app.By{}, old, "")
	h.ok(err)
	felt("blocked, and stored by the address", 0)
}

// All incidents that a person is counted in are forgotten with the person.
func TestFeltOfMany(t *testing.T) { inHouses(t, (*house).feltOfMany) }

func (h *house) feltOfMany() {
	const ben = "https://n.example/ben"
	var ids []desk.IncidentID
	for range 22 {
		id := h.outage()
		v, err := h.ShowIncident(ctx, id)
		h.ok(err)
		why, err := h.React(ctx, app.Reaction{Kind: "like", Actor: ben, Object: v.Root.Post.Object})
		h.ok(err)
		h.equal("kept and counted", []any{why, h.feltIn(id)}, []any{drop.Kept, 1})
		ids = append(ids, id)
	}
	_, err := h.AddOptOut(ctx, app.By{}, ben, "")
	h.ok(err)
	for _, id := range ids {
		h.equal("felt", h.feltIn(id), 0)
	}
}

func (h *house) feltIn(id desk.IncidentID) int {
	h.t.Helper()
	v, err := h.ShowIncident(ctx, id)
	h.ok(err)
	return v.Felt
}

// failing has voices told whose servers then do not take the reply.
func (h *house) failing(i desk.IncidentID, status int, voices ...desk.IssueID) {
	h.t.Helper()
	for _, id := range voices {
		d := h.delivery(id)
		h.ok(h.Update(ctx, func(tx *app.Tx) error { return tx.Deliver(d, h.heard(id)[0].ID, string(id)) }))
		h.ok(h.DeliveryFailed(ctx, d, status, "it does not take it"))
	}
	h.dropDeliveries()
	h.clock.Advance(time.Second)
}

func (h *house) delivery(id desk.IssueID) app.Deliver {
	who := h.view(id).Issue.Reporter
	return app.Deliver{Activity: app.CreateID(h.Site(), h.heard(id)[0].ID), Inbox: string(who) + "/inbox", Signer: "help", Recipient: who}
}

// dropDeliveries drops the jobs that deliver, and says how many there were.
func (h *house) dropDeliveries() (n int) {
	h.t.Helper()
	for _, id := range h.jobs(store.QueueDeliver) {
		h.ok(h.Update(ctx, func(tx *app.Tx) error { _, err := tx.Jobs().Drop(id, tx.Now); return err }))
		n++
	}
	return n
}

// A reply that a server did not take is sent again as it was: once in a press, and not to
// those who want no more.
func TestRetryVoices(t *testing.T) { inHouses(t, (*house).retryVoices) }

func (h *house) retryVoices() {
	var crowd []desk.IssueID
	for n := range 130 {
		crowd = append(crowd, h.shouts(fmt.Sprint("p", n), fmt.Sprintf("m%d.example", n), true))
	}
	i := h.outage(crowd...)
	h.updates(i, desk.IncidentIdentified, "A cable.", app.TellInput{Count: 130})
	_, err := h.RetryVoices(ctx, app.By{}, i)
	h.refusedAs("none failed", err, "round_no_failures")
	h.failing(i, 403, crowd[129])
	_, err = h.RetryVoices(ctx, app.By{}, i)
	h.refusedAs("who refused it", err, "round_no_failures")
	h.failing(i, 404, crowd[:129]...)
	h.equal("standing", h.standing(h.round(i)), map[string]int{"failed": 130})
	_, err = h.AddOptOut(ctx, app.By{}, h.view(crowd[0]).Issue.Reporter, "")
	h.ok(err)
	_, err = h.UnlinkVoices(ctx, app.By{}, i, crowd[1:2])
	h.ok(err)
	_, err = h.RetryVoices(ctx, app.By{Via: store.ViaConsole}, i)
	h.refusedAs("without the right", err, "incident_scope")
	_, err = h.RetryVoices(ctx, app.By{}, i)
	h.ok(err)
	h.works()
	h.equal("standing", h.standing(h.round(i)), map[string]int{"failed": 1, "written": 127, "left left_alone": 1, "left unlinked": 1})
	r := h.round(i)
	h.equal("figures", []any{r.State, r.Voices, r.Written, r.Left, r.Waiting()}, []any{desk.RoundDone, 130, 128, 2, 0})
	h.equal("deliveries", len(h.jobs(store.QueueDeliver)), 127)
	h.ok(h.Delivered(ctx, h.delivery(crowd[3]), store.HostState{Host: "m3.example"}, app.Signed{}, 202))
	h.equal("replies", len(h.heard(crowd[3])), 1)
	h.failing(i, 404, crowd[2])
	_, err = h.RetryVoices(ctx, app.By{}, i)
	h.ok(err)
	h.works()
	h.equal("deliveries of a second press", len(h.jobs(store.QueueDeliver)), 1)
	h.equal("a second press", h.standing(h.round(i)), map[string]int{"failed": 1, "told": 1, "written": 126, "left left_alone": 1, "left unlinked": 1})
}

// Those who are told again were heard by tags: at the pace of their server, and a pause
// or a stop holds for them.
func TestRetryHolds(t *testing.T) { inHouses(t, (*house).retryHolds) }

func (h *house) retryHolds() {
	var crowd []desk.IssueID
	for n := range 130 {
		crowd = append(crowd, h.shouts(fmt.Sprint("p", n), "m.example", false))
	}
	i := h.outage(crowd...)
	h.updates(i, desk.IncidentIdentified, "A cable.", app.TellInput{Tags: new(true)})
	for h.round(i).State != desk.RoundDone {
		h.clock.Advance(time.Minute)
		h.works()
	}
	h.failing(i, 404, crowd...)
	_, err := h.RetryVoices(ctx, app.By{}, i)
	h.ok(err)
	pressed, _, err := h.Jobs(ctx, store.JobFilter{Queue: store.QueueTimer}, store.Page{})
	h.ok(err)
	pressed = slices.DeleteFunc(pressed, func(j store.Job) bool { return !strings.HasPrefix(j.ID, "timer:retry:") })
	h.works()
	h.equal("at once", h.standing(h.round(i)), map[string]int{"written": 100, "waiting": 30})
	h.equal("deliveries", h.dropDeliveries(), 100)
	_, err = h.HoldRound(ctx, app.By{}, i, desk.RoundPaused)
	h.ok(err)
	_, err = h.RetryVoices(ctx, app.By{}, i)
	h.refusedAs("in a pause", err, "round_retry")
	h.clock.Advance(time.Hour)
	h.works()
	h.equal("in a pause", h.dropDeliveries(), 0)
	_, err = h.ResumeRound(ctx, app.By{}, i)
	h.ok(err)
	h.clock.Advance(10 * time.Second)
	h.works()
	if n := h.dropDeliveries(); n < 5 || n > 15 {
		h.t.Errorf("%d in ten seconds", n)
	}
	h.failing(i, 404, crowd[:2]...)
	h.ok(h.RunTimer(ctx, pressed[0]))
	h.equal("who fails again in the same press", h.standing(h.round(i))["failed"], 2)
	_, err = h.HoldRound(ctx, app.By{}, i, desk.RoundStopped)
	h.ok(err)
	_, err = h.RetryVoices(ctx, app.By{}, i)
	h.refusedAs("after the stop", err, "round_retry")
	h.clock.Advance(time.Hour)
	h.works()
	h.equal("after the stop", h.dropDeliveries(), 0)
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
