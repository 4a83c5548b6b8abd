package app_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// shouts has a person of a server report something, with tags only or to the desk.
func (h *house) shouts(who, server string, invited bool, more ...desk.ActorID) desk.IssueID {
	h.t.Helper()
	id := desk.ActorID("https://" + server + "/" + who)
	p := desk.Post{Object: desk.ObjectID(string(id) + "/1"), Author: id, Text: "no internet", HTML: "no internet", Language: "en", Tags: []string{"acme", "fail"},
		Visibility: desk.VisibilityPublic, Published: h.Now(), Mentions: more}
	if invited {
		p.Mentions = append(p.Mentions, h.Site().Desk("help"))
	}
	r, err := h.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: id, Acct: who + "@" + server, Inbox: "https://" + server + "/inbox"}, Post: p})
	h.ok(err)
	return r.Issue
}

// answers has the reporter of an issue answer our newest reply in it.
func (h *house) answers(id desk.IssueID, words string) {
	h.t.Helper()
	i := h.view(id).Issue
	var reply desk.Post
	h.ok(h.View(ctx, func(tx *app.Tx) error {
		posts, _, err := tx.Posts().ByIssue(id, store.Page{})
		for _, p := range posts {
			if p.Role == desk.RoleReply {
				reply = p
			}
		}
		return err
	}))
	h.clock.Advance(time.Second)
	_, err := h.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: i.Reporter, Inbox: "https://" + string(i.Reporter.Host()) + "/inbox"},
		Post: desk.Post{Object: desk.ObjectID(fmt.Sprintf("%s/%d", i.Reporter, h.Now().UnixNano())), Author: i.Reporter, Text: words, HTML: words, InReplyTo: reply.Object, Visibility: desk.VisibilityPublic, Published: h.Now()}})
	h.ok(err)
}

// works runs the timers and publish jobs that are due until nothing is.
func (h *house) works() {
	h.t.Helper()
	for range 1000 {
		var jobs []store.Job
		h.ok(h.Update(ctx, func(tx *app.Tx) (err error) {
			jobs, err = tx.Jobs().Lease(store.QueuePublish, tx.Now, tx.Now.Add(time.Minute), 500)
			return err
		}))
		for _, j := range jobs {
			var p app.Publish
			h.ok(json.Unmarshal(j.Payload, &p))
			_, err := h.Publish(ctx, p, func(*app.Tx, app.Publish, desk.Post) (app.Written, error) { return app.Written{}, nil })
			h.ok(err)
			h.ok(h.Update(ctx, func(tx *app.Tx) error { _, err := tx.Jobs().Done(j.ID, j.Lease); return err }))
		}
		if len(h.night()) == 0 && len(jobs) == 0 {
			return
		}
	}
	h.t.Fatal("it never ends")
}

// outage opens an incident and links issues to it.
func (h *house) outage(issues ...desk.IssueID) desk.IncidentID {
	h.t.Helper()
	i, err := h.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet", Language: "en", Publish: true, Now: true})
	h.ok(err)
	h.works()
	if len(issues) > 0 {
		_, err = h.LinkVoices(ctx, app.By{}, i.ID, issues)
		h.ok(err)
	}
	return i.ID
}

// updates writes an update and tells the voices.
func (h *house) updates(i desk.IncidentID, to desk.IncidentStatus, text string, in app.TellInput) {
	h.t.Helper()
	_, err := h.UpdateIncident(ctx, app.By{}, app.UpdateInput{Incident: i, Status: to, Text: text, Now: true, Tell: &in})
	h.ok(err)
	h.works()
}

// heard lists our replies in a thread that went out and are not deleted.
func (h *house) heard(id desk.IssueID) (out []desk.Post) {
	h.t.Helper()
	h.ok(h.View(ctx, func(tx *app.Tx) error {
		out = nil
		posts, _, err := tx.Posts().ByIssue(id, store.Page{})
		for _, p := range posts {
			if p.Role == desk.RoleReply && p.State == desk.PostPublished && !p.Deleted {
				out = append(out, p)
			}
		}
		return err
	}))
	return out
}

func (h *house) round(i desk.IncidentID) desk.Round {
	h.t.Helper()
	rounds, _, err := h.Told(ctx, i, store.Page{})
	h.ok(err)
	if len(rounds) == 0 {
		h.t.Fatal("nothing was told")
	}
	return rounds[0]
}

// standing counts the voices of a round by state, and by reason where they are left.
func (h *house) standing(r desk.Round) map[string]int {
	h.t.Helper()
	out := map[string]int{}
	for v, err := range store.Each(func(p store.Page) ([]desk.RoundVoice, string, error) {
		return h.ToldVoices(ctx, store.VoiceFilter{Round: r.Post}, p)
	}) {
		h.ok(err)
		out[strings.TrimSpace(string(v.State)+" "+string(v.Why))]++
	}
	return out
}

func (h *house) equal(what string, got, want any) {
	h.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		h.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// One update answers every linked voice once, in its own thread, and its issue takes
// the incident's status. A person who was only heard by tags and stays silent hears
// once, and that it is over; an invited one hears every update.
func TestTellVoices(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.shouts("ana", "m.example", true), h.shouts("ben", "n.example", false)
	stop, third := h.shouts("sam", "m.example", true), h.shouts("tom", "m.example", true, "https://elsewhere.example/eve")
	h.clock.Advance(time.Minute)
	i := h.outage(ana, ben, stop, third)
	h.answers(stop, "stop")
	_, err := h.AddOptOut(ctx, app.By{}, h.view(stop).Issue.Reporter, "")
	h.ok(err)

	seen, err := h.Audience(ctx, i, desk.IncidentIdentified, app.TellInput{})
	h.ok(err)
	h.equal("replies, servers", []int{seen.Voices, seen.Replies, seen.Servers}, []int{4, 2, 2})
	h.equal("left", seen.Left, map[desk.VoiceWhy]int{desk.VoiceSilenced: 1, desk.VoiceThird: 1})
	if len(h.jobs(store.QueuePublish)) > 0 {
		t.Error("looking at the audience wrote to it")
	}

	h.updates(i, desk.IncidentIdentified, "A cable was cut.", app.TellInput{Versions: map[string]string{"DE": "Ein Kabel ist ab."}})
	h.works() // nothing is said again
	for id, n := range map[desk.IssueID]int{ana: 1, ben: 1, stop: 0, third: 0} {
		h.equal("replies to "+string(h.view(id).Issue.Reporter), len(h.heard(id)), n)
	}
	said := h.heard(ben)[0]
	if said.Visibility != desk.VisibilityQuiet || len(said.Mentions) != 1 || said.InReplyTo != "https://n.example/ben/1" || !strings.HasPrefix(said.Text, "A cable was cut.\n\nYou get this because you posted about it with the tags acme, fail.") {
		t.Errorf("%+v", said)
	}
	h.equal("status", h.view(ana).Issue.Status, desk.StatusInProgress)
	h.equal("the round", h.round(i).State, desk.RoundDone)
	h.equal("standing", h.standing(h.round(i)), map[string]int{"told": 2, "left left_alone": 1, "left third": 1})

	h.updates(i, desk.IncidentMonitoring, "The cable is mended.", app.TellInput{Take: []desk.IssueID{third}})
	h.equal("replies to the invited", []int{len(h.heard(ana)), len(h.heard(third))}, []int{2, 1})
	h.equal("replies to the silent", len(h.heard(ben)), 1)
	h.equal("standing", h.standing(h.round(i)), map[string]int{"told": 2, "left left_alone": 1, "left once": 1})

	h.updates(i, desk.IncidentResolved, "It is over.", app.TellInput{})
	if said := h.heard(ben); len(said) != 2 || !strings.Contains(said[1].Text, "It is over.\n\nDoes it work for you?\n\nYou get this") {
		t.Errorf("the silent heard %+v", said)
	}
	h.equal("status", []desk.Status{h.view(ana).Issue.Status, h.view(ben).Issue.Status, h.view(stop).Issue.Status}, []desk.Status{desk.StatusFixed, desk.StatusFixed, desk.StatusFixed})
}

// The decision is checked again: the number that was typed, the revision that was
// seen, the right to publish; and one post is told once.
func TestTellIsDecided(t *testing.T) {
	h := newHouse(t)
	ana := h.shouts("ana", "m.example", true)
	i := h.outage(ana)
	tell := func(by app.By, in app.TellInput) error {
		_, err := h.TellVoices(ctx, by, i, in)
		return err
	}
	h.refusedAs("another number", tell(app.By{}, app.TellInput{Count: 2}), "round_count")
	h.refusedAs("an older revision", tell(app.By{Seen: "1"}, app.TellInput{}), "incident_moved_on")
	h.refusedAs("without the right", tell(app.By{Via: store.ViaConsole}, app.TellInput{}), "incident_scope")
	h.refusedAs("no language", tell(app.By{}, app.TellInput{Versions: map[string]string{"": "x"}}), "language_invalid")
	h.refusedAs("a version that asks for a secret", tell(app.By{}, app.TellInput{Versions: map[string]string{"de": "Send me your password"}}), "reply_asks_secret")
	h.refusedAs("many chosen", tell(app.By{}, app.TellInput{Skip: make([]desk.IssueID, 2001)}), "round_choices")
	h.refusedAs("many versions", tell(app.By{}, app.TellInput{Versions: maps.Collect(func(yield func(string, string) bool) {
		for n := range 21 {
			yield(fmt.Sprint("x-", n), "x")
		}
	})}), "round_versions")
	_, err := h.HoldRound(ctx, app.By{}, i, desk.RoundPaused)
	h.refusedAs("a pause of nothing", err, "round_not_found")
	h.ok(tell(app.By{}, app.TellInput{Count: 1}))
	h.refusedAs("the same post again", tell(app.By{}, app.TellInput{}), "round_exists")
	h.works()
	h.equal("replies", len(h.heard(ana)), 1)

	// A post that is taken back tells nobody.
	_, err = h.UpdateIncident(ctx, app.By{}, app.UpdateInput{Incident: i, Text: "A cable.", Tell: &app.TellInput{}})
	h.ok(err)
	post := h.round(i).Post
	h.equal("before it is out", h.round(i).State, desk.RoundReady)
	_, err = h.Undo(ctx, app.By{}, string(post))
	h.ok(err)
	h.clock.Advance(time.Minute)
	h.works()
	h.equal("replies", len(h.heard(ana)), 1)
	h.equal("the round", h.round(i).State, desk.RoundStopped)
}

// An edit of an update follows to every reply, a deletion too; those who were linked
// later hear where it stands, once.
func TestTellFollows(t *testing.T) {
	h := newHouse(t)
	ana, ben, late := h.shouts("ana", "m.example", true), h.shouts("ben", "n.example", false), h.shouts("lea", "o.example", true)
	i := h.outage(ana, ben)
	h.updates(i, desk.IncidentIdentified, "A cabel.", app.TellInput{})
	post := h.round(i).Post
	_, err := h.EditPost(ctx, app.By{}, post, "A cable.")
	h.ok(err)
	h.works()
	for _, id := range []desk.IssueID{ana, ben} {
		if said := h.heard(id); len(said) != 1 || !strings.HasPrefix(said[0].Text, "A cable.\n\n") || said[0].Edits != 1 {
			t.Errorf("%+v", said)
		}
	}
	_, err = h.LinkVoices(ctx, app.By{}, i, []desk.IssueID{late})
	h.ok(err)
	h.works()
	h.equal("replies", []int{len(h.heard(ana)), len(h.heard(late))}, []int{1, 1})
	if said := h.heard(late)[0]; !strings.HasPrefix(said.Text, "A cable.") {
		t.Errorf("the later one heard %q", said.Text)
	}
	_, err = h.RetractPost(ctx, app.By{}, post)
	h.ok(err)
	h.works()
	h.equal("the words", []any{h.round(i).Text, h.round(i).Retracting}, []any{"", false})
	h.equal("replies after the deletion", []int{len(h.heard(ana)), len(h.heard(ben)), len(h.heard(late))}, []int{0, 0, 0})
}

// It is no cannon: the invited hear at once, then a few of the others, then the rest
// at the pace of each server, until it is paused, stopped or halted.
func TestTellsAtAPace(t *testing.T) {
	h := newHouse(t)
	h.App = app.New(app.Deps{Store: h.store, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}, Pace: desk.Pace{First: 3, Look: time.Minute, AtOnce: 5, ADay: 20}})
	var crowd []desk.IssueID
	for n := range 30 {
		crowd = append(crowd, h.shouts(fmt.Sprint("p", n), "big.example", false))
	}
	invited := h.shouts("ana", "big.example", true)
	i := h.outage(append(slices.Clone(crowd), invited)...)
	seen, err := h.Audience(ctx, i, "", app.TellInput{})
	h.ok(err)
	h.equal("audience", []any{seen.Replies, seen.ByTags, seen.Tags, seen.Takes}, []any{31, 30, true, time.Minute + 24*time.Hour + 5*time.Second})
	h.updates(i, desk.IncidentIdentified, "A cable.", app.TellInput{})
	written := func() int { h.works(); return h.round(i).Written }
	h.equal("the invited and the first", written(), 4)
	h.clock.Advance(time.Minute)
	h.equal("at once", written(), 6)
	h.clock.Advance(time.Second)
	h.equal("a second later", written(), 7)
	r, err := h.HoldRound(ctx, app.By{}, i, desk.RoundPaused)
	h.ok(err)
	h.equal("sent and not", []int{r.Written, r.Waiting()}, []int{7, 24})
	h.clock.Advance(time.Hour)
	h.equal("paused", written(), 7)
	_, err = h.ResumeRound(ctx, app.By{}, i)
	h.ok(err)
	h.equal("resumed", written(), 7)
	h.clock.Advance(time.Second)
	h.equal("a second later", written(), 8)
	h.clock.Advance(time.Hour)
	h.equal("on the first day", written(), 21)
	_, err = h.HoldRound(ctx, app.By{}, i, desk.RoundStopped)
	h.ok(err)
	h.clock.Advance(48 * time.Hour)
	h.equal("stopped", written(), 21)
	_, err = h.ResumeRound(ctx, app.By{}, i)
	h.refusedAs("resuming", err, "round_resume")
}

// Above fifty of one server those who were only heard by tags are left out unless
// the agent ticks them, and above two hundred the number is typed.
func TestTellsManyOnlyIfMeant(t *testing.T) {
	h := newHouse(t)
	h.App = app.New(app.Deps{Store: h.store, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}, Pace: desk.Pace{First: 500, Look: time.Minute, AtOnce: 500, ADay: 1000}})
	var crowd []desk.IssueID
	for n := range 201 {
		crowd = append(crowd, h.shouts(fmt.Sprint("p", n), []string{"big.example", "big.example", "small.example"}[n%3], false))
	}
	i := h.outage(crowd...)
	seen, err := h.Audience(ctx, i, "", app.TellInput{})
	h.ok(err)
	h.equal("audience", []any{seen.Replies, seen.ByTags, seen.MostByTags, seen.Tags, seen.Left[desk.VoiceByTags]}, []any{0, 201, 134, false, 201})
	yes := true
	_, err = h.TellVoices(ctx, app.By{}, i, app.TellInput{Tags: &yes})
	h.refusedAs("without the number", err, "round_count_missing")
	_, err = h.TellVoices(ctx, app.By{}, i, app.TellInput{Tags: &yes, Count: 201})
	h.ok(err)
	h.works()
	h.equal("standing", h.standing(h.round(i)), map[string]int{"told": 201})

	// Objections halt the next word; an agent who has looked goes on.
	for _, id := range crowd[:4] {
		h.answers(id, "stop")
	}
	r := h.round(i)
	h.equal("objections", r.Objections, 4)
	h.equal("halts", r.Halts(), false)
	h.answers(crowd[4], "stop")
	h.equal("halts", h.round(i).Halts(), true)
	who, _, err := h.ToldVoices(ctx, store.VoiceFilter{Round: r.Post, Objected: true}, store.Page{})
	h.ok(err)
	h.equal("by those who object", []any{len(who), who[0].Objection}, []any{5, desk.ObjectionStop})
}

// Complaints of two servers halt the rest until an agent decides.
func TestFlagsHaltTelling(t *testing.T) {
	h := newHouse(t)
	h.App = app.New(app.Deps{Store: h.store, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}, Pace: desk.Pace{First: 2, Look: time.Minute, AtOnce: 5, ADay: 20}})
	var crowd []desk.IssueID
	for n := range 4 {
		crowd = append(crowd, h.shouts("p", fmt.Sprintf("m%d.example", n), false))
	}
	i := h.outage(crowd...)
	h.updates(i, desk.IncidentIdentified, "A cable.", app.TellInput{})
	for n, sender := range []desk.ActorID{"https://m0.example/actor", "https://m1.example/actor"} {
		h.equal("before", h.round(i).State, desk.RoundTelling)
		_, err := h.Flagged(ctx, app.HeardFlag{Key: fmt.Sprint(n), Sender: sender, About: []desk.ObjectID{h.heard(crowd[n])[0].Object}})
		h.ok(err)
	}
	h.clock.Advance(time.Hour)
	h.works()
	r := h.round(i)
	h.equal("halted", []any{r.State, r.Written, r.FlaggedBy}, []any{desk.RoundHalted, 2, []desk.Domain{"m0.example", "m1.example"}})
	_, err := h.ResumeRound(ctx, app.By{}, i)
	h.ok(err)
	h.clock.Advance(time.Hour)
	h.works()
	h.equal("after an agent looked", h.round(i).Written, 4)
}

// A server that asks us to wait gets its people's places later, in their order; a
// delivery that is refused is an objection, one that fails for good is listed, and
// is told when it is tried again.
func TestTellsAsServersAnswer(t *testing.T) {
	h := newHouse(t)
	h.App = app.New(app.Deps{Store: h.store, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}, Pace: desk.Pace{First: 1, Look: time.Minute, AtOnce: 5, ADay: 20}})
	ana, ben, cem := h.shouts("ana", "a.example", true), h.shouts("ben", "b.example", false), h.shouts("cem", "c.example", false)
	i := h.outage(ana, ben, cem)
	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		return tx.Hosts().Put(store.HostState{Host: "c.example", Failures: 1, DownUntil: tx.Now.Add(time.Hour)})
	}))
	h.updates(i, desk.IncidentIdentified, "A cable.", app.TellInput{})
	h.clock.Advance(2 * time.Minute)
	h.works()
	h.equal("while c.example wants us to wait", h.standing(h.round(i)), map[string]int{"told": 2, "waiting": 1})
	h.clock.Advance(time.Hour)
	h.works()
	h.equal("later", h.standing(h.round(i)), map[string]int{"told": 3})

	deliver := func(id desk.IssueID, host string) app.Deliver {
		d := app.Deliver{Activity: app.CreateID(h.Site(), h.heard(id)[0].ID), Inbox: "https://" + host + "/inbox", Signer: "help"}
		h.ok(h.FanOut(ctx, app.Shipment{Activity: d.Activity, Post: h.heard(id)[0].ID, Signer: "help", Thread: string(id)}, []app.Target{{Inbox: d.Inbox}}))
		return d
	}
	refused, failed := deliver(ben, "b.example"), deliver(ana, "a.example")
	h.ok(h.DeliveryFailed(ctx, refused, 403, "no"))
	h.ok(h.DeliveryFailed(ctx, failed, 400, "no room"))
	h.equal("after the refusals", []any{h.standing(h.round(i)), h.round(i).Objections}, []any{map[string]int{"told": 1, "failed": 2}, 1})
	list, _, err := h.ToldVoices(ctx, store.VoiceFilter{Round: h.round(i).Post, State: desk.VoiceFailed}, store.Page{})
	h.ok(err)
	h.equal("the reasons", []any{list[0].Issue, list[0].Error, list[1].Objection}, []any{ana, "no room", desk.ObjectionRefused})
	h.ok(h.Delivered(ctx, failed, store.HostState{Host: "a.example"}, app.Signed{}, 202))
	h.equal("tried again", h.standing(h.round(i)), map[string]int{"told": 2, "failed": 1})
}

// People of a server that wants no first words are not heard by tags, and those who
// were heard before are not spoken to; those who wrote to the desk are.
func TestServerWantsNoFirstWords(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.shouts("ana", "social.big.example", true), h.shouts("ben", "social.big.example", false)
	for _, wrong := range []desk.ActorID{"", "a b", "ana@big.example", "big.example/x"} {
		if _, err := h.AddOptOut(ctx, app.By{}, wrong, ""); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
	_, err := h.AddOptOut(ctx, app.By{}, "BIG.example", "")
	h.ok(err)
	if id := h.shouts("cem", "social.big.example", false); id != "" {
		t.Error("it is heard by tags")
	}
	if h.shouts("dan", "social.big.example", true) == "" || h.shouts("eve", "notbig.example", false) == "" {
		t.Error("a mention, or another server, is not heard")
	}
	_, err = h.Reply(ctx, app.By{}, app.ReplyInput{Issue: ben, Text: "Hello"})
	h.refusedAs("a first word", err, "server_no_first_words")
	i := h.outage(ana, ben)
	h.updates(i, desk.IncidentIdentified, "A cable.", app.TellInput{})
	h.equal("standing", h.standing(h.round(i)), map[string]int{"told": 1, "left left_alone": 1})
	h.ok(h.RemoveOptOut(ctx, app.By{}, "big.example"))
	if h.shouts("cem", "social.big.example", false) == "" {
		t.Error("it is not heard after the opt-out was lifted")
	}
}

// While an incident is open the words of its voices are folded on it; after the end
// a known "yes" resolves an issue, and any other word brings it back to the list.
func TestVoicesAnswersFold(t *testing.T) {
	h := newHouse(t)
	ana, ben, cem := h.shouts("ana", "m.example", true), h.shouts("ben", "m.example", true), h.shouts("cem", "m.example", true)
	i := h.outage(ana, ben, cem)
	h.updates(i, desk.IncidentIdentified, "A cable.", app.TellInput{})
	h.answers(ana, "When will it work?")
	h.answers(ben, "oh dear")
	v := h.incident(i).Incident
	h.equal("folded", []any{v.Answers, v.Asking, h.view(ana).Issue.NeedsUs, h.view(ana).Issue.Folded}, []any{2, 1, false, true})

	h.updates(i, desk.IncidentResolved, "It is over.", app.TellInput{})
	h.answers(ana, "Works again, thanks!")
	h.answers(ben, "no, it is still broken")
	one, two := h.view(ana).Issue, h.view(ben).Issue
	h.equal("works", []any{one.Status, one.NeedsUs}, []any{desk.StatusResolved, false})
	h.equal("still broken", []any{two.NeedsUs, two.Apart, two.Incident}, []any{true, true, i})

	h.updates(i, desk.IncidentMonitoring, "It came back.", app.TellInput{})
	h.equal("standing", h.standing(h.round(i)), map[string]int{"told": 1, "left done": 1, "left apart": 1})
	h.clock.Advance(4 * 24 * time.Hour)
}

// What everybody is told says nothing about a server; an agent's own answer does.
func TestTellingVoicesTrustsNoServer(t *testing.T) {
	h := newHouse(t)
	h.App = app.New(app.Deps{Store: h.store, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}, FloodLimits: true})
	ana := h.shouts("ana", "m.example", true)
	h.clock.Advance(time.Minute)
	h.updates(h.outage(ana), desk.IncidentIdentified, "A cable was cut.", app.TellInput{})
	answered := func() (n int) {
		h.ok(h.View(ctx, func(tx *app.Tx) error {
			s, _, err := tx.Standings().Get("m.example")
			n = s.Answered
			return err
		}))
		return n
	}
	h.equal("replies to ana", len(h.heard(ana)), 1)
	h.equal("answered, by telling all", answered(), 0)
	_, err := h.Reply(ctx, app.By{}, app.ReplyInput{Issue: ana, Text: "Which street?", Now: true})
	h.ok(err)
	h.works()
	h.equal("answered, by an agent", answered(), 1)
}
