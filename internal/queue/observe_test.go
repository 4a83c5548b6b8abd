package queue_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"earshot/internal/queue"
	"earshot/store"
)

// Every run is told, with how it ended.
func TestObserve(t *testing.T) {
	told := make(chan queue.Ended, 8)
	b := newBench(t, nil)
	b.worker.Observe = func(e queue.Ended) { told <- e }
	b.worker.Handle = func(_ context.Context, j store.Job) error {
		switch j.ID {
		case "b/1":
			return errors.New("not yet")
		case "c/1":
			return &queue.Dead{Err: errors.New("never")}
		case "d/1":
			return &queue.Later{At: b.clock.Now().Add(time.Hour)}
		}
		return nil
	}
	b.add("a/1", "b/1", "c/1", "d/1")
	b.run()
	close(told)
	got := map[queue.Outcome]int{}
	for e := range told {
		got[e.Outcome]++
		if e.Queue != store.QueueTimer {
			t.Errorf("queue %s", e.Queue)
		}
	}
	if want := (map[queue.Outcome]int{queue.Done: 1, queue.Retried: 1, queue.Buried: 1, queue.Delayed: 1}); !maps.Equal(got, want) {
		t.Errorf("told %v", got)
	}
}
