package console

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/id"
	"earshot/internal/test/browser"
	"earshot/store"
)

const (
	ada = "ada@acme.example" // an admin
	bo  = "bo@acme.example"  // an agent
)

// call is a post as a person on another server wrote it.
type call struct {
	who, name, host string // user, display name, server
	language, text  string
	tags            []string      // instead of a mention: heard by its tags, through the hashtag source
	answers         desk.ObjectID // "" for a new thread
	files           []desk.Attachment
}

// hear makes it reach the desk.
func (r *room) hear(c call) (desk.IssueID, desk.ObjectID) {
	r.Helper()
	n := id.New()
	who := desk.ActorID("https://" + c.host + "/users/" + c.who)
	post := desk.Post{Object: desk.ObjectID("https://" + c.host + "/objects/" + n), URL: "https://" + c.host + "/@" + c.who + "/" + n[:8], Author: who,
		Text: c.text, HTML: "<p>" + strings.ReplaceAll(c.text, "\n\n", "</p><p>") + "</p>", Language: c.language, Tags: c.tags, InReplyTo: c.answers,
		Attachments: c.files, Visibility: desk.VisibilityPublic, Published: r.clock.Now()}
	source := "tags"
	if len(c.tags) == 0 {
		source, post.Mentions = app.Inbox, []desk.ActorID{r.app.Site().Desk("help")}
	}
	author := desk.Actor{ID: who, Acct: c.who + "@" + c.host, Name: c.name, URL: "https://" + c.host + "/@" + c.who, Inbox: string(who) + "/inbox"}
	heard := must(r.app.Hear(r.Context(), app.Heard{Source: source, Author: author, Post: post}))(r.T)
	if heard.Issue == "" {
		r.Fatalf("nobody hears %q: %s", c.text, heard.Why)
	}
	return heard.Issue, post.Object
}

// answer replies to an issue, and sends the reply to as many servers as the
// tally says, as the workers would.
func (r *room) answer(who desk.Email, in app.ReplyInput, t store.Tally) desk.Post {
	r.Helper()
	p := must(r.app.Reply(r.Context(), app.By{Agent: who}, in))(r.T)
	r.publish(p.ID, t)
	return p
}

func (r *room) publish(post desk.PostID, t store.Tally) {
	r.Helper()
	r.clock.Advance(time.Minute)
	check(r.T, r.app.Update(r.Context(), func(tx *app.Tx) error {
		p, ok, err := tx.PublishPost(post)
		if err != nil || !ok {
			r.Errorf("the post %s does not go out: %+v", post, p)
			return err
		}
		for state, n := range map[store.DeliveryState]int{store.DeliveryQueued: t.Queued, store.DeliveryDelivered: t.Delivered, store.DeliveryFailed: t.Failed} {
			for n := range n {
				d := store.Delivery{Activity: app.CreateID(r.app.Site(), post), Inbox: "https://" + tx.NewID() + ".example/inbox", Post: post, State: state, At: tx.Now}
				if state == store.DeliveryFailed {
					d.Inbox, d.Error = fmt.Sprintf("https://gone%d.example/inbox", n), "answered 410 for a week"
				}
				if err := tx.Deliveries().Put(d); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// exhibition is a desk in the middle of a working day.
type exhibition struct {
	*room
	talk    desk.IssueID    // has a reply, a comment, a third person, and more to say
	fresh   desk.IssueID    // nobody has looked at it
	tagged  desk.IssueID    // heard by its tags and answered once
	silent  desk.IssueID    // the reporter blocks us
	welcome string          // the path of a one-time link
	outage  desk.IncidentID // goes on, with an update and two voices
	mail    desk.IncidentID // a draft
}

func newExhibition(t *testing.T) *exhibition {
	t.Helper()
	x := &exhibition{room: newRoom(t)}
	x.complain("1", "This account answers people who did not ask it anything, again and again.", desk.ObjectID(x.app.Site().Desk("help")), desk.ObjectID(x.app.Site().Relay()))
	for n, reason := range []drop.Reason{drop.Signature, drop.Malformed, drop.NotAddressed, drop.NoInbox} {
		x.drops.Add(drop.Event{Reason: reason, Type: "Create", Host: desk.Host(strings.Repeat("a-long-name.", n) + "social.example"), Claimed: n == 0, Sender: "192.0.2.1", Ours: true, Desks: []desk.Handle{"help"}}, x.clock.Now())
	}
	x.agent(ada, "Ada Alt", desk.RoleAdmin)
	x.agent(bo, "Bo Berg", desk.RoleAgent)
	x.agent("cy@acme.example", "Cy Cole", desk.RoleLead)
	check(t, x.app.Update(t.Context(), func(tx *app.Tx) error {
		for _, s := range []store.Source{
			{ID: "tags", Kind: "tag-actor", Name: "tags.pub #acme", Tags: []string{"acme"}, Actor: "https://tags.pub/user/acme", State: store.SourceAccepted, Accepted: tx.Now, Heard: 1204, Matched: 87, HeardAt: tx.Now},
			{ID: "more", Kind: "tag-actor", Name: "fedi.buzz #acmecloud", Tags: []string{"acmecloud"}, Actor: "https://relay.fedi.buzz/tag/acmecloud", State: store.SourcePending},
			{ID: "gone", Kind: "tag-actor", Name: "boosts.example acme", Actor: "https://boosts.example/users/acme", State: store.SourceRejected, Error: "the other side refused to tell us"},
		} {
			s.Created = tx.Now
			for hour := range s.Hours.Counts {
				s.Hours.Newest, s.Hours.Counts[hour] = tx.Now.Truncate(time.Hour), s.Heard*(hour%7)/100
			}
			if err := tx.Sources().Put(s); err != nil {
				return err
			}
		}
		return nil
	}))
	must(x.app.AddDesk(t.Context(), app.By{Agent: ada}, desk.Desk{Handle: "night", Name: "Night desk", Summary: "When it burns after six.", Names: []string{"acmenight"}}))(t)
	x.issues()
	x.rest()
	x.incidents()
	x.lastWord()
	return x
}

// issues are a dozen, in several languages and states.
func (x *exhibition) issues() {
	in := func(i desk.IssueID, text string, to desk.Status) app.ReplyInput {
		return app.ReplyInput{Issue: i, Text: text, Visibility: desk.VisibilityQuiet, Change: desk.StatusChange{To: to}}
	}
	done, _ := x.hear(call{who: "lotte", name: "Lotte de Wit", host: "mastodon.example", language: "nl", text: "@help Sinds vanochtend geen internet in de Kerkstraat. Modem knippert rood."})
	x.answer(bo, in(done, "Er was een kabel los in de kast. Doet het het weer? ^BB", desk.StatusFixed), store.Tally{Delivered: 3})
	x.clock.Advance(time.Hour)
	closed, _ := x.hear(call{who: "deals", name: "Best Deals 24/7", host: "shop.example", language: "en", tags: []string{"acme", "fail"}, text: "Cheap phones, no #acme #fail, buy now!"})
	must(x.app.SetStatus(x.Context(), app.By{Agent: bo}, app.StatusInput{Issue: closed, Change: desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotACall}}))(x.T)
	waiting, _ := x.hear(call{who: "marie", name: "Marie Curie-Dupont", host: "piaille.example", language: "fr", text: "@help La facture de février est comptée deux fois. Qui peut regarder ?"})
	x.answer("cy@acme.example", in(waiting, "Merci. Quel est le numéro de la facture ? En message direct, s’il vous plaît. ^CC", desk.StatusWaiting), store.Tally{Delivered: 1})
	x.clock.Advance(3 * time.Hour)
	x.silent, _ = x.hear(call{who: "grump", name: "grump", host: "quiet.example", language: "en", text: "@help your robot voice hung up on me. Twice."})
	check(x.T, x.app.BlockedUs(x.Context(), "https://quiet.example/users/grump", "help"))
	x.tagged, _ = x.hear(call{who: "jonas", name: "Jonas Weber", host: "chaos.example", language: "de", tags: []string{"acme", "down"}, text: "Bei #acme ist schon wieder alles #down. Drittes Mal diese Woche."})
	x.answer(bo, in(x.tagged, "Das tut uns leid. In welchem Ort? Wir sehen gerade nichts. ^BB", desk.StatusAcknowledged), store.Tally{Delivered: 1, Queued: 1})
	x.clock.Advance(time.Hour)
	x.talkAtLength()
	for _, c := range []call{
		{who: "sofia", name: "Sofía Ruiz", host: "loma.example", language: "es", text: "@help El portal dice «error 502» desde las nueve. ¿Es solo aquí?"},
		{who: "tariq", name: "طارق", host: "masto.example", language: "ar", text: "@help لا تصل رسائل التأكيد إلى بريدي منذ أمس."},
		{who: "olena", name: "Олена", host: "masto.example", language: "uk", text: "@help З ранку не надсилаються листи. Чи це тільки в мене?"},
		{who: "verylongname", name: strings.Repeat("Maximiliane ", 5), host: "a-server-with-quite-a-long-name.example", language: "de", text: "@help " + strings.Repeat("Die Störungsseitenübersichtsanzeige lädt nicht. ", 6)},
	} {
		x.hear(c)
		x.clock.Advance(17 * time.Minute)
	}
	x.fresh, _ = x.hear(call{who: "ana", name: "Ana Silva", host: "social.example", language: "en", text: "@help My line in Harbour Street is down since six this morning.\n\nThe light on the box is red, restarting it changes nothing.",
		files: []desk.Attachment{{URL: "https://social.example/media/box.jpg", MediaType: "image/jpeg", Alt: "A white box with one red light"}}})
	x.clock.Advance(4 * time.Minute)
}

// talkAtLength is a thread with everything a thread can have.
func (x *exhibition) talkAtLength() {
	by := app.By{Agent: bo}
	var report desk.ObjectID
	x.talk, report = x.hear(call{who: "pelle", name: "Pelle Persson", host: "mastodon.example", language: "en", text: "@help Telephone is dead in the whole block, Mill Lane 3 to 9. My neighbour needs it for her alarm."})
	x.clock.Advance(5 * time.Minute)
	must(x.app.Comment(x.Context(), by, x.talk, "Sector 7 again? @cy was there on Friday. Check the cabinet before you drive out."))(x.T)
	x.clock.Advance(6 * time.Minute)
	x.answer(bo, app.ReplyInput{Issue: x.talk, Text: "We see it: a cabinet lost power at 8:40. A technician is on the way. We tell you more at 11:00. ^BB", Visibility: desk.VisibilityQuiet,
		Change: desk.StatusChange{To: desk.StatusInProgress}}, store.Tally{Delivered: 2})
	x.clock.Advance(20 * time.Minute)
	x.hear(call{who: "kim", name: "Kim", host: "other.example", language: "en", text: "Same here in Mill Lane 14.", answers: report})
	x.clock.Advance(20 * time.Minute)
	x.answer("cy@acme.example", app.ReplyInput{Issue: x.talk, Text: "The power is back. It takes about ten minutes until the telephones ring again. ^CC", Visibility: desk.VisibilityPublic}, store.Tally{Delivered: 4, Queued: 1, Failed: 1})
	x.clock.Advance(12 * time.Minute)
	x.hear(call{who: "pelle", name: "Pelle Persson", host: "mastodon.example", language: "en", text: "@help Mine rings. Hers does not yet.", answers: report})
	x.clock.Advance(8 * time.Minute)
}

// incidents are one that goes on, a draft, one that is over, and a crowd that may be
// one more.
func (x *exhibition) incidents() {
	by := app.By{Agent: "cy@acme.example"}
	old := must(x.app.OpenIncident(x.Context(), by, app.IncidentInput{Desk: "help", Title: "The portal is slow", Services: []string{"Portal"}, Publish: true, Now: true}))(x.T)
	x.publish(old.Root, store.Tally{Delivered: 40})
	old = must(x.app.CloseIncident(x.Context(), by, app.CloseInput{Incident: old.ID, Text: "It is as fast as before.", Surprised: "One slow disk made all pages slow.", Changed: "Each page has a time limit now.", Now: true}))(x.T)
	x.publish(old.Updates[0].Post, store.Tally{Delivered: 40})
	x.mail = must(x.app.OpenIncident(x.Context(), by, app.IncidentInput{Desk: "help", Title: "Letters arrive late", Services: []string{"E-mail"}, Text: "Letters of this morning are on their way; none is lost.", Language: "en"}))(x.T).ID
	out := must(x.app.OpenIncident(x.Context(), by, app.IncidentInput{Desk: "help", Title: "No telephone in Mill Lane and in the whole of the harbour quarter", Services: []string{"Telephone", "Mill Lane"}, Impact: desk.ImpactMajor,
		Text: "Since 8:40. We are looking for the cause.", Language: "en", NextUpdate: x.clock.Now().Add(time.Hour), Publish: true, Now: true}))(x.T)
	x.outage = out.ID
	must(x.app.LinkVoices(x.Context(), by, out.ID, []desk.IssueID{x.talk, x.fresh}))(x.T)
	x.publish(out.Root, store.Tally{Delivered: 212, Failed: 2})
	out = must(x.app.UpdateIncident(x.Context(), by, app.UpdateInput{Incident: out.ID, Status: desk.IncidentIdentified, Text: "A cabinet has no power. A technician is there.", NextUpdate: x.clock.Now().Add(30 * time.Minute), Now: true}))(x.T)
	x.publish(out.Updates[0].Post, store.Tally{Delivered: 209, Queued: 3})
	for n, words := range []string{"@help no internet in Ostviertel, red light on the box", "@help Ostviertel: red light, no internet since ten", "@help red light again in ostviertel", "@help Is it only me in Ostviertel? Red light.", "@help no internet, Ostviertel, the light is red", "@help Ostviertel offline. Red light."} {
		x.hear(call{who: fmt.Sprint("east", n), name: fmt.Sprint("Person ", n), host: fmt.Sprintf("s%d.example", n%3), language: "en", text: words})
		x.clock.Advance(time.Minute)
	}
}

// lastWord is a reply that can still be taken back.
func (x *exhibition) lastWord() {
	must(x.app.Reply(x.Context(), app.By{Agent: bo}, app.ReplyInput{Issue: x.talk, Text: "Thank you. Which number in the lane is she? We look at her line by itself. ^BB", Visibility: desk.VisibilityDirect, Change: desk.StatusChange{To: desk.StatusWaiting}}))(x.T)
}

// rest fills the pages beside the issues.
func (x *exhibition) rest() {
	by := app.By{Agent: ada}
	b := must(x.app.Broadcast(x.Context(), by, app.BroadcastInput{Desk: "help", Text: "Mill Lane has no telephone since 8:40. The cause is a cabinet without power; a technician is there. More at 11:00.", Language: "en"}))(x.T)
	x.publish(b.ID, store.Tally{Delivered: 212, Queued: 3, Failed: 2})
	must(x.app.AddBlock(x.Context(), by, "spam.example", "sells followers"))(x.T)
	must(x.app.AddBlock(x.Context(), by, "https://rude.example/users/troll", ""))(x.T)
	must(x.app.AddOptOut(x.Context(), by, "https://social.example/users/quiet", "asked by letter"))(x.T)
	check(x.T, x.app.Update(x.Context(), func(tx *app.Tx) error {
		for n, words := range []string{"Down, down, down! #acme #down", "Nothing works at all in the whole of Mill Lane, and nobody tells us anything. #acme #fail"} {
			who := desk.Actor{ID: desk.ActorID(fmt.Sprintf("https://flood.example/users/u%d", n)), Acct: fmt.Sprintf("u%d@flood.example", n), Name: "New Person"}
			object := desk.ObjectID(fmt.Sprintf("https://flood.example/objects/%d", n))
			err := tx.Quarantine().Put(desk.Quarantined{Object: object, Author: who, Post: desk.Post{Object: object, Author: who.ID, Text: words, Language: "en"}, Source: "tags", Flood: desk.FloodOfHost, Why: "more new issues than usual from flood.example", Since: tx.Now})
			if err != nil {
				return err
			}
		}
		for _, word := range []string{"@help win a phone at https://deals.example/1", "@help win a phone at https://deals.example/2"} {
			q := desk.Quarantined{Object: desk.ObjectID("https://deals.example/" + tx.NewID()), Source: app.Inbox, Since: tx.Now, Why: "more new reports than usual from deals.example",
				Author: desk.Actor{ID: "https://deals.example/users/max", Acct: "max@deals.example", Name: "Max Deal"}, Post: desk.Post{Text: word, HTML: word, Language: "en"}}
			if err := tx.Quarantine().Put(q); err != nil {
				return err
			}
		}
		job := store.Job{ID: "deliver:0192:slow.example", Queue: store.QueueDeliver, Host: "slow.example", Due: tx.Now, Added: tx.Now}
		if _, err := tx.Jobs().Add(job); err != nil {
			return err
		}
		leased, err := tx.Jobs().Lease(store.QueueDeliver, tx.Now, tx.Now.Add(time.Minute), 1)
		if err != nil || len(leased) != 1 {
			x.Errorf("%d jobs leased", len(leased))
			return err
		}
		_, err = tx.Jobs().Bury(job.ID, leased[0].Lease, tx.Now, "no answer for 7 days: dial tcp: i/o timeout")
		return err
	}))
	_, _, err := x.accounts.AddToken(x.Context(), by, auth.NewToken{Agent: bo, Name: "status board", Scopes: []desk.Scope{desk.ScopeRead}, Lasts: 30 * 24 * time.Hour})
	check(x.T, err)
	must(x.app.AddAgent(x.Context(), by, desk.Agent{Email: "dee@acme.example", Name: "Dee Dahl", Role: desk.RoleAgent}))(x.T)
	link := must(x.accounts.MakeLink(x.Context(), by, "dee@acme.example"))(x.T)
	for _, p := range []desk.Phrase{{Name: "Restart the router", Text: "Hello {name}, please take the power off for a minute. Does it help?"}, {Name: "Which street?", Text: "Which street are you in?"}} {
		p.Desk, p.Language = "help", "en"
		must(x.app.AddPhrase(x.Context(), by, p))(x.T)
	}
	x.welcome = strings.TrimPrefix(link.URL, x.app.Site().URL)
}

// signIn does so through the form that the tab shows.
func signIn(email string) func(*browser.Tab) {
	return func(tab *browser.Tab) {
		tab.Do(chromedp.SetValue(chromedp.CSS("input[name=email]"), email))
		tab.Release(chromedp.SendKeys(chromedp.CSS("input[name=password]"), password+"\r"))
	}
}

// pages are all pages of the console, in the states they have. The first ones
// are for a visitor who is not signed in.
func (x *exhibition) pages() []browser.Page {
	at := func(i desk.IssueID, view string) string { return "/console/issues/" + string(i) + "?view=" + view }
	pick := func(audience string) func(*browser.Tab) {
		return func(tab *browser.Tab) {
			tab.Do(chromedp.Click(chromedp.CSS(".composer input[value="+audience+"]")), chromedp.SendKeys(chromedp.CSS("#text"), "Which street?"))
		}
	}
	send := func(text string, before func()) func(*browser.Tab) {
		return func(tab *browser.Tab) {
			before()
			tab.Do(chromedp.Click(chromedp.CSS(".composer input[value=quiet]")), chromedp.SetValue(chromedp.CSS("#text"), text))
			tab.Release(chromedp.Click(chromedp.CSS(".send-quiet")))
		}
	}
	return []browser.Page{
		{Name: "sign-in", Path: "/console/sign-in"},
		{Name: "sign-in-wrong", Path: "/console/sign-in", Steps: func(tab *browser.Tab) {
			tab.Do(chromedp.SetValue(chromedp.CSS("input[name=email]"), "bo@acme.example"))
			tab.Release(chromedp.SendKeys(chromedp.CSS("input[name=password]"), "not this one, no\r"))
		}},
		{Name: "welcome", Path: x.welcome},
		{Name: "welcome-used", Path: "/console/welcome?code=" + url.QueryEscape("earshot_nonsense")},
		{Name: "issues", Path: "/console/issues", Steps: signIn(ada)},
		{Name: "issues-marked", Path: "/console/issues?view=all", Steps: func(tab *browser.Tab) { tab.Do(chromedp.Click(chromedp.CSS(".several li:nth-child(2) input"))) }},
		{Name: "issues-empty", Path: "/console/issues?desk=night"},
		{Name: "issues-not-found", Path: "/console/issues?q=zebra"},
		{Name: "thread", Path: at(x.talk, "open")},
		{Name: "thread-new", Path: at(x.fresh, "new")},
		{Name: "thread-direct", Path: at(x.fresh, "new"), Steps: pick("direct")},
		{Name: "thread-comment", Path: at(x.fresh, "new"), Steps: pick("comment")},
		{Name: "thread-undo", Path: at(x.fresh, "new"), Steps: func(tab *browser.Tab) { tab.Release(chromedp.Click(chromedp.CSS("#mine"))) }},
		{Name: "thread-change", Path: at(x.talk, "open"), Steps: func(tab *browser.Tab) { tab.Do(chromedp.Click(chromedp.CSS(".edit summary"))) }},
		{Name: "issues-narrowed", Path: "/console/issues?view=all&stands=new&since=2026-03-01"},
		{Name: "thread-tagged", Path: at(x.tagged, "open")},
		{Name: "thread-silent", Path: at(x.silent, "new")},
		{Name: "thread-wrong", Path: at(x.fresh, "new"), Steps: send("Please send us your password.", func() {})},
		{Name: "thread-meanwhile", Path: at(x.fresh, "new"), Steps: send("Which street?", func() {
			must(x.app.Comment(x.Context(), app.By{Agent: bo}, x.fresh, "It is the harbour cabinet. I have called them."))(x.T)
		})},
		{Name: "link", Path: "/console/issues/" + string(x.fresh) + "/link?view=new"},
		{Name: "incidents", Path: "/console/incidents"},
		{Name: "incident", Path: "/console/incidents/" + string(x.outage)},
		{Name: "incident-over", Path: "/console/incidents/" + string(x.outage), Steps: func(tab *browser.Tab) {
			tab.Do(chromedp.SetValue(chromedp.CSS("#composer select[name=status]"), "resolved"))
			tab.Release(chromedp.Click(chromedp.CSS("button[formaction$=words]")))
		}},
		{Name: "incident-draft", Path: "/console/incidents/" + string(x.mail), Steps: func(tab *browser.Tab) {
			tab.Do(chromedp.Click(chromedp.CSS("#incident details summary")))
		}},
		{Name: "incident-new", Path: "/console/incidents/new?issue=" + string(x.tagged) + "&issue=" + string(x.silent)},
		{Name: "incident-choose", Path: "/console/incidents/choose?issue=" + string(x.tagged)},
		{Name: "incident-voices", Path: "/console/incidents/" + string(x.outage) + "/voices"},
		{Name: "incident-told", Path: "/console/incidents/" + string(x.outage) + "/told"},
		{Name: "suggestions", Path: "/console/incidents/suggestions"},
		{Name: "issues-suggestion", Path: "/console/issues"},
		{Name: "several-reply", Path: "/console/several/reply?issue=" + string(x.tagged) + "&issue=" + string(x.fresh)},
		{Name: "palette", Path: at(x.talk, "open"), Steps: func(tab *browser.Tab) {
			tab.Do(browser.Press("?"), chromedp.WaitVisible(chromedp.CSS("#palette")))
		}},
		{Name: "broadcasts", Path: "/console/broadcasts"},
		{Name: "phrases", Path: "/console/phrases"},
		{Name: "thread-phrase", Path: at(x.fresh, "new"), Steps: func(tab *browser.Tab) {
			tab.Do(chromedp.Click(chromedp.CSS("#text")), browser.Press(" ;"), chromedp.WaitVisible(chromedp.CSS("#offers")))
		}},
		{Name: "today", Path: "/console/today"},
		{Name: "administration", Path: "/console/desks", Steps: func(tab *browser.Tab) { tab.Do(chromedp.Click(chromedp.CSS(".running summary"))) }},
		{Name: "today-wrong", Path: "/console/today?date=yesterday"},
		{Name: "desks", Path: "/console/desks"},
		{Name: "desk", Path: "/console/desks/help"},
		{Name: "sources", Path: "/console/sources"},
		{Name: "silence", Path: "/console/silence"},
		{Name: "quarantine", Path: "/console/quarantine"},
		{Name: "queue", Path: "/console/queue"},
		{Name: "drops", Path: "/console/drops"},
		{Name: "flags", Path: "/console/flags"},
		{Name: "webhooks", Path: "/console/webhooks"},
		{Name: "notify", Path: "/console/notify"},
		{Name: "people", Path: "/console/people"},
		{Name: "person", Path: "/console/people/" + bo},
		{Name: "person-new", Path: "/console/people/dee@acme.example"},
		{Name: "audit", Path: "/console/audit"},
		{Name: "you", Path: "/console/you"},
		{Name: "error", Path: "/console/nothing-here"},
		// The longest words are German.
		{Name: "you-german", Path: "/console/you", Steps: func(tab *browser.Tab) {
			tab.Do(chromedp.SetValue(chromedp.CSS("select[name=language]"), "de"))
			tab.Release(chromedp.Click(chromedp.CSS("form[action$=language] button")))
		}},
		{Name: "thread-german", Path: at(x.talk, "open")},
		{Name: "thread-silent-german", Path: at(x.silent, "new")},
		{Name: "several-reply-german", Path: "/console/several/reply?issue=" + string(x.tagged) + "&issue=" + string(x.fresh)},
		{Name: "incidents-german", Path: "/console/incidents"},
		{Name: "incident-german", Path: "/console/incidents/" + string(x.outage)},
		{Name: "today-german", Path: "/console/today"},
		{Name: "administration-german", Path: "/console/desks", Steps: func(tab *browser.Tab) { tab.Do(chromedp.Click(chromedp.CSS(".running summary"))) }},
		{Name: "people-german", Path: "/console/people"},
		{Name: "person-german", Path: "/console/people/" + bo},
		{Name: "quarantine-german", Path: "/console/quarantine"},
		{Name: "drops-german", Path: "/console/drops"},
		{Name: "flags-german", Path: "/console/flags"},
		{Name: "webhooks-german", Path: "/console/webhooks"},
		{Name: "notify-german", Path: "/console/notify"},
		{Name: "error-german", Path: "/console/issues/nothing-here"},
	}
}

// Every page can be read and used by everybody, in every light, on every screen.
func TestPagesInABrowser(t *testing.T) {
	x := newExhibition(t)
	browser.Inspect(t, x.server.URL, x.pages())
}

func TestScreenshots(t *testing.T) {
	x := newExhibition(t)
	browser.Screenshots(t, x.server.URL, "console", x.pages())
}

// The picture in the README is a thread.
func TestPicture(t *testing.T) {
	x := newExhibition(t)
	browser.Picture(t, x.server.URL, "console", browser.Page{Path: "/console/issues/" + string(x.talk) + "?view=open", Steps: func(tab *browser.Tab) {
		signIn(bo)(tab)
		suggested(tab)
		// What both said is in the picture, and the upper part of the form.
		browser.Eval[bool](tab, `(document.querySelector('#thread').scrollBy(0, -320), document.querySelector('#list').scrollTo(0, 0), true)`)
	}})
}
