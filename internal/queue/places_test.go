package queue_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/queue"
	"earshot/store"
)

// addFor adds jobs that depend on a host.
func (b *bench) addFor(h desk.Host, n int) {
	b.t.Helper()
	b.update(func(tx store.Tx) error {
		for i := range n {
			j := store.Job{ID: fmt.Sprintf("%s/%03d", h, i), Queue: store.QueueTimer, Due: b.clock.Now(), Added: b.clock.Now(), Host: h}
			if _, err := tx.Jobs().Add(j); err != nil {
				return err
			}
		}
		return nil
	})
}

// silent is a handler whose jobs for hosts other than good end only when the
// test ends. It tells of every job it begins.
func silent(t *testing.T, good desk.Host) (handle queue.Handler, begun <-chan desk.Host) {
	told, end := make(chan desk.Host, 1000), make(chan struct{})
	t.Cleanup(func() { close(end) })
	return func(ctx context.Context, j store.Job) error {
		told <- j.Host
		if j.Host != good {
			select {
			case <-end:
			case <-ctx.Done():
			}
		}
		return nil
	}, told
}

// running runs the worker until the test ends.
func (b *bench) running() {
	running, stop := context.WithCancel(ctx)
	ended := make(chan error)
	go func() { ended <- b.worker.Run(running) }()
	b.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			b.t.Error(err)
		}
	})
}

// untilBegun waits for a job of a host, and returns how many of others began before it.
func untilBegun(t *testing.T, begun <-chan desk.Host, want desk.Host) (others int) {
	t.Helper()
	for {
		select {
		case h := <-begun:
			if h == want {
				return others
			}
			others++
		case <-time.After(2 * time.Minute):
			t.Fatalf("no job of %s has begun, after %d others", want, others)
		}
	}
}

// A job of a host that answers runs while jobs of silent hosts are under way,
// however many of those wait in front of it.
func TestSilentHostsStopNoOther(t *testing.T) {
	strangers := make([]desk.Host, 300)
	for n := range strangers {
		strangers[n] = desk.Host(fmt.Sprintf("s%d.example", n))
	}
	const good = "good.example"
	known := func(_ context.Context, h desk.Host) bool { return h == good }
	for _, c := range []struct {
		name  string
		hosts []desk.Host
		each  int
		known func(context.Context, desk.Host) bool
		most  int // of 8 workers
	}{
		{"one host that was known to answer", []desk.Host{"silent.example"}, 300, nil, 1},
		{"one stranger", []desk.Host{"silent.example"}, 300, known, 2},
		{"many strangers", strangers, 1, known, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, nil)
			handle, begun := silent(t, good)
			b.worker.Handle, b.worker.Concurrency, b.worker.Known = handle, 8, c.known
			for _, h := range c.hosts {
				b.addFor(h, c.each)
			}
			b.clock.Advance(time.Second)
			b.addFor(good, 1)
			b.running()
			if n := untilBegun(t, begun, good); n > c.most {
				t.Errorf("%d of 8 workers wait for silent hosts, want at most %d", n, c.most)
			}
		})
	}
}

// Jobs of strangers that do not answer are cut short, once: however many wait in front,
// a stranger that answers has its turn soon. A host that needs longer is waited for at the
// second try.
func TestSilentStrangersAreCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.worker.Clock, b.worker.Concurrency, b.worker.Strangers = clock.System{}, 8, 5*time.Second
		b.worker.Known = func(context.Context, desk.Host) bool { return false }
		began, answered := time.Now(), make(chan desk.Host, 2)
		b.worker.Handle = func(ctx context.Context, j store.Job) error {
			needs := 25 * time.Second // then it is given up
			switch j.Host {
			case "good.example":
				needs = time.Second
			case "late.example":
				needs = 20 * time.Second
			}
			select {
			case <-time.After(needs):
				if needs == 25*time.Second {
					return &queue.Dead{Err: context.DeadlineExceeded}
				}
				answered <- j.Host
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		b.update(func(tx store.Tx) error {
			for n := range 62 {
				h := desk.Host(fmt.Sprintf("s%d.example", n))
				switch n {
				case 0:
					h = "late.example"
				case 61:
					h = "good.example"
				}
				if _, err := tx.Jobs().Add(store.Job{ID: string(h), Queue: store.QueueTimer, Due: began.UTC().Add(time.Duration(n) * time.Millisecond), Added: began.UTC(), Host: h}); err != nil {
					return err
				}
			}
			return nil
		})
		running, stop := context.WithCancel(ctx)
		ended := make(chan error)
		go func() { ended <- b.worker.Run(running) }()
		within := map[desk.Host]time.Duration{"good.example": 90 * time.Second, "late.example": 20 * time.Minute}
		for range within {
			h := <-answered
			took := time.Since(began)
			if t.Logf("%s: after %v", h, took); took > within[h] {
				t.Errorf("%s: only after %v", h, took)
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A host that took long has a share of the few workers of slow hosts, until one
// of its jobs is quick.
func TestSlowHostsShareFewWorkers(t *testing.T) {
	const good = "good.example"
	b := newBench(t, func(context.Context, store.Job) error { return nil })
	b.worker.Concurrency = 8
	b.worker.Handle = func(context.Context, store.Job) error { b.clock.Advance(queue.Patience); return nil }
	slow := []desk.Host{"s1.example", "s2.example", "s3.example", "s4.example"}
	for _, h := range slow {
		b.addFor(h, 1)
		b.run()
	}
	handle, begun := silent(t, good)
	b.worker.Handle = handle
	for _, h := range slow {
		b.addFor(h, 20)
	}
	b.clock.Advance(time.Second)
	b.addFor(good, 1)
	b.running()
	if n := untilBegun(t, begun, good); n > 2 {
		t.Errorf("slow hosts have %d of 8 workers, want 2", n)
	}
}

// A host that answered a few jobs lately, and falls silent, holds as many workers more, and
// never more than half.
func TestHostThatFallsSilent(t *testing.T) {
	const good = "good.example"
	for answered, most := range []int{1, 2, 3, 4, 4, 4} {
		b := newBench(t, func(context.Context, store.Job) error { return nil })
		b.worker.Concurrency = 8
		b.addFor("s.example", answered)
		for done := 0; done < answered; {
			done += b.run()
		}
		handle, begun := silent(t, good)
		b.worker.Handle = handle
		b.addFor("s.example", 20)
		b.clock.Advance(time.Second)
		b.addFor(good, 1)
		b.running()
		if n := untilBegun(t, begun, good); n > most {
			t.Errorf("after %d answers it has %d of 8 workers, want %d", answered, n, most)
		}
	}
}

// Jobs that were in the way are done when their host answers again.
func TestJobsInTheWayAreDoneLater(t *testing.T) {
	var b *bench
	b = newBench(t, func(context.Context, store.Job) error { return nil })
	b.worker.Known = func(context.Context, desk.Host) bool { return false }
	b.addFor("s.example", 40)
	for done := 0; done < 40; {
		n := b.run()
		if n == 0 {
			t.Fatalf("only %d of 40 jobs were run", done)
		}
		done += n
	}
}
