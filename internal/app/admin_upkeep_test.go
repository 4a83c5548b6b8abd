package app_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
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

var (
	ctx   = context.Background()
	quiet = slog.New(slog.DiscardHandler)
)

// house is the use cases over a store of their own.
type house struct {
	*app.App
	t     *testing.T
	path  string
	store *bolt.Store
	clock *clock.Fake
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, path: filepath.Join(t.TempDir(), "earshot.db"), clock: clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	var err error
	h.store, err = bolt.Open(ctx, h.path, bolt.Options{})
	h.ok(err)
	t.Cleanup(func() {
		if err := h.store.Check(); err != nil {
			t.Errorf("the store is inconsistent: %v", err)
		}
		h.ok(h.store.Close())
	})
	h.App = app.New(app.Deps{Store: h.store, Clock: h.clock, Site: desk.Site{URL: "https://help.acme.example", HandleDomain: "acme.example"}, Log: quiet,
		Keys: noKeys{}, Compact: func(ctx context.Context) (app.Compaction, error) {
			c, err := h.store.Compact(ctx)
			return app.Compaction(c), err
		}})
	_, err = h.AddDesk(ctx, app.By{}, desk.Desk{Handle: "help", Name: "ACME Help", Names: []string{"acme"}, Calls: []string{"fail"}})
	h.ok(err)
	return h
}

// inHouses plays a story on both stores.
func inHouses(t *testing.T, story func(*house)) {
	t.Helper()
	t.Run("bolt", func(t *testing.T) { story(newHouse(t)) })
	t.Run("postgres", func(t *testing.T) {
		s, err := postgres.Open(ctx, pg.Start(t).Database(t), postgres.Options{})
		fine(t, err)
		t.Cleanup(func() { fine(t, s.Close()) })
		h := &house{t: t, clock: clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
		h.App = app.New(app.Deps{Store: s, Clock: h.clock, Site: desk.Site{URL: "https://help.acme.example", HandleDomain: "acme.example"}, Log: quiet, Keys: noKeys{}})
		_, err = h.AddDesk(ctx, app.By{}, desk.Desk{Handle: "help", Name: "ACME Help", Names: []string{"acme"}, Calls: []string{"fail"}})
		h.ok(err)
		story(h)
	})
}

type noKeys struct{}

func (noKeys) Make(h desk.Handle, _ store.KeyAlgorithm) (store.Key, error) {
	return store.Key{Owner: h, Fragment: "main-key"}, nil
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) hear(who, name, words string, answers desk.ObjectID) app.Result {
	h.t.Helper()
	author := desk.ActorID("https://m.example/" + who)
	r, err := h.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: author, Acct: who + "@m.example", Name: who, Inbox: "https://m.example/inbox"},
		Post: desk.Post{Object: desk.ObjectID("https://m.example/notes/" + name), Author: author, Text: words, HTML: "<p>" + words + "</p>", InReplyTo: answers,
			Tags: []string{"acme", "fail"}, Visibility: desk.VisibilityPublic, Published: h.Now()}})
	h.ok(err)
	return r
}

// night runs the timers that are due, as the worker does, and returns all but those
// of reports that are read again.
func (h *house) night() (ran []app.TimerKind) {
	h.t.Helper()
	for {
		var jobs []store.Job
		h.ok(h.Update(ctx, func(tx *app.Tx) (err error) {
			jobs, err = tx.Jobs().Lease(store.QueueTimer, tx.Now, tx.Now.Add(time.Minute), 500)
			return err
		}))
		if len(jobs) == 0 {
			return ran
		}
		for _, j := range jobs {
			h.ok(h.RunTimer(ctx, j))
			if !strings.HasPrefix(j.ID, "timer:read:") {
				ran = append(ran, app.TimerKind(j.ID))
			}
		}
		h.ok(h.Update(ctx, func(tx *app.Tx) error {
			for _, j := range jobs {
				if _, err := tx.Jobs().Done(j.ID, j.Lease); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

func (h *house) inFile(words string) bool {
	h.t.Helper()
	b, err := os.ReadFile(h.path)
	h.ok(err)
	return bytes.Contains(b, []byte(words))
}

func (h *house) show(id desk.IssueID) (v app.IssueView, words string) {
	h.t.Helper()
	v, err := h.ShowIssue(ctx, id)
	h.ok(err)
	words = v.Issue.Excerpt + v.Reporter.Name
	for _, e := range v.Timeline {
		if e.Post != nil {
			words += " " + e.Post.Text + e.Post.HTML
		}
		words += fmt.Sprint(" ", e.Event.Text, e.Event.With)
	}
	return v, words
}

// The words of a deleted report are out of the store's file after the night.
func TestDeletedWordsAreOutOfTheFileAfterTheNight(t *testing.T) {
	h := newHouse(t)
	for n := range 50 {
		h.hear("eve", fmt.Sprintf("e%d", n), strings.Repeat("these stay ", 20), "")
	}
	for n := range 90 {
		text := "THE-DELETED-WORDS"
		for k := range 60 { // repeated words take no room
			text += fmt.Sprintf(" %x", (n*60+k)*0x9e3779b1)
		}
		h.hear("ana", fmt.Sprintf("a%d", n), text, "")
	}
	more, err := h.RemoveActor(ctx, "https://m.example/ana")
	if h.ok(err); more || !h.inFile("THE-DELETED-WORDS") {
		t.Fatal("nothing to compact: this test shows nothing")
	}
	h.ok(h.ArmUpkeep(ctx))
	h.ok(h.ArmUpkeep(ctx)) // twice is once
	if ran := h.night(); len(ran) != 0 {
		t.Errorf("before the night: %v", ran)
	}
	h.clock.Advance(15*time.Hour + time.Second) // 03:00 UTC
	if ran := h.night(); len(ran) != 1 {
		t.Errorf("in the night: %v", ran)
	}
	if h.inFile("THE-DELETED-WORDS") || h.inFile("the-deleted-words") {
		t.Error("deleted words are in the store's file")
	}
	if !h.inFile("these stay") {
		t.Error("what was not deleted is gone")
	}
	u, ok, err := h.LastUpkeep(ctx)
	if h.ok(err); !ok || u.Error != "" || u.Compacted.After >= u.Compacted.Before || !u.At.Equal(h.Now()) {
		t.Errorf("last upkeep: %v %+v", ok, u)
	}
	h.clock.Advance(24 * time.Hour)
	if ran := h.night(); len(ran) != 1 {
		t.Errorf("in the next night: %v", ran)
	}
}

func TestWordsExpire(t *testing.T) {
	h := newHouse(t)
	old := h.hear("ana", "a", "OLD broken", "").Issue
	h.hear("bob", "b", "OLD me too", "https://m.example/notes/a")
	ours, err := h.Reply(ctx, app.By{}, app.ReplyInput{Issue: old, Text: "OURS we look", Now: true})
	h.ok(err)
	_, err = h.Flagged(ctx, app.HeardFlag{Key: "1", Sender: "https://m.example/actor", About: []desk.ObjectID{ours.Object}, Words: "OLD and rude"})
	h.ok(err)
	h.clock.Advance(30 * 24 * time.Hour)
	young := h.hear("eve", "e", "YOUNG broken", "").Issue
	h.clock.Advance(60*24*time.Hour - time.Minute)
	done, err := h.ExpireWords(ctx)
	if h.ok(err); done != (app.Expired{}) {
		t.Errorf("a minute too early: %+v", done)
	}
	before, _ := h.show(old)
	h.clock.Advance(2 * time.Minute)
	done, err = h.ExpireWords(ctx)
	if h.ok(err); done != (app.Expired{Issues: 1, Posts: 2, Flags: 1}) {
		t.Errorf("expired: %+v", done)
	}
	after, words := h.show(old)
	if strings.Contains(words, "OLD") || strings.Contains(words, "ana") || !strings.Contains(words, "OURS") || !strings.Contains(words, "reported by m.example") {
		t.Errorf("left: %s", words)
	}
	if after.Issue.Status != before.Issue.Status || !after.Issue.UpdatedAt.Equal(before.Issue.UpdatedAt) || after.Issue.Silenced != before.Issue.Silenced {
		t.Errorf("the skeleton changed: %+v, before %+v", after.Issue, before.Issue)
	}
	if _, words := h.show(young); !strings.Contains(words, "YOUNG") {
		t.Error("a young issue lost its words")
	}
	found, _, err := h.ListIssues(ctx, app.ListInput{Search: "OLD"})
	if h.ok(err); len(found) != 0 {
		t.Error("expired words are found")
	}
	if done, err = h.ExpireWords(ctx); err != nil || done != (app.Expired{}) {
		t.Errorf("a second time: %+v, %v", done, err)
	}
	// A new post starts the time again, and expires later.
	h.hear("ana", "a2", "AGAIN broken", "https://m.example/notes/a")
	if done, err = h.ExpireWords(ctx); err != nil || done != (app.Expired{}) {
		t.Errorf("a new word expired at once: %+v, %v", done, err)
	}
	h.clock.Advance(91 * 24 * time.Hour)
	if done, err = h.ExpireWords(ctx); err != nil || done != (app.Expired{Issues: 2, Posts: 2}) {
		t.Errorf("90 days later: %+v, %v", done, err)
	}
}

// Raw bytes in old dead letters are words too.
func TestOldDeadLettersAreDropped(t *testing.T) {
	h := newHouse(t)
	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		for _, q := range []store.Queue{store.QueueInbound, store.QueueDeliver} {
			if _, err := tx.Jobs().Add(store.Job{ID: string(q), Queue: q, Due: tx.Now, Added: tx.Now, Payload: []byte("words")}); err != nil {
				return err
			}
			jobs, err := tx.Jobs().Lease(q, tx.Now, tx.Now.Add(time.Minute), 1)
			if err != nil {
				return err
			}
			if _, err := tx.Jobs().Bury(jobs[0].ID, jobs[0].Lease, tx.Now, "test"); err != nil {
				return err
			}
		}
		return nil
	}))
	h.clock.Advance(89 * 24 * time.Hour)
	if done, err := h.ExpireWords(ctx); err != nil || done.Jobs != 0 {
		t.Errorf("too early: %+v, %v", done, err)
	}
	h.clock.Advance(2 * 24 * time.Hour)
	if done, err := h.ExpireWords(ctx); err != nil || done.Jobs != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	counts, err := h.JobCounts(ctx)
	if h.ok(err); counts[store.QueueInbound].Dead != 0 || counts[store.QueueDeliver].Dead != 1 {
		t.Errorf("%+v", counts)
	}
}
