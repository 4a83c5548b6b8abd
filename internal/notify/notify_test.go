package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/keyring"
	"earshot/internal/locale"
	"earshot/internal/queue"
	"earshot/internal/safehttp"
	"earshot/internal/test/pg"
	"earshot/store"
	"earshot/store/bolt"
	"earshot/store/postgres"
)

var (
	ctx   = context.Background()
	quiet = slog.New(slog.DiscardHandler)
	site  = desk.Site{URL: "http://help.acme.example", HandleDomain: "acme.example"}
)

const bo, cy = "bo@acme.example", "cy@acme.example"

// office is an instance with a receiver of what it sends.
type office struct {
	*testing.T
	*app.App
	clock    *clock.Fake
	feeder   *app.Feeder
	notifier *Notifier
	worker   *queue.Worker
	url      string

	mu     sync.Mutex
	status int
	header http.Header // of the answers
	// refuses is the id of an event that is answered with 400.
	refuses string
	got     []received
}

type received struct {
	path   string
	header http.Header
	body   string
}

func onStores(t *testing.T, story func(*office)) {
	t.Helper()
	t.Run("file", func(t *testing.T) {
		s, err := bolt.Open(ctx, filepath.Join(t.TempDir(), "earshot.db"), bolt.Options{})
		fine(t, err)
		t.Cleanup(func() { fine(t, s.Check()); fine(t, s.Close()) })
		story(newOffice(t, s))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		s, err := postgres.Open(ctx, pg.Start(t).Database(t), postgres.Options{})
		fine(t, err)
		t.Cleanup(func() { fine(t, s.Close()) })
		story(newOffice(t, s))
	})
}

func fine(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type noKeys struct{}

func (noKeys) Make(h desk.Handle, _ store.KeyAlgorithm) (store.Key, error) {
	return store.Key{Owner: h, Fragment: "main-key"}, nil
}

func newOffice(t *testing.T, s store.Store) *office {
	o := &office{T: t, clock: clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), status: http.StatusNoContent, header: http.Header{}}
	keys := keyring.New(s, o.clock, site, "a secret of the tests")
	o.App = app.New(app.Deps{Store: s, Clock: o.clock, Site: site, Log: quiet, Keys: noKeys{}, Secrets: keys})
	_, err := o.AddDesk(ctx, app.By{}, desk.Desk{Handle: "help", Name: "ACME Help", Names: []string{"acme"}, Calls: []string{"fail"}})
	fine(t, err)
	for _, e := range []desk.Email{bo, cy} {
		_, err := o.AddAgent(ctx, app.By{}, desk.Agent{Email: e, Name: "Bo Ek", Role: desk.RoleAgent})
		fine(t, err)
	}
	receiver := httptest.NewServer(http.HandlerFunc(o.receive))
	t.Cleanup(receiver.Close)
	o.url = receiver.URL
	languages, err := locale.Load()
	fine(t, err)
	o.notifier = &Notifier{App: o.App, Clock: o.clock, Secrets: keys, Admins: safehttp.New(safehttp.Options{AllowPrivate: true}), Strict: safehttp.New(safehttp.Options{}), Languages: languages, Log: quiet}
	t.Cleanup(o.notifier.Close)
	o.feeder, o.worker = o.Feeder(), o.notifier.Worker(time.Minute, nil)
	return o
}

func (o *office) receive(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.got = append(o.got, received{r.URL.Path, r.Header, string(body)})
	for k, v := range o.header {
		w.Header()[k] = v
	}
	if o.refuses != "" && r.Header.Get(headerID) == o.refuses {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(o.status)
}

// run feeds and sends until nothing is due.
func (o *office) run() {
	o.Helper()
	o.feed(o.feeder)
	for {
		n, err := o.worker.RunOnce(ctx)
		fine(o, err)
		if n == 0 {
			return
		}
		o.feed(o.feeder)
	}
}

func (o *office) feed(f *app.Feeder) {
	o.Helper()
	for more := true; more; {
		var err error
		more, err = f.RunOnce(ctx)
		fine(o, err)
	}
}

// takeAll returns what was received since the last call.
func (o *office) takeAll() []received {
	o.mu.Lock()
	defer o.mu.Unlock()
	got := o.got
	o.got = nil
	return got
}

func (o *office) add(agent desk.Email, n app.NewDestination, byAdmin bool) app.MadeDestination {
	o.Helper()
	n.URL = o.url + n.URL
	d, err := o.AddDestination(ctx, app.By{}, agent, n, byAdmin)
	fine(o, err)
	return d
}

func (o *office) hears(who, name string) desk.IssueID {
	o.Helper()
	author := desk.ActorID("https://m.example/" + who)
	r, err := o.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: author, Acct: who + "@m.example", Name: who, Inbox: "https://m.example/inbox"},
		Post: desk.Post{Object: desk.ObjectID("https://m.example/notes/" + name), Author: author, Text: "SECRET-WORDS", HTML: "<p>SECRET-WORDS</p>",
			Tags: []string{"acme", "fail"}, Visibility: desk.VisibilityPublic, Published: o.Now()}})
	fine(o, err)
	return r.Issue
}

func (o *office) same(what string, got, want any) {
	o.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		o.Fatalf("%s: %s, want %s", what, g, w)
	}
}

func (o *office) now(d app.MadeDestination) store.Destination {
	o.Helper()
	out, err := o.Destination(ctx, d.Agent, d.ID)
	fine(o, err)
	return out
}

func (o *office) log(d app.MadeDestination) (out []string) {
	o.Helper()
	all, _, err := o.Notifications(ctx, d.Agent, d.ID, store.Page{})
	fine(o, err)
	for _, n := range all {
		out = append(out, fmt.Sprintf("%s %s %d", n.Kind, n.State, n.Attempts))
	}
	return out
}

// A webhook receives each event once, signed, without a word of the report; only of
// the kinds and desks that it wants.
func TestWebhook(t *testing.T) {
	onStores(t, func(o *office) {
		before := o.hears("eve", "0")
		all := o.add("", app.NewDestination{URL: "/all"}, true)
		opened := o.add("", app.NewDestination{URL: "/opened", Kinds: []store.ChangeKind{store.ChangeOpened}}, true)
		o.add("", app.NewDestination{URL: "/presence", Kinds: []store.ChangeKind{store.ChangePresence}}, true)
		id := o.hears("ana", "1")
		_, err := o.SetStatus(ctx, app.By{Agent: bo}, app.StatusInput{Issue: id, Change: desk.StatusChange{To: desk.StatusInProgress}})
		fine(o, err)
		fine(o, o.Attend(ctx, app.By{Agent: bo}, id, app.PresenceReading))
		o.run()
		o.run()
		var got []string
		for _, r := range o.takeAll() {
			var body struct {
				Type      string    `json:"type"`
				Timestamp time.Time `json:"timestamp"`
				Data      struct {
					Issue desk.IssueID  `json:"issue"`
					Desks []desk.Handle `json:"desks"`
				} `json:"data"`
			}
			fine(o, json.Unmarshal([]byte(r.body), &body))
			o.same("issue", body.Data.Issue, id)
			o.same("desks", body.Data.Desks, "[help]")
			if strings.Contains(r.body, "SECRET") || string(before) == string(id) {
				o.Errorf("it quotes: %s", r.body)
			}
			got = append(got, r.path+" "+body.Type)
			d := map[string]app.MadeDestination{"/all": all, "/opened": opened}[r.path]
			if d.Secret == "" {
				continue
			}
			want, err := signature(d.Secret, r.header.Get(headerID), o.Now(), []byte(r.body))
			fine(o, err)
			o.same("signature", r.header.Get(headerSignature), want)
			o.same("timestamp", r.header.Get(headerTimestamp), o.Now().Unix())
			if _, err := signature(all.Secret, "x", o.Now(), nil); err != nil || all.Secret == opened.Secret {
				o.Error("each webhook has a secret of its own")
			}
		}
		slices.Sort(got)
		o.same("received", got, "[/all issue /all opened /opened opened /presence presence]")
		o.same("the log", o.log(opened), "[opened delivered 1]")
		o.same("waiting", o.now(all).Waiting, 0)
	})
}

// A webhook that fails is tried again under the same id and with the same bytes; a
// crash between sending and writing down sends under that id too.
func TestSameID(t *testing.T) {
	onStores(t, func(o *office) {
		d := o.add("", app.NewDestination{URL: "/"}, true)
		o.hears("ana", "1")
		o.feed(o.feeder)
		o.feed(o.Feeder()) // another node
		o.status = http.StatusServiceUnavailable
		o.run()
		o.clock.Advance(time.Minute)
		o.status = http.StatusOK
		// The process ends after it has sent: the lease runs out, and the job runs again.
		var jobs []store.Job
		fine(o, o.Store().Update(ctx, "lease", func(tx store.Tx) (err error) {
			jobs, err = tx.Jobs().Lease(store.QueueNotify, o.Now(), o.Now().Add(time.Minute), 9)
			return err
		}))
		o.same("jobs", len(jobs), 1)
		todo, ok, err := o.Notification(ctx, jobs[0].Payload)
		fine(o, err)
		o.same("wanted", ok, true)
		_, err = o.notifier.send(ctx, todo)
		fine(o, err)
		o.clock.Advance(2 * time.Minute)
		o.run()
		got := o.takeAll()
		o.same("requests", len(got), 3)
		for _, r := range got[1:] {
			o.same("id", r.header.Get(headerID), got[0].header.Get(headerID))
			o.same("body", r.body, got[0].body)
			if r.header.Get(headerTimestamp) == got[0].header.Get(headerTimestamp) {
				o.Error("the timestamp is that of the attempt")
			}
		}
		o.same("the log", o.log(d), "[opened delivered 2]")
		_, err = o.Redeliver(ctx, app.By{}, "", d.ID, got[0].header.Get(headerID))
		fine(o, err)
		o.run()
		again := o.takeAll()
		o.same("redelivered", len(again), 1)
		o.same("id", again[0].header.Get(headerID), got[0].header.Get(headerID))
		if _, err = o.Redeliver(ctx, app.By{}, "", d.ID, "other"); desk.ErrorCode(err) != desk.CodeNotFound {
			o.Errorf("another id: %v", err)
		}
	})
}

// A webhook that fails for days is paused with what waits, and has it when it is
// resumed, with what happened since. While it fails few requests wait.
func TestPausedAfterDays(t *testing.T) {
	onStores(t, func(o *office) {
		d := o.add("", app.NewDestination{URL: "/"}, true)
		o.status = http.StatusInternalServerError
		for n := range 45 {
			o.hears(fmt.Sprint("p", n), fmt.Sprint(n))
		}
		o.run()
		o.same("waiting", o.now(d).Waiting, 20)
		for range 40 {
			if o.now(d).Paused() {
				break
			}
			o.clock.Advance(4 * time.Hour)
			o.run()
		}
		now := o.now(d)
		o.same("paused", []any{now.Paused(), now.Gave, now.Status}, []any{true, true, 500})
		if after := now.PausedAt.Sub(now.FailingSince); after < 3*24*time.Hour {
			o.Errorf("paused after %s", after)
		}
		failing, err := o.FailingDestinations(ctx)
		fine(o, err)
		o.same("failing", len(failing), 1)
		o.takeAll()
		o.clock.Advance(5 * time.Hour)
		o.run()
		o.same("requests in the pause", len(o.takeAll()), 0)
		o.status = http.StatusOK
		_, err = o.ResumeDestination(ctx, app.By{}, "", d.ID)
		fine(o, err)
		o.run()
		ids := map[string]bool{}
		for _, r := range o.takeAll() {
			ids[r.header.Get(headerID)] = true
		}
		if len(ids) != 46 { // of so many reports a surge; the log of changes is not cut in this test
			o.Errorf("%d of 46 arrived", len(ids))
		}
		now = o.now(d)
		o.same("after", []any{now.Waiting, now.Failures, now.Gave}, []any{0, 0, false})
	})
}

// One event that is refused while others arrive is given up after days.
func TestOneIsGivenUp(t *testing.T) {
	onStores(t, func(o *office) {
		d := o.add("", app.NewDestination{URL: "/"}, true)
		o.status = http.StatusBadRequest
		o.hears("ana", "1")
		o.run()
		first := o.takeAll()[0].header.Get(headerID)
		o.refuses = first
		o.status = http.StatusOK
		for n := range 30 {
			o.clock.Advance(4 * time.Hour)
			o.hears(fmt.Sprint("p", n), fmt.Sprint(n))
			o.run()
		}
		n, there, err := store.Notification{}, false, error(nil)
		fine(o, o.View(ctx, func(tx *app.Tx) error { n, there, err = tx.Destinations().Notification(d.ID, first); return err }))
		o.same("given up", []any{there, n.State, n.Status}, []any{true, store.NotificationFailed, 400})
		now := o.now(d)
		o.same("destination", []any{now.Paused(), now.Waiting}, []any{false, 0})
	})
}

// 410 asks for no more, at once.
func TestGone(t *testing.T) {
	onStores(t, func(o *office) {
		d := o.add("", app.NewDestination{URL: "/"}, true)
		o.hears("ana", "1")
		o.status = http.StatusGone
		o.run()
		o.same("paused", o.now(d).Gave, true)
		fine(o, o.RemoveDestination(ctx, app.By{}, "", d.ID))
		o.takeAll()
		o.clock.Advance(24 * time.Hour)
		o.run()
		o.same("requests", len(o.takeAll()), 0)
	})
}

// Retry-After is kept to.
func TestRetryAfter(t *testing.T) {
	onStores(t, func(o *office) {
		o.add("", app.NewDestination{URL: "/"}, true)
		o.hears("ana", "1")
		o.status, o.header = http.StatusTooManyRequests, http.Header{"Retry-After": {"3600"}}
		o.run()
		o.clock.Advance(59 * time.Minute)
		o.run()
		o.same("requests", len(o.takeAll()), 1)
		o.clock.Advance(2 * time.Minute)
		o.run()
		o.same("requests", len(o.takeAll()), 1)
	})
}

// After a rotation the secret before signs for a day too.
func TestRotation(t *testing.T) {
	onStores(t, func(o *office) {
		d := o.add("", app.NewDestination{URL: "/"}, true)
		next, err := o.RotateSecret(ctx, app.By{}, "", d.ID)
		fine(o, err)
		for _, c := range []struct {
			later   time.Duration
			secrets []string
		}{{0, []string{next.Secret, d.Secret}}, {app.SecretOverlap, []string{next.Secret}}} {
			o.clock.Advance(c.later)
			_, err = o.TestDestination(ctx, app.By{}, "", d.ID)
			fine(o, err)
			o.run()
			got := o.takeAll()
			o.same("requests", len(got), 1)
			want := http.Header{}
			fine(o, sign(want, c.secrets, got[0].header.Get(headerID), o.Now(), []byte(got[0].body)))
			o.same("signatures", got[0].header.Get(headerSignature), want.Get(headerSignature))
		}
	})
}

// A repeated request makes one webhook, and shows the same secret; the store has no
// secret that can be read.
func TestRepeatedAdd(t *testing.T) {
	onStores(t, func(o *office) {
		by := app.By{Key: "k"}
		a, err := o.AddDestination(ctx, by, "", app.NewDestination{URL: o.url}, true)
		fine(o, err)
		b, err := o.AddDestination(ctx, by, "", app.NewDestination{URL: o.url}, true)
		fine(o, err)
		o.same("again", b.Secret, a.Secret)
		all, err := o.Destinations(ctx, "")
		fine(o, err)
		o.same("destinations", len(all), 1)
		fine(o, o.View(ctx, func(tx *app.Tx) error {
			for _, kind := range store.RecordKinds() {
				records, _, err := tx.Records().List(kind, store.Page{})
				for _, r := range records {
					if strings.Contains(string(r.JSON), strings.TrimPrefix(a.Secret, secretPrefix)) {
						o.Errorf("%s has the secret", kind)
					}
				}
				if err != nil {
					return err
				}
			}
			return nil
		}))
	})
}

// An agent is notified on their phone of what concerns them, in their language, and
// not of what they did; with the words of nobody.
func TestAgent(t *testing.T) {
	onStores(t, func(o *office) {
		o.add(bo, app.NewDestination{Form: desk.FormNtfy, URL: "/bo", Token: "tk_1", Language: "de"}, true)
		o.add(cy, app.NewDestination{Form: desk.FormNtfy, URL: "/cy", Reasons: []desk.NoticeReason{desk.NoticeAssigned, desk.NoticeMentioned}}, true)
		id := o.hears("ana", "1")
		o.run()
		got := o.takeAll()
		o.same("requests", len(got), 1)
		o.same("text", got[0].body, "Neue Meldung bei @help")
		o.same("link", got[0].header.Get("Click"), "http://help.acme.example/console/issues/"+string(id))
		o.same("token", got[0].header.Get("Authorization"), "Bearer tk_1")
		_, err := o.Assign(ctx, app.By{Agent: bo}, id, cy)
		fine(o, err)
		o.run()
		got = o.takeAll()
		o.same("requests", len(got), 1)
		o.same("text", got[0].path+" "+got[0].body, "/cy An issue at @help was assigned to you")
		_, err = o.Comment(ctx, app.By{Agent: cy}, id, "@bo please look")
		fine(o, err)
		o.run()
		got = o.takeAll()
		o.same("requests", len(got), 1)
		o.same("mentioned", got[0].path+" "+got[0].body, "/bo Bei @help wurdest du erwähnt")
	})
}

// A colleague that only the changed comment names is notified, once; who was named
// before, or names themselves, is not.
func TestNamedByAnEdit(t *testing.T) {
	onStores(t, func(o *office) {
		o.add(bo, app.NewDestination{Form: desk.FormNtfy, URL: "/bo", Reasons: []desk.NoticeReason{desk.NoticeMentioned}}, true)
		o.add(cy, app.NewDestination{Form: desk.FormNtfy, URL: "/cy", Reasons: []desk.NoticeReason{desk.NoticeMentioned}}, true)
		id := o.hears("ana", "1")
		p, err := o.Comment(ctx, app.By{Agent: cy}, id, "Who was there?")
		fine(o, err)
		for _, edit := range []struct{ text, told string }{
			{"Who was there? @cy asks", ""},
			{"Who was there? @bo perhaps", "/bo"},
			{"Who was there? @bo, I think", ""},
			{"Who was there?", ""},
		} {
			_, err := o.EditPost(ctx, app.By{Agent: cy}, p.ID, edit.text)
			fine(o, err)
			o.run()
			told := ""
			for _, r := range o.takeAll() {
				told += r.path
			}
			o.same("told of "+edit.text, told, edit.told)
		}
	})
}

// In quiet hours nothing is sent; after them one notification says how much there was.
func TestQuietHours(t *testing.T) {
	onStores(t, func(o *office) {
		zone := "Europe/Berlin" // of the agent's days: 12:00 UTC is 13:00
		_, err := o.EditAgent(ctx, app.By{}, bo, app.AgentEdit{TimeZone: &zone})
		fine(o, err)
		hours, err := desk.ParseQuietHours("13:00-08:00", "")
		fine(o, err)
		d := o.add(bo, app.NewDestination{Form: desk.FormNtfy, URL: "/bo", Quiet: hours}, true)
		for n := range 25 { // the last five stand in a pile, of which the surge tells
			o.hears(fmt.Sprint("p", n), fmt.Sprint(n))
			o.run()
		}
		o.same("requests", len(o.takeAll()), 0)
		o.clock.Advance(18*time.Hour + 59*time.Minute)
		o.run()
		o.same("requests", len(o.takeAll()), 0)
		o.clock.Advance(time.Minute)
		o.run()
		got := o.takeAll()
		o.same("requests", len(got), 1)
		o.same("text", got[0].body, "21 events in your quiet hours")
		o.same("the log", o.log(d), "[quiet delivered 1]")
	})
}

// A destination that an agent set leads to no private address, whatever an admin's may.
func TestStrict(t *testing.T) {
	onStores(t, func(o *office) {
		o.add(bo, app.NewDestination{Form: desk.FormNtfy, URL: "/bo"}, false)
		o.hears("ana", "1")
		o.run()
		o.same("requests", len(o.takeAll()), 0)
		all, err := o.Destinations(ctx, bo)
		fine(o, err)
		o.same("failures", all[0].Failures, 1)
	})
}

// Of the reports of a surge that stand in a pile an agent is not told one by one; a
// webhook of the instance has each.
func TestPiledAreNotNew(t *testing.T) {
	onStores(t, func(o *office) {
		o.add("", app.NewDestination{URL: "/hook", Kinds: []store.ChangeKind{store.ChangeOpened}}, true)
		o.add(bo, app.NewDestination{Form: desk.FormNtfy, URL: "/bo", Reasons: []desk.NoticeReason{desk.NoticeNew}}, true)
		var all []desk.IssueID
		for n := range 60 {
			all = append(all, o.hears(fmt.Sprint("p", n), fmt.Sprint(n)))
			if n == 4 { // before the surge
				o.run()
			}
		}
		piled := 0
		for _, id := range all[5:] {
			i, err := o.ShowIssue(ctx, id)
			fine(o, err)
			if i.Issue.InPile() != "" {
				piled++
			}
		}
		o.same("in a pile", piled, 55)
		o.run()
		told := map[string]int{}
		for _, r := range o.takeAll() {
			told[r.path]++
		}
		o.same("told", told, map[string]int{"/hook": 60, "/bo": 5})
	})
}

// When more reports come than a desk can look at, each destination says so, once for the
// outbreak, and again for the next one.
func TestSurge(t *testing.T) {
	onStores(t, func(o *office) {
		o.add("", app.NewDestination{URL: "/hook", Kinds: []store.ChangeKind{store.ChangeSurge}}, true)
		o.add(bo, app.NewDestination{Form: desk.FormNtfy, URL: "/bo", Reasons: []desk.NoticeReason{desk.NoticeSurge}}, true)
		for outbreak := range 2 {
			for n := range 19 {
				o.hears(fmt.Sprint("p", outbreak, n), fmt.Sprint(outbreak, "-", n))
			}
			o.run()
			o.same("before", len(o.takeAll()), 0)
			for n := range 10 {
				o.hears(fmt.Sprint("q", outbreak, n), fmt.Sprint(outbreak, "q", n))
			}
			o.run()
			got := o.takeAll()
			o.same("requests", len(got), 2)
			for _, r := range got {
				if r.path == "/bo" {
					o.same("text", r.body, "Many reports at once at @help")
				} else if !strings.Contains(r.body, `"type":"surge"`) || !strings.Contains(r.body, `"desks":["help"]`) {
					o.Errorf("the webhook has %s", r.body)
				}
			}
			o.clock.Advance(90 * time.Minute)
		}
	})
}
