package backup_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/backup"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/keyring"
	"earshot/store"
	"earshot/store/bolt"
	"earshot/store/postgres"
)

var ctx = context.Background()

// secret encrypts the keys of these tests.
const secret = "a secret of at least 32 characters"

var prepared = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// instance is one with a desk, its store and its file of deletions.
type instance struct {
	*app.App
	dir       string
	store     store.Store
	clock     *clock.Fake
	deletions *backup.DeletionFile
}

func openStore(t *testing.T, dir string) store.Store {
	t.Helper()
	s, err := bolt.Open(ctx, filepath.Join(dir, "earshot.db"), bolt.Options{})
	ok(t, err)
	return checked(t, s)
}

// openDatabase opens one more node of a database.
func openDatabase(t *testing.T, dsn string) store.Store {
	t.Helper()
	s, err := postgres.Open(ctx, dsn, postgres.Options{})
	ok(t, err)
	return checked(t, s)
}

// checked looks at the end whether a store is consistent, and closes it.
func checked(t *testing.T, s interface {
	store.Store
	Check() error
}) store.Store {
	t.Cleanup(func() {
		if err := s.Check(); err != nil {
			t.Errorf("the store is inconsistent: %v", err)
		}
		ok(t, s.Close())
	})
	return s
}

func newInstance(t *testing.T) *instance {
	t.Helper()
	dir := t.TempDir()
	return newInstanceIn(t, dir, openStore(t, dir))
}

func newInstanceIn(t *testing.T, dir string, s store.Store) *instance {
	t.Helper()
	c := clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	site, err := desk.NewSite("https://help.acme.example", "", false)
	ok(t, err)
	keys := keyring.New(s, c, site, secret)
	keys.NewKey = prepared
	ok(t, app.Init(ctx, s, c, site, keys))
	i := serve(t, dir, s, c, keys)
	_, err = i.AddDesk(ctx, app.By{}, desk.Desk{Handle: "help", Name: "ACME Help", Names: []string{"acme"}, Calls: []string{"fail"}})
	ok(t, err)
	return i
}

// serve does the program's steps before it serves.
func serve(t *testing.T, dir string, s store.Store, c *clock.Fake, keys *keyring.Keyring) *instance {
	t.Helper()
	made, err := app.LoadInstance(ctx, s)
	ok(t, err)
	log := slog.New(slog.DiscardHandler)
	bare := app.New(app.Deps{Store: s, Clock: c, Site: made.Site(), Log: log})
	ok(t, bare.PrepareDeletions(ctx))
	check, err := bare.DeletionCheck(ctx)
	ok(t, err)
	d, err := backup.OpenDeletions(filepath.Join(dir, "deletions"), check)
	ok(t, err)
	a := app.New(app.Deps{Store: s, Clock: c, Site: made.Site(), Log: log, Keys: keys, Deletions: d})
	_, err = a.CatchUpDeletions(ctx)
	ok(t, err)
	return &instance{App: a, dir: dir, store: s, clock: c, deletions: d}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func heard(who, name, words string, at time.Time) app.Heard {
	author := desk.ActorID("https://m.example/users/" + who)
	return app.Heard{Source: app.Inbox, Author: desk.Actor{ID: author, Acct: who + "@m.example", Name: who, Inbox: "https://m.example/inbox"},
		Post: desk.Post{Object: desk.ObjectID("https://m.example/notes/" + name), Author: author, Text: words, HTML: "<p>" + words + "</p>",
			Tags: []string{"acme", "fail"}, Visibility: desk.VisibilityPublic, Published: at}}
}

// hear has a report heard and returns its issue and its object.
func (i *instance) hear(t *testing.T, who, name, words string) (desk.IssueID, desk.ObjectID) {
	t.Helper()
	h := heard(who, name, words, i.clock.Now())
	r, err := i.Hear(ctx, h)
	ok(t, err)
	if r.Outcome != app.Opened {
		t.Fatalf("it was %s: %s", r.Outcome, r.Why)
	}
	return r.Issue, h.Post.Object
}

func (i *instance) backup(t *testing.T) []byte {
	t.Helper()
	made, err := app.LoadInstance(ctx, i.store)
	ok(t, err)
	var b bytes.Buffer
	_, err = backup.Write(ctx, &b, backup.Source{Store: i.store, Instance: made, Secret: secret, Version: "test", Now: i.clock.Now()})
	ok(t, err)
	return b.Bytes()
}

// restore restores into a folder that may hold a file of deletions.
func restore(t *testing.T, b []byte, dir string) (*instance, backup.Result) {
	t.Helper()
	return restoreTo(t, b, dir, openStore(t, dir))
}

func restoreTo(t *testing.T, b []byte, dir string, s store.Store) (*instance, backup.Result) {
	t.Helper()
	c := clock.NewFake(time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC))
	r, kept, err := load(b, dir, s, c)
	ok(t, err)
	if kept != secret {
		t.Errorf("the restored secret is %q", kept)
	}
	site, err := app.LoadInstance(ctx, s)
	ok(t, err)
	return serve(t, dir, s, c, keyring.New(s, c, site.Site(), kept)), r
}

func load(b []byte, dir string, s store.Store, c clock.Clock) (r backup.Result, kept string, err error) {
	f, err := backup.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return r, "", err
	}
	d, err := backup.OpenDeletions(filepath.Join(dir, "deletions"), "")
	if err != nil {
		return r, "", err
	}
	r, err = backup.Restore(ctx, f, backup.Target{Store: s, Deletions: d, Clock: c, Log: slog.New(slog.DiscardHandler),
		KeySecret: func(s string) error { kept = s; return nil }})
	return r, kept, err
}

// words returns everything there is to read in an issue.
func (i *instance) words(t *testing.T, id desk.IssueID) string {
	t.Helper()
	v, err := i.ShowIssue(ctx, id)
	ok(t, err)
	out := v.Issue.Excerpt
	for _, e := range v.Timeline {
		if e.Post != nil {
			out += " " + e.Post.Text + e.Post.HTML
		}
	}
	found, _, err := i.ListIssues(ctx, app.ListInput{Search: "broken"})
	ok(t, err)
	return fmt.Sprintf("%s; found: %d", out, len(found))
}
