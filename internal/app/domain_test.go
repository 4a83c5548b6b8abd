package app_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
	"earshot/store/bolt"
)

// limited is an instance that limits floods.
type limited struct {
	*app.App
	drops *drop.Log
	t     *testing.T
	clock *clock.Fake
}

func newLimited(t *testing.T) *limited { return newLimitedTo(t, desk.Room{}) }

func newLimitedTo(t *testing.T, room desk.Room) *limited {
	t.Helper()
	s, err := bolt.Open(ctx, filepath.Join(t.TempDir(), "earshot.db"), bolt.Options{})
	l := &limited{t: t, clock: clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	l.drops = drop.NewLog(l.clock.Now())
	l.ok(err)
	t.Cleanup(func() { l.ok(s.Check()); l.ok(s.Close()) })
	l.App = app.New(app.Deps{Store: s, Clock: l.clock, Site: desk.Site{URL: "https://help.acme.example", HandleDomain: "acme.example"}, Log: quiet, Keys: noKeys{}, FloodLimits: true, Room: room, Drops: l.drops})
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
	r, err := l.try(host, n, "down")
	l.ok(err)
	return r
}

func (l *limited) try(host string, n int, text string) (app.Result, error) {
	who := desk.ActorID(fmt.Sprintf("https://%s/users/%d", host, n))
	return l.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who, Inbox: string(who) + "/inbox"},
		Post: desk.Post{Object: desk.ObjectID(string(who) + "/notes/1"), Author: who, Text: text, Tags: []string{"acme", "fail"}, Visibility: desk.VisibilityPublic, Published: l.Now()}})
}

func (l *limited) opened(hosts func(n int) string, from, to int) (opened int) {
	l.t.Helper()
	for n := from; n < to; n++ {
		r, err := l.try(hosts(n), n, "down")
		if err != nil && !errors.Is(err, app.ErrNoRoom) {
			l.t.Fatal(err)
		}
		if r.Outcome == app.Opened {
			opened++
		}
	}
	return opened
}

func only(host string) func(int) string { return func(int) string { return host } }

// taken is the room that the open issues of a domain take, and those of all strangers.
func (l *limited) taken(of string) (domain, strangers desk.Standing) {
	l.t.Helper()
	l.ok(l.View(ctx, func(tx *app.Tx) (err error) {
		if domain, _, err = tx.Standings().Get(of); err != nil {
			return err
		}
		strangers, _, err = tx.Standings().Get(desk.Strangers)
		return err
	}))
	return domain, strangers
}

func (l *limited) replyTo(i desk.IssueID) {
	l.t.Helper()
	post, err := l.Reply(ctx, app.By{}, app.ReplyInput{Issue: i, Text: "We look at it."})
	l.ok(err)
	l.clock.Advance(time.Minute)
	l.ok(l.Update(ctx, func(tx *app.Tx) error { _, _, err := tx.PublishPost(post.ID); return err }))
}

// The room of a server is one of its registrable domain; others have theirs.
func TestRoomOfOneDomain(t *testing.T) {
	l := newLimitedTo(t, desk.Room{Issues: 1000, Domain: 30})
	evil := func(n int) string { return fmt.Sprintf("s%d.evil.example", n%50) }
	if got := l.opened(evil, 0, 220); got != 30 {
		t.Errorf("50 hosts of one domain opened %d issues", got)
	}
	for _, customer := range []string{"ana.github.io", "ben.github.io", "big.example"} {
		if got := l.opened(only(customer), 0, 31); got != 30 {
			t.Errorf("%s opened %d issues", customer, got)
		}
	}
}

// All domains that nobody here has answered share half of the room. The one with the
// most is refused first, and one that was answered has its own.
func TestRoomOfStrangers(t *testing.T) {
	l := newLimitedTo(t, desk.Room{Issues: 100, Domain: 40})
	if got := l.opened(only("evil.example"), 0, 40); got != 25 { // as many as are left
		t.Errorf("a domain opened %d issues", got)
	}
	if got := l.opened(only("small.example"), 0, 3); got != 3 {
		t.Errorf("another one opened %d issues", got)
	}
	first := l.report("big.example", 0)
	l.replyTo(first.Issue)
	if got := l.opened(only("big.example"), 1, 46); got != 45 {
		t.Errorf("a domain that was answered opened %d issues", got)
	}
	of, all := l.taken("big.example")
	if of.Open != 46 || all.Open != 28 || all.OpenBytes == 0 {
		t.Errorf("%d are open of the answered domain, %d of strangers with %d bytes", of.Open, all.Open, all.OpenBytes)
	}
}

// A closed or merged issue takes no room, and opened again it does.
func TestRoomIsFreedAndTaken(t *testing.T) {
	l := newLimited(t)
	var issues []desk.IssueID
	for n := range 3 {
		issues = append(issues, l.report("a.example", n).Issue)
	}
	want := func(open int) {
		t.Helper()
		of, all := l.taken("a.example")
		if of.Open != open || all.Open != open || (of.OpenBytes > 0) != (open > 0) || all.OpenBytes != of.OpenBytes {
			t.Errorf("%d issues are open with %d bytes, of all strangers %d with %d bytes; want %d", of.Open, of.OpenBytes, all.Open, all.OpenBytes, open)
		}
	}
	want(3)
	_, err := l.SetStatus(ctx, app.By{}, app.StatusInput{Issue: issues[0], Change: desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotACall}})
	l.ok(err)
	want(2)
	_, err = l.Merge(ctx, app.By{}, app.MergeInput{Into: issues[1], Issue: issues[2]})
	l.ok(err)
	want(1)
	_, err = l.SetStatus(ctx, app.By{}, app.StatusInput{Issue: issues[0], Change: desk.StatusChange{To: desk.StatusAcknowledged}})
	l.ok(err)
	want(2)
	l.clock.Advance(400 * 24 * time.Hour)
	l.ok(l.Update(ctx, func(tx *app.Tx) error { _, err := tx.Standings().Expire(tx.Now, 1000); return err }))
	want(2)
	_, err = l.SetStatus(ctx, app.By{}, app.StatusInput{Issue: issues[0], Change: desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotACall}})
	l.ok(err)
	_, err = l.SetStatus(ctx, app.By{}, app.StatusInput{Issue: issues[1], Change: desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNotACall}})
	l.ok(err)
	want(0)
}

// A host that was known before standings were of domains stays known, also if
// another host of its domain speaks first.
func TestStandingOfAHostStillCounts(t *testing.T) {
	l := newLimitedTo(t, desk.Room{Issues: 100, Domain: 10})
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
	if got := l.opened(only("social.big.example"), 10, 50); got != 40 {
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
	l.report("a.b.evil.example", 1)
	l.shout("a.b.evil.example", 2)
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

// shout has the n-th person of a host mention strangers beside the desk.
func (l *limited) shout(host string, n int) app.Result {
	l.t.Helper()
	who := desk.ActorID(fmt.Sprintf("https://%s/users/%d", host, n%997))
	r, err := l.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who, Inbox: string(who) + "/inbox"},
		Post: desk.Post{Object: desk.ObjectID(fmt.Sprintf("https://%s/notes/%d", host, n)), Author: who, Text: "@help @you look!!!", Visibility: desk.VisibilityPublic, Published: l.Now(),
			Mentions: []desk.ActorID{l.Site().Desk("help"), "https://stranger.example/users/you"}}})
	l.ok(err)
	if r.Outcome != app.HeldBack && r.Outcome != app.Dropped {
		l.t.Fatalf("a post of %s that mentions strangers: %+v", host, r)
	}
	return r
}

// fill holds back so many reports of each of so many domains, as a wave does.
func (l *limited) fill(domains, each int) {
	l.t.Helper()
	l.ok(l.Update(ctx, func(tx *app.Tx) error {
		for d := range domains {
			for n := range each {
				q := desk.Quarantined{Object: desk.ObjectID(fmt.Sprintf("https://s%d.evil%d-%d.example/notes/%d", n%50, each, d, n)), Since: tx.Now, Flood: desk.SpamStrangers}
				q.Author.ID = desk.ActorID(fmt.Sprintf("https://s%d.evil%d-%d.example/users/%d", n%50, each, d, n))
				if err := tx.Quarantine().Put(q); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// A sender who fills the quarantine takes a place from nobody else: the oldest of the
// same person leaves, of the same domain, or of the domain with the most.
func TestHeldBackIsShared(t *testing.T) {
	l := newLimited(t)
	l.shout("quiet.example", 1)
	l.fill(3, 210)
	held := func(f store.QuarantineFilter) (n int) {
		for page := (store.Page{}); ; {
			posts, next, err := l.Quarantine(ctx, f, page)
			l.ok(err)
			if n += len(posts); next == "" {
				return n
			}
			page.After = next
		}
	}
	for n := range 5 {
		r := l.shout("s7.evil210-1.example", n)
		if want := []int{11, 1, 1, 1, 1}[n]; len(r.PushedOut) != want || r.PushedOut[0].Domain() != "evil210-1.example" {
			t.Errorf("report %d pushed out %v", n, r.PushedOut)
		}
	}
	if quiet, evil := held(store.QuarantineFilter{Host: "quiet.example"}), held(store.QuarantineFilter{Host: "evil210-1.example"}); quiet != 1 || evil != 200 {
		t.Errorf("%d are held back of a quiet domain, %d of another", quiet, evil)
	}
	for n := range 40 {
		l.ok(l.Update(ctx, func(tx *app.Tx) error { return tx.Standings().Put(desk.Standing{Key: "https://loud.example/users/0"}) })) // no limit of the person
		l.shout("loud.example", 997*n)
	}
	if loud := held(store.QuarantineFilter{Actor: "https://loud.example/users/0"}); loud != 20 {
		t.Errorf("%d are held back of one person", loud)
	}
	l.fill(900, 1)
	l.fill(8, 60)
	for n := range 10 {
		l.shout(fmt.Sprintf("late%d.example", n), n)
	}
	all, err := l.QuarantineCount(ctx)
	l.ok(err)
	if quiet, evil := held(store.QuarantineFilter{Host: "quiet.example"}), held(store.QuarantineFilter{Host: "evil210-0.example"}); all != app.QuarantineMost || quiet != 1 || evil >= 200 || held(store.QuarantineFilter{Host: "late9.example"}) != 1 {
		t.Errorf("of %d held back, %d are of a quiet domain, %d of one with many", all, quiet, evil)
	}
}

// The quarantine is listed, released and dropped as it is rationed: a host stands for all
// of its registrable domain.
func TestQuarantineGoesByDomain(t *testing.T) {
	l := newLimited(t)
	hosts := []string{"a.evil.example", "b.evil.example", "evil.example", "ana.github.io", "ben.github.io", "notevil.example"}
	for n := range 40 * len(hosts) {
		l.shout(hosts[n%len(hosts)], n)
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
	if evil != 120 || evil != count("b.evil.example") || ana != 40 || ana+evil >= all {
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

// However issues are opened, answered, closed, merged, undone and released: the counts
// of the room are those of the issues.
func TestRoomCountsAgree(t *testing.T) {
	l := newLimitedTo(t, desk.Room{Issues: 40, Domain: 5})
	hosts := []string{"a.one.example", "b.one.example", "two.example", "three.example"}
	r := rand.New(rand.NewPCG(1, 2))
	var issues []desk.IssueID
	tried := map[string]int{}
	for step := range 300 {
		l.clock.Advance(time.Minute)
		one := func() desk.IssueID { return issues[r.IntN(len(issues))] }
		var err error
		what := ""
		switch kind := r.IntN(12); {
		case kind < 5 || len(issues) < 3:
			what = "open"
			var heard app.Result
			if heard, err = l.try(hosts[r.IntN(len(hosts))], step, "down"+strings.Repeat("!", r.IntN(200))); heard.Outcome == app.Opened {
				issues = append(issues, heard.Issue)
			}
			if errors.Is(err, app.ErrNoRoom) {
				what, err, heard = "refuse", nil, app.Result{}
			}
		case kind < 7:
			what = "close"
			_, err = l.SetStatus(ctx, app.By{}, app.StatusInput{Issue: one(), Change: desk.StatusChange{To: desk.StatusClosed, Reason: desk.ReasonNoAnswer}})
		case kind == 7:
			what = "reopen"
			_, err = l.SetStatus(ctx, app.By{}, app.StatusInput{Issue: one(), Change: desk.StatusChange{To: desk.StatusInProgress}})
		case kind == 8:
			what = "merge"
			_, err = l.Merge(ctx, app.By{}, app.MergeInput{Into: one(), Issue: one()})
		case kind == 9 && step > 100:
			what = "spam"
			_, err = l.Spam(ctx, app.By{}, app.SpamInput{Issue: one(), Alike: r.IntN(4) == 0})
		case kind == 10 && step > 200:
			what = "release"
			_, err = l.Release(ctx, app.By{}, app.Choice{Host: desk.Host(hosts[r.IntN(2)])})
		case kind == 11 && step > 100:
			what = "answer"
			var post desk.Post
			if post, err = l.Reply(ctx, app.By{}, app.ReplyInput{Issue: one(), Text: "We look at it."}); err == nil {
				l.clock.Advance(time.Minute)
				err = l.Update(ctx, func(tx *app.Tx) error { _, _, err := tx.PublishPost(post.ID); return err })
			}
		}
		if code := desk.ErrorCode(err); err != nil && code != desk.CodeConflict && code != desk.CodeInvalid && code != desk.CodeForbidden {
			t.Fatalf("step %d, %s: %v", step, what, err)
		}
		if err == nil {
			tried[what]++
		}
		l.sameRoom()
		if t.Failed() {
			t.Fatalf("after step %d, %s", step, what)
		}
	}
	for _, what := range []string{"open", "refuse", "close", "reopen", "merge", "spam", "release", "answer"} {
		if tried[what] == 0 {
			t.Errorf("never tried: %s (%v)", what, tried)
		}
	}
}

// sameRoom counts what the issues take.
func (l *limited) sameRoom() {
	l.t.Helper()
	type room struct{ open, bytes int }
	want := map[string]room{}
	l.ok(l.View(ctx, func(tx *app.Tx) error {
		err := store.EachPage(func(p store.Page) (string, error) {
			issues, next, err := tx.Issues().List(store.IssueFilter{}, p)
			for _, i := range issues {
				if of, bytes := i.Takes(); of != "" {
					r := want[string(of)]
					want[string(of)] = room{r.open + 1, r.bytes + bytes}
				}
			}
			return next, err
		})
		strangers := room{}
		for _, d := range []string{"one.example", "two.example", "three.example"} {
			s, _, err := tx.Standings().Get(d)
			if err != nil {
				return err
			}
			if got := (room{s.Open, s.OpenBytes}); got != want[d] {
				l.t.Errorf("%s: counted %v, there are %v", d, got, want[d])
			}
			if !s.Trusted() {
				strangers.open += s.Open
				strangers.bytes += s.OpenBytes
			}
		}
		all, _, err2 := tx.Standings().Get(desk.Strangers)
		if got := (room{all.Open, all.OpenBytes}); got != strangers {
			l.t.Errorf("strangers: counted %v, there are %v", got, strangers)
		}
		return errors.Join(err, err2)
	}))
}
