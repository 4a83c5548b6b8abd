package inbox

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/federation/proof"
	"earshot/federation/resolve"
	"earshot/internal/admission"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// limit is a FailureLimit that refuses after so many failures.
type limit struct{ counted, most int }

func (l *limit) Allowed(*http.Request) bool { return l.counted < l.most }
func (l *limit) Count(*http.Request)        { l.counted++ }

// full has no place for any request.
type full struct{}

func (full) Enter(*http.Request) (*admission.Place, error) {
	return nil, &admission.Refusal{At: "inbox", Reason: admission.OfAddress}
}

// slow is a body that comes too slowly.
type slow struct{}

func (slow) Read([]byte) (int, error) {
	return 0, &admission.Refusal{At: "bodies", Reason: admission.Slow}
}
func (slow) Close() error { return nil }

// broken is a body whose connection breaks.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
func (broken) Close() error             { return nil }

// Every refusal: its status, its reason, whether the sender is to come back, and
// whether it counts as a wrong signature. Nothing is stored.
func TestRefusals(t *testing.T) {
	report := activity(as.Create, ana, "1", note(ana, "1", mention))
	failing := func(k resolve.Kind) func(*instance, *http.Request) *http.Request {
		return func(i *instance, r *http.Request) *http.Request {
			i.peers.fails[string(ana)] = failure(k)
			return r
		}
	}
	storing := func(err error) func(*instance, *http.Request) *http.Request {
		return func(i *instance, r *http.Request) *http.Request { i.store.fails = err; return r }
	}
	for _, c := range []struct {
		name   string
		change func(*instance, *http.Request) *http.Request
		status int
		reason drop.Reason
		later  bool
		counts bool
	}{
		{"a web page", func(_ *instance, r *http.Request) *http.Request { r.Header.Set("Content-Type", "text/html"); return r }, 415, drop.MediaType, false, false},
		{"no type", func(_ *instance, r *http.Request) *http.Request { r.Header.Del("Content-Type"); return r }, 415, drop.MediaType, false, false},
		{"an address with many failures", func(i *instance, r *http.Request) *http.Request { i.Failed = &limit{}; return r }, 429, drop.Limited, true, false},
		{"too large, by its own word", func(_ *instance, r *http.Request) *http.Request { r.ContentLength = as.MaxBytes + 1; return r }, 413, drop.TooLarge, false, false},
		{"too large", func(_ *instance, r *http.Request) *http.Request {
			r.ContentLength, r.Body = -1, io.NopCloser(strings.NewReader(strings.Repeat(" ", as.MaxBytes+1)))
			return r
		}, 413, drop.TooLarge, false, false},
		{"a broken body", func(_ *instance, r *http.Request) *http.Request { r.Body = broken{}; return r }, 400, drop.NoBody, false, false},
		{"no body", func(_ *instance, r *http.Request) *http.Request { r.Body = http.NoBody; return r }, 400, drop.NoBody, false, false},
		{"a slow body", func(_ *instance, r *http.Request) *http.Request { r.Body = slow{}; return r }, 408, drop.SlowBody, true, false},
		{"no place", func(i *instance, r *http.Request) *http.Request { i.Places = full{}; return r }, 503, drop.Crowded, true, false},
		{"no activity", func(i *instance, _ *http.Request) *http.Request { return i.request(ana, `{"type":"Create"`) }, 400, drop.Malformed, false, false},
		{"no signature", func(_ *instance, r *http.Request) *http.Request { r.Header.Del("Signature"); return r }, 401, drop.Signature, false, true},
		{"a changed body", func(_ *instance, r *http.Request) *http.Request {
			r.Body = io.NopCloser(strings.NewReader(strings.Replace(report, "down", "fine", 1)))
			return r
		}, 401, drop.Signature, false, true},
		{"an old signature", func(i *instance, r *http.Request) *http.Request { i.clock.Advance(48 * time.Hour); return r }, 401, drop.Signature, false, true},
		{"a blocked actor", func(i *instance, r *http.Request) *http.Request { i.block(string(ana)); return r }, 403, drop.Blocked, false, false},
		{"a blocked server", func(i *instance, r *http.Request) *http.Request { i.block("m.example"); return r }, 403, drop.Blocked, false, false},
		{"the key is gone", failing(resolve.Gone), 410, drop.KeyGone, false, false},
		{"the key's server does not answer, and too much waits for keys", func(i *instance, r *http.Request) *http.Request {
			i.putOffAll()
			return failing(resolve.Temporary)(i, r)
		}, 503, drop.KeyUnreachable, true, false},
		{"the key's server refuses our signature, and too much waits for keys", func(i *instance, r *http.Request) *http.Request {
			i.putOffAll()
			return failing(resolve.Unauthorized)(i, r)
		}, 503, drop.KeyUnreachable, true, false},
		{"there is no such key", failing(resolve.NotFound), 401, drop.Signature, false, true},
		{"the key's document is nonsense", failing(resolve.Invalid), 401, drop.Signature, false, true},
		{"the disk is full", storing(store.ErrFull), 503, drop.NotStored, true, false},
		{"the database does not answer in time", storing(context.DeadlineExceeded), 503, drop.NotStored, true, false},
		{"the sender hung up", storing(context.Canceled), 503, drop.GivenUp, true, false},
		{"the store is broken", storing(errors.New("broken")), 500, drop.Failure, true, false},
		{"a flood", func(i *instance, r *http.Request) *http.Request { i.flood(); return r }, 429, drop.Flooded, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newInstance(t, true)
			failures := &limit{most: 1}
			i.Failed = failures
			w, o := i.answer(c.change(i, i.request(ana, report)))
			if o != (Outcome{c.status, c.reason}) || w.Code != c.status {
				t.Errorf("answered %d, counted as %v", w.Code, o)
			}
			if later := w.Header().Get("Retry-After") == "60"; later != c.later {
				t.Errorf("to come back: %t", later)
			}
			if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("the answer is %s: %s", got, w.Body)
			}
			if counted := failures.counted == 1; counted != c.counts {
				t.Errorf("%d failures were counted", failures.counted)
			}
			i.store.fails = nil
			if jobs := append(i.jobs(store.QueueInbound), i.jobs(store.QueueFetch)...); len(jobs) > 0 {
				t.Errorf("%v is stored", jobs)
			}
		})
	}
}

// flood takes the room of ana's server.
func (i *instance) flood() {
	i.t.Helper()
	i.update(func(tx *app.Tx) error {
		return tx.Standings().Put(desk.Standing{Key: string(ana.Host().Domain()), Since: tx.Now, Open: desk.DefaultRoom.Domain, Expires: tx.Now.Add(2000 * time.Hour)})
	})
}

// Plain JSON is read too, and a good activity is on disk before the 202.
func TestAccepted(t *testing.T) {
	for _, kind := range []string{as.ContentType, "application/activity+json", "application/json; charset=utf-8"} {
		i := newInstance(t, false)
		r := i.requestAs(kind, ana, activity(as.Create, ana, "1", note(ana, "1", mention)))
		if w, o := i.answer(r); o != (Outcome{http.StatusAccepted, drop.Kept}) || w.Body.Len() > 0 || len(i.jobs(store.QueueInbound)) != 1 {
			t.Errorf("%s: answered %v %s, stored %v", kind, o, w.Body, i.jobs(store.QueueInbound))
		}
	}
}

// The deletion of an account counts without its key if its own server says that
// it is gone. A stranger's costs no request at all.
func TestLeaving(t *testing.T) {
	leave := activity(as.Delete, ana, "leave", jsonID(string(ana)))
	i := newInstance(t, false)
	if o := i.send(ana, leave); o.Reason != drop.UnknownActor || len(i.peers.fetched) > 0 {
		t.Errorf("a stranger's: answered %v, fetched %v", o, i.peers.fetched)
	}
	i.report(ana, "1")
	gone := func(context.Context, string, bool) (httpsig.Key, error) { return httpsig.Key{}, failure(resolve.Gone) }
	i.Verifier.Lookup = gone
	failures := &limit{most: 100}
	i.Failed = failures
	if o := i.send(ana, leave); o.Reason != drop.KeyGone || failures.counted != 1 {
		t.Errorf("an account that is still there: answered %v, counted %d", o, failures.counted)
	}
	i.peers.fails[string(ana)] = failure(resolve.Gone)
	if o := i.send(hub, leave); o.Reason != drop.KeyGone {
		t.Errorf("by another host: answered %v", o)
	}
	if o := i.send(ben, leave); o.Reason != drop.Kept {
		t.Errorf("by its own server: answered %v", o)
	}
	i.process()
	if left := i.issues(); len(left) != 1 || left[0].Excerpt != "" {
		t.Errorf("after the deletion: %+v", left)
	}
}

// What one signer may cause is rationed by what it costs, and what sources and
// deletions cost is not.
func TestBudget(t *testing.T) {
	i := newInstance(t, false)
	i.Budget = NewBudget()
	i.follow(hub)
	i.report(ana, "1")
	named := func(n int) string {
		return fmt.Sprintf(`{"id":"https://m.example/c%d","type":"Create","actor":%q,"to":%q,"object":"https://m.example/users/ben/notes/%d"}`, n, ben, ourDesk, n)
	}
	for n := range fetchesOfActor.Burst {
		if o := i.send(ben, named(n)); o.Reason != drop.Kept {
			t.Fatalf("fetch %d: answered %v", n, o)
		}
	}
	if w, o := i.answer(i.request(ben, named(99))); o != (Outcome{http.StatusTooManyRequests, drop.Limited}) || w.Header().Get("Retry-After") == "" {
		t.Errorf("one fetch too many: answered %v", o)
	}
	for n := range fetchesOfActor.Burst + 5 {
		if o := i.send(hub, activity(as.Announce, hub, fmt.Sprint(n), jsonID(fmt.Sprintf("https://m.example/b/%d", n)))); o.Reason != drop.Kept {
			t.Fatalf("a source's Announce %d: answered %v", n, o)
		}
	}
	who := desk.ActorID("https://w.example/users/w")
	for range writesOfActor.Burst {
		if err := i.afford(&as.Activity{Type: as.Like, Actor: who}, decision{}, who); err != nil {
			t.Fatal(err)
		}
	}
	if err := i.afford(&as.Activity{Type: as.Like, Actor: who}, decision{}, who); err == nil {
		t.Error("writes have no limit")
	}
	flags := 0
	for range 3 * flagsOfActor.Burst {
		if i.afford(&as.Activity{Type: as.Flag, Actor: "https://v.example/actor"}, decision{}, "https://v.example/actor") == nil {
			flags++
		}
	}
	if flags != flagsOfActor.Burst {
		t.Errorf("one actor reports %d times at once", flags)
	}
	if err := i.afford(&as.Activity{Type: as.Delete, Actor: who}, decision{}, who); err != nil {
		t.Errorf("a deletion is too much: %v", err)
	}
	i.clock.Advance(writesOfActor.Every)
	if err := i.afford(&as.Activity{Type: as.Like, Actor: who}, decision{}, who); err != nil {
		t.Errorf("after a pause: %v", err)
	}
}

// A follower whose inbox is on another host costs a fetch, and one without an
// inbox cannot be answered.
func TestInboxElsewhere(t *testing.T) {
	for inbox, want := range map[string]struct {
		reason    drop.Reason
		elsewhere bool
	}{
		string(ben) + "/inbox": {drop.Kept, false}, "https://other.example/inbox": {drop.Kept, true}, "": {drop.NoInbox, false}, "no URL": {drop.NoInbox, false},
	} {
		i := newInstance(t, false)
		i.peers.actors[ben].Inbox = inbox
		follow := activity(as.Follow, ben, "1", jsonID(string(ourDesk)))
		a, err := as.ParseActivity([]byte(follow))
		if err != nil {
			t.Fatal(err)
		}
		if d, err := i.triage(t.Context(), a, ben); (err == nil) != (want.reason == drop.Kept) || d.elsewhere != want.elsewhere {
			t.Errorf("%q: %+v, %v", inbox, d, err)
		}
		if o := i.send(ben, follow); o.Reason != want.reason {
			t.Errorf("%q: answered %v", inbox, o)
		}
	}
}

// A forwarded activity is believed by its proof only if its actor has invited us;
// what an uninvited one says is fetched all the same.
func TestForwardedProof(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		invited bool
		author  desk.ActorID // of the proof
		age     time.Duration
		want    string // the queue
	}{
		{"proven", true, ana, 0, "inbound"},
		{"of an actor who was heard by tags", false, ana, 0, "fetch"},
		{"an old proof", true, ana, 48 * time.Hour, "fetch"},
		{"another actor's key", true, ben, 0, "fetch"},
		{"another host's key", true, hub, 0, "fetch"},
	} {
		i := newInstance(t, false)
		i.report(ana, "1")
		if !c.invited {
			i.update(func(tx *app.Tx) error {
				issue := i.issueIn(tx)
				issue.Invited = false
				return tx.Issues().Put(issue)
			})
		}
		next := i.Verifier.Lookup
		i.Verifier.Lookup = func(ctx context.Context, keyID string, fresh bool) (httpsig.Key, error) {
			if owner, is := strings.CutSuffix(keyID, "#ed25519-key"); is {
				return httpsig.Key{ID: keyID, Owner: desk.ActorID(owner), Public: public}, nil
			}
			return next(ctx, keyID, fresh)
		}
		body := `{"@context":"https://www.w3.org/ns/activitystreams",` + activity(as.Create, ana, "2", note(ana, "2", mention))[1:]
		signed, err := proof.Sign([]byte(body), string(c.author)+"#ed25519-key", private, i.clock.Now().Add(-c.age))
		if err != nil {
			t.Fatal(err)
		}
		if o := i.send(hub, string(signed)); o.Reason != drop.Kept {
			t.Errorf("%s: answered %v", c.name, o)
		}
		inbound, fetch := len(i.jobs(store.QueueInbound)), len(i.fetches())
		if got := map[bool]string{true: "inbound", false: "fetch"}[inbound == 1]; got != c.want || inbound+fetch != 1 {
			t.Errorf("%s: %d inbound, %d fetch", c.name, inbound, fetch)
		}
	}
}

// fetches lists the fetch jobs of objects.
func (i *instance) fetches() (ids []string) {
	i.t.Helper()
	for _, id := range i.jobs(store.QueueFetch) {
		if !strings.Contains(id, ":about:") {
			ids = append(ids, id)
		}
	}
	return ids
}

// issueIn returns the one issue.
func (i *instance) issueIn(tx *app.Tx) desk.Issue {
	all, _, err := tx.Issues().List(store.IssueFilter{}, store.Page{})
	if err != nil || len(all) != 1 {
		i.t.Fatalf("%d issues, %v", len(all), err)
	}
	return all[0]
}
