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
	"earshot/internal/desk"
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
	PerHost     int           // of them for one host; 0: as many as its share allows
	Lease       time.Duration // how long a job is ours without a sign of life
	Backoff     Backoff
	// Known says whether a host is known to answer; nil: every host is. The
	// others have a smaller share of the workers, and so have slow hosts.
	Known func(context.Context, desk.Host) bool
	// Strangers is how long a job of a host may run about which nothing is known; 0: any
	// time. After that the host counts as slow, and its jobs have all the time they need:
	// many silent strangers hold up others for that long only.
	Strangers time.Duration
	// Yield says whether others need the machine now; nil: never. While they do, jobs
	// begin in portions, one in each restFor.
	Yield func() bool
	// Observe hears of every job that was run; nil: nobody. It must not block.
	Observe func(Ended)

	once   sync.Once
	places *places
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
	r := w.newRound()
	left := r.start(ctx, jobs)
	for ; len(left) > 0 && ctx.Err() == nil; left = r.start(ctx, left) {
		r.wait(ctx, false, true, nil, r.ended)
	}
	r.jobs.Wait()
	w.giveBack(ctx, left, asBefore)
	return len(jobs), nil
}

const (
	// ahead is how many times its concurrency a worker leases at once. Claiming
	// costs a commit: one for many jobs, not one for each.
	ahead = 2
	// lookEvery: while all jobs at hand wait for their hosts' places, and workers
	// are free, a worker looks behind them this often, at lookBehind more jobs.
	lookEvery  = 250 * time.Millisecond
	lookBehind = 256
	// restFor is the time from one portion of jobs to the next while the worker yields.
	// A portion is whole, since jobs that run together share a commit.
	restFor = 250 * time.Millisecond
	// slowPause is how long a job waits, at most, that was in the way.
	slowPause = 10 * time.Second
)

// Run runs jobs as they become due until ctx ends, then waits for those under
// way and gives back those it has not begun.
func (w *Worker) Run(ctx context.Context) error {
	wake := make(chan struct{}, 1)
	cancel := w.Store.Watch(func(q store.Queue) {
		if q == w.Queue {
			signal(wake)
		}
	})
	defer cancel()
	r := w.newRound()
	defer r.jobs.Wait()
	var at []store.Job // leased, and not begun
	for ctx.Err() == nil {
		at = r.start(ctx, at)
		more := w.want(len(at))
		blocked := len(at) > 0 && !r.places.full() && !r.rests
		if blocked && r.mayLook() {
			w.giveBack(ctx, at, func(store.Job) time.Time { return w.Clock.Now().Add(pause()) })
			at, more = nil, lookBehind
		}
		jobs, err := w.lease(ctx, more)
		if err != nil && ctx.Err() == nil {
			w.Log.Error("leasing jobs failed", "queue", w.Queue, "err", err)
		}
		if at = append(w.fresh(ctx, at), jobs...); len(jobs) == 0 {
			w.wait(ctx, more > 0, len(at) > 0, wake, r.ended)
		}
	}
	w.giveBack(ctx, at, asBefore)
	return nil
}

// want is how many more jobs are leased while some are at hand.
func (w *Worker) want(atHand int) int {
	if atHand >= w.Concurrency {
		return 0
	}
	return ahead*w.Concurrency - atHand
}

// round is the jobs that one call of Run or RunOnce has begun.
type round struct {
	*Worker
	jobs   sync.WaitGroup
	ended  chan struct{} // has an entry if a job has ended
	looked time.Time
	rests  bool      // until the next portion
	began  time.Time // when the last portion did
}

func (w *Worker) newRound() *round {
	w.once.Do(func() { w.places = newPlaces(w.Concurrency, w.PerHost, w.Known) })
	return &round{Worker: w, ended: make(chan struct{}, 1)}
}

// start begins the jobs for which there are places, and returns the others, in the same
// memory.
func (r *round) start(ctx context.Context, jobs []store.Job) []store.Job {
	if r.rests = len(jobs) > 0 && r.yields(); r.rests {
		return jobs
	}
	left := jobs[:0]
	for _, j := range jobs {
		if ctx.Err() != nil || !r.places.take(ctx, j, r.Clock.Now()) {
			left = append(left, j)
			continue
		}
		r.jobs.Go(func() {
			defer signal(r.ended)
			defer func() { r.places.leave(j, r.Clock.Now()) }()
			r.do(ctx, j)
		})
	}
	clear(jobs[len(left):]) // their payloads may be large
	return left
}

// yields says whether jobs wait for the next portion.
func (r *round) yields() bool {
	if r.Yield == nil || !r.Yield() {
		return false
	}
	now := r.Clock.Now()
	if now.Sub(r.began) < restFor {
		return true
	}
	r.began = now
	return false
}

// mayLook says whether it is time to look behind the jobs at hand.
func (r *round) mayLook() bool {
	now := time.Now()
	if now.Sub(r.looked) < lookEvery {
		return false
	}
	r.looked = now
	return true
}

// pause is how long a job waits that was in the way of others. Jobs of many hosts
// do not come back together.
func pause() time.Duration { return lookEvery + time.Duration(rand.Int64N(int64(slowPause))) }

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// fresh gives back the jobs that waited for half their lease, and returns the others, in
// the same memory.
func (w *Worker) fresh(ctx context.Context, jobs []store.Job) []store.Job {
	fresh := jobs[:0]
	var stale []store.Job
	for _, j := range jobs {
		if j.LeasedUntil.Sub(w.Clock.Now()) < w.Lease/2 {
			stale = append(stale, j)
		} else {
			fresh = append(fresh, j)
		}
	}
	clear(jobs[len(fresh):])
	w.giveBack(ctx, stale, asBefore)
	return fresh
}

func asBefore(j store.Job) time.Time { return j.Due }

// giveBack ends the leases of jobs that were not begun. Where that fails they
// come back when their leases run out.
func (w *Worker) giveBack(ctx context.Context, jobs []store.Job, due func(store.Job) time.Time) {
	if len(jobs) == 0 {
		return
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := w.Store.Update(after, store.Op(id.New()), func(tx store.Tx) error {
		for _, j := range jobs {
			if _, err := tx.Jobs().Retry(j.ID, j.Lease, due(j), j.Error, false); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.Log.Warn("jobs could not be given back; they run when their leases end", "queue", w.Queue, "jobs", len(jobs), "err", err)
	}
}

// wait sleeps until a job is due, if wanted, one has ended, the store says that
// something changed, or it is time to look after the jobs at hand.
func (w *Worker) wait(ctx context.Context, wanted, atHand bool, wake, ended <-chan struct{}) {
	pause := time.Minute
	if atHand {
		pause = lookEvery
	}
	if wanted {
		pause = min(pause, w.untilDue(ctx))
	}
	t := time.NewTimer(failpoint.Wait(pause))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-ended:
	case <-t.C:
	}
}

// untilDue is how long it takes until a job is due.
func (w *Worker) untilDue(ctx context.Context) time.Duration {
	pause := time.Minute
	err := w.Store.View(ctx, func(tx store.Tx) error {
		due, ok, err := tx.Jobs().NextDue(w.Queue)
		if ok {
			pause = max(due.Sub(w.Clock.Now()), 0)
		}
		return err
	})
	if err != nil {
		return time.Second
	}
	return pause
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
	r := &running{job: job}
	err := w.guarded(context.WithValue(ctx, runningKey{}, r), job)
	failpoint.Hit("queue.handled")
	if err != nil && ctx.Err() != nil {
		err = &Later{At: w.Clock.Now(), Err: err}
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	held, outcome, ferr := true, Done, error(nil)
	if err != nil || !r.ended {
		held, outcome, ferr = w.finish(after, job, err)
	}
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
	if w.Strangers > 0 && w.places.stranger(job) {
		short, done := context.WithTimeout(ctx, w.Strangers)
		defer done()
		return w.Handle(short, job)
	}
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
