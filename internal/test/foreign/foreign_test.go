package foreign

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const patience = 2 * time.Minute

// The two foreign implementations work together without us: what a test against the desk sees is then the desk's doing.
func TestTagBotAnnouncesToFedify(t *testing.T) {
	bot := StartTagBot(t, TagBotOptions{})
	town := StartFedify(t, FedifyOptions{People: []Profile{{Name: "carla"}, {Name: "listener"}}})
	carla, listener := town.Person("carla"), town.Person("listener")
	actor := bot.Tag("fail")

	follow := listener.Follow(actor)
	accept := listener.Await(patience, "an Accept of the Follow", func(r Received) bool { return r.Is("Accept", actor, follow.Activity) })
	if accept.Signature.Owner != actor || accept.Signature.KeyID != actor+"/publickey" || accept.Signature.VerifiedBy != "fedify" {
		t.Errorf("the Accept is signed %+v, want a key of %s", accept.Signature, actor)
	}

	byHand := carla.Post(Post{Text: "My line is dead #fail", Tags: []string{"fail", "acme"}})
	if !bot.Announce("fail", byHand.Object) {
		t.Error("the tag's actor did not announce a post it had not seen")
	}
	if bot.Announce("fail", byHand.Object) {
		t.Error("the tag's actor announced a post a second time")
	}
	heard := carla.Post(Post{Text: "Still dead #FAIL", Tags: []string{"FAIL"}, DeliverTo: []string{actor}})
	for _, post := range []Sent{byHand, heard} {
		announce := listener.Await(patience, "an Announce of "+post.Object, func(r Received) bool { return r.Is("Announce", actor, post.Object) })
		if announce.Signature.Owner != actor {
			t.Errorf("the Announce is signed by %s, want %s", announce.Signature.Owner, actor)
		}
		if len(post.Failures) > 0 {
			t.Errorf("deliveries failed: %v", post.Failures)
		}
	}

	carla.Edit(heard.Object, Edit{Text: "Works again", Tags: []string{}})
	listener.Await(patience, "an Undo after the tag was dropped", func(r Received) bool { return r.Is("Undo", actor, "") })
	if problems := town.Problems(); len(problems) > 0 {
		t.Errorf("Fedify met problems: %+v", problems)
	}
}

// Two servers on Fedify, once in each signature scheme: everything a test does as a person, seen from the other side.
func TestPersonToPerson(t *testing.T) {
	for _, scheme := range []Scheme{"", Cavage} {
		want := scheme
		if want == "" {
			want = RFC9421
		}
		t.Run("signed with "+string(want), func(t *testing.T) {
			carla := StartFedify(t, FedifyOptions{FirstKnock: scheme, People: []Profile{{Name: "carla"}, {Name: "dora"}}}).Person("carla")
			gus := StartFedify(t, FedifyOptions{People: []Profile{{Name: "gus", Summary: "<p>#nobot</p>", Bot: true}}}).Person("gus")

			found := carla.Lookup(gus.Handle)
			if found.ID != gus.ID || found.Type != "Service" || found.SharedInbox != gus.SharedInbox || len(found.PublicKeys) != 1 {
				t.Errorf("looking up %s found %+v", gus.Handle, found)
			}
			post := carla.Post(Post{Text: "is it you? <b>", Tags: []string{"fail"}, Mentions: []string{gus.ID}, Language: "en"})
			create := gus.Await(patience, "the post", func(r Received) bool { return r.Is("Create", carla.ID, post.Object) })
			if create.Signature.Scheme != want || create.Signature.Owner != carla.ID {
				t.Errorf("the post is signed %+v, want %s by %s", create.Signature, want, carla.ID)
			}
			if note := create.Object; note == nil || !note.Mentions(gus.ID) || note.Language != "en" || !strings.Contains(note.Content, "is it you? &lt;b&gt;") {
				t.Errorf("the post arrived as %+v", create.Object)
			}
			published := create.Object.Published
			carla.Edit(post.Object, Edit{Text: "it is"})
			update := gus.Await(patience, "the edit", func(r Received) bool { return r.Is("Update", carla.ID, post.Object) })
			if update.Object.Published != published || update.Object.Updated == "" || !strings.Contains(update.Object.Content, "it is") {
				t.Errorf("the edit arrived as %+v", update.Object)
			}

			reply := gus.Post(Post{Text: "between us", Visibility: Direct, Mentions: []string{carla.ID}, InReplyTo: post.Object})
			carla.Await(patience, "the reply", func(r Received) bool { return r.RepliesTo(post.Object) && r.ObjectID == reply.Object })
			carla.Lookup(reply.Object)
			if _, err := carla.f.Person("dora").TryLookup(reply.Object); err == nil {
				t.Error("a direct post was shown to a person it is not addressed to")
			}

			like := carla.Like(reply.Object)
			carla.Undo(like.Activity)
			gus.Await(patience, "the Like taken back", func(r Received) bool { return r.Is("Undo", carla.ID, like.Activity) })

			carla.Follow(gus.ID)
			Eventually(t, patience, func() (bool, string) { return len(gus.Followers()) == 1, "gus to have a follower" })
			carla.Unfollow(gus.ID)
			Eventually(t, patience, func() (bool, string) { return len(gus.Followers()) == 0, "gus to have none" })

			carla.Delete(post.Object)
			gus.Await(patience, "the Delete", func(r Received) bool { return r.Is("Delete", carla.ID, post.Object) })
			if status := get(t, post.Object); status != http.StatusGone {
				t.Errorf("a deleted post answers %d, want 410", status)
			}
		})
	}
}

// An activity that is unsigned, or signed by another actor, must not appear: tests that read
// Received rely on it.
func TestUnverifiedNeverCounts(t *testing.T) {
	town := StartFedify(t, FedifyOptions{})
	carla := town.Person("carla")
	forged := `{"@context":"https://www.w3.org/ns/activitystreams","type":"Create","id":"` + town.Origin + `/activities/1","actor":"` + carla.ID +
		`","to":"https://www.w3.org/ns/activitystreams#Public","object":{"type":"Note","id":"` + town.Origin + `/notes/1","attributedTo":"` + carla.ID + `","content":"x"}}`
	for _, inbox := range []string{carla.Inbox, carla.SharedInbox} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, inbox, strings.NewReader(forged))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/activity+json")
		request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
		request.Header.Set("Signature", `keyId="`+carla.ID+`#main-key",headers="(request-target) host date digest",signature="AAAA"`)
		if status := do(t, request); status != http.StatusUnauthorized {
			t.Errorf("a forged POST to %s was answered %d, want 401", inbox, status)
		}
	}
	if received := town.Received(); len(received) != 0 {
		t.Errorf("forged activities were counted: %+v", received)
	}
	if problems := town.Problems(); len(problems) == 0 {
		t.Error("the forged activities left no problem behind")
	}
}

func TestConformanceOfForeignActors(t *testing.T) {
	town := StartFedify(t, FedifyOptions{})
	report := RunConformance(t, town.Person("carla").ID)
	t.Logf("Fedify:\n%s", report)
	if report.Count(Passed) < 5 {
		t.Errorf("only %d cases pass for an actor served by Fedify", report.Count(Passed))
	}
	if bad := RunConformance(t, town.Origin+"/users/nobody").Bad(); len(bad) == 0 {
		t.Error("an actor that does not exist has no bad case")
	}
}

func get(t *testing.T, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/activity+json")
	return do(t, request)
}

func do(t *testing.T, request *http.Request) int {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}
