package attacks

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"earshot/federation/inbox"
	"earshot/internal/api"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// rations is classes 47 and 48: one attacker who counts as many, and one who makes an
// issue unreadable.
var rations = []attack{
	{class: 47, name: "many_names_of_one_domain", last: true,
		tried:   "fresh accounts on 50 hosts below one domain mention the desk, and follow with inboxes elsewhere; a big server's people report meanwhile",
		defends: "internal/desk Domain: every ration of a server is one of its registrable domain",
		elsewhere: []string{"federation/inbox.TestRationsAreOfDomains", "federation/inbox.TestRefusalsOfOneDomain", "federation/resolve.TestPlacesAreOfDomains", "federation/resolve.TestRefetchesAreRationedByDomain",
			"federation/delivery.TestBusyDomain", "internal/app.TestRoomOfOneDomain", "internal/app.TestBlocksCoverSubdomains", "internal/desk.TestDomain"},
		run: manyNames},
	{class: 48, name: "unreadable_issue",
		tried:     "third persons answer a report with 256 long picture descriptions each, and report a reply, a desk or the instance again and again",
		defends:   "federation/inbox MaxPost, Budget; the bounds of internal/app Flagged",
		elsewhere: []string{"internal/app.TestComplaintsAreBounded", "federation/inbox.TestWholePostIsBounded", "federation/inbox.TestBudget"},
		run:       unreadableIssue},
}

// below serves a peer under as many names of one domain as its owner likes, and
// returns the n-th account: 50 hosts take turns.
func below(p *fed.Peer, domain string) func(n int) desk.ActorID {
	at, _ := url.Parse(p.URL)
	pem := string(p.PublicKey())
	p.Handle("", func(w http.ResponseWriter, r *http.Request) {
		_, elsewhere, _ := strings.Cut(r.URL.Path, "/elsewhere/")
		id := "http://" + r.Host + r.URL.Path
		inbox := id + "/inbox"
		if elsewhere != "" {
			inbox = "http://127.67.0." + elsewhere + ":1/inbox"
		}
		w.Header().Set("Content-Type", "application/activity+json")
		fmt.Fprintf(w, `{"@context":"https://www.w3.org/ns/activitystreams","id":%q,"type":"Person","preferredUsername":"x","inbox":%q,"publicKey":{"id":%q,"owner":%q,"publicKeyPem":%q}}`,
			id, inbox, id+"#main-key", id, pem)
	})
	return func(n int) desk.ActorID {
		return desk.ActorID(fmt.Sprintf("http://s%d.%s.localhost:%s/users/%d", n%50, domain, at.Port(), n))
	}
}

func manyNames(s *site) {
	eve, big := s.peer(), s.peer()
	status, answer := s.mention(big, big.Actor, 1)
	s.answered(status, answer, http.StatusAccepted)
	s.settle()
	_, err := s.client.ReleaseQuarantine(s.Context(), app.Choice{Host: big.Actor.Host()}) // known from now on
	s.must(err)

	account := below(eve, "evil")
	refused := 0
	more := s.grown(func() {
		for n := range 260 {
			who := account(n)
			note := M{"id": fmt.Sprintf("%s/notes/%d", who, n), "type": "Note", "attributedTo": string(who), "content": "<p>broken</p>", "to": []string{public}, "cc": []string{s.help()},
				"tag": []M{{"type": "Mention", "href": s.help(), "name": "@help"}}}
			status, answer := s.sendAs(eve, who, M{"@context": "https://www.w3.org/ns/activitystreams", "id": fmt.Sprint(note["id"], "/create"), "type": "Create", "actor": string(who), "to": note["to"], "cc": note["cc"], "object": note})
			s.limited(status, answer, &refused)
		}
	})
	if more["issue"] != 260 || refused > 0 { // internal/app.TestRoomOfOneDomain has where it ends
		s.Errorf("of 260 posts of 50 hosts of one domain %d were refused; more than before: %v", refused, more)
	}
	s.Logf("260 posts of 50 hosts of one domain: %d issues, %d held back, %d refused", more["issue"], more["quarantine"], refused)

	refused = 0
	more = s.grown(func() {
		for n := range 100 {
			who := account(n) + desk.ActorID(fmt.Sprint("/elsewhere/", n+1))
			status, answer := s.sendAs(eve, who, M{"id": fmt.Sprint(who, "/f"), "type": "Follow", "actor": string(who), "object": s.help()})
			s.limited(status, answer, &refused)
		}
	})
	if refused < 30 || more["host"] > 70 || more["follow"] > 70 {
		s.Errorf("of 100 follows of 50 hosts of one domain %d were refused; more than before: %v", refused, more)
	}
	s.Logf("100 follows with inboxes elsewhere: %d accepted, %d refused", more["follow"], refused)
	s.dropJobs()

	more = s.grown(func() {
		for n := range 30 {
			who := big.Person(fmt.Sprint("p", n), nil)
			note := big.Note(100+n, s.actor(), "<p>My line is down</p>")
			note["attributedTo"] = string(who)
			create := big.Create(note)
			create["actor"] = string(who)
			status, answer := s.sendAs(big, who, create)
			s.answered(status, answer, http.StatusAccepted)
		}
	})
	if more["issue"] != 30 || more["quarantine"] != 0 {
		s.Errorf("of 30 reports of a big server: %v", more)
	}
	_, err = s.client.AddBlock(s.Context(), blockOf("evil.localhost"))
	s.must(err)
	s.unmoved(func() {
		status, answer := s.sendAs(eve, account(7), M{"id": fmt.Sprint(account(7), "/g"), "type": "Follow", "actor": string(account(7)), "object": s.help()})
		s.answered(status, answer, http.StatusForbidden)
	})
	for more := true; more; {
		done, err := s.client.DropQuarantine(s.Context(), app.Choice{All: true})
		s.must(err)
		more = done.More
	}
}

func unreadableIssue(s *site) {
	const answers = 10
	ana, eve := s.peer(), s.peer()
	issue, report := s.report(ana, 1)
	for n := range answers {
		who := eve.Person(fmt.Sprint("e", n), nil)
		note := eve.Note(n, s.actor(), "<p>me too</p>")
		note["attributedTo"], note["inReplyTo"] = string(who), string(report.Object)
		var pictures []M
		for i := range 256 {
			pictures = append(pictures, M{"type": "Document", "url": fmt.Sprintf("%s/p/%d", eve.URL, i), "mediaType": "image/png", "name": strings.Repeat("long ", 700)})
		}
		note["attachment"] = pictures
		create := eve.Create(note)
		create["actor"] = string(who)
		status, answer := s.sendAs(eve, who, create)
		s.answered(status, answer, http.StatusAccepted)
	}
	s.settle()
	full, err := s.client.Issue(s.Context(), issue.ID)
	s.must(err)
	shown := len(encode(s.T, full))
	if heard := len(full.Timeline) - 1 + full.Folded.Entries; heard != answers {
		s.Errorf("%d answers were heard, %d sent", heard, answers)
	}
	if shown > answers*inbox.MaxPost+64<<10 {
		s.Errorf("%d answers of 256 descriptions are %d bytes of an issue", answers, shown)
	}
	s.Logf("%d answers of 256 descriptions are %d bytes of an issue", answers, shown)

	reply, err := s.client.Reply(s.Context(), issue.ID, api.NewReply{Text: "We look at it."})
	s.must(err)
	s.settle()
	refused := 0
	for n := range 40 {
		status, answer := s.send(eve, M{"id": fmt.Sprint(eve.URL, "/flags/", n), "type": "Flag", "actor": string(eve.Actor), "object": []string{s.help(), string(reply.Object)}, "content": strings.Repeat("bad ", 100)})
		s.limited(status, answer, &refused)
	}
	if refused < 29 {
		s.Errorf("of 40 reports about a reply %d were refused", refused)
	}
	s.settle()
	s.dropJobs()
}
