package town

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/internal/desk"
)

// signedGet sends a GET that a person of a place signs; signer "" is the
// instance actor.
func signedGet(t *testing.T, from *place, signer, url string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", as.ContentType)
	a := from.instance
	if signer != "" {
		a = from.people[signer]
	}
	if err := httpsig.SignCavage(r, nil, a.keyID(), a.key(), from.clock.Now()); err != nil {
		t.Fatal(err)
	}
	return do(t, r)
}

func TestWhoMayGetAPost(t *testing.T) {
	here, there, _ := twoTowns(t)
	public := here.write("ana", PostInput{Text: "For all"})
	direct := here.write("ana", PostInput{Text: there.handle("help") + " for you", Visibility: desk.VisibilityDirect})
	deleted := here.write("ana", PostInput{Text: "Oops"})
	here.must(here.Delete("ana", deleted))
	settle(t, here, there)
	tests := []struct {
		name   string
		answer *http.Response
		status int
	}{
		{"public, unsigned", get(t, string(public), as.ContentType), 200},
		{"public, signed", signedGet(t, there, "", string(public)), 200},
		{"direct, unsigned", get(t, string(direct), as.ContentType), 404},
		{"direct, by the addressee", signedGet(t, there, "help", string(direct)), 200},
		{"direct, by another", signedGet(t, there, "mia", string(direct)), 404},
		{"deleted", get(t, string(deleted), as.ContentType), 410},
		{"unknown", get(t, string(public)+"x", as.ContentType), 404},
		{"actor", get(t, string(here.ActorOf("ana")), as.LDContentType), 200},
		{"outbox", get(t, string(here.ActorOf("ana"))+"/outbox", as.ContentType), 200},
		{"create", get(t, string(public)+"/activity", as.ContentType), 200},
	}
	for _, test := range tests {
		if test.answer.StatusCode != test.status {
			t.Errorf("%s: status %d, want %d", test.name, test.answer.StatusCode, test.status)
		}
	}
	here.SetSecureMode(true)
	for url, want := range map[string]int{
		string(public): 401, string(here.ActorOf("ana")): 401, string(here.TagActor("fail")): 401,
		string(here.instance.id): 200, here.base + "/nodeinfo/2.1": 200,
	} {
		if got := get(t, url, as.ContentType).StatusCode; got != want {
			t.Errorf("secure mode, unsigned: %s: %d, want %d", url, got, want)
		}
	}
	if got := signedGet(t, there, "", string(public)).StatusCode; got != 200 {
		t.Errorf("secure mode, signed: %d", got)
	}
	body := bodyOf(t, get(t, here.base+"/users/ana/outbox", as.ContentType))
	if strings.Contains(body, "for you") {
		t.Error("a direct post is in the outbox")
	}
}

func TestSecureTownsTalk(t *testing.T) {
	here, there, _ := twoTowns(t)
	here.SetSecureMode(true)
	there.SetSecureMode(true)
	id := here.write("ana", PostInput{Text: there.handle("help") + " down"})
	settle(t, here, there)
	there.write("help", PostInput{Text: here.handle("ana") + " since when?", InReplyTo: id})
	settle(t, here, there)
	if got := here.Thread("ana", id); len(got) != 2 {
		t.Errorf("thread: %+v", got)
	}
}

func TestRefuse(t *testing.T) {
	here, there, _ := twoTowns(t)
	ctx := context.Background()
	there.must(there.Follow(ctx, "help", here.TagActor("fail")))
	settle(t, here, there)
	for _, status := range []int{403, 404, 410} {
		id := here.write("ana", PostInput{Text: "not for everybody #fail"})
		here.Refuse(string(id), status)
		settle(t, here, there)
		if got := get(t, string(id), as.ContentType).StatusCode; got != status {
			t.Errorf("status %d, want %d", got, status)
		}
		if _, ok := there.see("help", id); ok {
			t.Errorf("%d: the post was taken although it was refused", status)
		}
	}
}

func TestDiscovery(t *testing.T) {
	here := build(t, nil, "ana", "weather*")
	for resource, want := range map[string]int{
		"acct:ana@" + string(here.host): 200, "acct:ANA@" + string(here.host): 200, string(here.ActorOf("ana")): 200,
		"acct:instance.actor@" + string(here.host): 200,
		"acct:ana@elsewhere.example":               404, "acct:two words@" + string(here.host): 404, "": 404,
	} {
		r, _ := http.NewRequest(http.MethodGet, here.base+"/.well-known/webfinger", nil)
		r.URL.RawQuery = "resource=" + strings.ReplaceAll(resource, " ", "%20")
		if got := do(t, r).StatusCode; got != want {
			t.Errorf("%q: %d, want %d", resource, got, want)
		}
	}
	bot, err := as.ParseActor([]byte(bodyOf(t, get(t, string(here.ActorOf("weather")), as.ContentType))))
	if err != nil || !bot.Bot || bot.Inbox == "" || bot.SharedInbox == "" || len(bot.Keys) != 1 {
		t.Errorf("bot: %+v, %v", bot, err)
	}
	tag, err := as.ParseActor([]byte(bodyOf(t, get(t, string(here.TagActor("Straße")), as.ContentType))))
	if err != nil || tag.ID != here.TagActor("strasse") {
		t.Errorf("tag: %+v, %v", tag, err)
	}
	if body := bodyOf(t, get(t, here.base+"/api/v2/instance", "*/*")); !strings.Contains(body, `"max_characters":5000`) {
		t.Errorf("instance: %s", body)
	}
	if body := bodyOf(t, get(t, here.base+"/nodeinfo/2.1", "*/*")); !strings.Contains(body, `"town"`) {
		t.Error(body)
	}
}
