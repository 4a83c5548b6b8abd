package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/test/crowds"
	"earshot/store"
)

// held are the piles of held-back reports, by their reason.
func (l *limited) held() map[desk.Flood]app.PileView {
	l.t.Helper()
	piles, err := l.HeldPiles(ctx)
	l.ok(err)
	out := map[desk.Flood]app.PileView{}
	for _, p := range piles {
		out[p.Pile.Held()] = p
	}
	return out
}

// spamming holds back so many reports of each host for mentioning strangers.
func (l *limited) spamming(each int, hosts ...string) {
	l.t.Helper()
	for n := range each * len(hosts) {
		l.shout(hosts[n%len(hosts)], n)
	}
}

// The wave of February 2024 is one pile, that says why, how many, and from where.
func TestWaveIsOnePile(t *testing.T) {
	l := newCrowded(t)
	day, from := crowds.New(2024), l.Now()
	got := l.fates(crowds.Mixed(day.Wave(1000, from, time.Hour), day.Outage(crowds.Internet, 400, from, 15*time.Minute)))
	held := l.held()
	p := held[desk.SpamStrangers]
	t.Logf("%d piles; in that of %q %d people, %d servers and %d people on others, %v; of the outage %d are heard", len(held), p.Pile.Held(), p.People, len(p.Servers), p.Further, p.Spoken(), got[crowds.Internet].opened)
	if len(held) != 1 || p.People != 1000 || len(p.Servers) != desk.PileServers || p.Further == 0 || len(p.Held) != 3 || got[crowds.Internet].opened != 400 {
		t.Errorf("%+v", held)
	}
	sum := p.Further
	for _, n := range p.Servers {
		sum += n
	}
	if sum != p.People || p.Since.Before(from) || !p.Last.After(p.Since) {
		t.Errorf("%d on servers, of %d, from %v to %v", sum, p.People, p.Since, p.Last)
	}
}

// A whole server that is released stands where its reports would stand had they come
// now: in piles, and not on a row each.
func TestReleasedServerStandsInPiles(t *testing.T) {
	l := newCrowded(t)
	l.spamming(3, "big.example")
	_, err := l.Drop(ctx, app.By{}, app.Choice{All: true})
	l.ok(err)
	outage := crowds.New(400).Outage(crowds.Internet, 190, l.Now(), 15*time.Minute)
	for n := range outage {
		outage[n].Person = fmt.Sprintf("https://big.example/users/p%d", n)
	}
	if got := l.fates(crowds.Mixed(outage))[crowds.Internet]; got.held[desk.SpamDropped] != 190 {
		t.Fatalf("%+v", got)
	}
	opened := 0
	for more := true; more; {
		done, err := l.Release(ctx, app.By{}, app.Choice{Host: "big.example"})
		l.ok(err)
		opened, more = opened+len(done.Opened), done.More
	}
	rows, piles := l.stands()
	in := 0
	for _, p := range piles {
		in += p.People
	}
	t.Logf("of 190 that are released at once, %d stand on rows and %d in %d piles", len(rows), in, len(piles))
	if opened != 190 || len(rows)+in != 190 || len(rows) > 30 || len(piles) > 5 {
		t.Errorf("%d issues: %d rows, %d in %d piles", opened, len(rows), in, len(piles))
	}
	if r := l.report("big.example", 900); r.Outcome != app.Opened {
		t.Errorf("a later report of a server that was released: %+v", r)
	}
}

// A report that is released by itself stands on a row, for an agent has read it.
func TestReleasedAloneStandsOnARow(t *testing.T) {
	l := newLimited(t)
	p := l.piled(30)
	l.shout("one.example", 1)
	q := l.held()[desk.SpamStrangers].Held[0]
	_, err := l.ActOnPile(ctx, app.By{}, app.PileInput{Pile: desk.HeldPile(desk.SpamStrangers), Do: desk.PileRelease, Object: q.Object})
	l.ok(err)
	rows, _ := l.stands()
	if len(rows) != 1 || rows[0].Report != q.Object || len(l.inPile(p.ID)) != 30 {
		t.Errorf("%+v", rows)
	}
}

// Held-back reports are dropped or released with their pile, in portions, each once; a drop
// is taken back with all it changed.
func TestActsOnHeldPile(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   app.PileInput
		done int
	}{
		{"drop", app.PileInput{Do: desk.PileSpam}, 120},
		{"drop a server", app.PileInput{Do: desk.PileSpam, Server: true}, 80},
		{"drop those alike", app.PileInput{Do: desk.PileSpam, Alike: true}, 120},
		{"drop one", app.PileInput{Do: desk.PileSpam}, 1},
		{"release", app.PileInput{Do: desk.PileRelease}, 120},
		{"release a server", app.PileInput{Do: desk.PileRelease, Server: true}, 80},
		{"release one", app.PileInput{Do: desk.PileRelease}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLimited(t)
			l.spamming(40, "s1.bad.example", "s2.bad.example", "other.example")
			id := desk.HeldPile(desk.SpamStrangers)
			before := l.held()[desk.SpamStrangers]
			tt.in.Pile = id
			if tt.in.Server || tt.in.Alike || tt.done == 1 {
				tt.in.Object = "https://s1.bad.example/notes/0"
			}
			bo := app.By{Agent: "bo@acme.example", Key: "k"}
			_, err := l.ActOnPile(ctx, bo, tt.in)
			l.ok(err)
			l.clock.Advance(time.Second)
			l.spamming(1, "later.example") // is not meant
			l.portions()
			p, err := l.ShowPile(ctx, id)
			l.ok(err)
			rows, piles := l.stands()
			opened := len(rows)
			for _, p := range piles {
				opened += p.People
			}
			want := 0
			if tt.in.Do == desk.PileRelease {
				want = tt.done
			}
			if p.Act == nil || !p.Act.Over || p.Act.Done != tt.done || p.People != 121-tt.done || opened != want {
				t.Fatalf("%+v, %d people, %d issues", p.Act, p.People, opened)
			}
			if again, err := l.ActOnPile(ctx, bo, tt.in); err != nil || again.Act.ID != p.Act.ID {
				t.Errorf("the same request again: %+v, %v", again.Act, err)
			}
			if n, err := l.QuarantineCount(ctx); err != nil || n != 121-tt.done {
				t.Errorf("%d are counted, %v", n, err)
			}
			domain, _ := l.taken("bad.example")
			switch {
			case tt.in.Do == desk.PileSpam && domain.Dropped != min(tt.done, 80):
				t.Errorf("%d count against the server", domain.Dropped)
			case tt.in.Do == desk.PileRelease && domain.Trusted() != tt.in.Server:
				t.Errorf("the server is trusted: %v", domain.Trusted())
			}
			if p.Act.Alike != "" || p.Act.Object != "" {
				t.Errorf("stored of a report when it is over: %q, %q", p.Act.Alike, p.Act.Object)
			}
			_, err = l.UndoPile(ctx, app.By{Agent: bo.Agent}, id)
			if tt.in.Do == desk.PileRelease {
				if desk.ErrorCode(err) != desk.CodeConflict {
					t.Errorf("a release is taken back: %v", err)
				}
				return
			}
			l.ok(err)
			l.portions()
			after := l.held()[desk.SpamStrangers]
			if domain, _ = l.taken("bad.example"); after.People != 121 || after.Since != before.Since || !slices.EqualFunc(after.Held, before.Held, func(a, b desk.Quarantined) bool { return a.Object == b.Object }) || domain.Dropped != 0 {
				t.Errorf("after it was taken back: %d people since %v, %d count against the server", after.People, after.Since, domain.Dropped)
			}
		})
	}
}

// A held-back report that is not for us any more when it is let in is counted with its
// reason and its server, by a release of the pile as by one of a server.
func TestDroppedAtReleaseIsCounted(t *testing.T) {
	l := newLimited(t)
	for n := range 16 { // eight of each, of which five are heard
		who := desk.ActorID(fmt.Sprintf("https://s%d.example/users/ana", n%2+1))
		_, err := l.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who, Inbox: string(who) + "/inbox"},
			Post: desk.Post{Object: desk.ObjectID(fmt.Sprint(who, "/notes/", n)), Author: who, Text: fmt.Sprint("line ", n), Tags: []string{"acme", "fail"}, Visibility: desk.VisibilityPublic, Published: l.Now()}})
		l.ok(err)
	}
	_, err := l.EditDesk(ctx, app.By{}, "help", app.DeskEdit{Names: []string{"beta"}})
	l.ok(err)
	counted := func() (n int, hosts []desk.Host) {
		s := l.drops.Summary(func(desk.Handle) bool { return true })
		for _, c := range s.Counts {
			if c.Reason == drop.NotAddressed {
				n += c.Ours
			}
		}
		return n, s.Hosts(10)
	}
	done, err := l.Release(ctx, app.By{}, app.Choice{Host: "s1.example"})
	l.ok(err)
	if n, hosts := counted(); done.Dropped != 3 || n != 3 || !slices.Equal(hosts, []desk.Host{"s1.example"}) {
		t.Errorf("%d dropped, %d counted of %v", done.Dropped, n, hosts)
	}
	_, err = l.ActOnPile(ctx, app.By{Agent: "bo@acme.example"}, app.PileInput{Pile: desk.HeldPile(desk.FloodOfPerson), Do: desk.PileRelease})
	l.ok(err)
	l.portions()
	if n, hosts := counted(); n != 6 || len(hosts) != 2 {
		t.Errorf("%d counted of %v", n, hosts)
	}
}

// What works on a pile of issues works on one that is held back: its reports are released,
// and it is done to the issues that they open. Of another desk than an incident they stay.
func TestActsOnWhatHeldReportsOpen(t *testing.T) {
	opened := func(l *limited) (out []desk.Issue) {
		t.Helper()
		l.ok(l.View(ctx, func(tx *app.Tx) (err error) {
			out, _, err = tx.Issues().List(store.IssueFilter{}, store.Page{})
			return err
		}))
		return out
	}
	id := desk.HeldPile(desk.SpamStrangers)
	bo := app.By{Agent: "bo@acme.example"}
	one := desk.ObjectID("https://s1.bad.example/notes/0")
	for _, tt := range []struct {
		name string
		in   app.PileInput
		done int
		is   func(desk.Issue) bool
	}{
		{"assign", app.PileInput{Do: desk.PileAssign, Assignee: bo.Agent}, 60, func(i desk.Issue) bool { return i.Assignee == bo.Agent }},
		{"assign one", app.PileInput{Do: desk.PileAssign, Assignee: bo.Agent, Object: one}, 1, func(i desk.Issue) bool { return i.Assignee == bo.Agent }},
		{"close a server", app.PileInput{Do: desk.PileStatus, Change: desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonCannot}, Object: one, Server: true}, 30,
			func(i desk.Issue) bool { return i.Status == desk.StatusClosed && i.Reason == desk.ReasonCannot }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLimited(t)
			_, err := l.AddAgent(ctx, app.By{}, desk.Agent{Email: bo.Agent, Name: "Bo", Role: desk.RoleAgent})
			l.ok(err)
			l.spamming(30, "s1.bad.example", "other.example")
			tt.in.Pile = id
			_, err = l.ActOnPile(ctx, bo, tt.in)
			l.ok(err)
			l.portions()
			p, err := l.ShowPile(ctx, id)
			l.ok(err)
			issues := opened(l)
			if p.Act.Done != tt.done || !p.Act.Over || len(issues) != tt.done || p.People != 60-tt.done || slices.ContainsFunc(issues, func(i desk.Issue) bool { return !tt.is(i) }) {
				t.Errorf("%+v, %d people, %d issues", p.Act, p.People, len(issues))
			}
			_, err = l.UndoPile(ctx, bo, id)
			if desk.ErrorID(err) != "pile_released" {
				t.Errorf("take back: %v", err)
			}
		})
	}
}

// Linked ones are voices, once each, that no word goes to until an agent ticks them.
func TestLinksHeldPile(t *testing.T) {
	l := newLimited(t)
	i, err := l.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet", Publish: true, Now: true})
	l.ok(err)
	_, err = l.AddDesk(ctx, app.By{}, desk.Desk{Handle: "town", Name: "Town", Names: []string{"town"}, Calls: []string{"fail"}})
	l.ok(err)
	other, err := l.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "town", Title: "Elsewhere"})
	l.ok(err)
	l.spamming(40, "s1.example", "s2.example")
	id := desk.HeldPile(desk.SpamStrangers)
	link := func(of desk.IncidentID) desk.PileAct {
		t.Helper()
		_, err = l.ActOnPile(ctx, app.By{}, app.PileInput{Pile: id, Do: desk.PileLink, Incident: of})
		l.ok(err)
		l.portions()
		p, err := l.ShowPile(ctx, id)
		l.ok(err)
		return *p.Act
	}
	if act := link(other.ID); act.Done != 0 || act.Skipped != 80 {
		t.Errorf("to an incident of another desk: %+v", act)
	}
	if act := link(i.ID); act.Done != 80 || act.Skipped != 0 {
		t.Errorf("%+v", act)
	}
	v, err := l.ShowIncident(ctx, i.ID)
	l.ok(err)
	voices, _, err := l.ListIssues(ctx, app.ListInput{IssueFilter: store.IssueFilter{Incident: i.ID}})
	l.ok(err)
	if v.Incident.Voices != 80 || len(voices) == 0 {
		t.Fatalf("%d voices, %d of them are linked", v.Incident.Voices, len(voices))
	}
	audience, err := l.Audience(ctx, i.ID, desk.IncidentIdentified, app.TellInput{Take: []desk.IssueID{voices[0].Issue.ID}, Tags: new(true)})
	l.ok(err)
	if audience.Replies != 1 || audience.Left[desk.VoiceLetIn] != 79 {
		t.Errorf("%d are told, left are %v", audience.Replies, audience.Left)
	}
}

// That a report was let in with others is kept, whatever is done with its pile later.
func TestLetInStays(t *testing.T) {
	id := desk.HeldPile(desk.SpamStrangers)
	one := desk.ObjectID("https://s1.example/notes/0")
	for _, tt := range []struct {
		name  string
		in    app.PileInput
		letIn int
	}{
		{"released", app.PileInput{Do: desk.PileRelease}, 60},
		{"released with its server", app.PileInput{Do: desk.PileRelease, Object: one, Server: true}, 30},
		{"released alone", app.PileInput{Do: desk.PileRelease, Object: one}, 0},
		{"assigned to nobody, as it is", app.PileInput{Do: desk.PileAssign}, 60},
		{"linked", app.PileInput{Do: desk.PileLink}, 60},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newCrowded(t)
			i, err := l.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet", Publish: true, Now: true})
			l.ok(err)
			l.spamming(30, "s1.example", "s2.example")
			act := func(in app.PileInput) {
				t.Helper()
				if in.Do == desk.PileLink {
					in.Incident = i.ID
				}
				_, err := l.ActOnPile(ctx, app.By{}, in)
				l.ok(err)
				l.portions()
			}
			letIn := func(when string) (all []desk.IssueID) {
				t.Helper()
				n := 0
				l.ok(l.View(ctx, func(tx *app.Tx) error {
					issues, _, err := tx.Issues().List(store.IssueFilter{}, store.Page{})
					for _, one := range issues {
						if all = append(all, one.ID); one.LetIn() {
							n++
						}
					}
					return err
				}))
				if n != tt.letIn {
					t.Errorf("%s, %d of %d issues are let in, want %d", when, n, len(all), tt.letIn)
				}
				return all
			}
			tt.in.Pile = id
			act(tt.in)
			all := letIn("at first")
			if tt.in.Do == desk.PileLink {
				_, err = l.UnlinkVoices(ctx, app.By{}, i.ID, all)
				l.ok(err)
			}
			_, piles := l.stands()
			for _, p := range piles {
				act(app.PileInput{Pile: p.ID, Do: desk.PileLink})
			}
			letIn("after their piles were linked")
			if tt.letIn == 60 && tt.in.Do != desk.PileLink { // those that were linked at once crowd no list
				audience, err := l.Audience(ctx, i.ID, desk.IncidentIdentified, app.TellInput{Tags: new(true)})
				l.ok(err)
				if v := audience.Left[desk.VoiceLetIn]; audience.Replies != 0 || v == 0 || len(piles) == 0 {
					t.Errorf("%d are told, left are %v, of %d piles", audience.Replies, audience.Left, len(piles))
				}
			}
			for _, p := range piles {
				_, err = l.UndoPile(ctx, app.By{}, p.ID)
				l.ok(err)
				l.portions()
			}
			letIn("after that was taken back")
		})
	}
}

// A server is trusted once a report of it is released, not by an act that leaves all as
// they are.
func TestTrustsAReleasedServer(t *testing.T) {
	l := newLimited(t)
	i, err := l.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet"})
	l.ok(err)
	_, err = l.AddDesk(ctx, app.By{}, desk.Desk{Handle: "town", Name: "Town", Names: []string{"town"}, Calls: []string{"fail"}})
	l.ok(err)
	other, err := l.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "town", Title: "Elsewhere"})
	l.ok(err)
	l.spamming(3, "big.example")
	id := desk.HeldPile(desk.SpamStrangers)
	act := func(in app.PileInput) {
		t.Helper()
		in.Pile, in.Object = id, l.held()[desk.SpamStrangers].Held[0].Object
		_, err := l.ActOnPile(ctx, app.By{}, in)
		l.ok(err)
		l.portions()
	}
	act(app.PileInput{Do: desk.PileSpam})
	link := app.PileInput{Do: desk.PileLink, Server: true, Incident: other.ID}
	act(link)
	if s, _ := l.taken("big.example"); s.Trusted() || s.Dropped != 1 {
		t.Errorf("nothing was released: %+v", s)
	}
	link.Incident = i.ID
	act(link)
	if s, _ := l.taken("big.example"); !s.Trusted() || s.Dropped != 0 {
		t.Errorf("released: %+v", s)
	}
}

// What cannot be done with held-back reports, or with none.
func TestHeldPileRefuses(t *testing.T) {
	l := newLimited(t)
	id := desk.HeldPile(desk.SpamStrangers)
	try := func(in app.PileInput, want desk.Code) {
		t.Helper()
		in.Pile = id
		if _, err := l.ActOnPile(ctx, app.By{}, in); desk.ErrorCode(err) != want {
			t.Errorf("%+v: %v", in, err)
		}
	}
	try(app.PileInput{Do: desk.PileSpam}, desk.CodeConflict)
	l.shout("one.example", 1)
	try(app.PileInput{Do: desk.PileAssign, Assignee: "nobody@acme.example"}, desk.CodeNotFound)
	try(app.PileInput{Do: desk.PileStatus}, desk.CodeInvalid)
	try(app.PileInput{Do: desk.PileLink, Incident: "none"}, desk.CodeNotFound)
	_, err := l.TakeFromPile(ctx, app.By{}, id, []desk.IssueID{"one"})
	if desk.ErrorID(err) != "pile_held" {
		t.Errorf("take: %v", err)
	}
	try(app.PileInput{Do: desk.PileSpam, Object: "https://one.example/notes/none"}, desk.CodeConflict)
	for _, id := range []desk.PileID{"held-", "held-none"} {
		if _, err := l.ShowPile(ctx, id); desk.ErrorCode(err) != desk.CodeNotFound {
			t.Errorf("%s: %v", id, err)
		}
	}
	rows := l.piled(30)
	for _, do := range []desk.PileDo{desk.PileSpam, desk.PileRelease} {
		try(app.PileInput{Do: do, Like: l.inPile(rows.ID)[0].ID}, desk.CodeInvalid) // would mean all of it
	}
	if n, err := l.QuarantineCount(ctx); err != nil || n != 1 {
		t.Errorf("%d are held back, %v", n, err)
	}
	if _, err := l.ActOnPile(ctx, app.By{}, app.PileInput{Pile: rows.ID, Do: desk.PileRelease}); desk.ErrorCode(err) != desk.CodeInvalid {
		t.Errorf("reports that are heard are released: %v", err)
	}
}

// Held-back reports of one thread are released as one issue, in whatever order they came.
func TestHeldThreadJoins(t *testing.T) {
	for name, order := range map[string][]int{"in order": {0, 1, 2}, "the other way round": {2, 1, 0}} {
		t.Run(name, func(t *testing.T) {
			l := newLimited(t)
			who := desk.ActorID("https://one.example/users/a")
			note := func(n int) desk.ObjectID { return desk.ObjectID(fmt.Sprintf("%s/notes/%d", who, n)) }
			for _, n := range order {
				p := desk.Post{Object: note(n), Author: who, Text: "@help @you !!!", Visibility: desk.VisibilityPublic, Published: l.Now(),
					Mentions: []desk.ActorID{l.Site().Desk("help"), "https://stranger.example/users/you", "https://stranger.example/users/two"}}
				if n > 0 {
					p.InReplyTo = note(n - 1)
				}
				r, err := l.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who, Inbox: string(who) + "/inbox"}, Post: p})
				l.ok(err)
				if r.Outcome != app.HeldBack {
					t.Fatalf("%d: %+v", n, r)
				}
			}
			done, err := l.Release(ctx, app.By{}, app.Choice{Object: note(1)})
			l.ok(err)
			if n, err := l.QuarantineCount(ctx); err != nil || n != 0 || len(done.Opened) != 1 || done.Joined != 2 {
				t.Errorf("%+v, %d are held back, %v", done, n, err)
			}
		})
	}
}

// Nobody gets back what its author has deleted, and nothing is stored for long.
func TestDroppedIsForgotten(t *testing.T) {
	l := newLimited(t)
	l.spamming(4, "bad.example")
	id := desk.HeldPile(desk.SpamStrangers)
	drop := func() {
		t.Helper()
		_, err := l.ActOnPile(ctx, app.By{}, app.PileInput{Pile: id, Do: desk.PileSpam})
		l.ok(err)
	}
	undo := func(want int) {
		t.Helper()
		p, err := l.UndoPile(ctx, app.By{}, id)
		l.ok(err)
		if p.Act.Done != want || p.People != want {
			t.Errorf("%d are back, %d stand in the pile, not %d", p.Act.Done, p.People, want)
		}
	}
	drop()
	l.ok(l.Remove(ctx, "https://bad.example/notes/0", "https://bad.example/users/0"))
	_, err := l.RemoveActor(ctx, "https://bad.example/users/1")
	l.ok(err)
	undo(2)
	drop()
	l.spamming(6, "next.example")
	drop() // only the last act is taken back
	l.ok(l.View(ctx, func(tx *app.Tx) error {
		left, _, err := tx.Quarantine().List(store.QuarantineFilter{Dropped: desk.SpamStrangers}, store.Page{})
		if len(left) != 6 {
			t.Errorf("%d dropped ones are stored, of which 6 can be taken back", len(left))
		}
		return err
	}))
	undo(6)
	drop()
	l.clock.Advance(2 * time.Hour)
	l.ok(l.Upkeep(ctx))
	undo(0)
	l.ok(l.View(ctx, func(tx *app.Tx) error {
		left, _, err := tx.Quarantine().List(store.QuarantineFilter{Dropped: desk.SpamStrangers}, store.Page{})
		if len(left) > 0 {
			t.Errorf("%d are stored", len(left))
		}
		return err
	}))
}

// A release that fails changes nothing: no report is lost. One that is not for us any more
// is no released one.
func TestReleaseLosesNothing(t *testing.T) {
	l := newLimited(t)
	l.spamming(3, "one.example")
	id := desk.HeldPile(desk.SpamStrangers)
	change := func(n int, how func(*desk.Post)) {
		t.Helper()
		l.ok(l.Update(ctx, func(tx *app.Tx) error {
			q, ok, err := tx.Quarantine().Get(desk.ObjectID(fmt.Sprintf("https://one.example/notes/%d", n)))
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			how(&q.Post)
			return tx.Quarantine().Put(q)
		}))
	}
	above := desk.Post{ID: "above", Object: "https://one.example/notes/above", Author: "https://one.example/users/1", Issue: "none", Role: desk.RoleReport, Visibility: desk.VisibilityPublic}
	l.ok(l.Update(ctx, func(tx *app.Tx) error { return tx.Posts().Put(above) }))
	change(1, func(p *desk.Post) { p.InReplyTo = above.Object })
	if _, err := l.ActOnPile(ctx, app.By{}, app.PileInput{Pile: id, Do: desk.PileRelease}); err == nil {
		t.Error("a report joins an issue that is not there")
	}
	if n := l.held()[desk.SpamStrangers].People; n != 3 {
		t.Fatalf("after a release that failed %d are held back", n)
	}
	change(1, func(p *desk.Post) { p.InReplyTo = "" })
	change(2, func(p *desk.Post) { p.Mentions = nil })
	p, err := l.ActOnPile(ctx, app.By{}, app.PileInput{Pile: id, Do: desk.PileRelease})
	l.ok(err)
	if p.Act.Done != 2 || p.Act.Skipped != 1 || p.People != 0 {
		t.Errorf("%+v, %d are held back", p.Act, p.People)
	}
}

// A held-back report about which nobody decided is counted when its time is over; one that
// an agent dropped is not.
func TestHeldBackReportExpiresCounted(t *testing.T) {
	l := newCrowded(t)
	l.spamming(3, "big.example", "small.example")
	held, _, err := l.Quarantine(ctx, store.QuarantineFilter{}, store.Page{})
	l.ok(err)
	if len(held) != 6 {
		t.Fatalf("%d are held back", len(held))
	}
	_, err = l.ActOnPile(ctx, app.By{}, app.PileInput{Pile: desk.HeldPile(desk.SpamStrangers), Do: desk.PileSpam, Object: held[0].Object})
	l.ok(err)
	l.clock.Advance(app.QuarantineFor - time.Minute)
	done, err := l.ExpireWords(ctx)
	if l.ok(err); done.Quarantined != 0 || l.unread() != 0 {
		t.Errorf("%d expired before their time, %d of them counted", done.Quarantined, l.unread())
	}
	l.clock.Advance(time.Hour)
	done, err = l.ExpireWords(ctx)
	if l.ok(err); done.Quarantined != 5 || l.unread() != 5 {
		t.Errorf("%d expired, %d of them counted, want 5", done.Quarantined, l.unread())
	}
	if s := l.drops.Summary(func(desk.Handle) bool { return true }); len(s.Tail) == 0 || s.Tail[0].Reason != drop.Unread || s.Tail[0].Host == "" {
		t.Errorf("an operator reads %+v", s.Tail)
	}
}

func (l *limited) unread() int {
	for _, c := range l.drops.Counts() {
		if c.Reason == drop.Unread {
			return c.Ours
		}
	}
	return -1
}
