package attacks

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"earshot/internal/api"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/store"
)

// exhaustion is classes 27 to 37, and 46: work that attackers can cause too
// often.
var exhaustion = []attack{
	{class: 27, name: "endless_collections", ids: "CVE-2025-32947",
		tried:   "a post whose replies, context and author's outbox are endless collections",
		defends: "a bounded number of fetches for one activity", run: endlessCollections},
	{class: 28, name: "endless_thread", ids: "",
		tried:   "an answer to an answer to an answer … each made up when we fetch it",
		defends: "a bounded number of fetches for one activity", elsewhere: []string{"internal/test/fed.TestFloodOfThreads"}, run: endlessThread},
	{class: 29, name: "media_recursion", ids: "CVE-2024-49363 GHSA-gq5q-c77c-v236",
		tried:   "attachments that point at this instance and at each other, or redirect to it, before and after an agent opens the thread",
		defends: "internal/picture/proxy: fetched when an agent opens the thread, at most 3 at a time of one author, never from this instance", elsewhere: []string{"internal/picture/proxy.TestHostileOrigins", "internal/picture/proxy.TestSlowOrigin", "internal/picture/proxy.TestRedirectInside"}, run: mediaRecursion},
	{class: 30, name: "endless_lists", ids: "CVE-2026-23962 GHSA-gg8q-rcg7-p79g AUDIT F-15",
		tried:   "a poll of 10,000 options; a post with 2,000 mentions, tags, attachments and recipients",
		defends: "federation/as: we read 256 of each and look up no mentioned account", run: endlessLists},
	{class: 31, name: "invented_inboxes", ids: "CVE-2026-69132 GHSA-fx98-wc5v-jrg5",
		tried:   "90 accounts of one server follow, each with an inbox on another host",
		defends: "federation/inbox Budget; hosts that stay down are forgotten", elsewhere: []string{"internal/test/fed.TestHostsAreForgotten", "internal/test/fed.TestQuotesByInventedInboxes"}, run: inventedInboxes},
	{class: 32, name: "forced_fetches", ids: "CVE-2026-34148 (part 3)",
		tried:   "one signer names 40 invented posts of a victim; 80 of its neighbours two each; unsigned, 80 invented keys of the victim",
		defends: "federation/inbox Budget by signer and host; internal/server Failures by address; federation/resolve budget and negative cache", elsewhere: []string{"internal/test/fed.TestWrongSignaturesInTheNameOfAHost", "internal/test/fed.TestMadeUpDeletionsOfAccounts", "internal/test/fed.TestForwardedAgainAndAgain"}, run: forcedFetches},
	{class: 33, name: "expressions_and_html", ids: "CVE-2025-68475 GHSA-rchf-xwx2-hm93",
		tried:   "400,000 bytes of open tags, entities and brackets in a post's HTML",
		defends: "internal/markup: a linear parser, Go's linear expressions, 64 KiB kept", elsewhere: []string{"internal/markup.FuzzSanitise"}, run: expressionsAndHTML},
	{class: 34, name: "poison_message", ids: "CVE-2026-50129 GHSA-qrgq-9fx2-vf2r",
		tried:   "malformed MathML, SVG, templates, comments, tables; the next post must still be heard",
		defends: "internal/markup; internal/queue: a panic buries its own job only", elsewhere: []string{"internal/queue.TestPanicIsADeadLetter"}, run: poisonMessage},
	{class: 35, name: "backfill_by_strangers", ids: "CVE-2026-27468 GHSA-qgmm-vr4c-ggjg",
		tried:   "posts that are not for us, answering and naming posts of a bystander",
		defends: "federation/inbox: a post that is not for us causes no fetch", run: backfillByStrangers},
	{class: 36, name: "preempted_object", ids: "CVE-2026-33869 GHSA-4qhx-hhwf-8685",
		tried:   "a stranger is first to send the id of another account's post, of its activities, and the answer to our Follow",
		defends: "federation/origin: ids are on their author's host; the author decides, not the first sender", elsewhere: []string{"internal/test/fed.TestDeclinedAfterTheApproval"}, run: preemptedObject},
	{class: 37, name: "forwarded_for", ids: "CVE-2023-49952 GHSA-c2r5-cfqr-c553", strict: true,
		tried:   "wrong signatures, each with another X-Forwarded-For",
		defends: "internal/server ClientAddr: believed from trusted proxies only", elsewhere: []string{"internal/server.TestClientAddr"}, run: forwardedFor},
}

// most is how many requests one activity may cause: twenty posts above it, and
// how their authors are called.
const most = 50

func endlessCollections(s *site) {
	eve := s.peer()
	eve.Person("eve", M{"outbox": eve.URL + "/loop", "featured": eve.URL + "/loop"})
	s.report(eve, 1)
	eve.Handle("", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/activity+json")
		id := eve.URL + r.URL.RequestURI()
		next := fmt.Sprintf("%s/loop?page=%d", eve.URL, len(r.URL.RawQuery)+1)
		_, _ = w.Write(encode(s.T, M{"id": id, "type": "OrderedCollectionPage", "partOf": eve.URL + "/loop", "next": next, "orderedItems": []string{next + "&item"}}))
	})
	note := eve.Note(2, s.actor(), "<p>x</p>")
	note["replies"], note["context"], note["contextHistory"], note["likes"] = eve.URL+"/loop", eve.URL+"/loop", eve.URL+"/loop", eve.URL+"/loop"
	s.refused(eve, eve.Create(note), http.StatusAccepted)
	s.settle()
	s.atMost(eve.Asked())
	s.dropJobs()
}

func (s *site) atMost(asked []string) {
	s.Helper()
	if len(asked) > most {
		s.Errorf("one activity made us ask %d times: %q", len(asked), asked[:most])
	}
}

func endlessThread(s *site) {
	eve := s.peer()
	eve.Handle("", func(w http.ResponseWriter, r *http.Request) {
		n := len(r.URL.Path)
		note := eve.Note(n, s.actor(), "<p>deeper</p>")
		note["id"], note["inReplyTo"] = eve.URL+r.URL.Path, eve.URL+r.URL.Path+"x"
		w.Header().Set("Content-Type", "application/activity+json")
		_, _ = w.Write(encode(s.T, note))
	})
	s.report(eve, 1)
	note := eve.Note(2, s.actor(), "<p>x</p>")
	note["inReplyTo"] = eve.URL + "/chain/x"
	s.refused(eve, eve.Create(note), http.StatusAccepted)
	s.settle()
	s.atMost(eve.Asked())
	s.dropJobs()
}

func mediaRecursion(s *site) {
	eve := s.peer()
	issue, _ := s.report(eve, 1, func(n M) {
		var all []M
		for i := range 100 {
			all = append(all, M{"type": "Image", "mediaType": "image/png", "url": fmt.Sprintf("%s/proxy/%d?url=%s/media/%d", s.url, i, eve.URL, i)},
				M{"type": "Image", "mediaType": "image/png", "url": fmt.Sprintf("%s/media/%d", eve.URL, i)})
		}
		n["attachment"] = all
	})
	s.onlyAsked(eve)
	eve.Handle("/media/0", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, s.url+"/console/pictures/again/0", http.StatusFound)
	})
	agent := s.worker("mel29@acme.example")
	s.onlyAsked(eve)
	pictures := agent.pictures(string(issue.ID))
	if len(pictures) != 8 {
		s.Errorf("the thread shows %q", pictures)
	}
	for n, at := range pictures {
		want := http.StatusNotFound // ours
		if n%2 == 1 {
			want = http.StatusBadGateway
		}
		if status, _, _ := agent.visit(http.MethodGet, s.url+at, nil); status != want {
			s.Errorf("%s is answered %d, want %d", at, status, want)
		}
	}
	s.asked(eve, "GET /media/0", "GET /media/1", "GET /media/2", "GET /media/3")
}

// pictures opens a thread, and returns the addresses of the pictures in it.
func (w *worker) pictures(issue string) []string {
	w.Helper()
	status, _, page := w.visit(http.MethodGet, w.url+"/console/issues/"+issue, nil)
	if status != http.StatusOK {
		w.Fatalf("the thread is answered %d", status)
	}
	var out []string
	for _, m := range regexp.MustCompile(`<img src="(/console/pictures/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}

func endlessLists(s *site) {
	eve, bystander := s.peer(), s.peer()
	var names, tags, to, attachments, options []any
	for n := range 2000 {
		who := fmt.Sprintf("%s/u/%d", bystander.URL, n)
		names = append(names, M{"type": "Mention", "href": who, "name": fmt.Sprintf("@u%d", n)})
		tags = append(tags, M{"type": "Hashtag", "name": fmt.Sprintf("#t%d", n)})
		to = append(to, who)
		attachments = append(attachments, M{"type": "Image", "url": who})
	}
	for n := range 10_000 {
		options = append(options, M{"type": "Note", "name": fmt.Sprintf("o%d", n)})
	}
	me := []any{M{"type": "Mention", "href": s.help(), "name": "@help"}}
	// Of a server that nobody has answered it would be held back as likely spam.
	before, _ := s.report(eve, 9)
	_, err := s.client.Reply(s.Context(), before.ID, api.NewReply{Text: "We are on it", Now: true})
	s.must(err)
	s.settle()
	eve.Asked()
	lists := s.grown(func() {
		_, post := s.report(eve, 1, func(n M) {
			n["tag"] = append(append(me, names...), tags...)
			n["to"], n["attachment"] = append([]any{public}, to...), attachments
		})
		if len(post.Attachments) > 256 {
			s.Errorf("%d attachments were kept", len(post.Attachments))
		}
		_, poll := s.report(eve, 2, func(n M) { n["type"], n["oneOf"], n["name"] = "Question", options, "which?" })
		if len(poll.Text) > 64<<10 {
			s.Errorf("%d bytes were kept of a poll", len(poll.Text))
		}
	})
	if lists["issue"] != 2 || lists["actor"] != 0 || lists["job"] != 0 {
		s.Errorf("more than before: %v", lists)
	}
	s.asked(bystander)
	for _, r := range s.records() {
		if strings.Contains(r, eve.URL) && len(r) > 300<<10 {
			s.Errorf("a record of %d bytes: %.80s", len(r), r)
		}
	}
}

func expressionsAndHTML(s *site) {
	eve := s.peer()
	for n, words := range []string{"<", "<a ", "<b>", "&", "&amp", "<!--", "[", "(((", "<p/", `<a href="`, "<svg><", "#", "@", "\u202e"} {
		if n == 4 {
			eve = s.peer() // one person has only so many issues an hour
		}
		if n == 8 {
			eve = s.peer()
		}
		if n == 12 {
			eve = s.peer()
		}
		_, post := s.report(eve, n, func(note M) { note["content"] = "<p>it is broken</p>" + strings.Repeat(words, 400_000/len(words)) })
		if len(post.HTML) > 64<<10 || len(post.Text) > 64<<10 {
			s.Errorf("%q: %d bytes of HTML, %d of text", words, len(post.HTML), len(post.Text))
		}
	}
}

func poisonMessage(s *site) {
	eve := s.peer()
	zoo := []string{`<math><mi//xlink:href="data:x,<script>alert(4)</script>">`, `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
		`<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">`, `<template><template></p></template><select><option></template>`, `<math><annotation-xml encoding="text/html"><p><math>`,
		`<table><tr><table><p></tr></math>` + strings.Repeat(`<p><table><td>`, 2000), "\x01\x02", `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`}
	words := strings.Join(zoo, "")
	_, post := s.report(eve, 1, func(n M) { n["content"], n["summary"], n["name"] = "<p>poison</p>"+words, words, words })
	for _, bad := range []string{"<script", "<img", "<style", "<math", "<svg", "<template"} {
		if strings.Contains(strings.ToLower(post.HTML), bad) {
			s.Errorf("%s is left: %.500s", bad, post.HTML)
		}
	}
	s.report(eve, 2)
	if dead, err := s.client.Jobs(s.Context(), store.JobFilter{Dead: true}, 0); err != nil || len(dead) > 0 {
		s.Errorf("dead letters: %v, %v", dead, err)
	}
}

func backfillByStrangers(s *site) {
	eve, bystander := s.peer(), s.peer()
	s.unmoved(func() {
		for n := range 10 {
			note := eve.Note(n, "https://else.example/users/x", "<p>#acme is fine, thank you</p>")
			note["inReplyTo"], note["context"], note["quote"] = bystander.URL+"/notes/1", bystander.URL+"/context", bystander.URL+"/notes/2"
			note["tag"] = []M{{"type": "Hashtag", "name": "#acme"}, {"type": "Mention", "href": bystander.URL + "/users/x"}}
			s.refused(eve, eve.Create(note), http.StatusAccepted)
			s.refused(eve, update(eve, edit(note, "<p>x</p>")), http.StatusAccepted)
			s.refused(eve, M{"id": fmt.Sprint(eve.URL, "/a/", n), "type": "Announce", "actor": string(eve.Actor), "object": bystander.URL + "/notes/3"}, http.StatusAccepted)
			s.refused(eve, M{"id": fmt.Sprint(eve.URL, "/l/", n), "type": "Like", "actor": string(eve.Actor), "object": bystander.URL + "/notes/3"}, http.StatusAccepted)
			s.refused(eve, M{"id": fmt.Sprint(eve.URL, "/d/", n), "type": "Add", "actor": string(eve.Actor), "object": bystander.URL + "/notes/3", "target": bystander.URL + "/c"}, http.StatusAccepted)
		}
	})
	s.asked(bystander)
	s.onlyAsked(eve, "GET /users/eve")
}

func preemptedObject(s *site) {
	ana, eve := s.peer(), s.peer()
	s.report(eve, 1)
	coming := ana.Note(7, s.actor(), "<p>mine</p>")
	ana.Serve("/notes/7", coming)
	s.unmoved(func() {
		early := ana.Note(7, s.actor(), "<p>eve was here</p>")
		early["attributedTo"] = string(eve.Actor)
		s.refused(eve, eve.Create(early), http.StatusBadRequest)
		s.refused(eve, M{"id": eve.URL + "/d", "type": "Delete", "actor": string(eve.Actor), "object": coming["id"]}, http.StatusAccepted, http.StatusBadRequest)
	})
	issue, post := s.report(ana, 7)
	if issue.Reporter.ID != ana.Actor || strings.Contains(post.Text, "eve") {
		s.Errorf("the issue is %s's: %q", issue.Reporter.ID, post.Text)
	}
	preemptedActivities(s, ana, eve)
}

// preemptedActivities has eve send the ids of what ana is about to send: an id
// that another actor used means nothing.
func preemptedActivities(s *site, ana, eve *fed.Peer) {
	note := ana.Note(8, s.actor(), "<p>it is broken, 8</p>")
	mine := func(kind string, object any) M {
		return M{"id": fmt.Sprint(ana.URL, "/acts/", kind), "type": kind, "actor": string(ana.Actor), "object": object}
	}
	acts := []M{ana.Create(note), mine("Follow", s.help()), mine("Undo", ana.URL+"/acts/Follow"), mine("Block", s.help())}
	for _, a := range acts {
		early := M{"id": a["id"], "type": a["type"], "actor": string(eve.Actor), "object": a["object"]}
		if a["type"] == "Block" {
			early["type"] = "Follow" // eve goes on to be heard
		}
		s.refused(eve, early, http.StatusBadRequest, http.StatusAccepted)
		early["type"], early["object"] = "Like", s.help()
		s.refused(eve, early, http.StatusBadRequest, http.StatusAccepted)
	}
	s.settle()
	s.dropJobs()
	for n, want := range []map[string]int{{"issue": 1}, {"follow": 1}, {"follow": -1}, {"optout": 1}} {
		got := s.grown(func() { s.refused(ana, acts[n], http.StatusAccepted) })
		for kind, count := range want {
			if got[kind] != count {
				s.Errorf("%s: more than before: %v, want %v", acts[n]["type"], got, want)
			}
		}
	}
	if issue, _ := s.issueOf(fmt.Sprint(note["id"])); issue.Reporter.ID != ana.Actor {
		s.Errorf("the issue is %s's", issue.Reporter.ID)
	}
}

func forwardedFor(s *site) {
	eve := s.peer()
	limited := 0
	s.unmoved(func() {
		for n := range 80 {
			r := eve.Request(s.inbox(), []byte(`{"id":"https://m.example/1","type":"Follow","actor":"https://m.example/u","object":"`+s.help()+`"}`))
			r.Header.Del("Signature")
			r.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", n))
			switch status, answer := s.do(r); status {
			case http.StatusTooManyRequests:
				limited++
			default:
				s.answered(status, answer, http.StatusUnauthorized)
			}
		}
	})
	if limited < 10 {
		s.Errorf("of 80 wrong signatures %d were limited", limited)
	}
}

// limited sends and counts the answers 429; others must be 202.
func (s *site) limited(status int, answer string, n *int) {
	s.Helper()
	if status == http.StatusTooManyRequests {
		*n++
		return
	}
	s.answered(status, answer, http.StatusAccepted)
}

func inventedInboxes(s *site) {
	eve := s.peer()
	refused := 0
	more := s.grown(func() {
		for n := range 90 {
			who := eve.Person(fmt.Sprint("f", n), M{"inbox": fmt.Sprintf("http://127.66.0.%d:1/inbox", n+1)})
			status, answer := s.sendAs(eve, who, M{"id": fmt.Sprint(eve.URL, "/f/", n), "type": "Follow", "actor": string(who), "object": s.help()})
			s.limited(status, answer, &refused)
		}
	})
	if refused < 20 || more["host"] > 70 || more["follow"] > 70 {
		s.Errorf("of 90 follows %d were refused; more than before: %v", refused, more)
	}
	s.dropJobs()
}

func forcedFetches(s *site) {
	eve, victim := s.peer(), s.peer()
	forward := func(who desk.ActorID, n int) (int, string) {
		note := victim.Note(n, s.actor(), "<p>made up</p>")
		return s.sendAs(eve, who, victim.Create(note))
	}
	refused := 0
	s.unmoved(func() {
		for n := range 40 {
			status, answer := forward(eve.Actor, n)
			s.limited(status, answer, &refused)
		}
	})
	one := len(victim.Asked())
	if one > 15 || refused < 25 {
		s.Errorf("one signer made us ask %d times, and was refused %d times", one, refused)
	}
	for n := range 80 {
		who := eve.Person(fmt.Sprint("n", n), nil)
		for i := range 2 {
			status, answer := forward(who, 1000+10*n+i)
			s.limited(status, answer, &refused)
		}
	}
	s.settle()
	if all := one + len(victim.Asked()); all > 80 {
		s.Errorf("one server made us ask %d times", all)
	}
	limited := 0
	for n := range 80 {
		keyID := fmt.Sprintf("%s/invented/%d#main-key", victim.URL, n)
		if status, _ := s.do(eve.RequestAs(keyID, s.inbox(), encode(s.T, eve.Create(eve.Note(1, s.actor(), "x"))))); status == http.StatusTooManyRequests {
			limited++
		}
	}
	if n := len(victim.Asked()); n > 70 || limited < 10 {
		s.Errorf("an address without a key made us ask %d times, and was refused %d times", n, limited)
	}
}
