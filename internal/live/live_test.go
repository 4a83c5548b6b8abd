package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/test/pg"
	"earshot/store"
	"earshot/store/bolt"
	"earshot/store/postgres"
)

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// node is a process on a store: it makes changes, and follows what happens.
type node struct {
	*Hub
	app   *app.App
	clock *clock.Fake
}

func newNode(t *testing.T, s store.Store) *node {
	t.Helper()
	c := clock.NewFake(began)
	n := &node{Hub: New(s, c, slog.New(slog.DiscardHandler)), clock: c,
		app: app.New(app.Deps{Store: s, Clock: c, Site: desk.Site{URL: "https://help.acme.example", HandleDomain: "acme.example"}, Log: slog.New(slog.DiscardHandler)})}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = n.Run(ctx) }() // it ends as it is told to
	t.Cleanup(func() { stop(); <-ended })
	return n
}

// issue makes something to talk about.
func (n *node) issue(t *testing.T) desk.IssueID {
	t.Helper()
	err := n.app.Update(t.Context(), func(tx *app.Tx) error {
		_, err := tx.Issues().Add(desk.Issue{ID: "i", Desk: "help", Status: desk.StatusNew, Report: "https://m.example/1", OpenedAt: began, UpdatedAt: began})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return "i"
}

func (n *node) comment(t *testing.T, text string) {
	t.Helper()
	if _, err := n.app.Comment(t.Context(), app.By{Agent: "bo@acme.example"}, "i", text); err != nil {
		t.Fatal(err)
	}
}

func (n *node) follow(t *testing.T, after string) *Follower {
	t.Helper()
	f, err := n.Follow(t.Context(), after)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func next(t *testing.T, f *Follower) Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	e, err := f.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func oneFile(t *testing.T) []store.Store {
	t.Helper()
	s, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "earshot.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return []store.Store{s, s}
}

// twoNodes are two on one database.
func twoNodes(t *testing.T) (out []store.Store) {
	t.Helper()
	dsn := pg.Start(t).Database(t)
	for range 2 {
		s, err := postgres.Open(t.Context(), dsn, postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		out = append(out, s)
	}
	return out
}

func onBoth(t *testing.T, test func(t *testing.T, here, there *node)) {
	for name, open := range map[string]func(*testing.T) []store.Store{"bolt": oneFile, "postgres": twoNodes} {
		t.Run(name, func(t *testing.T) {
			stores := open(t)
			test(t, newNode(t, stores[0]), newNode(t, stores[1]))
		})
	}
}

// A change on one node reaches followers of both, once and in the same order,
// and a follower of one can go on at the other.
func TestFollow(t *testing.T) {
	onBoth(t, func(t *testing.T, here, there *node) {
		here.issue(t)
		a, b := here.follow(t, ""), there.follow(t, "")
		const many = 20
		for n := range many {
			[]*node{here, there}[n%2].comment(t, fmt.Sprint(n))
		}
		var ids []string
		for range many {
			e, f := next(t, a), next(t, b)
			if e.ID != f.ID || e.Kind != store.ChangeIssue || e.Entry != desk.KindComment || e.Issue != "i" {
				t.Fatalf("%+v and %+v", e, f)
			}
			ids = append(ids, e.ID)
		}
		c := there.follow(t, ids[4])
		here.comment(t, "and one more")
		for _, want := range append(ids[5:], next(t, a).ID) {
			if got := next(t, c).ID; got != want {
				t.Fatalf("%s, want %s", got, want)
			}
		}
	})
}

// A follower who does not know the log, or is too far behind, must start again.
func TestUnknownOrLateFollowerStartsAgain(t *testing.T) {
	here := newNode(t, oneFile(t)[0])
	here.issue(t)
	f := here.follow(t, "")
	here.comment(t, "one")
	first := next(t, f).ID
	for _, unknown := range []string{"x", "00", first + "x", "ffffffffffffffff-123456789012", first[:16] + "-000000000000"} {
		if _, err := here.Follow(t.Context(), unknown); !errors.Is(err, ErrBehind) {
			t.Errorf("%s: %v", unknown, err)
		}
	}
	slow := here.follow(t, "")
	for n := range buffered + 2 {
		here.comment(t, fmt.Sprint(n))
		next(t, f) // the hub has handed it out
	}
	got := 0
	for {
		_, err := slow.Next(t.Context())
		if errors.Is(err, ErrBehind) {
			break
		}
		if got++; err != nil || got > buffered {
			t.Fatalf("%d, %v", got, err)
		}
	}
	here.clock.Advance(48 * time.Hour)
	if err := here.app.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := here.Follow(t.Context(), first); !errors.Is(err, ErrBehind) {
		t.Errorf("an event that is no longer in the log: %v", err)
	}
}

// Nobody is in more places than they can be: the first are forgotten.
func TestPresenceIsBounded(t *testing.T) {
	n := newNode(t, oneFile(t)[0])
	f := n.follow(t, "")
	at := func(i int) desk.IssueID { return desk.IssueID(fmt.Sprint("i", i)) }
	for i := range 2 * maxPlaces {
		err := n.app.Update(t.Context(), func(tx *app.Tx) error {
			_, err := tx.Issues().Add(desk.Issue{ID: at(i), Desk: "help", Status: desk.StatusNew, Report: desk.ObjectID("https://m.example/" + at(i)), OpenedAt: began, UpdatedAt: began})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		n.clock.Advance(time.Second)
		if err := n.app.Attend(t.Context(), app.By{Agent: "bo@acme.example"}, at(i), app.PresenceReading); err != nil {
			t.Fatal(err)
		}
		next(t, f)
	}
	for i := range 2 * maxPlaces {
		if here := len(n.Present(at(i))) == 1; here != (i >= maxPlaces) {
			t.Errorf("at the issue %d: %v", i, here)
		}
	}
}

// Presence is known on both nodes, and forgotten by itself.
func TestPresence(t *testing.T) {
	onBoth(t, func(t *testing.T, here, there *node) {
		i := here.issue(t)
		f := there.follow(t, "")
		say := func(agent desk.Email, p app.Presence) {
			t.Helper()
			if err := here.app.Attend(t.Context(), app.By{Agent: agent}, i, p); err != nil {
				t.Fatal(err)
			}
			if e := next(t, f); e.Kind != store.ChangePresence || e.State != string(p) {
				t.Fatalf("%+v", e)
			}
		}
		say("bo@acme.example", app.PresenceReading)
		say("ana@acme.example", app.PresenceReading)
		say("ana@acme.example", app.PresenceWriting)
		if got := there.Present(i); len(got) != 2 || got[0].Agent != "ana@acme.example" || got[0].State != app.PresenceWriting || got[1].State != app.PresenceReading {
			t.Errorf("%+v", got)
		}
		say("bo@acme.example", app.PresenceLeft)
		if got := there.Present(i); len(got) != 1 {
			t.Errorf("%+v", got)
		}
		there.clock.Advance(app.PresenceFor)
		if got := there.Present(i); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		if err := here.app.Attend(t.Context(), app.By{Agent: "bo@acme.example"}, "none", app.PresenceReading); desk.ErrorCode(err) != desk.CodeNotFound {
			t.Error(err)
		}
	})
}
