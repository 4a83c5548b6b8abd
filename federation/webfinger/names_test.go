package webfinger

import (
	"context"
	"fmt"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// A name is asked for once in a while and not for every post; a newly claimed
// name is asked for at once, and an unconfirmed one is forgotten soon.
func TestNamesAreRemembered(t *testing.T) {
	own, victim := newDomain(t), newDomain(t)
	now := clock.NewFake(time.Now())
	client := safehttp.New(safehttp.Options{AllowPrivate: true, Timeout: 5 * time.Second})
	t.Cleanup(client.CloseIdle)
	c := NewClient(client, now, safehttp.HostPolicy{Site: site})
	alice := &as.Actor{ID: desk.ActorID(own.URL + "/users/alice"), PreferredUsername: "alice"}
	claims := *alice
	claims.Webfinger = victim.acct("alice")
	given := func(a *as.Actor, times int, want string, ofOwn, ofVictim int) {
		t.Helper()
		own.asked, victim.asked = nil, nil
		for range times {
			if got := c.Acct(ctx, a); got != want {
				t.Errorf("named %s, want %s", got, want)
			}
		}
		if len(own.asked) != ofOwn || len(victim.asked) != ofVictim {
			t.Errorf("asked %v and %v, want %d and %d", own.asked, victim.asked, ofOwn, ofVictim)
		}
	}
	given(alice, 20, own.acct("alice"), 1, 0) // nobody confirms it
	own.answer(own.acct("alice"), own.acct("Alice"), string(alice.ID))
	given(alice, 1, own.acct("alice"), 0, 0)
	now.Advance(unconfirmedFor)
	given(alice, 20, own.acct("Alice"), 1, 0)
	given(&claims, 20, own.acct("Alice"), 1, 1)
	now.Advance(namedFor - time.Second)
	given(alice, 1, own.acct("Alice"), 0, 0)
	now.Advance(time.Second)
	given(alice, 1, own.acct("Alice"), 1, 0)
}

// A search that we gave up ourselves says nothing.
func TestAbandonedSearchIsNotRemembered(t *testing.T) {
	d := newDomain(t)
	d.answer(d.acct("alice"), d.acct("Alice"), d.URL+"/users/alice")
	c := newClient(t, nil)
	alice := &as.Actor{ID: desk.ActorID(d.URL + "/users/alice"), PreferredUsername: "alice"}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	c.Acct(gone, alice)
	if got := c.Acct(ctx, alice); got != d.acct("Alice") {
		t.Errorf("named %s", got)
	}
}

func TestNamesAreBounded(t *testing.T) {
	n := newNames(clock.NewFake(time.Now()))
	for k := range maxNames + 10 {
		n.put(fmt.Sprint(k), "a", time.Hour)
	}
	if got := n.lru.Len(); got != maxNames {
		t.Errorf("%d names are remembered, want %d", got, maxNames)
	}
}
