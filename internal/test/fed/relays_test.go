package fed_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/internal/test/feeds"
	"earshot/store"
)

// relay is an emulated relay on a server of its own.
type relay struct {
	*feeds.Relay
	peer *fed.Peer
}

func (s *scene) relay() *relay {
	s.t.Helper()
	p := s.Peer()
	inbox := p.URL + "/inbox"
	actor := p.Person("relay", M{"type": "Application", "inbox": inbox, "endpoints": M{"sharedInbox": inbox}})
	r := &relay{&feeds.Relay{Actor: string(actor)}, p}
	r.Post = func(to string, activity any) {
		body, err := json.Marshal(activity)
		s.ok(err)
		p.Do(p.RequestAs(string(actor)+"#main-key", to, body))
	}
	p.Handle("/inbox", func(w http.ResponseWriter, req *http.Request) {
		if got := p.Got(); req.Method == http.MethodPost { // the peer has read the body
			req.Body = io.NopCloser(bytes.NewReader(got[len(got)-1].Raw))
		}
		r.ServeHTTP(w, req)
	})
	return r
}

// through adds a source at a relay.
func (s *scene) through(spec app.SourceSpec) desk.SourceID {
	s.t.Helper()
	src, err := s.desk.AddSource(ctx, app.By{}, spec)
	s.ok(err)
	s.Settle()
	return src.ID
}

// forwardable is an activity as the author's server sends it to a relay.
func (s *scene) forwardable(verb string, o desk.ObjectID, tags ...string) M {
	return s.forwardableOf("ana", verb, o, tags...)
}

func (s *scene) forwardableOf(author, verb string, o desk.ObjectID, tags ...string) M {
	all := []M{}
	for _, t := range tags {
		all = append(all, M{"type": "Hashtag", "name": "#" + t})
	}
	who := string(s.town.ActorOf(author))
	note := M{"id": string(o), "type": "Note", "attributedTo": who, "to": []string{everybody}, "content": "zzbody of the relay", "tag": all,
		"published": s.Clock.Now().UTC().Format(time.RFC3339)}
	return M{"@context": "https://www.w3.org/ns/activitystreams", "id": string(o) + "#" + verb, "type": verb, "actor": who, "to": []string{everybody}, "object": note}
}

// answeredAndThanked says that the only issue names a source, that a reply reaches the
// reporter's server, and that the reporter's answer joins.
func (s *scene) answeredAndThanked(report desk.ObjectID, source string) {
	s.t.Helper()
	i := s.desk.Only()
	if len(i.Sources) != 1 || !strings.HasPrefix(i.Sources[0], source) || i.Issue.Report != report {
		s.t.Errorf("heard %s through %q", i.Issue.Report, i.Sources)
	}
	s.desk.Say(i.Issue.ID, "We are on our way.")
	s.Settle()
	thread := s.town.Thread("ana", report)
	if len(thread) != 2 {
		s.t.Fatalf("the reporter's thread: %+v", thread)
	}
	s.says("ana", town.PostInput{Text: s.mention() + " thank you", InReplyTo: thread[1].ID})
	if got := s.desk.Only(); got.Issue.ID != i.Issue.ID || len(got.Timeline) <= len(i.Timeline)+1 {
		s.t.Errorf("their answer did not join: %+v", got.Timeline)
	}
}

func TestRelay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		kind   string
		bare   bool
		passOn func(*scene, *relay, desk.ObjectID)
	}{
		{"forwarded", "relay", false, func(s *scene, r *relay, o desk.ObjectID) { r.Forward(s.forwardable("Create", o, "acme", "fail")) }},
		{"forwarded edit that brings the tags", "relay", true, func(s *scene, r *relay, o desk.ObjectID) { r.Forward(s.forwardable("Update", o, "acme", "fail")) }},
		{"announced", "relay", true, func(_ *scene, r *relay, o desk.ObjectID) { r.Announce(string(o)) }},
		{"by a relay that follows back", "relay-litepub", false, func(_ *scene, r *relay, o desk.ObjectID) { r.Announce(string(o)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			r := s.relay()
			r.BareID = c.bare
			spec := app.SourceSpec{Kind: c.kind, URL: r.peer.URL + "/inbox"}
			if c.kind == "relay-litepub" {
				spec.URL = r.Actor
			}
			id := s.through(spec)
			if (c.kind == "relay-litepub") != r.Mutual() {
				t.Errorf("followed back, and accepted: %v", r.Mutual())
			}
			if src := s.source(id); src.State != store.SourceAccepted || string(src.Actor) != r.Actor || len(r.Silent()) > 0 {
				t.Fatalf("%+v; the relay passed over %q", src, r.Silent())
			}
			report := s.says("ana", town.PostInput{Text: "No light in Mill Lane #acme #fail"})
			c.passOn(s, r, report)
			s.Advance(time.Minute)
			s.answeredAndThanked(report, c.kind+" ")
			if src := s.source(id); src.Matched != 1 || src.Alone != 1 {
				t.Errorf("%+v", src)
			}
			s.ok(s.desk.RemoveSource(ctx, app.By{}, id))
			s.Settle()
			if left := r.Members(); len(left) > 0 || len(r.Silent()) > 0 {
				t.Errorf("still members: %q; passed over: %q", left, r.Silent())
			}
		})
	}
}

// An admin of a relay may say yes days later: by then it was asked again.
func TestRelayApprovesLate(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r := s.relay()
	r.Manual = true
	id := s.through(app.SourceSpec{Kind: "relay", URL: r.peer.URL + "/inbox"})
	first := r.Asked()
	s.Advance(30 * time.Hour)
	if again := r.Asked(); again["id"] == first["id"] {
		t.Fatalf("not asked again: %v", again)
	}
	r.Approve(first)
	s.Settle()
	if src := s.source(id); src.State != store.SourceAccepted {
		t.Errorf("%+v", src)
	}
}

// Who is not the relay that was asked opens nothing, even if it knows the Follow's id.
func TestRelayIsWhoOwnsTheInbox(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r := s.relay()
	r.Manual = true
	id := s.through(app.SourceSpec{Kind: "relay", URL: r.peer.URL + "/inbox"})
	eve := s.Peer()
	for _, verb := range []string{"Accept", "Reject"} {
		eve.Send(s.desk.Site.SharedInbox(), M{"@context": "https://www.w3.org/ns/activitystreams", "id": eve.URL + "/" + verb, "type": verb, "actor": string(eve.Actor), "object": r.Asked()["id"]})
		s.Settle()
		if src := s.source(id); src.State != store.SourcePending || src.Actor != "" {
			t.Errorf("%s: %+v", verb, src)
		}
	}
}

// A relay's body is believed in nothing, and its ids lead nowhere they must not.
func TestRelayThatLies(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r := s.relay()
	id := s.through(app.SourceSpec{Kind: "relay", URL: r.peer.URL + "/inbox"})
	lie := s.says("ana", town.PostInput{Text: "zzmark1 I like trains #trains"})
	r.Forward(s.forwardable("Create", lie, "acme", "fail"))
	r.Forward(s.forwardable("Delete", lie))
	hidden := s.says("ana", town.PostInput{Text: "zzmark2 #acme #fail"})
	r.Forward(s.forwardable("Create", hidden, "trains"))
	r.Forward(s.forwardable("Create", s.desk.Site.Post("x"), "acme", "fail"))
	r.Announce(string(s.desk.Site.Post("x")))
	r.Announce("https://help.acme.example./posts/x")
	r.Forward(s.forwardable("Move", lie, "acme", "fail"))
	s.Advance(24 * time.Hour)
	if all := s.desk.Issues(); len(all) > 0 {
		t.Errorf("opened: %+v", all[0].Issue)
	}
	s.ok(s.desk.CountSources(ctx))
	src := s.source(id)
	if src.State != store.SourceAccepted || src.Drops["not_addressed"] != 2 || src.Drops["own_post"] != 1 || src.Drops["unknown_object"] != 1 || src.Drops["forwarded"] != 1 {
		t.Errorf("%s, dropped: %v", src.State, src.Drops)
	}
	s.notOnDisk("zzmark")
	s.notOnDisk("zzbody")
	s.notOnDisk(string(hidden))
}

// What a relay tells of a post that is here may be an edit or a deletion, also if the
// relay tells of it for the first time: its own server is asked.
func TestRelayTellsOfChanges(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r := s.relay()
	s.through(app.SourceSpec{Kind: "relay", URL: r.peer.URL + "/inbox"})
	eve := s.Peer()
	note := eve.Note(1, s.desk.Site.Desk("help"), "zzfirst")
	eve.Serve("/notes/1", note)
	eve.Send(s.desk.Site.SharedInbox(), eve.Create(note))
	s.Settle()
	text := func() string { return s.desk.Only().Timeline[0].Post.Text }
	if text() != "zzfirst" {
		t.Fatalf("heard %q", text())
	}
	for _, words := range []string{"zzsecond", "zzthird"} {
		s.Advance(time.Minute)
		note["content"], note["updated"] = words, s.Clock.Now().UTC().Format(time.RFC3339)
		eve.Serve("/notes/1", note)
		r.Announce(eve.URL + "/notes/1")
		s.Advance(5 * time.Minute) // once in five minutes
		if text() != words {
			t.Errorf("after an edit that says %q: %q", words, text())
		}
	}
	eve.ServeRaw("/notes/1", http.StatusGone, "text/plain", nil)
	r.Forward(M{"@context": "https://www.w3.org/ns/activitystreams", "id": eve.URL + "/delete", "type": "Delete", "actor": string(eve.Actor), "to": []string{everybody},
		"object": M{"id": eve.URL + "/notes/1", "type": "Tombstone"}})
	s.Advance(5 * time.Minute)
	if i := s.desk.Only(); !i.Timeline[0].Post.Deleted {
		t.Errorf("after a deletion: %+v", i.Timeline[0].Post)
	}
}

// A relay that announces documents without an end, pages, hosts that are not there and
// hosts that are ours: none of it is in the way of a report.
func TestRelayOfBadDocuments(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r := s.relay()
	id := s.through(app.SourceSpec{Kind: "relay-litepub", URL: r.Actor})
	eve := s.Peer()
	endless := 0
	eve.Handle("/endless", func(w http.ResponseWriter, _ *http.Request) {
		endless++
		w.Header().Set("Content-Type", "application/activity+json")
		for err := error(nil); err == nil; {
			_, err = w.Write(bytes.Repeat([]byte(" "), 1<<16))
		}
	})
	eve.ServeRaw("/page", http.StatusOK, "text/html", []byte("<p>zzmark #acme #fail"))
	for _, bad := range []string{eve.URL + "/endless", eve.URL + "/page", string(eve.Actor), eve.URL + "/nothing", "http://127.0.0.1:1/x", "http://[::1]:1/x", "ftp://x.example/1", "not an address",
		string(s.desk.Site.Post("x")), s.desk.Site.URL + "/relay", "http://" + strings.Repeat("a", 3000) + ".example/"} {
		r.Announce(bad)
	}
	report := s.says("ana", town.PostInput{Text: "No light in Mill Lane #acme #fail"})
	r.Announce(string(report))
	s.Advance(time.Minute)
	if i := s.desk.Only(); i.Issue.Report != report {
		t.Errorf("heard %s", i.Issue.Report)
	}
	s.Advance(24 * time.Hour)
	s.Advance(24 * time.Hour)
	s.desk.Only()
	s.ok(s.desk.CountSources(ctx))
	if src := s.source(id); src.State != store.SourceAccepted || src.Matched != 1 || len(src.Drops) < 3 || endless == 0 || endless > 5 {
		t.Errorf("%s, %d fetches of an endless document, dropped: %v", src.State, endless, src.Drops)
	}
	s.notOnDisk("zzmark")
	s.notOnDisk("/endless")
}

// A relay that announces the same again and again costs a fetch in five minutes.
func TestRelayThatRepeats(t *testing.T) {
	t.Parallel()
	for name, tags := range map[string][]M{"a post that is here": {{"type": "Hashtag", "name": "#acme"}, {"type": "Hashtag", "name": "#fail"}}, "a post that is not for us": nil} {
		s := newScene(t)
		r := s.relay()
		s.through(app.SourceSpec{Kind: "relay", URL: r.peer.URL + "/inbox"})
		eve := s.Peer()
		note := eve.Note(1, "", "No light")
		note["cc"], note["tag"] = []string{}, tags
		fetches := 0
		eve.Handle("/notes/1", func(w http.ResponseWriter, _ *http.Request) {
			fetches++
			w.Header().Set("Content-Type", "application/activity+json")
			_ = json.NewEncoder(w).Encode(note)
		})
		for range 40 { // twenty minutes
			r.Announce(eve.URL + "/notes/1")
			s.Advance(30 * time.Second)
		}
		if fetches < 4 || fetches > 5 {
			t.Errorf("%s: %d fetches in 20 minutes", name, fetches)
		}
		if n := len(s.desk.Issues()); n != min(len(tags), 1) {
			t.Errorf("%s: %d issues", name, n)
		}
	}
}

// Other servers add us as a relay, with the inbox of our relay actor. Those that an admin
// allowed are heard; nothing is passed on.
func TestListenRelay(t *testing.T) {
	t.Parallel()
	for _, followed := range []string{everybody, ""} {
		s := newScene(t)
		site := s.desk.Site
		inbox := string(site.Relay()) + "/inbox"
		if followed == "" {
			followed = string(site.Relay())
		}
		friend, stranger := s.Peer(), s.Peer()
		join := func(p *fed.Peer) (answer string) {
			p.Send(inbox, M{"@context": "https://www.w3.org/ns/activitystreams", "id": p.URL + "/join", "type": "Follow", "actor": string(p.Actor), "object": followed})
			s.Settle()
			for _, g := range p.Got() {
				// Mastodon finds its relay by the Follow's id in the answer.
				if o, ok := g.Body["object"].(M); ok && o["id"] == p.URL+"/join" && o["object"] == followed && g.Body["actor"] == string(site.Relay()) {
					answer += g.Body["type"].(string)
				}
			}
			return answer
		}
		if got := join(stranger); got != "" {
			t.Errorf("without a source: %s", got)
		}
		id := s.through(app.SourceSpec{Kind: "listen-relay", Allow: []desk.Host{friend.Actor.Host()}})
		if got := join(friend); got != "Accept" {
			t.Errorf("an allowed server got %q", got)
		}
		if got := join(stranger); got != "Reject" {
			t.Errorf("another server got %q", got)
		}
		tell := func(p *fed.Peer, n int, tags ...string) {
			note := p.Note(n, p.Actor, "No light")
			note["cc"], note["tag"] = []string{}, []M{}
			for _, tag := range tags {
				note["tag"] = append(note["tag"].([]M), M{"type": "Hashtag", "name": "#" + tag})
			}
			p.Serve(strings.TrimPrefix(note["id"].(string), p.URL), note)
			p.Send(inbox, p.Create(note))
			s.Settle()
		}
		before := len(friend.Got()) + len(stranger.Got())
		tell(friend, 1, "trains")
		tell(friend, 2, "acme", "fail")
		if i := s.desk.Only(); len(i.Sources) != 1 || !strings.HasPrefix(i.Sources[0], "listen-relay ") {
			t.Errorf("heard through %q", i.Sources)
		}
		if now := len(friend.Got()) + len(stranger.Got()); now != before {
			t.Errorf("%d activities were passed on", now-before)
		}
		s.desk.Say(s.desk.Only().Issue.ID, "We are on our way.")
		s.Settle()
		got := friend.Got()
		if last := got[len(got)-1].Body; last["type"] != "Create" {
			t.Errorf("the reporter's server got %v", last)
		} else {
			note := friend.Note(3, site.Desk("help"), "thank you")
			note["inReplyTo"] = last["object"].(M)["id"]
			friend.Send(site.SharedInbox(), friend.Create(note))
			s.Settle()
			s.desk.Only()
		}
		s.ok(s.desk.CountSources(ctx))
		if src := s.source(id); src.Heard != 2 || src.Matched != 1 || src.Alone != 1 || src.Drops["not_addressed"] != 1 || src.Drops["not_source"] != 1 {
			t.Errorf("%+v", src)
		}
		tell(stranger, 1, "acme", "fail")
		for _, i := range s.desk.Issues() {
			if i.Issue.Report.Host() == stranger.Actor.Host() && i.Sources[0] != app.Inbox {
				t.Errorf("a server that is not allowed is heard through %q", i.Sources)
			}
		}
	}
}

// A group announces the activity or the post itself: one issue. The desk's actor follows.
func TestGroup(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	p := s.Peer()
	if _, err := s.desk.AddSource(ctx, app.By{}, app.SourceSpec{Kind: "group", URL: string(p.Actor), Desk: "help"}); desk.ErrorID(err) != "source_no_group" {
		t.Errorf("a person as a group: %v", err)
	}
	if _, err := s.desk.AddSource(ctx, app.By{}, app.SourceSpec{Kind: "group", URL: string(p.Actor)}); desk.ErrorID(err) != "source_group_desk" {
		t.Errorf("a group without a desk: %v", err)
	}
	group := p.Person("net", M{"type": "Group"})
	send := func(to string, activity M) {
		body, err := json.Marshal(activity)
		s.ok(err)
		p.Do(p.RequestAs(string(group)+"#main-key", to, body))
		s.Settle()
	}
	id := s.through(app.SourceSpec{Kind: "group", URL: string(group), Desk: "help"})
	got := p.Got()
	follow := got[len(got)-1].Body
	if follow["type"] != "Follow" || follow["actor"] != string(s.desk.Site.Desk("help")) || follow["object"] != string(group) {
		t.Fatalf("asked with %v", follow)
	}
	inbox := string(s.desk.Site.Desk("help")) + "/inbox"
	send(inbox, M{"@context": "https://www.w3.org/ns/activitystreams", "id": p.URL + "/accept", "type": "Accept", "actor": string(group), "object": follow})
	if src := s.source(id); src.State != store.SourceAccepted {
		t.Fatalf("%+v", src)
	}
	report := s.says("ana", town.PostInput{Text: "No light in Mill Lane #acme #fail"})
	lie := s.says("ana", town.PostInput{Text: "I like trains"})
	for n, object := range []any{s.forwardable("Create", report, "acme", "fail"), string(report), s.forwardable("Create", lie, "acme", "fail"), s.forwardable("Create", s.desk.Site.Post("x"), "acme", "fail")} {
		send(inbox, M{"@context": "https://www.w3.org/ns/activitystreams", "id": fmt.Sprint(p.URL, "/announce/", n), "type": "Announce", "actor": string(group),
			"to": []string{everybody}, "cc": []string{string(group) + "/followers"}, "object": object})
		s.Advance(time.Minute)
	}
	s.answeredAndThanked(report, "group ")
}

// A Follow that does not arrive shows at its source, until it has arrived.
func TestFollowThatDoesNotArrive(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	p := s.Peer()
	p.Inbox("/relay/inbox", http.StatusServiceUnavailable)
	id := s.through(app.SourceSpec{Kind: "relay", URL: p.URL + "/relay/inbox"})
	if src := s.source(id); src.State != store.SourcePending || !strings.Contains(src.Error, "503") || src.ErrorAt.IsZero() {
		t.Errorf("%+v", src)
	}
	p.Inbox("/relay/inbox", http.StatusAccepted)
	s.Advance(time.Hour)
	if src := s.source(id); src.State != store.SourcePending || src.Error != "" {
		t.Errorf("after it has arrived: %+v", src)
	}
}
