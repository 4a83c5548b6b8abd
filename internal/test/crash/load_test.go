//go:build linux

package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"earshot/internal/api"
	"earshot/internal/desk"
)

// load sends posts, and lets agents answer them, edit and retract their
// answers, through every crash; it remembers the promises to each.
type load struct {
	s       *site
	cancel  context.CancelFunc
	running sync.WaitGroup
	next    [senders]int // each sender's own
	filler  string       // makes every post larger
	full    atomic.Int64 // posts answered with 503
	knocks  atomic.Int64 // requests, which take the nodes in turn
	// repeated counts duplicates at the peer, until the last check.
	repeated int

	mu       sync.Mutex
	accepted map[desk.ObjectID]bool // notes answered with 202
	replied  map[string]*reply      // acknowledged, by idempotency key
	told     []telling              // acknowledged
	planned  []desk.IncidentID      // acknowledged, with a text for their beginning
	pairs    [][2]string            // objects of two replies in one thread, in the order of their acknowledgement
}

// reply is a reply that was acknowledged to an agent.
type reply struct {
	issue, id, object string
	request           map[string]any
	edited, deleted   bool // acknowledged too
	checked           bool
}

const (
	senders = 4
	agents  = 2
)

func newLoad(s *site) *load {
	return &load{s: s, accepted: map[desk.ObjectID]bool{}, replied: map[string]*reply{}}
}

// resume lets the load run until pause, if it does not.
func (l *load) resume() {
	if l.cancel != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	for n := range senders {
		l.running.Go(func() { l.send(ctx, n) })
	}
	for n := range agents {
		l.running.Go(func() { l.answer(ctx, n) })
	}
	l.running.Go(func() { l.tell(ctx) })
	l.running.Go(func() { l.plan(ctx) })
}

// pause ends the load. Requests under way are finished, not repeated.
func (l *load) pause() {
	if l.cancel != nil {
		l.cancel()
		l.running.Wait()
		l.cancel = nil
	}
}

func (l *load) posts() int { l.mu.Lock(); defer l.mu.Unlock(); return len(l.accepted) }

// door is the node that the next request goes to.
func (l *load) door() *node { return l.s.nodes[int(l.knocks.Add(1))%len(l.s.nodes)] }

// pace waits before the next attempt. It returns false if ctx ended.
func pace(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// send posts note after note, each until it is accepted, as other servers do.
func (l *load) send(ctx context.Context, who int) {
	base := "http://" + l.s.addr
	for ctx.Err() == nil {
		n := who*1_000_000 + l.next[who]
		l.next[who]++
		note := l.s.peer.Note(n, desk.ActorID(base+"/desks/help"), fmt.Sprintf("<p>broken %d %s</p>", n, l.filler))
		body, err := json.Marshal(l.s.peer.Create(note))
		if err != nil {
			l.s.t.Error(err)
			return
		}
		for ctx.Err() == nil && !l.post(base+"/inbox", desk.ObjectID(note["id"].(string)), body) {
			pace(ctx, 10*time.Millisecond)
		}
		pace(ctx, 5*time.Millisecond)
	}
}

func (l *load) post(to string, note desk.ObjectID, body []byte) (done bool) {
	r := l.s.peer.Request(to, body)
	r.URL.Host = l.door().addr // Host stays that of the instance, as a proxy leaves it
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	said, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	switch {
	case res.StatusCode == http.StatusAccepted:
		l.mu.Lock()
		l.accepted[note] = true
		l.mu.Unlock()
		return true
	case res.StatusCode == http.StatusServiceUnavailable:
		if res.Header.Get("Retry-After") == "" {
			l.s.t.Error("a 503 without Retry-After")
		}
		l.full.Add(1)
	case res.StatusCode < 500 && res.StatusCode != http.StatusTooManyRequests:
		l.s.t.Errorf("a good post was answered %d %s", res.StatusCode, said)
		return true
	}
	return false
}

// answer replies to new issues.
func (l *load) answer(ctx context.Context, who int) {
	done := map[desk.IssueID]bool{}
	for pace(ctx, 10*time.Millisecond) {
		issues, err := l.door().client().Issues(ctx, api.IssueQuery{Status: desk.StatusNew, Limit: 40})
		if err != nil {
			continue
		}
		for n, i := range issues {
			if done[i.ID] || n%agents != who {
				continue
			}
			done[i.ID] = true
			l.converse(ctx, i.ID, fmt.Sprintf("answer-%d-%s", who, i.ID), len(done))
			break
		}
	}
}

// converse replies; of three replies one is followed by another, one edited,
// one edited and retracted.
func (l *load) converse(ctx context.Context, id desk.IssueID, key string, n int) {
	text := "We are on it: " + key
	r := &reply{issue: string(id), request: map[string]any{"text": text + " |", "now": true, "status": "acknowledged"}}
	p, ok := l.ask(ctx, http.MethodPost, "/api/v1/issues/"+r.issue+"/reply", key, r.request)
	if !ok {
		return
	}
	r.id, r.object = string(p.ID), string(p.Object)
	l.promise(func() { l.replied[key] = r })
	if n%3 == 0 {
		l.more(ctx, r, key)
		return
	}
	if !l.published(ctx, r) {
		return
	}
	if p, ok = l.ask(ctx, http.MethodPatch, "/api/v1/posts/"+r.id, key+"-edit", map[string]any{"text": text + " | really"}); !ok {
		return
	}
	l.promise(func() { r.edited = p.Edited })
	if n%3 == 1 {
		return
	}
	if _, ok = l.ask(ctx, http.MethodDelete, "/api/v1/posts/"+r.id, key+"-delete", nil); ok {
		l.promise(func() { r.deleted = true })
	}
}

// more says something more in a thread, at once.
func (l *load) more(ctx context.Context, first *reply, key string) {
	key += "-more"
	r := &reply{issue: first.issue, request: map[string]any{"text": "Something more: " + key + " |", "now": true}}
	p, ok := l.ask(ctx, http.MethodPost, "/api/v1/issues/"+r.issue+"/reply", key, r.request)
	if !ok {
		return
	}
	r.id, r.object = string(p.ID), string(p.Object)
	l.promise(func() {
		l.replied[key] = r
		l.pairs = append(l.pairs, [2]string{first.object, r.object})
	})
}

func (l *load) promise(f func()) { l.mu.Lock(); defer l.mu.Unlock(); f() }

// published waits until a reply has gone out: an edit before that is no Update.
func (l *load) published(ctx context.Context, r *reply) bool {
	for pace(ctx, 10*time.Millisecond) {
		_, body := l.door().api(http.MethodGet, "/api/v1/issues/"+r.issue, "", nil)
		var i struct{ Timeline []api.Entry }
		if json.Unmarshal(body, &i) != nil {
			continue
		}
		for _, e := range i.Timeline {
			if string(e.Post) == r.id && e.State == desk.PostPublished {
				return true
			}
		}
	}
	return false
}

// ask repeats a request under its key until it is acknowledged, as the command
// line does.
func (l *load) ask(ctx context.Context, method, path, key string, in any) (p api.Post, ok bool) {
	for ctx.Err() == nil {
		status, body := l.door().api(method, path, key, in)
		switch {
		case status/100 == 2:
			if err := json.Unmarshal(body, &p); err != nil || p.ID == "" {
				l.s.t.Errorf("%s %s was answered %s", method, path, body)
				return p, false
			}
			return p, true
		case status == http.StatusConflict && strings.HasSuffix(path, "/reply"): // the other agent was faster with the status
			return p, false
		case strings.Contains(string(body), "incident_prepare_past"): // it is asked for again after its beginning
			return p, false
		case status == http.StatusNotFound && l.vanished(path):
			return p, false
		case status != 0 && status < 500 && status != http.StatusConflict && status != http.StatusTooManyRequests:
			l.s.t.Errorf("%s %s was refused: %d %s", method, path, status, body)
			return p, false
		}
		pace(ctx, 10*time.Millisecond)
	}
	return p, false
}

// vanished says that a reply is to an issue that nobody was promised: bbolt shows
// a transaction to readers a moment before it syncs it, and the power was cut in
// that moment. Its post is heard again, as another issue, or the check misses it.
func (l *load) vanished(path string) bool {
	id, ok := strings.CutSuffix(strings.TrimPrefix(path, "/api/v1/issues/"), "/reply")
	if !ok || !l.s.cut.Load() {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.replied {
		if r.issue == id {
			return false
		}
	}
	return true
}
