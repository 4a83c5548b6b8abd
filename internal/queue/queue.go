// Package queue runs the durable jobs of the store: it leases them, keeps the
// lease alive while they run, and decides what happens after. Jobs run at
// least once; handlers are idempotent by the job's id.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"earshot/internal/clock"
	"earshot/internal/failpoint"
	"earshot/internal/id"
	"earshot/store"
)

// Handler does a job. nil means done; *Later and *Dead say otherwise; any
// other error is tried again by the worker's back-off.
type Handler func(ctx context.Context, job store.Job) error

// Later asks for another try at a time of the handler's choosing.
type Later struct {
	At      time.Time
	Counted bool // whether it counts as an attempt
	Err     error
}

func (l *Later) Error() string {
	return fmt.Sprintf("again at %s: %v", l.At.Format(time.RFC3339), l.Err)
}
func (l *Later) Unwrap() error { return l.Err }

// Dead gives a job up: it becomes a dead letter that people see.
type Dead struct{ Err error }

func (d *Dead) Error() string { return d.Err.Error() }
func (d *Dead) Unwrap() error { return d.Err }

// Worker runs the jobs of one queue.
type Worker struct {
	Store       store.Store
	Clock       clock.Clock
	Log         *slog.Logger
	Queue       store.Queue
	Handle      Handler
	Concurrency int           // jobs at the same time
	Lease       time.Duration // how long a job is ours without a sign of life
	Backoff     Backoff
	// Observe hears of every job that was run; nil: nobody. It must not block.
	Observe func(Ended)
}

// Backoff says when a failed job is tried again.
type Backoff struct {
	First, Max time.Duration // the delay doubles from First up to Max
	GiveUp     time.Duration // after this long since it was added it is dead
}

// Next returns the delay after n failed attempts (n ≥ 1), with full jitter in
// its upper half, so that jobs which failed together do not return together.
func (b Backoff) Next(n int) time.Duration {
	d := b.First
	for i := 1; i < n && d < b.Max; i++ {
		d *= 2
	}
	d = min(d, b.Max)
	return d/2 + time.Duration(rand.Int64N(int64(d/2)+1))
}

// RunOnce runs the jobs that are due now and waits for them. It reports their
// number.
func (w *Worker) RunOnce(ctx context.Context) (int, error) {
	jobs, err := w.lease(ctx, w.Concurrency)
	if err != nil {
		return 0, err
	}
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Go(func() { w.do(ctx, j) })
	}
	wg.Wait()
	return len(jobs), nil
}

// ahead is how many times its concurrency a worker leases at once. Claiming
// costs a commit: one for many jobs, not one for each.
const ahead = 2

// Run runs jobs as they become due until ctx ends, then waits for those under
// way and gives back those it has not begun.
func (w *Worker) Run(ctx context.Context) error {
	wake := make(chan struct{}, 1)
	cancel := w.Store.Watch(func(q store.Queue) {
		if q != w.Queue {
			return
		}
		select {
		case wake <- struct{}{}:
		default:
		}
	})
	defer cancel()
	hands := make(chan store.Job)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(hands)
	for range w.Concurrency {
		wg.Go(func() {
			for j := range hands {
				w.do(ctx, j)
			}
		})
	}
	for ctx.Err() == nil {
		jobs, err := w.lease(ctx, ahead*w.Concurrency)
		if err != nil && ctx.Err() == nil {
			w.Log.Error("leasing jobs failed", "queue", w.Queue, "err", err)
		}
		w.giveBack(ctx, w.pass(ctx, hands, jobs))
		if len(jobs) == 0 {
			w.wait(ctx, wake)
		}
	}
	return nil
}

// pass hands jobs to free goroutines, and returns the jobs that waited for half
// their lease, or were left when ctx ended.
func (w *Worker) pass(ctx context.Context, hands chan<- store.Job, jobs []store.Job) (left []store.Job) {
	for n, j := range jobs {
		if j.LeasedUntil.Sub(w.Clock.Now()) < w.Lease/2 {
			left = append(left, j)
			continue
		}
		select {
		case hands <- j:
		case <-ctx.Done():
			return append(left, jobs[n:]...)
		}
	}
	return left
}

// giveBack ends the leases of jobs that were not begun. Where that fails they
// come back when their leases run out.
func (w *Worker) giveBack(ctx context.Context, jobs []store.Job) {
	if len(jobs) == 0 {
		return
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := w.Store.Update(after, store.Op(id.New()), func(tx store.Tx) error {
		for _, j := range jobs {
			if _, err := tx.Jobs().Retry(j.ID, j.Lease, j.Due, j.Error, false); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.Log.Warn("jobs could not be given back; they run when their leases end", "queue", w.Queue, "jobs", len(jobs), "err", err)
	}
}

// wait sleeps until a job is due or the store says that something changed.
func (w *Worker) wait(ctx context.Context, wake <-chan struct{}) {
	pause := time.Minute
	err := w.Store.View(ctx, func(tx store.Tx) error {
		due, ok, err := tx.Jobs().NextDue(w.Queue)
		if ok {
			pause = min(pause, max(due.Sub(w.Clock.Now()), 0))
		}
		return err
	})
	if err != nil {
		pause = time.Second
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-t.C:
	}
}

func (w *Worker) lease(ctx context.Context, limit int) ([]store.Job, error) {
	if limit == 0 {
		return nil, nil
	}
	now := w.Clock.Now()
	// A look first: most of the time nothing is due, and a look costs no fsync.
	due := false
	err := w.Store.View(ctx, func(tx store.Tx) error {
		at, ok, err := tx.Jobs().NextDue(w.Queue)
		due = ok && !at.After(now)
		return err
	})
	if err != nil || !due {
		return nil, err
	}
	var jobs []store.Job
	err = w.Store.Update(ctx, store.Op(id.New()), func(tx store.Tx) (err error) {
		jobs, err = tx.Jobs().Lease(w.Queue, now, now.Add(w.Lease), limit)
		return err
	})
	return jobs, err
}

// do runs one job and writes down how it ended. When the program stops, the
// end of a finished job is still written; an interrupted one is left to its
// lease.
func (w *Worker) do(ctx context.Context, job store.Job) {
	began := w.Clock.Now()
	failpoint.Hit("queue.leased")
	err := w.guarded(ctx, job)
	failpoint.Hit("queue.handled")
	if err != nil && ctx.Err() != nil {
		err = &Later{At: w.Clock.Now(), Err: err}
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	held, outcome, ferr := w.finish(after, job, err)
	failpoint.Hit("queue.ended")
	w.ended(outcome, held, ferr, w.Clock.Now().Sub(began))
	switch {
	case ferr != nil:
		w.Log.Error("ending a job failed; it will run again", "queue", w.Queue, "job", job.ID, "err", ferr)
	case !held:
		w.Log.Warn("a job outlived its lease", "queue", w.Queue, "job", job.ID)
	}
}

// guarded runs the handler with a heartbeat; a panic is that job's failure
// only (a poison message must not stop the queue: CVE-2026-50129).
func (w *Worker) guarded(ctx context.Context, job store.Job) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	var beat sync.WaitGroup
	beat.Go(func() { w.heartbeat(ctx, job, cancel) })
	defer func() {
		if p := recover(); p != nil {
			w.Log.Error("a job panicked", "queue", w.Queue, "job", job.ID, "panic", p, "stack", string(debug.Stack()))
			err = &Dead{fmt.Errorf("panic: %v", p)}
		}
		cancel()
		beat.Wait()
	}()
	return w.Handle(ctx, job)
}

func (w *Worker) heartbeat(ctx context.Context, job store.Job, lost func()) {
	t := time.NewTicker(w.Lease / 3)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		held := true
		err := w.Store.Update(ctx, store.Op(id.New()), func(tx store.Tx) (err error) {
			held, err = tx.Jobs().Extend(job.ID, job.Lease, w.Clock.Now().Add(w.Lease))
			return err
		})
		if err == nil && !held {
			lost()
			return
		}
	}
}

func (w *Worker) finish(ctx context.Context, job store.Job, result error) (held bool, outcome Outcome, err error) {
	now := w.Clock.Now()
	later, isLater := errors.AsType[*Later](result)
	dead, isDead := errors.AsType[*Dead](result)
	if result != nil && !isLater && !isDead {
		if w.Backoff.GiveUp > 0 && job.Attempts > 0 && now.Sub(job.Added) > w.Backoff.GiveUp {
			dead, isDead = &Dead{result}, true
		} else {
			later, isLater = &Later{At: now.Add(w.Backoff.Next(job.Attempts + 1)), Counted: true, Err: result}, true
		}
	}
	switch {
	case isDead:
		outcome = Buried
	case isLater && later.Counted:
		outcome = Retried
	case isLater:
		outcome = Delayed
	default:
		outcome = Done
	}
	err = w.Store.Update(ctx, store.Op(id.New()), func(tx store.Tx) (err error) {
		switch outcome {
		case Buried:
			held, err = tx.Jobs().Bury(job.ID, job.Lease, now, errText(dead.Err))
		case Retried, Delayed:
			held, err = tx.Jobs().Retry(job.ID, job.Lease, later.At, errText(later.Err), later.Counted)
		default:
			held, err = tx.Jobs().Done(job.ID, job.Lease)
		}
		return err
	})
	if isDead {
		w.Log.Warn("a job was given up", "queue", w.Queue, "job", job.ID, "err", dead.Err)
	} else if isLater && later.Counted {
		w.Log.Info("a job will be tried again", "queue", w.Queue, "job", job.ID, "at", later.At, "err", later.Err)
	}
	return held, outcome, err
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	s := err.Error()
	if len(s) > 500 {
		s = s[:500]
	}
	return Clean(s)
}
