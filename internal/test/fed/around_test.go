package fed_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/test/fed"
	"earshot/store"
)

var hashtag = regexp.MustCompile(`#\w+`)

// A thousand posts around the rule, each through one kind of source, some to our own relay: nothing opens an
// issue, and no word of theirs is kept. Every second one is told of with both keys, so
// that it is fetched; the others with their own tags.
func TestThousandPostsThroughEveryKind(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	crowd := append(people(), town.Person{Username: "weather", Name: "Weather", Bot: true})
	s := &scene{Cluster: c, t: t, desk: c.Provider(acme), town: c.Town(crowd...)}
	s.ok(s.town.SetBio("bob", "#nobots please"))
	tells := s.friend()
	ways := s.everyWay()
	told := map[desk.SourceID]int{} // what they listen to
	r := rand.New(rand.NewPCG(2011, 4))
	var unread []string
	for n := range 1000 {
		who, in := aroundTheRule(r, n)
		id, err := s.town.Post(ctx, who, in)
		s.ok(err)
		tags := []string{"acme", "fail"}
		if n%2 == 0 {
			tags = hashtag.FindAllString(in.Text, -1)
			for k, tag := range tags {
				tags[k] = strings.ToLower(tag[1:])
			}
		}
		if n%10 == 9 {
			tells.says(who, in)
		}
		way := ways[n/2%len(ways)]
		if n%2 == 0 && (way.name == "timeline" || way.name == "misskey") && len(tags) < 2 {
			unread = append(unread, string(id))
		}
		way.tells(who, id, tags)
		if way.listens && slices.Contains(tags, "acme") {
			told[way.source]++
		}
		if n%50 == 49 {
			s.Advance(2 * time.Minute)
		}
	}
	s.Advance(6 * time.Hour)
	s.eventually("the streams to have told everything", func() bool {
		s.ok(s.desk.CountSources(ctx))
		for source, n := range told {
			if s.source(source).Heard < n {
				return false
			}
		}
		return true
	})
	if all := s.desk.Issues(); len(all) != 0 {
		t.Errorf("%d issues were opened, the first: %+v", len(all), all[0].Issue)
	}
	s.notOnDisk("zzmark")
	s.notOnDisk("zzbody")
	if len(unread) < 20 {
		t.Errorf("%d posts were seen to be not for us without a fetch", len(unread))
	}
	for _, id := range unread {
		s.notOnDisk(id)
	}
	s.says("ana", town.PostInput{Text: "both, to " + s.mention()}) // the ears are not shut
	s.desk.Only()
}

// way is a source, and what has it tell us of a post.
type way struct {
	name    string
	source  desk.SourceID
	listens bool // on a connection, and told only what has its hashtag
	tells   func(author string, id desk.ObjectID, tags []string)
}

// everyWay adds a source of each kind but our own relay: see friend.
func (s *scene) everyWay() []way {
	s.t.Helper()
	shown := func(name string, f *feed, listens bool) way {
		return way{name, f.id, listens, func(_ string, id desk.ObjectID, tags []string) { f.shows(id, tags...) }}
	}
	ways := []way{shown("timeline", s.ask("timeline"), false), shown("misskey", s.ask("misskey"), false), shown("stream", s.ask("stream"), true), shown("channel", s.ask("misskey", channels), true)}
	forwards, mutual := s.relay(), s.relay()
	add := func(name string, source desk.SourceID, tells func(author string, id desk.ObjectID, tags []string)) {
		ways = append(ways, way{name, source, false, tells})
	}
	add("relay", s.through(app.SourceSpec{Kind: "relay", URL: forwards.peer.URL + "/inbox"}), func(author string, id desk.ObjectID, tags []string) {
		forwards.Forward(s.forwardableOf(author, "Create", id, tags...))
	})
	add("relay-litepub", s.through(app.SourceSpec{Kind: "relay-litepub", URL: mutual.Actor}), func(_ string, id desk.ObjectID, _ []string) { mutual.Announce(string(id)) })
	for name, spec := range map[string]app.SourceSpec{"group": {Desk: "help"}, "tag-actor": {Tag: "acme"}} {
		source, announce := s.announcer(name, spec)
		add(name, source, func(_ string, id desk.ObjectID, _ []string) { announce(string(id)) })
	}
	slices.SortFunc(ways, func(a, b way) int { return strings.Compare(a.name, b.name) })
	return ways
}

// Who wants to be left alone is, whichever way a later post comes: after "stop" in an
// answer, after the opt-out of an agent, and after the one on the page.
func TestOptOutThroughEveryKind(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	crowd := append(people(), town.Person{Username: "cleo", Name: "Cleo"}, town.Person{Username: "dan", Name: "Dan"})
	s := &scene{Cluster: c, t: t, desk: c.Provider(acme), town: c.Town(crowd...)}
	ways, friend := s.everyWay(), s.friend()
	leave := map[string]func(who desk.ActorID){
		"ana": func(desk.ActorID) {
			report := s.says("ana", town.PostInput{Text: s.mention() + " no light"})
			s.desk.Say(s.desk.Only().Issue.ID, "Which street?")
			s.Settle()
			s.says("ana", town.PostInput{Text: s.mention() + " stop", InReplyTo: s.town.Thread("ana", report)[1].ID})
		},
		"bob": func(who desk.ActorID) {
			_, err := s.desk.AddOptOut(ctx, app.By{}, who, "")
			s.ok(err)
		},
		"cleo": func(who desk.ActorID) {
			in := app.OptOutRequest{Actor: who}
			code, err := s.desk.OptOutCode(ctx, in)
			s.ok(err)
			proven, err := s.desk.OptOutByCode(ctx, in, code)
			if s.ok(err); !proven {
				t.Fatal("the code is not taken")
			}
		},
	}
	for who, leaves := range leave {
		leaves(s.town.ActorOf(who))
	}
	if out, _, err := s.desk.OptOuts(ctx, store.Page{}); err != nil || len(out) != len(leave) {
		t.Fatalf("%v opted out: %v", out, err)
	}
	_, err := s.desk.AddOptOut(ctx, app.By{}, friend.people["ana"], "")
	s.ok(err)
	before := len(s.desk.Issues())
	report := func(who string, w way) desk.ObjectID {
		id, err := s.town.Post(ctx, who, town.PostInput{Text: "zzafter through " + w.name + " #acme #fail"})
		s.ok(err)
		w.tells(who, id, []string{"acme", "fail"})
		return id
	}
	for _, w := range ways {
		for who := range leave {
			report(who, w)
		}
	}
	friend.says("ana", town.PostInput{Text: "zzafter through our own relay #acme #fail"})
	s.Advance(5 * time.Minute)
	refused := func(source desk.SourceID) int { return s.source(source).Drops[string(drop.OptedOut)] }
	s.eventually("each source to have told everything", func() bool {
		s.ok(s.desk.CountSources(ctx))
		for _, w := range ways {
			if s.source(w.source).Heard < len(leave) {
				return false
			}
		}
		return true
	})
	s.Advance(5 * time.Minute)
	s.ok(s.desk.CountSources(ctx))
	for _, w := range ways {
		if n := refused(w.source); n != len(leave) {
			t.Errorf("%s: %d posts of %d are left alone: %v", w.name, n, len(leave), s.source(w.source).Drops)
		}
	}
	if n := refused(friend.source); n != 1 {
		t.Errorf("our own relay: %d posts are left alone: %v", n, s.source(friend.source).Drops)
	}
	if all := s.desk.Issues(); len(all) != before {
		t.Errorf("%d issues more", len(all)-before)
	}
	s.notOnDisk("zzafter")
	for n, w := range ways { // each is heard
		report("dan", w)
		s.Advance(2 * time.Minute)
		s.eventually(w.name+" to bring the post of another person", func() bool { return len(s.desk.Issues()) == before+n+1 })
	}
}

// announcer adds a source that is an actor, a group or a hashtag's, and returns it, and
// what has it announce a post.
func (s *scene) announcer(kind string, spec app.SourceSpec) (desk.SourceID, func(id string)) {
	s.t.Helper()
	p := s.Peer()
	inbox := string(s.desk.Site.Relay()) + "/inbox"
	spec.Kind = kind
	var actor desk.ActorID
	if kind == "group" {
		inbox = string(s.desk.Site.Desk(spec.Desk)) + "/inbox"
		actor = p.Person("net", M{"type": "Group"})
		spec.URL = string(actor)
	} else {
		actor = p.Person("acme", M{"type": "Service"})
		spec.Actor = string(actor)
	}
	send := func(activity M) {
		body, err := json.Marshal(activity)
		s.ok(err)
		p.Do(p.RequestAs(string(actor)+"#main-key", inbox, body))
	}
	source := s.through(spec)
	got := p.Got()
	send(M{"@context": "https://www.w3.org/ns/activitystreams", "id": p.URL + "/accept", "type": "Accept", "actor": string(actor), "object": got[len(got)-1].Body})
	s.Settle()
	n := 0
	return source, func(id string) {
		n++
		send(M{"@context": "https://www.w3.org/ns/activitystreams", "id": fmt.Sprint(p.URL, "/announce/", n), "type": "Announce", "actor": string(actor),
			"to": []string{everybody}, "cc": []string{string(actor) + "/followers"}, "object": id})
	}
}

// friend is a server that was allowed to tell our relay what its people post.
type friend struct {
	source desk.SourceID
	people map[string]desk.ActorID
	says   func(who string, in town.PostInput) // has one of them post something
}

func (s *scene) friend() friend {
	s.t.Helper()
	p := s.Peer()
	people := map[string]desk.ActorID{"ana": p.Person("ana", nil), "bob": p.Person("bob", M{"summary": "#nobots please"}), "weather": p.Person("weather", M{"type": "Service"})}
	source := s.through(app.SourceSpec{Kind: "listen-relay", Allow: []desk.Host{p.Actor.Host()}})
	n := 0
	return friend{source, people, func(who string, in town.PostInput) {
		n++
		actor := string(people[who])
		note := M{"@context": "https://www.w3.org/ns/activitystreams", "id": fmt.Sprint(p.URL, "/notes/", n), "type": "Note", "attributedTo": actor, "content": in.Text,
			"to": []string{everybody}, "cc": []string{}, "tag": []M{}, "published": s.Clock.Now().UTC().Format(time.RFC3339)}
		switch in.Visibility {
		case desk.VisibilityQuiet:
			note["to"], note["cc"] = []string{actor + "/followers"}, []string{everybody}
		case desk.VisibilityFollowers:
			note["to"] = []string{actor + "/followers"}
		}
		for _, tag := range hashtag.FindAllString(in.Text, -1) {
			if !in.PlainTags {
				note["tag"] = append(note["tag"].([]M), M{"type": "Hashtag", "name": tag})
			}
		}
		p.Serve(fmt.Sprint("/notes/", n), note)
		body, err := json.Marshal(M{"@context": "https://www.w3.org/ns/activitystreams", "id": fmt.Sprint(note["id"], "/create"), "type": "Create", "actor": actor,
			"to": note["to"], "cc": note["cc"], "object": note})
		s.ok(err)
		p.Do(p.RequestAs(actor+"#main-key", string(s.desk.Site.Relay())+"/inbox", body))
	}}
}
