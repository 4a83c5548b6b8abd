//go:build linux

package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// crowd sends one report of each of many people; every third mentions strangers, and is
// held back.
type crowd struct {
	s    *site
	next int

	mu       sync.Mutex
	accepted map[desk.ObjectID]bool // answered 202: whether it mentions strangers
}

// send sends until ctx ends, each report until it is accepted.
func (c *crowd) send(ctx context.Context) {
	base := "http://" + c.s.addr
	for ctx.Err() == nil {
		n := c.next
		c.next++
		who := c.s.peer.Person(fmt.Sprint("p", n), nil)
		note := c.s.peer.Note(n, desk.ActorID(base+"/desks/help"), fmt.Sprintf("<p>broken %d</p>", n))
		note["attributedTo"] = string(who)
		if n%3 == 0 {
			tags := note["tag"].([]map[string]any)
			for k := range 4 {
				tags = append(tags, map[string]any{"type": "Mention", "href": fmt.Sprintf("https://stranger.example/users/%d", k), "name": "@x"})
			}
			note["tag"] = tags
		}
		create := c.s.peer.Create(note)
		create["actor"] = string(who)
		body, err := json.Marshal(create)
		if err != nil {
			c.s.t.Error(err)
			return
		}
		for ctx.Err() == nil {
			r := c.s.peer.RequestAs(string(who)+"#main-key", base+"/inbox", body)
			if res, err := http.DefaultClient.Do(r); err == nil {
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.StatusCode == http.StatusAccepted {
					c.mu.Lock()
					c.accepted[desk.ObjectID(note["id"].(string))] = n%3 == 0
					c.mu.Unlock()
					break
				}
			}
			pace(ctx, 10*time.Millisecond)
		}
	}
}

func (c *crowd) sent() int { c.mu.Lock(); defer c.mu.Unlock(); return len(c.accepted) }

// TestCountsSurvive kills the server while strangers report. After that what their open
// issues take of the room, and the held-back reports, are counted as they are there, and nothing
// accepted is missing.
func TestCountsSurvive(t *testing.T) {
	const limits = "EARSHOT_FLOOD_LIMITS=true"
	for _, on := range []backend{onBolt{}, onPostgres{}} {
		t.Run(on.name(), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, on, kind{}, t.TempDir(), &row{points: map[string]int{}})
			c := &crowd{s: s, accepted: map[desk.ObjectID]bool{}}
			for range 4 {
				s.start(limits)
				ctx, cancel := context.WithCancel(t.Context())
				var sending sync.WaitGroup
				sending.Go(func() { c.send(ctx) })
				for before, n := c.sent(), 1; n <= 12; n++ { // each step has its own time
					if !within(patience, func() bool { return c.sent() >= before+n }) {
						t.Error("no report is accepted any more")
						break
					}
				}
				s.kill()
				cancel()
				sending.Wait()
			}
			s.start(limits)
			if !s.settle() {
				t.Errorf("waiting for %s in vain", s.waiting())
			}
			s.stop()
			st, err := on.open(t.Context(), s)
			if err != nil {
				t.Fatalf("the store is not consistent: %v", err)
			}
			issues, held := c.check(st)
			t.Logf("%d accepted; %d issues, %d held back", c.sent(), issues, held)
			s.must(st.Close())
		})
	}
}

// check counts the records, and compares that with the stored counts and with what was
// accepted.
func (c *crowd) check(st store.Store) (issues, held int) {
	c.s.t.Helper()
	type room struct{ open, bytes int }
	is := map[desk.ObjectID]string{}
	c.s.view(st, func(tx store.Tx) error {
		want := map[desk.Domain]room{}
		for i, err := range store.EachOf(tx.Issues().List, store.IssueFilter{}) {
			if err != nil {
				return err
			}
			is[i.Report] += "issue"
			issues++
			if of, bytes := i.Takes(); of != "" {
				want[of] = room{want[of].open + 1, want[of].bytes + bytes}
			}
		}
		all := room{}
		for of, r := range want {
			s, _, err := tx.Standings().Get(string(of))
			if err != nil {
				return err
			}
			if got := (room{s.Open, s.OpenBytes}); got != r {
				c.s.t.Errorf("%s: counted %v, there are %v", of, got, r)
			}
			all = room{all.open + r.open, all.bytes + r.bytes}
		}
		s, _, err := tx.Standings().Get(desk.Strangers)
		if got := (room{s.Open, s.OpenBytes}); err != nil || got != all || all.open == 0 {
			c.s.t.Errorf("strangers: counted %v, there are %v, %v", got, all, err)
		}
		for q, err := range store.EachOf(tx.Quarantine().List, store.QuarantineFilter{}) {
			if err != nil {
				return err
			}
			is[q.Object] += "held"
			held++
		}
		sum, err := tx.Quarantine().HeldBack(desk.SpamStrangers)
		if err != nil {
			return err
		}
		n, err := tx.Quarantine().Count()
		if n != held || sum.People != held || held == 0 {
			c.s.t.Errorf("%d are held back; %d are counted, %d in the pile", held, n, sum.People)
		}
		return err
	})
	for note, strangers := range c.accepted {
		want := "issue"
		if strangers {
			want = "held"
		}
		if is[note] != want {
			c.s.t.Errorf("%s was answered 202 and is %q, not %q", note, is[note], want)
		}
	}
	return issues, held
}
