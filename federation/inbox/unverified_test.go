package inbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/federation/as"
	"earshot/federation/resolve"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/store"
)

// putOffAll takes all room for what cannot be verified yet.
func (i *instance) putOffAll() {
	i.t.Helper()
	i.update(func(tx *app.Tx) error {
		for n := range maxUnverified / 2 {
			j := store.Job{ID: fmt.Sprint("verify:", n), Queue: store.QueueVerify, Due: tx.Now, Added: tx.Now}
			if _, err := tx.Jobs().Add(j); err != nil {
				return err
			}
		}
		return nil
	})
}

// verify does all verify jobs once, and returns why the last of them is to be tried
// again, nil if it is done.
func (i *instance) verify() (again error) {
	i.t.Helper()
	for _, name := range i.jobs(store.QueueVerify) {
		var j store.Job
		i.view(func(tx *app.Tx) (err error) { j, _, err = tx.Jobs().Get(name); return err })
		if again = i.Verify(i.t.Context(), j); again == nil {
			i.update(func(tx *app.Tx) error { _, err := tx.Jobs().Drop(name, tx.Now); return err })
		}
	}
	return again
}

// dropped is how often something was dropped for a reason.
func (i *instance) dropped(why drop.Reason) int {
	for _, c := range i.Drops.Counts() {
		if c.Reason == why {
			return c.All
		}
	}
	return 0
}

// A report whose key cannot be fetched is answered 202 and heard when the key comes, by
// the time at which it came; however late that is, and however often it was sent.
func TestHeardWhenTheKeyComes(t *testing.T) {
	i := newInstance(t, true)
	body := activity(as.Create, ana, "1", note(ana, "1", mention))
	i.peers.fails[string(ana)] = failure(resolve.Temporary)
	for range 3 {
		if o := i.send(ana, body); o != (Outcome{http.StatusAccepted, drop.Kept}) {
			t.Fatalf("answered %v", o)
		}
	}
	if n := len(i.jobs(store.QueueVerify)); n != 1 {
		t.Errorf("one request sent three times is %d jobs", n)
	}
	i.clock.Advance(time.Minute)
	i.send(ana, body) // another request: it has another date
	i.clock.Advance(UnverifiedFor - 2*time.Minute)
	if err := i.verify(); err == nil || len(i.issues()) > 0 {
		t.Errorf("without the key: %v, %d issues", err, len(i.issues()))
	}
	delete(i.peers.fails, string(ana))
	if err := i.verify(); err != nil {
		t.Fatal(err)
	}
	i.process()
	if n := len(i.issues()); n != 1 || i.dropped(drop.Duplicate) != 1 {
		t.Errorf("%d issues, %d duplicates", n, i.dropped(drop.Duplicate))
	}
	if o := i.send(ana, body); o.Reason != drop.Duplicate {
		t.Errorf("sent once more: %v", o)
	}
}

// An activity that is verified late is looked at as if it came then: the signature must fit the key
// that there is, and blocks hold. Each drop is counted.
func TestVerifiedLateAndDropped(t *testing.T) {
	for _, c := range []struct {
		name    string
		forged  bool
		between func(*instance)
		want    drop.Reason
	}{
		{"a forgery", true, func(i *instance) { delete(i.peers.fails, string(ana)) }, drop.Signature},
		{"blocked since", false, func(i *instance) { delete(i.peers.fails, string(ana)); i.block("m.example") }, drop.Blocked},
		{"the key is gone by now", false, func(i *instance) { i.peers.fails[string(ana)] = failure(resolve.Gone) }, drop.KeyGone},
		{"there is no such key", false, func(i *instance) { i.peers.fails[string(ana)] = failure(resolve.NotFound) }, drop.Signature},
		{"the key never came", false, func(i *instance) { i.clock.Advance(UnverifiedFor) }, drop.KeyUnreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newInstance(t, true)
			i.Failed = &limit{most: 1}
			i.peers.fails[string(ana)] = failure(resolve.Temporary)
			r := i.request(ana, activity(as.Create, ana, "1", note(ana, "1", mention)))
			if c.forged {
				r.Header.Set("Date", i.clock.Now().Add(time.Minute).Format(http.TimeFormat))
			}
			if _, o := i.answer(r); o != (Outcome{http.StatusAccepted, drop.Kept}) {
				t.Fatalf("answered %v", o)
			}
			c.between(i)
			if err := i.verify(); err != nil {
				t.Fatal(err)
			}
			i.process()
			if len(i.issues()) > 0 || i.dropped(c.want) != 1 {
				t.Errorf("%d issues; dropped: %v", len(i.issues()), i.Drops.Counts())
			}
		})
	}
}

// Which activities are stored unverified: one that is wrong whatever the key says is
// refused, one that is not for us is forgotten, and one beyond the bounds comes again.
func TestPutOff(t *testing.T) {
	report := activity(as.Create, ana, "1", note(ana, "1", mention))
	long := strings.Repeat("x", unverifiedBytes)
	for name, c := range map[string]struct {
		body   string
		change func(*http.Request)
		want   Outcome
	}{
		"a report":                     {report, nil, Outcome{202, drop.Kept}},
		"both keys":                    {activity(as.Create, ana, "1", note(ana, "1", `,"tag":[{"type":"Hashtag","name":"#acme"},{"type":"Hashtag","name":"#down"}]`)), nil, Outcome{202, drop.Kept}},
		"a follower":                   {activity(as.Follow, ana, "1", jsonID(string(ourDesk))), nil, Outcome{202, drop.Kept}},
		"a deletion":                   {activity(as.Delete, ana, "1", jsonID(noteID(ana, "1"))), nil, Outcome{202, drop.Kept}},
		"small talk":                   {activity(as.Create, ana, "1", note(ana, "1", "")), nil, Outcome{202, drop.NotAddressed}},
		"a type that means nothing":    {activity("View", ana, "1", jsonID(noteID(ana, "1"))), nil, Outcome{202, drop.UnknownType}},
		"another author's post":        {activity(as.Create, ana, "1", note(hub, "1", mention)), nil, Outcome{400, drop.Malformed}},
		"too long":                     {activity(as.Create, ana, "1", note(ana, "1", mention+`,"x":"`+long+`"`)), nil, Outcome{503, drop.KeyUnreachable}},
		"of another host than its key": {strings.ReplaceAll(report, string(ana), string(hub)), nil, Outcome{503, drop.KeyUnreachable}},
		"without a digest":             {report, func(r *http.Request) { r.Header.Del("Digest") }, Outcome{401, drop.Signature}},
		"an old date":                  {report, func(r *http.Request) { r.Header.Set("Date", "Thu, 01 Jan 2026 09:00:00 GMT") }, Outcome{401, drop.Signature}},
	} {
		t.Run(name, func(t *testing.T) {
			i := newInstance(t, true)
			i.peers.fails[string(ana)] = failure(resolve.Temporary)
			r := i.request(ana, c.body)
			if c.change != nil {
				c.change(r)
			}
			if _, o := i.answer(r); o != c.want {
				t.Errorf("answered %v, want %v", o, c.want)
			}
			want := 0
			if c.want.Reason == drop.Kept {
				want = 1
			}
			if jobs := i.jobs(store.QueueVerify); len(jobs) != want || len(i.jobs(store.QueueInbound)) > 0 {
				t.Errorf("stored: %v", jobs)
			}
		})
	}
}

// Only what the signature is about is stored of a request.
func TestPutOffKeepsNoMore(t *testing.T) {
	i := newInstance(t, true)
	i.peers.fails[string(ana)] = failure(resolve.Temporary)
	r := i.request(ana, activity(as.Create, ana, "1", note(ana, "1", mention)))
	r.Header.Set("X-Forwarded-For", "192.0.2.17")
	r.Header.Set("Cookie", "a=192.0.2.17")
	i.answer(r)
	i.view(func(tx *app.Tx) error {
		j, _, err := tx.Jobs().Get(i.jobs(store.QueueVerify)[0])
		if strings.Contains(string(j.Payload), "192.0.2.17") || j.Host != ana.Host() {
			t.Errorf("stored: %s", j.Payload)
		}
		return err
	})
}

// One address, and all that claim one domain, have a ration each. Deletions, which
// servers send to everybody, take nothing from reports. Half of all room is for
// servers that we know.
func TestUnverifiedRations(t *testing.T) {
	b, now := NewBudget(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	taken := func(address, domain string, takesBack bool) (n int) {
		for b.putOff(address, desk.Domain(domain), takesBack, now) {
			n++
		}
		return n
	}
	for n, c := range []struct {
		address, domain string
		takesBack       bool
		want            int
	}{
		{"1", "a.example", true, 30},
		{"1", "a.example", false, 30},
		{"1", "b.example", false, 0},
		{"2", "a.example", false, 30},
		{"3", "a.example", false, 0},
		{"4", "b.example", false, 30},
	} {
		if got := taken(c.address, c.domain, c.takesBack); got != c.want {
			t.Errorf("%d: %v took %d", n, c, got)
		}
	}

	i := newInstance(t, true)
	i.putOffAll()
	for n, c := range []struct {
		takesBack, known, want bool
	}{{false, false, false}, {true, true, false}, {false, true, true}} {
		if c.known {
			i.update(func(tx *app.Tx) error {
				return tx.Standings().Put(desk.Standing{Key: string(ana.Host().Domain()), Since: tx.Now, Vouched: tx.Now, Expires: tx.Now.AddDate(1, 0, 0)})
			})
		}
		if room, err := i.unverified.room(t.Context(), i.App, ana.Host(), c.takesBack); err != nil || room != c.want {
			t.Errorf("%d: room is %t, %v", n, room, err)
		}
	}
}
