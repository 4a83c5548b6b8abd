package queue_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"earshot/internal/clock"
	"earshot/internal/queue"
	"earshot/store"
	"earshot/store/bolt"
)

var ctx = context.Background()

// bench is a store, a clock and a worker whose handler a test decides.
type bench struct {
	t      *testing.T
	store  *bolt.Store
	clock  *clock.Fake
	worker *queue.Worker
}

func newBench(t *testing.T, handle queue.Handler) *bench {
	t.Helper()
	s, err := bolt.Open(ctx, filepath.Join(t.TempDir(), "db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Check(), s.Close()); err != nil {
			t.Error(err)
		}
	})
	c := clock.NewFake(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	return &bench{t, s, c, &queue.Worker{Store: s, Clock: c, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Queue: store.QueueTimer,
		Handle: handle, Concurrency: 4, Lease: time.Minute, Backoff: queue.Backoff{First: time.Second, Max: time.Minute, GiveUp: time.Hour}}}
}

func (b *bench) add(ids ...string) {
	b.t.Helper()
	b.update(func(tx store.Tx) error {
		for _, id := range ids {
			lane, _, _ := strings.Cut(id, "/")
			if _, err := tx.Jobs().Add(store.Job{ID: id, Queue: store.QueueTimer, Lane: lane, Due: b.clock.Now(), Added: b.clock.Now()}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *bench) update(f func(store.Tx) error) {
	b.t.Helper()
	if err := b.store.Update(ctx, "", f); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) run() int {
	b.t.Helper()
	n, err := b.worker.RunOnce(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *bench) job(id string) (j store.Job, ok bool) {
	b.t.Helper()
	if err := b.store.View(ctx, func(tx store.Tx) (err error) { j, ok, err = tx.Jobs().Get(id); return err }); err != nil {
		b.t.Fatal(err)
	}
	return j, ok
}

func TestDoneJobsAreDeleted(t *testing.T) {
	b := newBench(t, func(context.Context, store.Job) error { return nil })
	b.add("a/1")
	if n := b.run(); n != 1 {
		t.Errorf("ran %d", n)
	}
	if _, ok := b.job("a/1"); ok || b.run() != 0 {
		t.Error("a job that is done is still there")
	}
}

func TestLaneIsInOrder(t *testing.T) {
	var ran []string
	b := newBench(t, func(_ context.Context, j store.Job) error { ran = append(ran, j.ID); return nil })
	b.worker.Concurrency = 1
	b.add("a/1", "a/2", "a/3")
	for b.run() > 0 {
	}
	if !slices.Equal(ran, []string{"a/1", "a/2", "a/3"}) {
		t.Errorf("ran %v", ran)
	}
}

func TestFailureBacksOffAndGivesUp(t *testing.T) {
	b := newBench(t, func(context.Context, store.Job) error { return errors.New("no luck\x00\xff") })
	b.add("a/1")
	b.run()
	j, _ := b.job("a/1")
	if j.Attempts != 1 || !j.Due.After(b.clock.Now()) || j.Error != "no luck\ufffd" {
		t.Errorf("after one failure: %+v", j)
	}
	if b.run() != 0 {
		t.Error("tried again before it was due")
	}
	for range 200 {
		b.clock.Advance(time.Minute)
		b.run()
	}
	if j, _ = b.job("a/1"); !j.Dead {
		t.Errorf("not given up after three hours: %+v", j)
	}
}

func TestHandlerMayPostponeOrBury(t *testing.T) {
	var answer error
	b := newBench(t, func(context.Context, store.Job) error { return answer })
	at := b.clock.Now().Add(5 * time.Hour)
	answer = &queue.Later{At: at, Err: errors.New("busy")}
	b.add("a/1")
	b.run()
	if j, _ := b.job("a/1"); !j.Due.Equal(at) || j.Attempts != 0 || j.Error != "busy" {
		t.Errorf("later: %+v", j)
	}
	answer = &queue.Dead{Err: errors.New("never")}
	b.add("b/1")
	b.run()
	if j, _ := b.job("b/1"); !j.Dead || j.Error != "never" {
		t.Errorf("dead: %+v", j)
	}
}

// A message that makes its handler panic costs itself only.
func TestPanicIsADeadLetter(t *testing.T) {
	b := newBench(t, func(_ context.Context, j store.Job) error {
		if j.ID == "a/1" {
			panic("poison")
		}
		return nil
	})
	b.add("a/1", "b/1")
	b.run()
	if j, _ := b.job("a/1"); !j.Dead || !strings.Contains(j.Error, "poison") {
		t.Errorf("the poison: %+v", j)
	}
	if _, ok := b.job("b/1"); ok {
		t.Error("the other job was not done")
	}
}

// A job whose program was stopped is no failure: it is due at once.
func TestStoppingIsNoFailure(t *testing.T) {
	stopping, stop := context.WithCancel(ctx)
	b := newBench(t, func(ctx context.Context, _ store.Job) error { stop(); <-ctx.Done(); return ctx.Err() })
	b.add("a/1")
	if _, err := b.worker.RunOnce(stopping); err != nil {
		t.Fatal(err)
	}
	if j, _ := b.job("a/1"); j.Attempts != 0 || j.Due.After(b.clock.Now()) {
		t.Errorf("after the stop: %+v", j)
	}
}

// A worker that was only slow cannot end what another has taken over.
func TestLostLease(t *testing.T) {
	b := newBench(t, nil)
	b.worker.Handle = func(context.Context, store.Job) error {
		b.clock.Advance(2 * time.Minute)
		b.update(func(tx store.Tx) error {
			_, err := tx.Jobs().Lease(store.QueueTimer, b.clock.Now(), b.clock.Now().Add(time.Hour), 1)
			return err
		})
		return nil
	}
	b.add("a/1")
	b.run()
	if _, ok := b.job("a/1"); !ok {
		t.Error("it ended a job that was not its own any more")
	}
}

// Run works without being told, and ends when asked to.
func TestRun(t *testing.T) {
	did := make(chan string)
	b := newBench(t, func(_ context.Context, j store.Job) error { did <- j.ID; return nil })
	running, stop := context.WithCancel(ctx)
	ended := make(chan error)
	go func() { ended <- b.worker.Run(running) }()
	for _, id := range []string{"a/1", "b/1", "c/1"} {
		b.add(id)
		if got := <-did; got != id {
			t.Errorf("did %s, want %s", got, id)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Jobs that were claimed but not begun are given back when the program stops.
func TestRunGivesBack(t *testing.T) {
	begun := make(chan struct{})
	b := newBench(t, func(ctx context.Context, _ store.Job) error { begun <- struct{}{}; <-ctx.Done(); return ctx.Err() })
	b.worker.Concurrency = 1
	b.add("a/1", "b/1")
	running, stop := context.WithCancel(ctx)
	ended := make(chan error)
	go func() { ended <- b.worker.Run(running) }()
	<-begun
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for _, id := range []string{"a/1", "b/1"} {
		if j, ok := b.job(id); !ok || !j.LeasedUntil.IsZero() || j.Attempts != 0 {
			t.Errorf("%s: %+v", id, j)
		}
	}
}

func TestBackoffIsBounded(t *testing.T) {
	b := queue.Backoff{First: time.Second, Max: time.Minute}
	for n := 1; n < 100; n++ {
		if d := b.Next(n); d < time.Second/2 || d > time.Minute {
			t.Errorf("Next(%d) = %v", n, d)
		}
	}
}

// While others need the machine, jobs begin in portions: one at once, and the next a
// quarter of a second later, or when the others are done.
func TestYield(t *testing.T) {
	var busy atomic.Bool
	ran := make(chan string, 12)
	b := newBench(t, func(_ context.Context, j store.Job) error { ran <- j.ID; return nil })
	busy.Store(true)
	asked := make(chan bool, 1000)
	b.worker.Yield = func() bool {
		select {
		case asked <- true:
		default:
		}
		return busy.Load()
	}
	for n := range 12 {
		b.add(fmt.Sprintf("job%d", n))
	}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = b.worker.Run(ctx) })
	defer wg.Wait()
	defer stop()
	portion := func() {
		t.Helper()
		for range 4 {
			<-ran
		}
	}
	rests := func() { // it asked again, and began nothing
		t.Helper()
		for len(asked) > 0 {
			<-asked
		}
		for range 3 {
			<-asked
		}
		if len(ran) > 0 {
			t.Error("jobs begin while others need the machine")
		}
	}
	portion()
	rests()
	b.clock.Advance(250 * time.Millisecond)
	portion()
	rests()
	busy.Store(false)
	portion()
}
