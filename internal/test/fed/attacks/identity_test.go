package attacks

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

// identity is classes 1 to 17: which actor may speak about which object.
var identity = []attack{
	{class: 1, name: "id_is_not_the_address", ids: "CVE-2024-23832 GHSA-3fjr-858r-92rw CVE-2025-25306",
		tried:   "a post fetched by id says that it is a post of another server; a post of the victim's id has its page on the attacker's server, and the other way round",
		defends: "federation/origin Fetched, federation/resolve; federation/inbox: a page of another domain is no link", run: idIsNotTheAddress},
	{class: 2, name: "upload_served_as_actor", ids: "CVE-2024-25623 CVE-2024-25636",
		tried:   "an uploaded file of the victim's server is named as key; posts come with media types of files",
		defends: "federation/resolve: ActivityPub media types only", run: uploadServedAsActor},
	{class: 3, name: "key_path_without_checks", ids: "CVE-2024-52590 CVE-2024-52591 CVE-2026-96625 GHSA-8863-8468-7hq7",
		tried:   "a key of the attacker's server claims an owner on the victim's, or one that nobody can fetch; an actor served under another's id; the victim's id leads to the attacker's actor; an activity that brings its actor and key along",
		defends: "federation/resolve Key, federation/origin", elsewhere: []string{"internal/test/fed.TestAuthorsThatLeadToOthers"}, run: keyPathWithoutChecks},
	{class: 4, name: "update_of_a_foreign_post", ids: "CVE-2024-52592 GHSA-5h8r-gq97-xv69",
		tried:   "another server edits a report, claiming itself or the victim as author",
		defends: "federation/origin Update, by the stored author", run: updateOfAForeignPost},
	{class: 5, name: "author_is_not_the_signer", ids: "CVE-2026-58593",
		tried:   "attributedTo is a foreigner, a neighbour, a number, a list that begins with another",
		defends: "federation/origin Create, federation/as", run: authorIsNotTheSigner},
	{class: 6, name: "actor_is_not_the_signer", ids: "CVE-2025-54888 GHSA-6jcc-xgcr-q3h4 CVE-2026-55103 CVE-2026-90679",
		tried:   "Follow, Block, Like, Undo, Delete and Move of a victim, signed by the attacker; the actor as an object, and as a list of both",
		defends: "federation/inbox: of a forwarded activity only the ids count", run: actorIsNotTheSigner},
	{class: 7, name: "signature_missing_or_empty", ids: "CVE-2023-49079 CVE-2026-28432",
		tried:   "no signature, nonsense, an empty one, one over nothing, one by another key",
		defends: "federation/httpsig Verify", run: signatureMissingOrEmpty},
	{class: 8, name: "replay_elsewhere", ids: "AUDIT F-04 (go-fed) CVE-2026-90679",
		tried:   "a valid signature over another body, path or host, or without them; an old signature",
		defends: "federation/httpsig: required components, Host, time window", run: replayElsewhere},
	{class: 9, name: "neighbours_act_for_each_other", ids: "FEP-fe34 (NodeBB)",
		tried:   "a neighbour on the same server edits and deletes a report",
		defends: "federation/origin: the owner, not the server", run: neighboursActForEachOther},
	{class: 10, name: "spelling_of_hosts", ids: "CVE-2023-42451 GHSA-v3xf-c9qf-j667",
		tried:   "user information, upper case, trailing dots, other ports and schemes in ids, to look like another host or slip past a block",
		defends: "internal/desk HostOf", elsewhere: []string{"internal/desk.TestHostOf", "internal/desk.TestFinalDots"}, run: spellingOfHosts},
	{class: 11, name: "webfinger_subject", ids: "CVE-2025-23221 GHSA-c59p-wq67-24wx",
		tried:   "WebFinger says that the reporter is the victim's account; endless redirects",
		defends: "federation/webfinger: both sides confirm", run: webfingerSubject},
	{class: 12, name: "key_of_another_or_old", ids: "FED #963",
		tried:   "an actor names another actor's key; a replaced key continues to sign",
		defends: "federation/resolve: owner names the key; one fresh fetch", run: keyOfAnotherOrOld},
	{class: 13, name: "answers_nobody_asked_for", ids: "CVE-2025-30741 AUDIT F-03",
		tried:   "a stranger accepts and rejects our Follow, undoes another's Follow",
		defends: "internal/app SourceAnswered, federation/origin Undo", run: answersNobodyAskedFor},
	{class: 14, name: "embedded_foreign_post", ids: "",
		tried:   "a source boosts, and a stranger forwards, a post that they made up in the victim's name",
		defends: "federation/inbox: always fetched from its own server", run: embeddedForeignPost},
	{class: 15, name: "audience_widened", ids: "CVE-2024-37903 GHSA-xjvf-fm67-4qc3",
		tried:   "another account sends a direct report again, addressed to the public",
		defends: "federation/inbox, federation/origin: only the author's own copy", run: audienceWidened},
	{class: 16, name: "move_hijack", ids: "",
		tried:   "an account moves to the victim without the victim's consent; the attacker moves the victim",
		defends: "federation/origin Move: both sides", elsewhere: []string{"internal/test/fed.TestMoveAndOptOuts"}, run: moveHijack},
	{class: 17, name: "our_own_names", ids: "",
		tried:   "ids, keys and actors of this instance come in from outside",
		defends: "federation/origin, federation/inbox, internal/desk Owns", run: ourOwnNames},
}

// byID makes a Create that names its object only, so that it is fetched.
func byID(s *site, p *fed.Peer, object string) M {
	return M{"id": object + "#create", "type": "Create", "actor": string(p.Actor), "to": []string{public}, "cc": []string{s.help()}, "object": object}
}

func idIsNotTheAddress(s *site) {
	eve, victim := s.peer(), s.peer()
	forged := victim.Note(9, s.actor(), "<p>not mine</p>")
	eve.Serve("/notes/1", forged)
	s.unmoved(func() {
		s.refused(eve, byID(s, eve, eve.URL+"/notes/1"), http.StatusAccepted)
	})
	s.asked(eve, "GET /users/eve", "GET /notes/1")
	s.asked(victim)
	pageIsNotTheID(s, eve, victim)
}

// pageIsNotTheID tries the web address of a post as a proof of its id, and as a
// link to where the post is not.
func pageIsNotTheID(s *site, eve, victim *fed.Peer) {
	forged := victim.Note(8, s.actor(), "<p>not mine</p>")
	forged["url"] = eve.URL + "/notes/8"
	eve.Serve("/notes/8", forged)
	s.unmoved(func() {
		s.refused(eve, byID(s, eve, eve.URL+"/notes/8"), http.StatusAccepted)
		s.refused(eve, eve.Create(forged), http.StatusBadRequest)
	})
	eve.Person("eve", M{"url": victim.URL + "/@ceo"})
	issue, post := s.report(eve, 7, func(n M) { n["url"] = victim.URL + "/@ceo/7" })
	for _, link := range []string{post.URL, issue.Reporter.URL} {
		if strings.HasPrefix(link, victim.URL) {
			s.Errorf("the words of %s have the link %s", issue.Reporter.ID, link)
		}
	}
	s.onlyAsked(victim)
}

func uploadServedAsActor(s *site) {
	eve, victim := s.peer(), s.peer()
	// The attacker has uploaded an actor with the attacker's key as a file.
	victim.Handle("/media/1.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(encode(s.T, M{"id": victim.URL + "/media/1.json", "type": "Person", "inbox": victim.URL + "/i",
			"publicKey": M{"id": victim.URL + "/media/1.json#main-key", "owner": victim.URL + "/media/1.json", "publicKeyPem": pemOf(s, eve)}}))
	})
	s.unmoved(func() {
		body := encode(s.T, victim.Create(victim.Note(1, s.actor(), "<p>forged</p>")))
		status, answer := s.do(eve.RequestAs(victim.URL+"/media/1.json#main-key", s.inbox(), body))
		s.answered(status, answer, http.StatusUnauthorized)
	})
	s.asked(victim, "GET /media/1.json")
	for n, contentType := range []string{"application/json", "text/plain", "image/png", "application/octet-stream", "application/ld+json", ""} {
		path := fmt.Sprintf("/notes/%d", n)
		eve.ServeRaw(path, http.StatusOK, contentType, encode(s.T, eve.Note(n, s.actor(), "<p>x</p>")))
		s.unmoved(func() { s.refused(eve, byID(s, eve, eve.URL+path), http.StatusAccepted) })
	}
}

func keyPathWithoutChecks(s *site) {
	eve, victim := s.peer(), s.peer()
	eve.Serve("/key", M{"id": eve.URL + "/key", "type": "Key", "owner": string(victim.Actor), "publicKeyPem": pemOf(s, eve)})
	eve.Person("twin", M{"id": string(victim.Actor)})
	forged := encode(s.T, victim.Create(victim.Note(1, s.actor(), "<p>forged</p>")))
	s.unmoved(func() {
		for _, keyID := range []string{eve.URL + "/key", eve.URL + "/users/twin#main-key"} {
			status, answer := s.do(eve.RequestAs(keyID, s.inbox(), forged))
			s.answered(status, answer, http.StatusUnauthorized)
		}
	})
	s.onlyAsked(victim, "GET /users/eve") // who it is: it says that this is not its key
	ownersWhoDoNotConfirm(s, eve, victim)
}

// ownersWhoDoNotConfirm tries the other ways to have a key without its owner's word.
func ownersWhoDoNotConfirm(s *site, eve, victim *fed.Peer) {
	nobody, led := victim.URL+"/users/nobody", victim.URL+"/users/led"
	eve.Serve("/orphan", M{"id": eve.URL + "/orphan", "type": "Key", "owner": nobody, "publicKeyPem": pemOf(s, eve)})
	key := M{"id": led + "#main-key", "owner": led, "publicKeyPem": pemOf(s, eve)}
	eve.Person("as-led", M{"id": led, "publicKey": key})
	victim.Handle("/users/led", func(w http.ResponseWriter, r *http.Request) { // an open redirect
		http.Redirect(w, r, eve.URL+"/users/as-led", http.StatusFound)
	})
	victim.Handle("/users/other", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, string(eve.Actor), http.StatusFound)
	})
	brought := M{"id": string(victim.Actor), "type": "Person", "inbox": eve.URL + "/inbox",
		"publicKey": []M{{"id": eve.URL + "/loose", "owner": string(victim.Actor), "publicKeyPem": pemOf(s, eve)}}}
	eve.Serve("/loose", M{"id": eve.URL + "/loose", "type": "Key", "publicKeyPem": pemOf(s, eve)})
	s.unmoved(func() {
		for keyID, actor := range map[string]any{
			eve.URL + "/orphan": nobody, led + "#main-key": led, victim.URL + "/users/other#main-key": victim.URL + "/users/other", eve.URL + "/loose": brought,
		} {
			body := encode(s.T, M{"id": victim.URL + "/forged/follow", "type": "Follow", "actor": actor, "object": s.help()})
			status, answer := s.do(eve.RequestAs(keyID, s.inbox(), body))
			s.answered(status, answer, http.StatusUnauthorized)
		}
	})
}

func pemOf(s *site, p *fed.Peer) string {
	s.Helper()
	doc := struct {
		PublicKey struct{ PublicKeyPem string }
	}{}
	res, err := http.Get(string(p.Actor))
	s.must(err)
	defer res.Body.Close()
	s.must(decode(res.Body, &doc))
	p.Asked()
	return doc.PublicKey.PublicKeyPem
}

func edit(note M, words string) M {
	out := M{}
	for k, v := range note {
		out[k] = v
	}
	out["content"], out["updated"] = words, time.Now().Add(time.Minute).UTC().Format(time.RFC3339)
	return out
}

func update(p *fed.Peer, note M) M {
	return M{"id": fmt.Sprint(p.URL, "/updates/", time.Now().UnixNano()), "type": "Update", "actor": string(p.Actor), "to": note["to"], "cc": note["cc"], "object": note}
}

func updateOfAForeignPost(s *site) {
	ana, eve := s.peer(), s.peer()
	issue, _ := s.report(ana, 1)
	s.report(eve, 1) // a key that is known, like any peer's
	s.unmoved(func() {
		theirs := edit(ana.Note(1, s.actor(), ""), "<p>stolen</p>")
		s.refused(eve, update(eve, theirs), http.StatusBadRequest)
		mine := edit(theirs, "<p>stolen</p>")
		mine["attributedTo"] = string(eve.Actor)
		s.refused(eve, update(eve, mine), http.StatusBadRequest)
		inTheirName := update(eve, theirs)
		inTheirName["actor"] = string(ana.Actor)
		s.refused(eve, inTheirName, http.StatusAccepted) // forwarded: worth its ids, and fetched
	})
	s.onlyAsked(ana, "GET /notes/1")
	if e := s.still(issue); !strings.Contains(e.Text, "it is broken") {
		s.Errorf("the report says %q", e.Text)
	}
}

func authorIsNotTheSigner(s *site) {
	eve, victim := s.peer(), s.peer()
	for _, author := range []any{string(victim.Actor), eve.URL + "/users/neighbour", 1, "urn:uuid:1", M{"id": string(victim.Actor)},
		[]any{string(victim.Actor), string(eve.Actor)}} {
		s.unmoved(func() {
			note := eve.Note(1, s.actor(), "<p>#acme #fail</p>")
			note["attributedTo"] = author
			s.refused(eve, eve.Create(note), http.StatusBadRequest)
		})
	}
	s.asked(victim)
}

func actorIsNotTheSigner(s *site) {
	ana, eve := s.peer(), s.peer()
	issue, _ := s.report(ana, 1)
	s.report(eve, 1)
	s.unmoved(func() {
		for n, a := range []M{
			{"type": "Follow", "object": s.help()}, {"type": "Block", "object": s.help()}, {"type": "Like", "object": s.url + "/posts/1"},
			{"type": "Undo", "object": M{"id": ana.URL + "/follows/1", "type": "Follow", "actor": string(ana.Actor), "object": s.help()}},
			{"type": "Delete", "object": string(ana.Actor)}, {"type": "Move", "object": string(ana.Actor), "target": string(eve.Actor)},
			{"type": "Flag", "object": []string{s.url + "/posts/1"}, "content": "x"}, {"type": "Accept", "object": s.url + "/activities/1/follow/1"},
		} {
			a["id"], a["actor"] = fmt.Sprintf("%s/forged/%d", ana.URL, n), string(ana.Actor)
			status, answer := s.send(eve, a)
			s.answered(status, answer, http.StatusAccepted, http.StatusBadRequest)
		}
	})
	s.asked(ana)
	actorsOfTwoKinds(s, ana, eve)
	s.onlyAsked(ana, "GET /notes/1") // whether it is still there
	if e := s.still(issue); e.Deleted {
		s.Error("the report was deleted")
	}
}

// actorsOfTwoKinds names the victim as actor in the forms that a careless reader
// takes for the signer, or the other way round.
func actorsOfTwoKinds(s *site, ana, eve *fed.Peer) {
	theirs, own := string(ana.Actor), string(eve.Actor)
	s.unmoved(func() {
		for n, actor := range []any{
			M{"id": theirs, "type": "Person"}, M{"id": theirs, "publicKey": M{"id": own + "#main-key", "owner": theirs, "publicKeyPem": pemOf(s, eve)}},
			M{"id": own, "type": "Person", "url": theirs, "alsoKnownAs": []string{theirs}, "actor": theirs}, []any{theirs, own}, []any{own, theirs}, []any{M{"id": theirs}, own},
		} {
			for _, a := range []M{{"type": "Follow", "object": s.help()}, {"type": "Delete", "object": ana.URL + "/notes/1"}, {"type": "Delete", "object": theirs}} {
				if first := fmt.Sprint(actor); strings.Contains(first, "id:"+own) || strings.HasPrefix(first, "["+own) {
					if a["type"] == "Follow" {
						continue // eve follows, which is eve's right
					}
				}
				a["id"], a["actor"] = fmt.Sprintf("%s/two/%d", eve.URL, n), actor
				status, answer := s.send(eve, a)
				s.answered(status, answer, http.StatusAccepted, http.StatusBadRequest)
			}
		}
	})
}

func signatureMissingOrEmpty(s *site) {
	eve, other := s.peer(), s.peer()
	body := encode(s.T, eve.Create(eve.Note(1, s.actor(), "<p>x</p>")))
	s.unmoved(func() {
		for _, spoil := range []func(*http.Request){
			func(r *http.Request) { r.Header.Del("Signature") },
			func(r *http.Request) { r.Header.Set("Signature", "") },
			func(r *http.Request) { r.Header.Set("Signature", "nonsense") },
			func(r *http.Request) {
				r.Header.Set("Signature", fmt.Sprintf(`keyId="%s#main-key",headers="",signature=""`, eve.Actor))
			},
			func(r *http.Request) { signOver(s, eve, eve, r) },
			func(r *http.Request) { signOver(s, eve, eve, r, "date") },
			func(r *http.Request) { signOver(s, eve, other, r, "(request-target)", "host", "date", "digest") },
			func(r *http.Request) {
				r.Header.Set("Signature", strings.Replace(r.Header.Get("Signature"), "rsa-sha256", "none", 1))
			},
			func(r *http.Request) { r.Header.Add("Signature", r.Header.Get("Signature")) },
			func(r *http.Request) { r.Header.Set("Signature-Input", `sig1=();created=1;keyid="x"`) },
		} {
			r := eve.Request(s.inbox(), body)
			spoil(r)
			status, answer := s.do(r)
			s.answered(status, answer, http.StatusUnauthorized)
		}
	})
	s.onlyAsked(eve, "GET /users/eve")
}

// signOver signs r as owner's person with key's key, covering only the named
// headers.
func signOver(s *site, owner, key *fed.Peer, r *http.Request, headers ...string) {
	s.Helper()
	var lines []string
	for _, h := range headers {
		v := r.Header.Get(h)
		switch h {
		case "(request-target)":
			v = strings.ToLower(r.Method) + " " + r.URL.RequestURI()
		case "host":
			v = r.URL.Host
		}
		lines = append(lines, h+": "+v)
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key.Key(), crypto.SHA256, sum[:])
	s.must(err)
	r.Header.Set("Signature", fmt.Sprintf(`keyId="%s#main-key",algorithm="rsa-sha256",headers="%s",signature="%s"`,
		owner.Actor, strings.Join(headers, " "), base64.StdEncoding.EncodeToString(sig)))
}

func replayElsewhere(s *site) {
	eve := s.peer()
	body := encode(s.T, eve.Create(eve.Note(1, s.actor(), "<p>x</p>")))
	other := encode(s.T, eve.Create(eve.Note(1, s.actor(), "<p>another</p>")))
	replace := func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(other)), int64(len(other))
	}
	s.unmoved(func() {
		for _, spoil := range []func(*http.Request){
			replace,
			func(r *http.Request) { signOver(s, eve, eve, r, "(request-target)", "host", "date"); replace(r) },
			func(r *http.Request) {
				r.Header.Del("Digest")
				signOver(s, eve, eve, r, "(request-target)", "host", "date")
			},
			func(r *http.Request) { signOver(s, eve, eve, r, "host", "date", "digest") },
			func(r *http.Request) { signOver(s, eve, eve, r, "(request-target)", "date", "digest") },
			func(r *http.Request) { signOver(s, eve, eve, r, "(request-target)", "host", "digest") },
			func(r *http.Request) { r.URL.Path = "/desks/help/inbox" },
			func(r *http.Request) { r.URL.Host = "other.example" },
			func(r *http.Request) {
				r.Header.Set("Date", time.Now().Add(-90*time.Minute).UTC().Format(http.TimeFormat))
				signOver(s, eve, eve, r, "(request-target)", "host", "date", "digest")
			},
		} {
			r := eve.Request(s.inbox(), body)
			spoil(r)
			status, answer := s.do(r)
			s.answered(status, answer, http.StatusUnauthorized)
		}
	})
}

func neighboursActForEachOther(s *site) {
	ana := s.peer()
	issue, _ := s.report(ana, 1)
	mallory := ana.Person("mallory", nil)
	note := edit(ana.Note(1, s.actor(), ""), "<p>stolen</p>")
	s.unmoved(func() {
		for _, a := range []M{
			{"type": "Update", "object": note}, {"type": "Delete", "object": note["id"]},
			{"type": "Delete", "object": M{"id": note["id"], "type": "Tombstone"}}, {"type": "Undo", "object": M{"type": "Create", "actor": string(ana.Actor), "object": note}},
		} {
			a["id"], a["actor"] = ana.URL+"/mallory/1", string(mallory)
			status, answer := s.sendAs(ana, mallory, a)
			s.answered(status, answer, http.StatusBadRequest)
		}
	})
	if e := s.still(issue); e.Deleted || !strings.Contains(e.Text, "it is broken") {
		s.Errorf("left of the report: %+v", e)
	}
}

func spellingOfHosts(s *site) {
	eve, victim := s.peer(), s.peer()
	host := strings.TrimPrefix(eve.URL, "http://")
	victimHost := strings.TrimPrefix(victim.URL, "http://")
	for _, id := range []string{
		"http://" + host + "@" + victimHost + "/notes/1", "http://" + victimHost + "/../" + host, "https://" + host + "/notes/1",
		"http://" + victimHost + "#@" + host + "/notes/1", "http://" + victimHost + "?@" + host + "/notes/1", "http:" + eve.URL[5:] + ".:80/notes/1",
		"http://127.0.0.1/notes/1", "HTTP:/" + host + "/notes/1", "http://" + victimHost + "\\@" + host + "/notes/1",
	} {
		s.unmoved(func() {
			note := eve.Note(1, s.actor(), "<p>x</p>")
			note["id"] = id
			s.refused(eve, eve.Create(note), http.StatusBadRequest)
		})
	}
	s.asked(victim)
	// A block holds however the blocked one spells itself.
	_, port, _ := strings.Cut(host, ":")
	_, err := s.client.AddBlock(s.Context(), blockOf("localhost:"+port))
	s.must(err)
	eve.Asked()
	for _, spelt := range []string{"localhost", "LOCALHOST", "LocalHost", "localhost."} {
		s.unmoved(func() {
			id := "http://" + spelt + ":" + port + "/users/eve"
			a := M{"id": id + "#1", "type": "Follow", "actor": id, "object": s.help()}
			status, answer := s.do(eve.RequestAs(id+"#main-key", s.inbox(), encode(s.T, a)))
			s.answered(status, answer, http.StatusForbidden)
		})
	}
	s.asked(eve)
}

func webfingerSubject(s *site) {
	eve, victim := s.peer(), s.peer()
	host, theirs := strings.TrimPrefix(eve.URL, "http://"), strings.TrimPrefix(victim.URL, "http://")
	eve.Person("eve", M{"webfinger": "ceo@" + theirs})
	eve.Handle("/.well-known/webfinger", func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.RawQuery, "again") {
			http.Redirect(w, r, r.URL.Path+"?again"+r.URL.RawQuery, http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "application/jrd+json")
		_, _ = w.Write(encode(s.T, M{"subject": "acct:ceo@" + theirs, "links": []M{{"rel": "self", "type": "application/activity+json", "href": string(eve.Actor)}}}))
	})
	issue, _ := s.report(eve, 1)
	if issue.Reporter.Acct != "eve@"+host {
		s.Errorf("the reporter is shown as %s", issue.Reporter.Acct)
	}
	s.onlyAsked(victim)
}

func keyOfAnotherOrOld(s *site) {
	eve, victim, other := s.peer(), s.peer(), s.peer()
	eve.Person("thief", M{"publicKey": M{"id": eve.URL + "/users/thief#main-key", "owner": string(victim.Actor), "publicKeyPem": pemOf(s, eve)}})
	eve.Person("pointer", M{"publicKey": string(victim.Actor) + "#main-key"})
	s.unmoved(func() {
		for _, who := range []string{"thief", "pointer"} {
			id := desk.ActorID(eve.URL + "/users/" + who)
			status, answer := s.sendAs(eve, id, M{"id": eve.URL + "/1", "type": "Follow", "actor": string(id), "object": s.help()})
			s.answered(status, answer, http.StatusUnauthorized)
		}
	})
	// The old key stops to count once the new one was seen.
	s.report(eve, 1)
	eve.Person("eve", M{"publicKey": M{"id": string(eve.Actor) + "#main-key", "owner": string(eve.Actor), "publicKeyPem": pemOf(s, other)}})
	create := encode(s.T, eve.Create(eve.Note(2, s.actor(), "<p>new key</p>")))
	status, answer := s.do(other.RequestAs(string(eve.Actor)+"#main-key", s.inbox(), create))
	s.answered(status, answer, http.StatusAccepted)
	s.settle()
	s.unmoved(func() {
		s.refused(eve, eve.Create(eve.Note(3, s.actor(), "<p>old key</p>")), http.StatusUnauthorized)
	})
}

// source has the instance listen to a hashtag actor of the peer's.
func (s *site) source(p *fed.Peer, name string) desk.ActorID {
	s.Helper()
	id := p.Person(name, M{"type": "Service"})
	_, err := s.client.AddSource(s.Context(), app.SourceSpec{Kind: "tag-actor", Actor: string(id)})
	s.must(err)
	s.settle()
	follow := p.Got()[len(p.Got())-1].Body
	status, answer := s.sendAs(p, id, M{"id": p.URL + "/accept", "type": "Accept", "actor": string(id), "object": follow["id"]})
	s.answered(status, answer, http.StatusAccepted)
	s.settle()
	p.Asked()
	return id
}

func answersNobodyAskedFor(s *site) {
	tags, eve, ana := s.peer(), s.peer(), s.peer()
	id := tags.Person("acme", M{"type": "Service"})
	_, err := s.client.AddSource(s.Context(), app.SourceSpec{Kind: "tag-actor", Actor: string(id)})
	s.must(err)
	s.settle()
	ours := tags.Got()[0].Body["id"]
	follow := M{"id": ana.URL + "/follows/1", "type": "Follow", "actor": string(ana.Actor), "object": s.help()}
	s.refused(ana, follow, http.StatusAccepted)
	s.settle()
	s.report(eve, 1)
	s.unmoved(func() {
		for n, a := range []M{
			{"type": "Accept", "object": ours}, {"type": "Reject", "object": ours},
			{"type": "Accept", "object": M{"id": ours, "type": "Follow", "actor": s.relay(), "object": string(eve.Actor)}},
			{"type": "Accept", "object": M{"id": eve.URL + "/x", "type": "Follow", "actor": s.relay(), "object": string(id)}},
			{"type": "Undo", "object": follow}, {"type": "Undo", "object": follow["id"]},
			{"type": "Undo", "object": M{"id": follow["id"], "type": "Follow", "actor": string(eve.Actor), "object": s.help() + "x"}},
		} {
			a["id"], a["actor"] = fmt.Sprintf("%s/answers/%d", eve.URL, n), string(eve.Actor)
			status, answer := s.send(eve, a)
			s.answered(status, answer, http.StatusAccepted, http.StatusBadRequest)
		}
	})
}

func embeddedForeignPost(s *site) {
	tags, eve, victim := s.peer(), s.peer(), s.peer()
	id := s.source(tags, "acme")
	forged := victim.Note(1, s.actor(), "<p>#acme #fail, says the forger</p>")
	forged["tag"] = []M{{"type": "Hashtag", "name": "#acme"}, {"type": "Hashtag", "name": "#fail"}}
	real := victim.Note(1, "https://nobody.example/", "<p>good morning</p>")
	real["tag"], real["cc"] = []M{}, []string{}
	victim.Serve("/notes/1", real)
	heard := s.grown(func() {
		status, answer := s.sendAs(tags, id, M{"id": tags.URL + "/boosts/1", "type": "Announce", "actor": string(id), "object": forged})
		s.answered(status, answer, http.StatusAccepted)
		s.refused(eve, victim.Create(forged), http.StatusAccepted)
	})
	delete(heard, "once") // that it was announced is remembered, by id
	if len(heard) > 0 {
		s.Errorf("more than before: %v", heard)
	}
	s.onlyAsked(victim, "GET /notes/1", "GET /users/eve")
}

func audienceWidened(s *site) {
	ana, eve := s.peer(), s.peer()
	issue, report := s.report(ana, 1, func(n M) { n["to"], n["cc"] = []string{s.help()}, []string{} })
	if report.Visibility != desk.VisibilityDirect {
		s.Fatalf("a direct report is %s", report.Visibility)
	}
	ana.ServeRaw("/notes/1", http.StatusForbidden, "text/plain", nil) // a direct post is shown to nobody unknown
	s.report(eve, 1)
	wide := ana.Note(1, s.actor(), "<p>it is broken, 1</p>")
	for _, activity := range []M{ana.Create(wide), update(eve, wide), byID(s, eve, fmt.Sprint(wide["id"]))} {
		s.refused(eve, activity, http.StatusAccepted, http.StatusBadRequest)
		s.settle()
		if e := s.still(issue); e.Visibility != desk.VisibilityDirect {
			s.Errorf("it became %s", e.Visibility)
		}
	}
	res, err := http.Get(s.url + "/@help")
	s.must(err)
	defer res.Body.Close()
	if page, _ := io.ReadAll(res.Body); strings.Contains(string(page), "it is broken, 1") {
		s.Error("the page of the desk shows it")
	}
}

func moveHijack(s *site) {
	ana, eve := s.peer(), s.peer()
	s.report(ana, 1)
	s.report(eve, 1)
	s.unmoved(func() {
		s.refused(eve, M{"id": eve.URL + "/m/1", "type": "Move", "actor": string(eve.Actor), "object": string(eve.Actor), "target": string(eve.Actor)}, http.StatusAccepted, http.StatusBadRequest)
		s.refused(eve, M{"id": eve.URL + "/m/2", "type": "Move", "actor": string(eve.Actor), "object": string(ana.Actor), "target": string(eve.Actor)}, http.StatusBadRequest)
		s.refused(eve, M{"id": eve.URL + "/m/3", "type": "Move", "actor": string(ana.Actor), "object": string(ana.Actor), "target": string(eve.Actor)}, http.StatusAccepted)
		s.refused(eve, M{"id": eve.URL + "/m/4", "type": "Move", "actor": string(eve.Actor), "object": string(eve.Actor), "target": s.help()}, http.StatusAccepted, http.StatusBadRequest)
	})
	// One-sided: accepted, for the other side is yet to be asked, and not followed.
	s.refused(eve, M{"id": eve.URL + "/m/5", "type": "Move", "actor": string(eve.Actor), "object": string(eve.Actor), "target": string(ana.Actor)}, http.StatusAccepted)
	s.settle()
	issue, _ := s.issueOf(eve.URL + "/notes/1")
	if issue.Reporter.ID != eve.Actor {
		s.Errorf("the issue went over to %s", issue.Reporter.ID)
	}
}

func ourOwnNames(s *site) {
	eve := s.peer()
	s.report(eve, 1)
	post := s.url + "/posts/018f0000-0000-7000-8000-000000000000"
	note := func(id, author string) M {
		n := eve.Note(2, s.actor(), "<p>x</p>")
		n["id"], n["attributedTo"] = id, author
		return n
	}
	s.unmoved(func() {
		for _, a := range []M{
			eve.Create(note(post, string(eve.Actor))), eve.Create(note(post, s.help())), byID(s, eve, post), byID(s, eve, s.help()),
			update(eve, note(post, string(eve.Actor))), {"id": eve.URL + "/d", "type": "Delete", "actor": string(eve.Actor), "object": post},
			{"id": eve.URL + "/e", "type": "Delete", "actor": s.help(), "object": s.help()}, {"id": s.url + "/x", "type": "Follow", "actor": string(eve.Actor), "object": s.help()},
		} {
			status, answer := s.send(eve, a)
			s.answered(status, answer, http.StatusBadRequest, http.StatusAccepted)
		}
		for _, keyID := range []string{s.help() + "#main-key", s.relay() + "#main-key", s.url + "/nobody#main-key"} {
			status, answer := s.do(eve.RequestAs(keyID, s.inbox(), encode(s.T, eve.Create(note(eve.URL+"/notes/3", s.help())))))
			s.answered(status, answer, http.StatusUnauthorized)
		}
	})
	s.asked(eve)
}
