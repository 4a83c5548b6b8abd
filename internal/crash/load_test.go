package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"earshot/internal/api"
	"earshot/internal/desk"
)

// load is posts that come in and agents who answer them, through every crash,
// and what was promised to each.
type load struct {
	s       *site
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu       sync.Mutex
	accepted map[string]bool  // notes answered with 202
	replied  map[string]reply // by idempotency key
}

type reply struct {
	issue, id, words string
	request          map[string]any
}

const (
	senders = 4
	agents  = 2
)

func (s *site) load() *load {
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{s: s, cancel: cancel, accepted: map[string]bool{}, replied: map[string]reply{}}
	for n := range senders {
		l.running.Go(func() { l.send(ctx, n) })
	}
	for n := range agents {
		l.running.Go(func() { l.answer(ctx, n) })
	}
	return l
}

// stop ends the load. Requests under way are finished.
func (l *load) stop() {
	l.cancel()
	l.running.Wait()
}

// pace is how long somebody waits before the next try.
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
	for n := 0; ctx.Err() == nil; n++ {
		note := l.s.peer.Note(who*1_000_000+n, desk.ActorID(base+"/desks/help"), fmt.Sprintf("<p>broken %d-%d</p>", who, n))
		body, err := json.Marshal(l.s.peer.Create(note))
		if err != nil {
			l.s.t.Error(err)
			return
		}
		for ctx.Err() == nil {
			r := l.s.peer.Request(base+"/inbox", body)
			res, err := http.DefaultClient.Do(r)
			if err == nil {
				_ = res.Body.Close()
				if res.StatusCode == http.StatusAccepted {
					l.mu.Lock()
					l.accepted[note["id"].(string)] = true
					l.mu.Unlock()
					break
				}
				if res.StatusCode < 500 && res.StatusCode != http.StatusTooManyRequests {
					l.s.t.Errorf("a good post was answered %d", res.StatusCode)
					return
				}
			}
			pace(ctx, 10*time.Millisecond)
		}
		pace(ctx, 5*time.Millisecond)
	}
}

// answer replies to issues, each with a key of its own that is repeated until
// the reply is acknowledged, as the command line does.
func (l *load) answer(ctx context.Context, who int) {
	done := map[desk.IssueID]bool{}
	for pace(ctx, 10*time.Millisecond) {
		issues, err := l.s.client().Issues(ctx, api.IssueQuery{Status: desk.StatusNew, Limit: 40})
		if err != nil {
			continue
		}
		for n, i := range issues {
			if done[i.ID] || n%agents != who {
				continue
			}
			done[i.ID] = true
			l.reply(ctx, i.ID, fmt.Sprintf("answer-%d-%s", who, i.ID))
			break
		}
	}
}

func (l *load) reply(ctx context.Context, id desk.IssueID, key string) {
	r := reply{issue: string(id), words: "We are on it: " + key, request: map[string]any{"text": "We are on it: " + key, "now": true, "status": "acknowledged"}}
	for ctx.Err() == nil {
		status, body := l.s.api(http.MethodPost, "/api/v1/issues/"+r.issue+"/reply", key, r.request)
		switch {
		case status/100 == 2:
			var p struct{ ID string }
			if err := json.Unmarshal(body, &p); err != nil || p.ID == "" {
				l.s.t.Errorf("a reply was answered %s", body)
				return
			}
			r.id = p.ID
			l.mu.Lock()
			l.replied[key] = r
			l.mu.Unlock()
			return
		case status == http.StatusConflict: // the other agent was faster with the status
			return
		case status != 0 && status < 500:
			l.s.t.Errorf("a reply was refused: %d %s", status, body)
			return
		}
		pace(ctx, 10*time.Millisecond)
	}
}
