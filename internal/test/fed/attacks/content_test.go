package attacks

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"earshot/internal/api"
	"earshot/internal/app"
	"earshot/internal/config"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// content is classes 38 to 44: harm by the words of others, and readers of
// ours.
var content = []attack{
	{class: 38, name: "scripts_and_misleading_links", ids: "CVE-2023-36459 GHSA-ccm4-vgcc-73hp CVE-2023-36462 CVE-2025-46340",
		tried:   "script, event handlers, style, javascript: and data: addresses in content, summary, name, url and attachments",
		defends: "internal/markup, federation/as (http and https only), internal/server: a policy without scripts", elsewhere: []string{"internal/markup.FuzzSanitise"}, run: scriptsAndMisleadingLinks},
	{class: 39, name: "media_that_writes_files", ids: "CVE-2023-36460 GHSA-9928-3cp5-93fm",
		tried:   "attachments and avatars whose names are paths, and pictures that are scripts, before and after an agent opens the thread",
		defends: "internal/picture: four kinds by their first bytes, written again by us, under names that are digests", elsewhere: []string{"internal/picture.TestClean", "internal/picture.TestCleanRefuses", "internal/picture.FuzzClean", "internal/console.TestPictures"}, run: mediaThatWritesFiles},
	{class: 40, name: "cache_poisoning", ids: "CVE-2026-25540 GHSA-ccpr-m53r-mfwr",
		tried:   "fetches of an addressee's document with and without their signature, as through a shared cache",
		defends: "federation: private, no-store, Vary on the signature", run: cachePoisoning},
	{class: 41, name: "private_words_by_id", ids: "CVE-2025-66402 GHSA-496g-mmpw-j9x3",
		tried:   "comments, replies that wait and direct replies, by id, in collections and on pages, unsigned and signed by strangers",
		defends: "comments have no id; federation document", run: privateWordsByID},
	{class: 42, name: "boosts_of_the_blocked", ids: "CVE-2026-23961",
		tried:   "a source boosts, and strangers forward and answer with, posts of a blocked server and a blocked account; both sign GETs",
		defends: "internal/app blocked, on every way in and out", run: boostsOfTheBlocked},
	{class: 43, name: "open_redirect", ids: "CVE-2026-33868",
		tried:   "paths with encoded slashes, two slashes, backslashes and dots",
		defends: "internal/server plainPaths", run: openRedirect},
	{class: 44, name: "mass_mentions", ids: "", last: true,
		tried:   "the wave of 2024: fresh accounts of new servers mention the desk, 260 from one server, 15 each from nine others",
		defends: "internal/app holds back likely spam; internal/desk Room: docs/adr/0025", elsewhere: []string{"internal/app.TestWaveIsHeldBack", "internal/app.TestOutageIsNotHeldBack", "internal/app.TestHeldBackIsShared", "internal/app.TestRoomOfStrangers", "internal/test/fed.TestFloodOfOnePerson", "internal/test/fed.TestFloodByMoving"}, run: massMentions},
}

func scriptsAndMisleadingLinks(s *site) {
	eve := s.peer()
	js := "javascript:alert(1)"
	eve.Person("eve", M{"name": `<script>x</script><b onclick=x>Eve`, "url": js, "icon": M{"type": "Image", "url": js}, "summary": `<img src=x onerror=x>`})
	issue, post := s.report(eve, 1, func(n M) {
		n["content"] = `<p onclick="x()">it is <script>alert(1)</script><a href="` + js + `">safe</a> <a href="JaVaScRiPt&#58;x">y</a> <a href="data:text/html,x">z</a>` +
			`<iframe src="https://x.example"></iframe><style>*{display:none}</style><form action="https://x.example"><input name=p></form>` +
			`<a href="https://bank.example@evil.example/">https://bank.example/</a><img src=x onerror=x></p>`
		n["summary"], n["url"] = `<script>x</script>`, js
		n["attachment"] = []M{{"type": "Image", "url": js, "name": "<script>"}, {"type": "Link", "href": "data:text/html,x"}, {"type": "Image", "url": "file:///etc/passwd"}}
	})
	for _, bad := range []string{"<script", "onclick", "onerror", "<iframe", "<style", "<form", "<input", "<img", "javascript:", "data:"} {
		if strings.Contains(strings.ToLower(post.HTML), bad) {
			s.Errorf("%q is left in %s", bad, post.HTML)
		}
	}
	for _, a := range post.Attachments {
		if !strings.HasPrefix(a.URL, "http") {
			s.Errorf("attachment %q", a.URL)
		}
	}
	for _, u := range []string{post.URL, issue.Reporter.URL} {
		if u != "" && !strings.HasPrefix(u, "http") {
			s.Errorf("address %q", u)
		}
	}
	for _, path := range []string{"/", "/@help", "/issues/" + string(issue.ID)} {
		r, err := http.NewRequest(http.MethodGet, s.url+path, nil)
		s.must(err)
		r.Header.Set("Accept", "text/html")
		_, page, header := s.ask(r)
		policy := header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src '") || strings.Contains(policy, "unsafe") || header.Get("X-Content-Type-Options") != "nosniff" {
			s.Errorf("%s: policy %q", path, policy)
		}
		if strings.Contains(page, "it is") && strings.Contains(page, "safe") {
			s.Errorf("%s republishes a report", path)
		}
	}
}

func mediaThatWritesFiles(s *site) {
	eve := s.peer()
	files := func() (all []string) {
		entries, err := os.ReadDir(s.data)
		s.must(err)
		for _, e := range entries {
			all = append(all, e.Name())
		}
		return all
	}
	before := files()
	eve.Person("eve", M{"icon": M{"type": "Image", "url": eve.URL + "/../../etc/cron.d/x", "name": "../../x"}})
	issue, _ := s.report(eve, 1, func(n M) {
		n["attachment"] = []M{{"type": "Image", "mediaType": "image/png", "url": eve.URL + "/a/..%2f..%2fx.php.png", "name": "../../y"}, {"type": "Image", "mediaType": "image/png", "url": eve.URL + "/script.png"},
			{"type": "Image", "mediaType": "image/svg+xml", "url": eve.URL + "/../../../../tmp/x.php", "name": "../../../x"},
			{"type": "Video", "mediaType": "x/../../y", "url": eve.URL + "/x%00.sh"}}
	})
	s.onlyAsked(eve)
	if after := files(); !slices.Equal(before, after) {
		s.Errorf("the data folder had %q, now %q", before, after)
	}
	var dot bytes.Buffer
	s.must(png.Encode(&dot, image.NewGray(image.Rect(0, 0, 1, 1))))
	body := append(dot.Bytes(), "<?php system('id'); ?><script>alert(1)</script>"...)
	eve.Handle("/a/../../x.php.png", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
	eve.Handle("/script.png", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body[dot.Len():]) })
	agent := s.worker("mel39@acme.example")
	pictures := agent.pictures(string(issue.ID))
	if len(pictures) != 2 {
		s.Fatalf("the thread shows %q", pictures)
	}
	if status, _, got := agent.visit(http.MethodGet, s.url+pictures[0], nil); status != http.StatusOK || !strings.HasPrefix(got, "\x89PNG") || strings.Contains(got, "script") {
		s.Errorf("a picture is answered %d: %q", status, got)
	}
	if status, _, got := agent.visit(http.MethodGet, s.url+pictures[1], nil); status != http.StatusBadGateway || strings.Contains(got, "script") {
		s.Errorf("a script is answered %d: %q", status, got)
	}
	if after := files(); !slices.Equal(before, after) {
		s.Errorf("the data folder had %q, now %q", before, after)
	}
	stored, err := os.ReadDir(filepath.Join(s.data, config.PicturesName))
	s.must(err)
	for _, e := range stored {
		if b, err := os.ReadFile(filepath.Join(s.data, config.PicturesName, e.Name())); err != nil || bytes.Contains(b, []byte("script")) || !regexp.MustCompile("^[0-9a-f]{64}$").MatchString(e.Name()) {
			s.Errorf("the copy %s: %v", e.Name(), err)
		}
	}
	if len(stored) == 0 {
		s.Error("no copy is stored")
	}
}

// directReply has the desk answer a direct report, and returns the reply's address.
func directReply(s *site, p *fed.Peer, n int) api.Post {
	s.Helper()
	issue, _ := s.report(p, n, func(note M) { note["to"], note["cc"] = []string{s.help()}, []string{} })
	reply, err := s.client.Reply(s.Context(), issue.ID, api.NewReply{Text: "between us: secret", Now: true})
	s.must(err)
	s.settle()
	return reply
}

func (s *site) get(url, accept string) (int, string, http.Header) {
	s.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	s.must(err)
	r.Header.Set("Accept", accept)
	return s.ask(r)
}

const activityJSON = "application/activity+json"

func cachePoisoning(s *site) {
	ana := s.peer()
	reply := directReply(s, ana, 1)
	status, body, header := s.ask(ana.GetAs(string(ana.Actor)+"#main-key", string(reply.Object)))
	if status != http.StatusOK || !strings.Contains(body, "secret") {
		s.Fatalf("the addressee is answered %d %s", status, body)
	}
	if c := header.Get("Cache-Control"); !strings.Contains(c, "private") || !strings.Contains(c, "no-store") {
		s.Errorf("Cache-Control of what one signer may read: %q", c)
	}
	vary := strings.Join(header.Values("Vary"), ",")
	for _, h := range []string{"Signature", "Signature-Input", "Accept"} {
		if !strings.Contains(vary, h) {
			s.Errorf("Vary: %q", vary)
		}
	}
	status, body, header = s.get(string(reply.Object), activityJSON)
	if status != http.StatusNotFound || strings.Contains(body, "secret") || !strings.Contains(header.Get("Cache-Control"), "no-store") {
		s.Errorf("others are answered %d %q", status, header)
	}
}

func privateWordsByID(s *site) {
	ana, eve := s.peer(), s.peer()
	direct := directReply(s, ana, 1)
	issue, _ := s.report(ana, 2)
	comment, err := s.client.Comment(s.Context(), issue.ID, "a secret among agents")
	s.must(err)
	s.report(eve, 1)
	if comment.Object != "" {
		s.Errorf("a comment has the id %s", comment.Object)
	}
	urls := []string{string(direct.Object), s.url + "/posts/" + string(comment.ID), s.url + "/posts/" + string(comment.ID) + "/replies",
		s.url + "/activities/" + string(comment.ID) + "/create", s.url + "/activities/" + string(direct.ID) + "/create",
		string(direct.Object) + "/replies", s.help() + "/outbox?page=first", s.help() + "/followers?page=first", s.help() + "/featured?page=first", s.url + "/@help", s.url + "/"}
	for _, u := range urls {
		for _, accept := range []string{activityJSON, "text/html", "*/*"} {
			if status, body, _ := s.get(u, accept); strings.Contains(body, "secret") {
				s.Errorf("%s as %s: %d %s", u, accept, status, body)
			}
		}
		if strings.Contains(u, "?") {
			continue
		}
		if status, body := s.do(eve.GetAs(string(eve.Actor)+"#main-key", u)); strings.Contains(body, "secret") {
			s.Errorf("%s for a stranger: %d %s", u, status, body)
		}
	}
	for _, g := range append(ana.Got(), eve.Got()...) {
		if body := string(encode(s.T, g.Body)); strings.Contains(body, "among agents") {
			s.Errorf("sent to %s: %s", g.Path, body)
		}
	}
}

func boostsOfTheBlocked(s *site) {
	tags, more, eve, bad, other := s.peer(), s.peer(), s.peer(), s.peer(), s.peer()
	id, again := s.source(tags, "acme"), s.source(more, "acme") // what one source repeats is fetched only after minutes
	issue, _ := s.report(bad, 9)
	s.report(eve, 1)
	s.refused(bad, M{"id": bad.URL + "/follows/1", "type": "Follow", "actor": string(bad.Actor), "object": s.help()}, http.StatusAccepted)
	s.settle()
	for n, p := range []*fed.Peer{bad, other} {
		note := p.Note(1, s.actor(), "<p>#acme #fail from a blocked one</p>")
		note["tag"] = []M{{"type": "Hashtag", "name": "#acme"}, {"type": "Hashtag", "name": "#fail"}, {"type": "Mention", "href": s.help()}}
		p.Serve("/notes/1", note)
		target := strings.TrimPrefix(p.URL, "http://")
		if n == 1 {
			target = string(p.Actor)
		}
		_, err := s.client.AddBlock(s.Context(), blockOf(target))
		s.must(err)
	}
	bad.Asked()
	heard := s.grown(func() {
		for n, p := range []*fed.Peer{bad, other} {
			note := p.Note(1, s.actor(), "<p>#acme #fail from a blocked one</p>")
			status, answer := s.sendAs(tags, id, M{"id": fmt.Sprint(tags.URL, "/boosts/", n), "type": "Announce", "actor": string(id), "object": note["id"]})
			s.answered(status, answer, http.StatusAccepted)
			status, answer = s.sendAs(more, again, M{"id": fmt.Sprint(more.URL, "/wraps/", n), "type": "Announce", "actor": string(again), "object": p.Create(note)})
			s.answered(status, answer, http.StatusAccepted)
			s.refused(eve, p.Create(note), http.StatusAccepted)
			s.refused(p, p.Create(note), http.StatusForbidden)
			s.refused(p, M{"id": p.URL + "/f", "type": "Follow", "actor": string(p.Actor), "object": s.help()}, http.StatusForbidden)
		}
	})
	delete(heard, "once")
	if len(heard) > 0 {
		s.Errorf("more than before: %v", heard)
	}
	s.asked(bad) // nothing at all
	s.onlyAsked(other, "GET /notes/1", "GET /users/eve")
	// And out: no reply, no broadcast.
	_, err := s.client.Reply(s.Context(), issue.ID, api.NewReply{Text: "hello", Now: true})
	if err == nil {
		s.settle()
	}
	_, err = s.client.Broadcast(s.Context(), api.NewBroadcast{Desk: "help", Text: "to everybody", Now: true})
	s.must(err)
	s.settle()
	s.asked(bad)
	if e, err := s.client.Issue(s.Context(), issue.ID); err != nil || e.Reporter.ID != bad.Actor {
		s.Errorf("the issue: %v %v", e, err)
	}
	// Their signed requests get no post.
	status, body := s.do(bad.GetAs(string(bad.Actor)+"#main-key", s.help()+"/outbox"))
	s.answered(status, body, http.StatusForbidden)
	s.asked(bad)
	s.dropJobs()
}

func openRedirect(s *site) {
	for _, path := range []string{"//evil.example", "/%2F%2Fevil.example", "/%2fevil.example/..", "/\\evil.example", "/%5Cevil.example", "/@help/..%2f..%2f%2fevil.example",
		"/activities/..%2F..%2F%2Fevil.example/create", "/activities///evil.example/create", "/web/%2F%2Fevil.example", "/@help//evil.example", "/posts/%09/evil.example", "/.//evil.example", "/?next=//evil.example"} {
		for _, accept := range []string{"text/html", activityJSON} {
			r, err := http.NewRequest(http.MethodGet, s.url+"/", nil)
			s.must(err)
			r.URL.Opaque = "//" + s.door + path
			r.Header.Set("Accept", accept)
			status, _, header := s.ask(r)
			if l := header.Get("Location"); l != "" && (status/100 == 3 || status == 201) {
				s.Errorf("%s leads to %q (%d)", path, l, status)
			}
		}
	}
}

// mention has a person of a peer mention the desk.
func (s *site) mention(p *fed.Peer, who desk.ActorID, n int) (int, string) {
	s.Helper()
	note := p.Note(n, s.actor(), `<p><a href="https://spammylink.example/">https://spammylink.example/</a> @help</p>`)
	note["attributedTo"] = string(who)
	create := p.Create(note)
	create["actor"] = string(who)
	return s.sendAs(p, who, create)
}

func massMentions(s *site) {
	first, reporter := s.peer(), s.peer()
	more := s.grown(func() {
		for n := range 260 {
			status, answer := s.mention(first, first.Person(fmt.Sprint("bot", n), nil), n)
			s.answered(status, answer, http.StatusAccepted)
		}
	})
	if more["issue"] > 0 || more["quarantine"] != 200 {
		s.Errorf("after 260 posts of a new server that say nothing: %v", more)
	}
	var others []*fed.Peer
	more = s.grown(func() {
		for range 9 {
			p := s.peer()
			others = append(others, p)
			for n := range 15 {
				status, answer := s.mention(p, p.Person(fmt.Sprint("bot", n), nil), n)
				s.answered(status, answer, http.StatusAccepted)
			}
		}
		s.report(reporter, 1)
	})
	if more["issue"] != 1 || more["quarantine"]+s.triedAgain() != 135 {
		s.Errorf("after 135 posts of nine new servers that say nothing, and one report: %v", more)
	}
	// Nothing is lost: released posts are heard, and dropped ones are gone.
	host := others[8].Actor.Host()
	waits, err := s.client.Quarantine(s.Context(), host, "", "", 0)
	s.must(err)
	if len(waits) == 0 {
		s.Fatal("of the last server nothing was set aside")
	}
	done, err := s.client.ReleaseQuarantine(s.Context(), app.Choice{Host: host})
	s.must(err)
	if len(done.Opened) != len(waits) {
		s.Errorf("%d were released, %d issues opened", len(waits), len(done.Opened))
	}
	for more := true; more; {
		done, err := s.client.DropQuarantine(s.Context(), app.Choice{All: true})
		s.must(err)
		more = done.More
	}
	for _, r := range s.records() {
		if strings.HasPrefix(r, "quarantine ") {
			s.Fatalf("left: %.200s", r)
		}
	}
}
