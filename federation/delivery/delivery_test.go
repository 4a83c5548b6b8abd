package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/queue"
	"earshot/internal/safehttp"
	"earshot/internal/test/acme"
	"earshot/store"
)

const (
	note     = "https://help.acme.example/activities/p1/create"
	document = `{"type":"Create"}`
)

// instance is a Deliverer over a store of its own, with one server to deliver to.
type instance struct {
	t *testing.T
	*Deliverer
	clock *clock.Fake
	// answers are the statuses of the server, the last one again and again.
	answers []int
	header  http.Header
	got     []request
	server  *httptest.Server
	during  func()                     // while a request is answered
	actors  map[desk.ActorID]*as.Actor // what RefreshActor finds
	gone    map[desk.ActorID]resolve.Kind
	seen    []Outcome
}

type request struct {
	scheme, key, body string
	path              string
}

func newInstance(t *testing.T, answers ...int) *instance {
	t.Helper()
	of := acme.New(t, desk.Desk{Handle: "help", Name: "Acme"})
	i := &instance{t: t, clock: of.Clock, answers: answers, actors: map[desk.ActorID]*as.Actor{}, gone: map[desk.ActorID]resolve.Kind{}}
	i.server = httptest.NewServer(http.HandlerFunc(i.serve))
	client := safehttp.New(safehttp.Options{AllowPrivate: true})
	i.Deliverer = &Deliverer{App: of.App, Keys: of.Keys, Client: client, Actors: i, Log: of.Log, Observe: func(o Outcome) { i.seen = append(i.seen, o) }}
	t.Cleanup(func() {
		i.server.Close()
		client.CloseIdle()
	})
	i.update(func(tx *app.Tx) error {
		return tx.Documents().Put(store.Document{ID: note, JSON: []byte(document), At: tx.Now})
	})
	return i
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// serve is the other server: it writes down how each request is signed.
func (i *instance) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	q := request{scheme: "cavage", body: string(body), path: r.URL.Path}
	params := r.Header.Get("Signature")
	if in := r.Header.Get("Signature-Input"); in != "" {
		q.scheme, params = "rfc9421", in
	}
	for _, part := range strings.FieldsFunc(params, func(r rune) bool { return r == ',' || r == ';' }) {
		if id, is := strings.CutPrefix(strings.TrimSpace(part), `keyid="`); is {
			q.key = id
		} else if id, is := strings.CutPrefix(strings.TrimSpace(part), `keyId="`); is {
			q.key = id
		}
	}
	_, q.key, _ = strings.Cut(strings.TrimSuffix(q.key, `"`), "#")
	i.got = append(i.got, q)
	if i.during != nil {
		i.during()
	}
	for name, values := range i.header {
		w.Header()[name] = values
	}
	w.WriteHeader(i.answers[0])
	if len(i.answers) > 1 {
		i.answers = i.answers[1:]
	}
}

func (i *instance) RefreshActor(_ context.Context, id desk.ActorID) (*as.Actor, error) {
	if k, is := i.gone[id]; is {
		return nil, &resolve.Error{Kind: k}
	}
	if a, known := i.actors[id]; known {
		return a, nil
	}
	return nil, &resolve.Error{Kind: resolve.NotFound}
}

func (i *instance) update(f func(*app.Tx) error) {
	i.t.Helper()
	ok(i.t, i.App.Update(i.t.Context(), f))
}

func (i *instance) host() desk.Host {
	h, err := desk.HostOf(i.server.URL)
	ok(i.t, err)
	return h
}

// deliver stores a delivery to the server's inbox and makes an attempt at it.
func (i *instance) deliver(change func(*app.Deliver, *store.Job)) error {
	i.t.Helper()
	p := app.Deliver{Activity: note, Inbox: i.server.URL + "/inbox", Signer: "help"}
	j := store.Job{Added: i.clock.Now(), Host: i.host(), Lane: string(i.host()) + " thread"}
	if change != nil {
		change(&p, &j)
	}
	var err error
	j.Payload, err = json.Marshal(p)
	ok(i.t, err)
	i.update(func(tx *app.Tx) error {
		if _, there, err := tx.Deliveries().Get(p.Activity, p.Inbox); err != nil || there {
			return err
		}
		return tx.Deliveries().Put(store.Delivery{Activity: p.Activity, Inbox: p.Inbox, State: store.DeliveryQueued, At: tx.Now})
	})
	return i.Handle(i.t.Context(), j)
}

func (i *instance) delivery() (d store.Delivery) {
	i.t.Helper()
	ok(i.t, i.App.View(i.t.Context(), func(tx *app.Tx) (err error) {
		d, _, err = tx.Deliveries().Get(note, i.server.URL+"/inbox")
		return err
	}))
	return d
}

func (i *instance) hostState() (h store.HostState) {
	i.t.Helper()
	ok(i.t, i.App.View(i.t.Context(), func(tx *app.Tx) (err error) { h, _, err = tx.Hosts().Get(i.host()); return err }))
	return h
}

// ended names how a job ended: done, dead, later.
func ended(err error) string {
	if err == nil {
		return "done"
	}
	if _, dead := errors.AsType[*queue.Dead](err); dead {
		return "dead"
	}
	if l, later := errors.AsType[*queue.Later](err); later && l.Counted {
		return "again"
	} else if later {
		return "later"
	}
	return err.Error()
}

// What each answer means for a delivery, its job and the host.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		answer   int
		job      string
		state    store.DeliveryState
		requests int
		failures int
		outcome  Outcome
	}{
		{200, "done", store.DeliveryDelivered, 1, 0, Delivered},
		{202, "done", store.DeliveryDelivered, 1, 0, Delivered},
		{302, "dead", store.DeliveryFailed, 1, 0, Failed},
		{400, "dead", store.DeliveryFailed, 1, 0, Failed},
		{401, "again", store.DeliveryQueued, 2, 0, Retried},
		{403, "dead", store.DeliveryFailed, 2, 0, Failed},
		{404, "dead", store.DeliveryFailed, 1, 0, Failed},
		{410, "dead", store.DeliveryFailed, 1, 0, Failed},
		{413, "dead", store.DeliveryFailed, 1, 0, Failed},
		{408, "again", store.DeliveryQueued, 1, 0, Retried},
		{429, "again", store.DeliveryQueued, 1, 1, Retried},
		{500, "again", store.DeliveryQueued, 1, 1, Retried},
		{503, "again", store.DeliveryQueued, 1, 1, Retried},
	} {
		i := newInstance(t, c.answer)
		if got := ended(i.deliver(nil)); got != c.job {
			t.Errorf("%d: the job is %s, want %s", c.answer, got, c.job)
		}
		d := i.delivery()
		if d.State != c.state || d.Status != c.answer || !d.At.Equal(i.clock.Now()) || (d.Error == "") != (c.job == "done") {
			t.Errorf("%d: the delivery is %+v", c.answer, d)
		}
		if len(i.got) != c.requests || i.got[0].body != document {
			t.Errorf("%d: the requests are %+v", c.answer, i.got)
		}
		if got := i.hostState().Failures; got != c.failures {
			t.Errorf("%d: %d failures", c.answer, got)
		}
		if !slices.Equal(i.seen, []Outcome{c.outcome}) {
			t.Errorf("%d: observed %v", c.answer, i.seen)
		}
	}
}

// A server that nobody answers at is silent, and one whose address is forbidden is
// never tried again.
func TestNoAnswer(t *testing.T) {
	i := newInstance(t, 202)
	i.server.Close()
	if got := ended(i.deliver(nil)); got != "again" {
		t.Errorf("the job is %s", got)
	}
	if d, h := i.delivery(), i.hostState(); d.Status != 0 || d.State != store.DeliveryQueued || h.Failures != 1 || !h.DownSince.Equal(i.clock.Now()) {
		t.Errorf("%+v, %+v", d, h)
	}
	i.Client = safehttp.New(safehttp.Options{})
	if got := ended(i.deliver(nil)); got != "dead" {
		t.Errorf("to a private address: the job is %s", got)
	}
}

// When the next attempt is made: after the pause of the schedule, or longer if the
// server asks for that, or after a day if it takes no signature of ours.
func TestPause(t *testing.T) {
	for _, c := range []struct {
		name        string
		answer      int
		header      http.Header
		attempts    int
		least, most time.Duration
	}{
		{"first", 500, nil, 0, time.Second, time.Minute},
		{"asked for", 503, http.Header{"Retry-After": {"7200"}}, 0, 2 * time.Hour, 2 * time.Hour},
		{"many attempts", 500, nil, 100, maxPause / 2, maxPause},
		{"signature refused", 401, nil, 0, refusedPause, refusedPause},
	} {
		i := newInstance(t, c.answer)
		i.header = c.header
		err := i.deliver(func(_ *app.Deliver, j *store.Job) { j.Attempts = c.attempts })
		l, later := errors.AsType[*queue.Later](err)
		if !later {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if pause := l.At.Sub(i.clock.Now()); pause < c.least || pause > c.most {
			t.Errorf("%s: the next attempt is in %s", c.name, pause)
		}
	}
}

// How long a refused signature waits after new keys of ours.
func TestPauseAfterNewKeys(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		last app.Delivery
		want time.Duration
	}{
		{"no new keys", app.Delivery{Status: 401, At: now.Add(-time.Hour)}, refusedPause},
		{"refused first", app.Delivery{KeyChanged: true}, time.Hour},
		{"down before", app.Delivery{KeyChanged: true, Status: 503, At: now.Add(-time.Minute)}, time.Hour},
		{"an hour later", app.Delivery{KeyChanged: true, Status: 401, At: now.Add(-time.Hour)}, 6 * time.Hour},
		{"seven hours later", app.Delivery{KeyChanged: true, Status: 401, At: now.Add(-6 * time.Hour)}, refusedPause},
	} {
		if got := refusedFor(c.last, now); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// After a week a delivery is given up, but never before it was tried.
func TestGiveUp(t *testing.T) {
	for attempts, want := range map[int]string{0: "again", 5: "dead"} {
		i := newInstance(t, 500)
		got := ended(i.deliver(func(_ *app.Deliver, j *store.Job) {
			j.Added, j.Attempts = j.Added.Add(-app.GiveUpAfter-time.Minute), attempts
		}))
		if got != want {
			t.Errorf("after %d attempts and a week: %s", attempts, got)
		}
	}
}

// The breaker: after three failures in a row a host is not asked, for any
// delivery, until its pause is over; one success closes it.
func TestHostDown(t *testing.T) {
	i := newInstance(t, 500)
	for range app.FailuresToDown {
		if got := ended(i.deliver(nil)); got != "again" {
			t.Fatal(got)
		}
	}
	until := i.hostState().DownUntil
	err := i.deliver(nil)
	l, later := errors.AsType[*queue.Later](err)
	if !later || l.Counted || l.At.Before(until) || l.At.After(until.Add(time.Minute)) {
		t.Errorf("a host that is down: %v", err)
	}
	if len(i.got) != app.FailuresToDown || i.seen[len(i.seen)-1] != HostDown {
		t.Errorf("%d requests, observed %v", len(i.got), i.seen)
	}
	i.clock.Advance(until.Sub(i.clock.Now()))
	i.answers = []int{202}
	if got := ended(i.deliver(nil)); got != "done" {
		t.Errorf("after the pause: %s", got)
	}
	if h := i.hostState(); h.Failures != 0 || !h.DownUntil.IsZero() || !h.DownSince.IsZero() {
		t.Errorf("after a success: %+v", h)
	}
}

// Not more than perDomain attempts to the hosts of one domain are under way.
func TestHostBusy(t *testing.T) {
	i := newInstance(t, 202)
	for range perDomain {
		if !i.acquire(i.host().Domain()) {
			t.Fatal("there is no room")
		}
	}
	if got := ended(i.deliver(nil)); got != "later" || len(i.got) > 0 || i.seen[0] != HostBusy {
		t.Errorf("%s, %d requests, observed %v", got, len(i.got), i.seen)
	}
	if !i.acquire(desk.Host("another.example").Domain()) {
		t.Error("a busy host holds up another")
	}
	i.release(i.host().Domain())
	if got := ended(i.deliver(nil)); got != "done" {
		t.Errorf("after one has ended: %s", got)
	}
	i.release(i.host().Domain())
	i.release("another.example")
	if len(i.busy) > 0 {
		t.Errorf("%v is remembered", i.busy)
	}
}

// Deliveries that are not even tried.
func TestNotTried(t *testing.T) {
	for _, c := range []struct {
		name  string
		setUp func(*app.Tx, string) error
		job   string
		state store.DeliveryState
	}{
		{"delivered by an earlier run", func(tx *app.Tx, inbox string) error {
			return tx.Deliveries().Put(store.Delivery{Activity: note, Inbox: inbox, State: store.DeliveryDelivered})
		}, "done", store.DeliveryDelivered},
		{"retracted", func(tx *app.Tx, _ string) error {
			return tx.Documents().Put(store.Document{ID: note, JSON: []byte("{}"), Gone: true})
		}, "done", store.DeliveryFailed},
		{"a blocked server", func(tx *app.Tx, inbox string) error {
			h, err := desk.HostOf(inbox)
			if err != nil {
				return err
			}
			return tx.Blocks().Put(desk.Block{Target: string(h)})
		}, "dead", store.DeliveryFailed},
		{"a blocked receiver", func(tx *app.Tx, _ string) error {
			return tx.Blocks().Put(desk.Block{Target: "https://m.example/users/ana"})
		}, "dead", store.DeliveryFailed},
	} {
		i := newInstance(t, 202)
		i.update(func(tx *app.Tx) error { return c.setUp(tx, i.server.URL+"/inbox") })
		got := ended(i.deliver(func(p *app.Deliver, _ *store.Job) { p.Recipient = "https://m.example/users/ana" }))
		if got != c.job || i.delivery().State != c.state || len(i.got) > 0 {
			t.Errorf("%s: the job is %s, the delivery %s, %d requests", c.name, got, i.delivery().State, len(i.got))
		}
	}
	i := newInstance(t, 202)
	if got := ended(i.Handle(t.Context(), store.Job{Payload: []byte("{")})); got != "dead" {
		t.Errorf("an unreadable job is %s", got)
	}
	got := ended(i.deliver(func(p *app.Deliver, _ *store.Job) { p.Activity = "https://help.acme.example/activities/none" }))
	if got != "dead" || len(i.got) > 0 {
		t.Errorf("an activity that is not stored: the job is %s, %d requests", got, len(i.got))
	}
}

// That we stop says nothing about the server.
func TestStopping(t *testing.T) {
	i := newInstance(t, 202)
	ctx, cancel := context.WithCancel(t.Context())
	i.during = cancel
	payload, err := json.Marshal(app.Deliver{Activity: note, Inbox: i.server.URL + "/inbox", Signer: "help"})
	ok(t, err)
	err = i.Handle(ctx, store.Job{Payload: payload, Host: i.host()})
	if !errors.Is(err, context.Canceled) || ended(err) != err.Error() {
		t.Errorf("the job ended with %v", err)
	}
	if h, d := i.hostState(), i.delivery(); h.Failures != 0 || d.Status != 0 || d.State != "" {
		t.Errorf("%+v, %+v", h, d)
	}
	if len(i.busy) > 0 {
		t.Errorf("%v is under way still", i.busy)
	}
}

// The scheme that worked is remembered for each host; a scheme that is no longer right
// heals by the second attempt.
func TestKnock(t *testing.T) {
	i := newInstance(t, 401, 202)
	knock := func(answers []int, want string) {
		t.Helper()
		i.answers, i.got = answers, nil
		i.update(func(tx *app.Tx) error {
			return tx.Deliveries().Put(store.Delivery{Activity: note, Inbox: i.server.URL + "/inbox", State: store.DeliveryQueued})
		})
		job := ended(i.deliver(nil))
		var schemes []string
		for _, r := range i.got {
			schemes = append(schemes, r.scheme)
			if r.key != "main-key" {
				t.Errorf("signed with %q", r.key)
			}
		}
		if got := strings.Join(schemes, " ") + ": " + job; got != want {
			t.Errorf("answers %v: %s, want %s", answers, got, want)
		}
	}
	knock([]int{401, 202}, "cavage rfc9421: done")
	if h := i.hostState(); h.Scheme != "rfc9421" || !h.Delivered.Equal(i.clock.Now()) {
		t.Errorf("the host is %+v", h)
	}
	knock([]int{202}, "rfc9421: done")
	knock([]int{400, 202}, "rfc9421 cavage: done") // it misses the headers of draft-cavage
	if h := i.hostState(); h.Scheme != "" {
		t.Errorf("the host is %+v", h)
	}
	knock([]int{202}, "cavage: done")
	knock([]int{400}, "cavage: dead") // that is about something else
	knock([]int{403, 202}, "cavage rfc9421: done")
	knock([]int{403, 500}, "rfc9421 cavage: again") // the answer to draft-cavage stands
	knock([]int{500}, "rfc9421: again")
}

// A server that takes Ed25519 keys gets such signatures; one that refuses them gets the
// usual ones, and is remembered for it. While our keys are new, and for the news of
// them, RSA keys sign.
func TestKnockWithEd25519(t *testing.T) {
	const yes, no = store.TakesYes, store.TakesNo
	for name, c := range map[string]struct {
		takes   store.Takes
		scheme  store.Scheme
		answers []int
		change  string // "key": the news of a key; "rotate": there are new keys
		signed  string
		next    app.Signed
	}{
		"taken":                      {yes, "", []int{202}, "", "rfc9421 ed25519-key", app.Signed{Ed25519: yes}},
		"refused":                    {yes, "", []int{401, 202}, "", "rfc9421 ed25519-key, cavage main-key", app.Signed{Ed25519: no}},
		"refused, with draft-cavage": {yes, "", []int{401, 401, 202}, "", "rfc9421 ed25519-key, cavage main-key, rfc9421 main-key", app.Signed{Scheme: "rfc9421", Ed25519: no}},
		"refused by one that takes RFC 9421 alone": {yes, "rfc9421", []int{401, 202}, "", "rfc9421 ed25519-key, rfc9421 main-key", app.Signed{Scheme: "rfc9421", Ed25519: no}},
		"refused before":       {no, "", []int{202}, "", "cavage main-key", app.Signed{Ed25519: no}},
		"refused, as all is":   {yes, "", []int{401}, "", "rfc9421 ed25519-key, cavage main-key, rfc9421 main-key", app.Signed{Ed25519: yes}},
		"about something else": {yes, "", []int{500}, "", "rfc9421 ed25519-key", app.Signed{Ed25519: yes}},
		"the news of a key":    {yes, "", []int{202}, "key", "cavage main-key", app.Signed{Ed25519: yes}},
		"new keys":             {yes, "", []int{401, 202}, "rotate", "cavage main-key-2, rfc9421 main-key-2", app.Signed{Scheme: "rfc9421", Ed25519: yes}},
	} {
		t.Run(name, func(t *testing.T) {
			i := newInstance(t, c.answers...)
			i.update(func(tx *app.Tx) error {
				return tx.Hosts().Put(store.HostState{Host: i.host(), Scheme: c.scheme, Ed25519: c.takes})
			})
			if c.change == "rotate" {
				_, err := i.App.RotateKey(t.Context(), app.By{}, "help", true)
				ok(t, err)
			}
			_ = i.deliver(func(p *app.Deliver, _ *store.Job) {
				if c.change == "key" {
					p.Key = "main-key"
				}
			})
			var signed []string
			for _, r := range i.got {
				signed = append(signed, r.scheme+" "+r.key)
			}
			if got := strings.Join(signed, ", "); got != c.signed {
				t.Errorf("signed by %s, want %s", got, c.signed)
			}
			if h := i.hostState(); h.Scheme != c.next.Scheme || h.Ed25519 != c.next.Ed25519 {
				t.Errorf("remembered %+v, want %+v", h, c.next)
			}
		})
	}
}

// The news of a new key is signed with the old one, which others know, and then
// with the new one; a key that is not there any more is not tried.
func TestNewKey(t *testing.T) {
	for _, c := range []struct {
		old  string
		want []string
	}{{"main-key", []string{"main-key", "main-key-2"}}, {"key-of-old", []string{"main-key-2", "main-key-2"}}} {
		i := newInstance(t, 401)
		_, err := i.App.RotateKey(t.Context(), app.By{}, "help", false)
		ok(t, err)
		if got := ended(i.deliver(func(p *app.Deliver, _ *store.Job) { p.Key = c.old })); got != "again" {
			t.Errorf("the job is %s", got)
		}
		var keys []string
		for _, r := range i.got {
			keys = append(keys, r.key)
		}
		if !slices.Equal(keys, c.want) {
			t.Errorf("signed with %v, want %v", keys, c.want)
		}
	}
}

// A shared inbox that is not there any more: its reader is looked up, once, and
// the activity goes to where that one is reached now.
func TestMoved(t *testing.T) {
	const reader = desk.ActorID("https://m.example/users/ana")
	for _, c := range []struct {
		name  string
		actor *as.Actor
		kind  resolve.Kind
		moved bool // it was before
		job   string
		state store.DeliveryState
		sent  string // a new delivery
	}{
		{"to another inbox", &as.Actor{ID: reader, Inbox: "https://new.example/inbox"}, 0, false, "done", store.DeliveryFailed, "https://new.example/inbox"},
		{"a second time", &as.Actor{ID: reader, Inbox: "https://new.example/inbox"}, 0, true, "dead", store.DeliveryFailed, ""},
		{"to no inbox", &as.Actor{ID: reader, Inbox: "nowhere"}, 0, false, "dead", store.DeliveryFailed, ""},
		{"no profile", nil, resolve.NotFound, false, "dead", store.DeliveryFailed, ""},
		{"no answer", nil, resolve.Temporary, false, "again", store.DeliveryQueued, ""},
		{"our signature is refused", nil, resolve.Unauthorized, false, "again", store.DeliveryQueued, ""},
		{"gone for good", nil, resolve.Gone, false, "dead", store.DeliveryFailed, ""},
	} {
		i := newInstance(t, 404)
		if c.actor != nil {
			i.actors[reader] = c.actor
		} else {
			i.gone[reader] = c.kind
		}
		i.update(func(tx *app.Tx) error {
			return tx.Follows().Put(store.Follow{Local: "help", Actor: reader, Activity: "https://m.example/f", Inbox: "https://m.example/inbox", Since: tx.Now})
		})
		got := ended(i.deliver(func(p *app.Deliver, _ *store.Job) { p.Recipient, p.Moved = reader, c.moved }))
		if got != c.job || i.delivery().State != c.state {
			t.Errorf("%s: the job is %s, the delivery %+v", c.name, got, i.delivery())
		}
		if sent := strings.Join(i.queued(), " "); sent != c.sent {
			t.Errorf("%s: sent to %q", c.name, sent)
		}
		if gone := c.kind == resolve.Gone; i.follows(reader) == gone {
			t.Errorf("%s: the reader follows: %t", c.name, !gone)
		}
	}
}

// follows says whether an actor follows the desk.
func (i *instance) follows(who desk.ActorID) (yes bool) {
	i.update(func(tx *app.Tx) (err error) { _, yes, err = tx.Follows().Get("help", who); return err })
	return yes
}

// An inbox that is gone: its reader is forgotten if their own server says so too.
func TestInboxGone(t *testing.T) {
	const reader = desk.ActorID("https://m.example/users/ana")
	for kind, forgotten := range map[resolve.Kind]bool{resolve.Gone: true, resolve.NotFound: false, resolve.Temporary: false} {
		i := newInstance(t, 410)
		i.gone[reader] = kind
		i.update(func(tx *app.Tx) error {
			return tx.Follows().Put(store.Follow{Local: "help", Actor: reader, Activity: "https://m.example/f", Inbox: "https://m.example/inbox", Since: tx.Now})
		})
		if got := ended(i.deliver(func(p *app.Deliver, _ *store.Job) { p.Recipient = reader })); got != "dead" {
			t.Errorf("%s: the job is %s", kind, got)
		}
		if i.follows(reader) == forgotten {
			t.Errorf("%s: the reader follows: %t", kind, !forgotten)
		}
	}
}

// queued lists the inboxes of deliver jobs, and checks that they keep the thread.
func (i *instance) queued() (inboxes []string) {
	i.t.Helper()
	ok(i.t, i.App.View(i.t.Context(), func(tx *app.Tx) error {
		inboxes = nil
		for j, err := range store.EachOf(tx.Jobs().List, store.JobFilter{Queue: store.QueueDeliver}) {
			if err != nil {
				return err
			}
			var d app.Deliver
			if err := json.Unmarshal(j.Payload, &d); err != nil {
				return err
			}
			if j.Lane != fmt.Sprintf("%s thread", j.Host) || !d.Moved {
				i.t.Errorf("queued as %+v", j)
			}
			inboxes = append(inboxes, d.Inbox)
		}
		return nil
	}))
	return inboxes
}

// Hosts below one domain share the places of one server; customers of a public
// suffix do not.
func TestBusyDomain(t *testing.T) {
	i := newInstance(t, 202)
	taken := 0
	for n := range 50 {
		if i.acquire(desk.Host(fmt.Sprintf("s%d.evil.example", n)).Domain()) {
			taken++
		}
	}
	if taken != perDomain {
		t.Errorf("50 hosts of one domain have %d deliveries under way", taken)
	}
	for _, other := range []desk.Host{"ana.github.io", "ben.github.io", "big.example"} {
		if !i.acquire(other.Domain()) {
			t.Errorf("%s has no place", other)
		}
	}
}
