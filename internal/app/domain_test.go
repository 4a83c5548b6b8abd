package app_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/bolt"
)

// limited is an instance that limits floods.
type limited struct {
	*app.App
	t     *testing.T
	clock *clock.Fake
}

func newLimited(t *testing.T) *limited {
	t.Helper()
	s, err := bolt.Open(ctx, filepath.Join(t.TempDir(), "earshot.db"), bolt.Options{})
	l := &limited{t: t, clock: clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	l.ok(err)
	t.Cleanup(func() { l.ok(s.Check()); l.ok(s.Close()) })
	l.App = app.New(app.Deps{Store: s, Clock: l.clock, Site: desk.Site{URL: "https://help.acme.example", HandleDomain: "acme.example"}, Log: quiet, Keys: noKeys{}, FloodLimits: true})
	_, err = l.AddDesk(ctx, app.By{}, desk.Desk{Handle: "help", Name: "ACME Help", Names: []string{"acme"}, Calls: []string{"fail"}})
	l.ok(err)
	return l
}

func (l *limited) ok(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// report has the n-th person of a host report.
func (l *limited) report(host string, n int) app.Result {
	l.t.Helper()
	who := desk.ActorID(fmt.Sprintf("https://%s/users/%d", host, n))
	r, err := l.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who, Inbox: string(who) + "/inbox"},
		Post: desk.Post{Object: desk.ObjectID(string(who) + "/notes/1"), Author: who, Text: "down", Tags: []string{"acme", "fail"}, Visibility: desk.VisibilityPublic, Published: l.Now()}})
	l.ok(err)
	return r
}

func (l *limited) opened(hosts func(n int) string, from, to int) (opened int) {
	l.t.Helper()
	for n := from; n < to; n++ {
		if l.report(hosts(n), n).Outcome == app.Opened {
			opened++
		}
	}
	return opened
}

func only(host string) func(int) string { return func(int) string { return host } }

// The limit of a new server is one of its registrable domain, and so is the room for
// posts that are held back.
func TestFloodOfOneDomain(t *testing.T) {
	l := newLimited(t)
	evil := func(n int) string { return fmt.Sprintf("s%d.evil.example", n%50) }
	if got := l.opened(evil, 0, 220); got != 20 {
		t.Errorf("50 hosts of one domain opened %d issues", got)
	}
	who := desk.ActorID("https://s51.evil.example/users/x")
	_, err := l.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who}, Post: desk.Post{Object: "https://s51.evil.example/n", Author: who, Text: "down", Tags: []string{"acme", "fail"}, Visibility: desk.VisibilityPublic}})
	if err == nil {
		t.Error("a further host of the domain has room for posts that are held back")
	}
	for _, customer := range []string{"ana.github.io", "ben.github.io"} {
		if got := l.opened(only(customer), 0, 25); got != 20 {
			t.Errorf("%s opened %d issues", customer, got)
		}
	}
	if got := l.opened(only("big.example"), 0, 20); got != 20 {
		t.Errorf("another server opened %d issues", got)
	}
}

// A host that was known before standings were of domains stays known, also if
// another host of its domain speaks first.
func TestStandingOfAHostStillCounts(t *testing.T) {
	l := newLimited(t)
	l.ok(l.Update(ctx, func(tx *app.Tx) error {
		return tx.Standings().Put(desk.Standing{Key: "social.big.example", Since: tx.Now.AddDate(0, -1, 0), People: 50, Answered: 3, Expires: tx.Now.AddDate(1, 0, 0)})
	}))
	known := func(h desk.Host) bool {
		known, err := l.KnowsHost(ctx, h)
		l.ok(err)
		return known
	}
	if known("www.big.example") || !known("social.big.example") {
		t.Error("only the host that was heard should be known yet")
	}
	l.report("www.big.example", 1)
	if got := l.opened(only("social.big.example"), 10, 110); got != 100 {
		t.Errorf("a known server opened %d issues", got)
	}
	for _, h := range []desk.Host{"social.big.example", "www.big.example", "big.example"} {
		if !known(h) {
			t.Errorf("%s is not known", h)
		}
	}
	for _, h := range []desk.Host{"big2.example", "example"} {
		if known(h) {
			t.Errorf("%s is known", h)
		}
	}
}

// A block of a domain holds at every door for the hosts below it, with any port.
func TestBlocksCoverSubdomains(t *testing.T) {
	l := newLimited(t)
	for n := range 21 {
		l.report("a.b.evil.example", n)
	}
	_, err := l.AddBlock(ctx, app.By{}, "Evil.example", "")
	l.ok(err)
	for host, want := range map[desk.Host]bool{"evil.example": true, "a.evil.example": true, "a.b.evil.example:8443": true, "evil.example:8443": true,
		"notevil.example": false, "evil.example.org": false, "example": false} {
		who := desk.ActorID("https://" + string(host) + "/users/ana")
		sender, _, err := l.TriageSender(ctx, who, "")
		l.ok(err)
		d, err := l.Triage(ctx, who, nil)
		l.ok(err)
		actor, err := l.Blocked(ctx, who)
		l.ok(err)
		var fetch, deliver bool
		l.ok(l.View(ctx, func(tx *app.Tx) error {
			if fetch, err = tx.BlockedHost(host); err != nil {
				return err
			}
			deliver, err = tx.Blocked("https://elsewhere.example/users/bo", host) // an inbox there
			return err
		}))
		for door, is := range map[string]bool{"before the key": sender, "inbox": d.Blocked, "documents": actor, "fetch": fetch, "deliver": deliver} {
			if is != want {
				t.Errorf("%s at %s: %t", host, door, is)
			}
		}
		if r, err := l.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who}, Post: desk.Post{Object: desk.ObjectID(who + "/n"), Author: who, Text: "down", Tags: []string{"acme", "fail"}, Visibility: desk.VisibilityPublic}}); err != nil || (r.Outcome == app.Dropped) != want {
			t.Errorf("%s: heard %+v, %v", host, r, err)
		}
	}
	held, _, err := l.Quarantine(ctx, store.QuarantineFilter{Host: "a.b.evil.example"}, store.Page{})
	l.ok(err)
	done, err := l.Release(ctx, app.By{}, app.Choice{Host: "a.b.evil.example"})
	l.ok(err)
	if len(held) != 1 || len(done.Opened) != 0 || done.Dropped != 1 {
		t.Errorf("of %d held back: %+v", len(held), done)
	}
}

// The quarantine is listed, released and dropped as it is rationed: a host stands for all
// of its registrable domain.
func TestQuarantineGoesByDomain(t *testing.T) {
	l := newLimited(t)
	hosts := []string{"a.evil.example", "b.evil.example", "evil.example", "ana.github.io", "ben.github.io", "notevil.example"}
	for n := range 40 * len(hosts) {
		l.report(hosts[n%len(hosts)], n)
	}
	count := func(h desk.Host) (n int) {
		for page := (store.Page{Limit: 7}); ; {
			posts, next, err := l.Quarantine(ctx, store.QuarantineFilter{Host: h}, page)
			l.ok(err)
			if len(posts) > 7 {
				t.Fatalf("a page of %d", len(posts))
			}
			if n += len(posts); next == "" {
				return n
			}
			page.After = next
		}
	}
	all, err := l.QuarantineCount(ctx)
	l.ok(err)
	evil, ana := count("evil.example"), count("ana.github.io")
	if evil < 100 || evil != count("b.evil.example") || ana == 0 || ana > 40 || ana+evil >= all {
		t.Fatalf("of %d held back, %d of evil.example, %d of b.evil.example, %d of ana.github.io", all, evil, count("b.evil.example"), ana)
	}
	dropped := 0
	for more := true; more; {
		done, err := l.Drop(ctx, app.By{}, app.Choice{Host: "a.evil.example"})
		l.ok(err)
		dropped, more = dropped+done.Dropped, done.More
	}
	if left, err := l.QuarantineCount(ctx); dropped != evil || left != all-evil || err != nil {
		t.Errorf("%d of %d were dropped, %d are left of %d, %v", dropped, evil, left, all, err)
	}
}
