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
	"earshot/internal/test/fed"
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
	timeline, misskey, stream, channel := s.ask("timeline"), s.ask("misskey"), s.ask("stream"), s.ask("misskey", channels)
	tells := s.friend()
	forwards, mutual := s.relay(), s.relay()
	s.through(app.SourceSpec{Kind: "relay", URL: forwards.peer.URL + "/inbox"})
	s.through(app.SourceSpec{Kind: "relay-litepub", URL: mutual.Actor})
	announce, boosts := s.announcer("group", app.SourceSpec{Desk: "help"}), s.announcer("tag-actor", app.SourceSpec{Tag: "acme"})
	told := 0
	ways := []func(id desk.ObjectID, tags []string){
		func(id desk.ObjectID, tags []string) { timeline.shows(id, tags...) },
		func(id desk.ObjectID, tags []string) { misskey.shows(id, tags...) },
		func(id desk.ObjectID, tags []string) {
			forwards.Forward(s.forwardable("Create", id, tags...))
		},
		func(id desk.ObjectID, _ []string) { mutual.Announce(string(id)) },
		func(id desk.ObjectID, _ []string) { announce(string(id)) },
		func(id desk.ObjectID, _ []string) { boosts(string(id)) },
		func(id desk.ObjectID, tags []string) {
			stream.shows(id, tags...)
			channel.shows(id, tags...)
			if slices.Contains(tags, "acme") { // what they listen to
				told++
			}
		},
	}
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
			tells(who, in)
		}
		way := n % len(ways)
		if n%2 == 0 && way < 2 && len(tags) < 2 {
			unread = append(unread, string(id))
		}
		ways[way](id, tags)
		if n%50 == 49 {
			s.Advance(2 * time.Minute)
		}
	}
	s.Advance(6 * time.Hour)
	s.eventually("the streams to have told everything", func() bool {
		s.ok(s.desk.CountSources(ctx))
		return s.source(stream.id).Heard >= told && s.source(channel.id).Heard >= told
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

// announcer adds a source that is an actor, a group or a hashtag's, and returns what has
// it announce a post.
func (s *scene) announcer(kind string, spec app.SourceSpec) func(id string) {
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
	s.through(spec)
	got := p.Got()
	send(M{"@context": "https://www.w3.org/ns/activitystreams", "id": p.URL + "/accept", "type": "Accept", "actor": string(actor), "object": got[len(got)-1].Body})
	s.Settle()
	n := 0
	return func(id string) {
		n++
		send(M{"@context": "https://www.w3.org/ns/activitystreams", "id": fmt.Sprint(p.URL, "/announce/", n), "type": "Announce", "actor": string(actor),
			"to": []string{everybody}, "cc": []string{string(actor) + "/followers"}, "object": id})
	}
}

// friend is a server that was allowed to tell our relay what its people post. It returns
// what has one of them post something.
func (s *scene) friend() func(who string, in town.PostInput) {
	s.t.Helper()
	p := s.Peer()
	people := map[string]desk.ActorID{"ana": p.Person("ana", nil), "bob": p.Person("bob", M{"summary": "#nobots please"}), "weather": p.Person("weather", M{"type": "Service"})}
	s.through(app.SourceSpec{Kind: "listen-relay", Allow: []desk.Host{p.Actor.Host()}})
	n := 0
	return func(who string, in town.PostInput) {
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
	}
}
