package fed_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/federation/resolve"
	"earshot/internal/server"
	"earshot/internal/test/fed"
)

// A wrong signature leads to a fresh look at the key it names; those are
// rationed for the key's host. Then nobody is told that they are wrong: what comes is
// verified later. What a known key fits is let in as ever.
func TestWrongSignaturesInTheNameOfAHost(t *testing.T) {
	t.Parallel()
	c, p, eve, _ := correspondent(t)
	wrong := func() (status int) {
		t.Helper()
		r := eve.Request(p.Site.SharedInbox(), encode(t, eve.Create(eve.Note(2, p.Site.Desk("help"), "x"))))
		r.Header.Set("Date", c.Clock.Now().Add(-time.Minute).Format(http.TimeFormat)) // not the signed bytes
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	for n := range resolve.DefaultRefetchBurst {
		if status := wrong(); status != http.StatusUnauthorized {
			t.Errorf("wrong signature %d: %d", n, status)
		}
	}
	if status := wrong(); status != http.StatusAccepted {
		t.Errorf("one more: %d", status)
	}
	if status, answer := eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(3, p.Site.Desk("help"), "mine"))); status != http.StatusAccepted {
		t.Errorf("her own: %d %s", status, answer)
	}
	c.Clock.Advance(resolve.DefaultRefetchEvery)
	if status := wrong(); status != http.StatusUnauthorized {
		t.Errorf("a while later: %d", status)
	}
	c.Clock.Advance(time.Hour)
	c.Settle()
	for _, v := range p.Issues() {
		if got := said(p.Show(v.Issue.ID)); strings.Contains(strings.Join(got, " "), "x") {
			t.Errorf("heard: %q", got)
		}
	}
}

// A deletion that names a key which is gone makes us ask whether its actor is
// gone too. Made-up deletions use up their sender's share, and a key of another
// server proves nothing.
func TestMadeUpDeletionsOfAccounts(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	c.Failed = server.NewFailures(c.Clock, nil)
	p, eve, mal := c.Provider(acme), c.Peer(), c.Peer()
	if status, _ := eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(1, p.Site.Desk("help"), "broken"))); status != http.StatusAccepted {
		t.Fatal(status)
	}
	c.Settle()
	body := encode(t, M{"type": "Delete", "actor": string(eve.Actor), "object": string(eve.Actor), "to": []string{everybody}})
	eve.ServeRaw("/users/left", http.StatusGone, "text/plain", nil)
	mal.ServeRaw("/users/left", http.StatusGone, "text/plain", nil)
	for _, tt := range []struct {
		keyID string
		most  int
	}{{mal.URL + "/users/left#main-key", 0}, {eve.URL + "/users/left#main-key", 60}} {
		eve.Asked()
		for range 100 {
			mal.Do(mal.RequestAs(tt.keyID, p.Site.SharedInbox(), body))
		}
		asked := 0
		for _, a := range eve.Asked() {
			if a == "GET /users/eve" {
				asked++
			}
		}
		if asked > tt.most {
			t.Errorf("by the key %s we were made to ask %d times, want at most %d", tt.keyID, asked, tt.most)
		}
	}
	c.Settle()
	if len(p.Issues()) != 1 || p.Only().Timeline[0].Post.Deleted {
		t.Error("the account was taken for deleted")
	}
}

// A request without a needed signature is refused, but does not count as a
// wrong signature: deliveries of the same address are as welcome as before.
func TestUnsignedRequestsAreNotHeldAgainstAnyone(t *testing.T) {
	t.Parallel()
	c := fed.New(t)
	c.SecureMode, c.Failed = true, server.NewFailures(c.Clock, nil)
	p, eve, mal := c.Provider(acme), c.Peer(), c.Peer()
	for range 100 {
		if status := get(t, string(p.Site.Desk("help"))+"/outbox"); status != http.StatusUnauthorized {
			t.Fatalf("an unsigned GET: %d", status)
		}
	}
	if status, answer := eve.Send(p.Site.SharedInbox(), eve.Create(eve.Note(1, p.Site.Desk("help"), "broken"))); status != http.StatusAccepted {
		t.Errorf("after that a delivery from the same address: %d %s", status, answer)
	}
	limited := 0
	for n := range 100 {
		if status, _ := mal.Do(mal.GetAs(fmt.Sprintf("%s/none/%d#main-key", mal.URL, n), string(p.Site.Desk("help"))+"/outbox")); status == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited == 0 {
		t.Error("wrong signatures are not limited")
	}
}
