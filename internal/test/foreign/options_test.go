package foreign

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// A desk's handle may live on another domain than its server.
func TestHandleOnAnotherDomain(t *testing.T) {
	gus := StartFedify(t, FedifyOptions{People: []Profile{{Name: "gus"}}}).Person("gus")
	domain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/webfinger" || r.URL.Query().Get("resource") != "acct:help@acme.example" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/jrd+json")
		fmt.Fprintf(w, `{"subject":"acct:help@acme.example","links":[{"rel":"self","type":"application/activity+json","href":%q}]}`, gus.ID)
	}))
	t.Cleanup(domain.Close)
	carla := StartFedify(t, FedifyOptions{Hosts: map[string]string{"acme.example": domain.Listener.Addr().String()}}).Person("carla")
	if found := carla.Lookup("@help@acme.example"); found.ID != gus.ID {
		t.Errorf("@help@acme.example is %s, want %s", found.ID, gus.ID)
	}
	if found, err := carla.TryLookup("@nobody@acme.example"); err == nil {
		t.Errorf("@nobody@acme.example is %s, want nothing", found.ID)
	}
}

// A server that is down when a post is sent gets it later with Retry, and only a failure is told without.
func TestRetry(t *testing.T) {
	for _, retry := range []bool{false, true} {
		t.Run(fmt.Sprint("retry ", retry), func(t *testing.T) {
			var tries atomic.Int32
			desk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/help":
					w.Header().Set("Content-Type", "application/activity+json")
					fmt.Fprintf(w, `{"@context":"https://www.w3.org/ns/activitystreams","type":"Organization","id":"http://%[1]s/help","preferredUsername":"help","inbox":"http://%[1]s/inbox"}`, r.Host)
				case r.Method == http.MethodPost && tries.Add(1) <= 2: // one attempt is two requests, one in each signature scheme
					http.Error(w, "back in a moment", http.StatusServiceUnavailable)
				default:
					w.WriteHeader(http.StatusAccepted)
				}
			}))
			t.Cleanup(desk.Close)
			carla := StartFedify(t, FedifyOptions{Retry: retry}).Person("carla")
			sent := carla.Post(Post{Text: "hello", Mentions: []string{desk.URL + "/help"}})
			if retry {
				Eventually(t, patience, func() (bool, string) { return tries.Load() == 3, "a second attempt" })
				if len(sent.Failures) != 0 {
					t.Errorf("a queued delivery told of failures: %v", sent.Failures)
				}
			} else if len(sent.Failures) != 1 || !strings.Contains(sent.Failures[0], "503") || tries.Load() != 2 {
				t.Errorf("failures %q after %d requests, want one 503 in both schemes", sent.Failures, tries.Load())
			}
		})
	}
}

// The actors that come with activitypub-bot: a group, a relay, and one that answers.
func TestActorsOfTheLibrary(t *testing.T) {
	bot := StartTagBot(t, TagBotOptions{})
	town := StartFedify(t, FedifyOptions{People: []Profile{{Name: "carla"}, {Name: "listener"}}})
	carla, listener := town.Person("carla"), town.Person("listener")
	for _, actor := range []string{bot.Group(), bot.Relay()} {
		follow := listener.Follow(actor)
		listener.Await(patience, "an Accept from "+actor, func(r Received) bool { return r.Is("Accept", actor, follow.Activity) })
	}
	if found := carla.Lookup(bot.Group()); found.Type != "Group" {
		t.Errorf("the group is a %s", found.Type)
	}

	post := carla.Post(Post{Text: "hello, are you there?", Mentions: []string{bot.Group(), bot.OK()}})
	listener.Await(patience, "the group's Announce", func(r Received) bool { return r.Is("Announce", bot.Group(), post.Object) })
	reply := carla.Await(patience, "an answer", func(r Received) bool { return r.RepliesTo(post.Object) })
	if reply.Actor != bot.OK() || !strings.Contains(reply.Object.Content, "OK") {
		t.Errorf("the answer is from %s: %q", reply.Actor, reply.Object.Content)
	}

	listener.Await(patience, "the relay following back", func(r Received) bool { return r.Is("Follow", bot.Relay(), listener.ID) })
	Eventually(t, patience, func() (bool, string) { return len(listener.Followers()) == 1, "the relay among listener's followers" })
}

func TestParseReport(t *testing.T) {
	report, err := parseReport([]byte(`{"result":{"outcome":"passed"},"test":{"slug":"b"}}` + "\n" +
		`{"result":{"outcome":"cantTell","info":"hm"},"test":{"slug":"a"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if bad := report.Bad(); len(bad) != 1 || bad[0].Slug != "a" || report.Count(Passed) != 1 || len(report.Cases) != 2 {
		t.Errorf("read as %+v", report)
	}
	for _, broken := range []string{"", "Error: no", `{"result":{}}`} {
		if _, err := parseReport([]byte(broken)); err == nil {
			t.Errorf("%q was read as a report", broken)
		}
	}
	skipped, err := notRun([]byte(`{"items":[{"slug":"c"},{"slug":"a"}]}`), report.Cases)
	if err != nil || len(skipped) != 1 || skipped[0] != "c" {
		t.Errorf("not run: %v, %v", skipped, err)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var said tail
	if _, err := io.WriteString(&said, strings.Repeat("a", logSize)+"end"); err != nil {
		t.Fatal(err)
	}
	if text := said.String(); len(text) != logSize || !strings.HasSuffix(text, "aend") {
		t.Errorf("kept %d bytes ending in %q", len(text), text[len(text)-4:])
	}
}
