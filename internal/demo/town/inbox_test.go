package town

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/internal/desk"
)

// post makes a signed request from one place to another, as signer says.
func signedPost(t *testing.T, from *place, signer, url string, body []byte, change func(*http.Request)) *http.Response {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", as.ContentType)
	a := from.people[signer]
	if err := httpsig.SignCavage(r, body, a.keyID(), a.key(), from.clock.Now()); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	return do(t, r)
}

func TestInboxRefuses(t *testing.T) {
	here, there, _ := twoTowns(t)
	ana, help := here.ActorOf("ana"), there.ActorOf("help")
	create := func(actor, author desk.ActorID, object string) []byte {
		return doc{"id": object + "/activity", "type": as.Create, "actor": actor, "to": []string{string(help)}, "object": doc{
			"id": object, "type": as.Note, "attributedTo": author, "content": "forged", "to": []string{string(help)}}}.bytes()
	}
	mine := string(ana) + "/posts/1"
	good := create(ana, ana, mine)
	tests := []struct {
		name   string
		path   string
		body   []byte
		change func(*http.Request)
		status int
	}{
		{"unsigned", "/inbox", good, func(r *http.Request) { r.Header.Del("Signature") }, 401},
		{"body changed", "/inbox", good, func(r *http.Request) {
			r.Body = http.NoBody
			r.ContentLength = 0
		}, 401},
		{"signature of another key", "/inbox", good, func(r *http.Request) {
			r.Header.Set("Signature", strings.Replace(r.Header.Get("Signature"), "users/ana", "users/bob", 1))
		}, 401},
		{"old", "/inbox", good, func(r *http.Request) { r.Header.Set("Date", noon.Add(-2*time.Hour).Format(http.TimeFormat)) }, 401},
		{"actor is not the signer", "/inbox", create(here.ActorOf("bob"), here.ActorOf("bob"), string(here.ActorOf("bob"))+"/posts/1"), nil, 401},
		{"author is not the signer", "/inbox", create(ana, here.ActorOf("bob"), mine), nil, 401},
		{"object on another host", "/inbox", create(ana, ana, string(help)+"/posts/1"), nil, 401},
		{"not ActivityPub", "/inbox", good, func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, 415},
		{"malformed", "/inbox", []byte(`{"type":`), nil, 400},
		{"too large", "/inbox", bytes.Repeat([]byte(" "), maxBody+1), nil, 413},
		{"nobody's inbox", "/users/nobody/inbox", good, nil, 404},
		{"good", "/users/help/inbox", good, nil, 202},
		{"good, again", "/inbox", good, nil, 202},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer := signedPost(t, here, "ana", there.base+test.path, test.body, test.change)
			if answer.StatusCode != test.status {
				t.Errorf("status %d, want %d: %s", answer.StatusCode, test.status, bodyOf(t, answer))
			}
			log := there.Arrivals()
			if last := log[len(log)-1]; last.Status != test.status || test.status != 202 && last.Reason == "" {
				t.Errorf("log: %+v", last)
			}
			_, ok := there.see("help", desk.ObjectID(mine))
			if ok != (test.status == 202) {
				t.Errorf("the post is there: %v", ok)
			}
		})
	}
}

func TestOnlyTheAuthorEditsAndDeletes(t *testing.T) {
	here, there, now := twoTowns(t)
	id := here.write("ana", PostInput{Text: "Mine " + there.handle("help")})
	settle(t, here, there)
	bob := here.ActorOf("bob")
	edit := func(author desk.ActorID, updated string) []byte {
		d := doc{"id": id, "type": as.Note, "attributedTo": author, "content": "edited", "to": []string{as.Public}}
		if updated != "" {
			d["updated"] = updated
		}
		return doc{"id": string(author) + "#" + updated, "type": as.Update, "actor": author, "object": d}.bytes()
	}
	later := stamp(noon.Add(time.Minute))
	tests := []struct {
		name, signer string
		body         []byte
		text         string
		deleted      bool
	}{
		{"edit by another", "bob", edit(bob, later), "Mine @help", false},
		{"delete by another", "bob", simple(desk.ActivityID(bob+"#d"), as.Delete, bob, id).bytes(), "Mine @help", false},
		{"edit without updated", "ana", edit(here.ActorOf("ana"), ""), "Mine @help", false},
		{"edit", "ana", edit(here.ActorOf("ana"), later), "edited", false},
		{"older edit", "ana", edit(here.ActorOf("ana"), stamp(noon.Add(time.Second))), "edited", false},
		{"delete", "ana", simple(desk.ActivityID(id+"#d"), as.Delete, here.ActorOf("ana"), id).bytes(), "", true},
	}
	now.Advance(2 * time.Minute)
	for _, test := range tests {
		signedPost(t, here, test.signer, there.base+"/inbox", test.body, nil)
		if m, _ := there.see("help", id); m.Text != test.text || m.Deleted != test.deleted {
			t.Errorf("%s: %+v", test.name, m)
		}
	}
}

func TestDeliveryIsRetriedInOrder(t *testing.T) {
	here, there, now := twoTowns(t)
	inbox := there.base + "/inbox"
	id := here.write("ana", PostInput{Text: "One " + there.handle("help")})
	there.Refuse(inbox, http.StatusBadGateway)
	settle(t, here, there)
	now.Advance(time.Second)
	here.must(here.Edit(context.Background(), "ana", id, "Two "+there.handle("help")))
	there.Refuse(inbox, 0)
	settle(t, here, there)
	if n, due := here.Pending(); n != 2 || len(there.Arrivals()) != 0 {
		t.Fatalf("%d jobs, next %v: the edit must wait for the post", n, due)
	}
	now.Advance(backoff[0])
	settle(t, here, there)
	if m, _ := there.see("help", id); m.Text != "Two @help" || !m.Edited {
		t.Errorf("%+v", m)
	}

	there.Refuse(inbox, http.StatusServiceUnavailable)
	here.write("ana", PostInput{Text: "Lost " + there.handle("help")})
	for range backoff {
		settle(t, here, there)
		if n, _ := here.Pending(); n != 1 {
			t.Fatal("given up too early")
		}
		_, due := here.Pending()
		now.Advance(due.Sub(now.Now()))
	}
	settle(t, here, there)
	if n, _ := here.Pending(); n != 0 {
		t.Error("never given up")
	}

	there.Refuse(inbox, http.StatusForbidden)
	here.write("ana", PostInput{Text: "Refused " + there.handle("help")})
	settle(t, here, there)
	if n, _ := here.Pending(); n != 0 {
		t.Error("a refusal is final")
	}
}

func TestRunDeliversAndStops(t *testing.T) {
	here, there, _ := twoTowns(t)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- here.Run(ctx) }()
	next := there.events.wait()
	here.write("ana", PostInput{Text: "Run " + there.handle("help")})
	select {
	case <-next:
	case <-time.After(2 * time.Minute):
		t.Error("nothing arrived")
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestKeysThatCannotBeHad(t *testing.T) {
	here, there, _ := twoTowns(t)
	ana := here.ActorOf("ana")
	body := simple(desk.ActivityID(ana+"#like"), as.Like, ana, there.ActorOf("help")).bytes()
	for _, test := range []struct{ refusal, want int }{{502, 503}, {404, 401}, {410, 401}, {0, 202}} {
		here.Refuse(string(ana), test.refusal)
		if got := signedPost(t, here, "ana", there.base+"/inbox", body, nil).StatusCode; got != test.want {
			t.Errorf("key answered with %d: status %d, want %d", test.refusal, got, test.want)
		}
	}
}
