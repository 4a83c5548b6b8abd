package fed_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
)

var hashtag = regexp.MustCompile(`#\w+`)

// A thousand posts around the rule, each through one kind of source: nothing opens an
// issue, and no word of theirs is kept. Every second one is told of with both keys, so
// that it is fetched; the others with their own tags.
func TestThousandPostsThroughEveryKind(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	crowd := append(people(), town.Person{Username: "weather", Name: "Weather", Bot: true})
	s := &scene{Cluster: c, t: t, desk: c.Provider(acme), town: c.Town(crowd...)}
	s.ok(s.town.SetBio("bob", "#nobots please"))
	timeline, misskey := s.ask("timeline"), s.ask("misskey")
	forwards, mutual := s.relay(), s.relay()
	s.through(app.SourceSpec{Kind: "relay", URL: forwards.peer.URL + "/inbox"})
	s.through(app.SourceSpec{Kind: "relay-litepub", URL: mutual.Actor})
	announce := s.group()
	ways := []func(id desk.ObjectID, tags []string){
		func(id desk.ObjectID, tags []string) { timeline.shows(id, tags...) },
		func(id desk.ObjectID, tags []string) { misskey.shows(id, tags...) },
		func(id desk.ObjectID, tags []string) {
			forwards.Forward(s.forwardable("Create", id, tags...))
		},
		func(id desk.ObjectID, _ []string) { mutual.Announce(string(id)) },
		func(id desk.ObjectID, _ []string) { announce(string(id)) },
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

// group follows a group, and returns what has it announce a post.
func (s *scene) group() func(id string) {
	s.t.Helper()
	p := s.Peer()
	actor := p.Person("net", M{"type": "Group"})
	inbox := string(s.desk.Site.Desk("help")) + "/inbox"
	send := func(activity M) {
		body, err := json.Marshal(activity)
		s.ok(err)
		p.Do(p.RequestAs(string(actor)+"#main-key", inbox, body))
	}
	s.through(app.SourceSpec{Kind: "group", URL: string(actor), Desk: "help"})
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
