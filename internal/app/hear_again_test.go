package app_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// reads are the jobs of a queue that read a report again.
func (r *threads) reads(q store.Queue) (out []store.Job) {
	fine(r, r.nodes[0].View(ctx, func(tx *app.Tx) error {
		out = nil
		for j, err := range store.EachOf(tx.Jobs().List, store.JobFilter{Queue: q}) {
			if err != nil {
				return err
			}
			if strings.HasPrefix(j.ID, string(q)+":read:") {
				out = append(out, j)
			}
		}
		return nil
	}))
	return out
}

// One server is asked at most 600 times an hour, whichever nodes ask.
func TestNodesShareTheReadsOfAServer(t *testing.T) {
	const reports = 60
	onStores(t, func(r *threads) {
		for n := range reports {
			who := desk.ActorID(fmt.Sprintf("https://m.example/users/%d", n))
			_, err := r.nodes[n%len(r.nodes)].Hear(ctx, app.Heard{Source: "source", Author: desk.Actor{ID: who, Inbox: string(who) + "/inbox"},
				Post: desk.Post{Object: desk.ObjectID(who + "/1"), Author: who, Text: "down", Visibility: desk.VisibilityPublic, Published: r.clock.Now(), Tags: []string{"acme", "fail"}}})
			fine(r, err)
		}
		r.clock.Advance(2 * time.Hour) // as after an outage of ours: all are due
		timers := r.reads(store.QueueTimer)
		if len(timers) != reports {
			r.Fatalf("%d timers", len(timers))
		}
		var nodes sync.WaitGroup
		for n, node := range r.nodes {
			nodes.Go(func() {
				for i := n; i < len(timers); i += len(r.nodes) {
					if err := node.RunTimer(ctx, timers[i]); err != nil {
						r.Error(err)
					}
				}
			})
		}
		nodes.Wait()
		var due []time.Time
		for _, j := range r.reads(store.QueueBrought) {
			due = append(due, j.Due)
		}
		if len(due) != reports {
			r.Fatalf("%d reads", len(due))
		}
		slices.SortFunc(due, time.Time.Compare)
		for n, at := range due {
			if want := r.clock.Now().Add(time.Duration(n) * 6 * time.Second); !at.Equal(want) {
				r.Fatalf("read %d is due at %v, want %v", n, at, want)
			}
		}
	})
}
