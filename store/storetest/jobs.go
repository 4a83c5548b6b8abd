package storetest

import (
	"errors"
	"testing"
	"time"

	"earshot/store"
)

func jobID(j store.Job) string { return j.ID }

func job(id, lane string, due int) store.Job {
	return store.Job{ID: id, Queue: store.QueueDeliver, Lane: lane, Due: at(due), Added: t0, Payload: []byte("payload of " + id)}
}

func addJobs(t *testing.T, s store.Store, js ...store.Job) {
	t.Helper()
	update(t, s, func(tx store.Tx) error {
		for _, j := range js {
			added, err := tx.Jobs().Add(j)
			if err != nil || !added {
				return errors.Join(err, errors.New("not added: "+j.ID))
			}
		}
		return nil
	})
}

func lease(t *testing.T, s store.Store, now, until, limit int) (js []store.Job) {
	t.Helper()
	update(t, s, func(tx store.Tx) (err error) {
		js, err = tx.Jobs().Lease(store.QueueDeliver, at(now), at(until), limit)
		return err
	})
	return js
}

// does runs a change of a job and compares its answer.
func does(t *testing.T, s store.Store, what string, want bool, f func(store.Jobs) (bool, error)) {
	t.Helper()
	update(t, s, func(tx store.Tx) error {
		got, err := f(tx.Jobs())
		same(t, what, got, want)
		return err
	})
}

func nextDue(t *testing.T, s store.Store) (due time.Time, ok bool) {
	t.Helper()
	view(t, s, func(tx store.Tx) (err error) {
		due, ok, err = tx.Jobs().NextDue(store.QueueDeliver)
		return err
	})
	return due, ok
}

func testJobsLease(t *testing.T, s store.Store) {
	if _, ok := nextDue(t, s); ok {
		t.Error("something is due in an empty queue")
	}
	other := job("other", "", 0)
	other.Queue = store.QueueFetch
	addJobs(t, s, job("c", "", 3), job("a", "", 1), job("b", "", 2), other)
	does(t, s, "added again", false, func(js store.Jobs) (bool, error) { return js.Add(job("a", "", 9)) })
	due, _ := nextDue(t, s)
	same(t, "next due", due, at(1))
	same(t, "nothing due", lease(t, s, 0, 10, 10), []store.Job(nil))

	got := lease(t, s, 2, 10, 1)
	same(t, "the oldest", names(got, jobID), []string{"a"})
	want := job("a", "", 1)
	want.Lease, want.LeasedUntil = got[0].Lease, at(10)
	same(t, "leased", got[0], want)
	if got[0].Lease == 0 {
		t.Error("a lease without a number")
	}
	view(t, s, func(tx store.Tx) error {
		j, _, err := tx.Jobs().Get("a")
		same(t, "kept", j, want)
		return err
	})
	same(t, "the others that are due", names(lease(t, s, 2, 10, 10), jobID), []string{"b"})
	due, _ = nextDue(t, s)
	same(t, "next due", due, at(3))
	same(t, "none of no number", len(lease(t, s, 5, 10, 0)), 0)

	// A lease that has run out is due again; one that has not is not.
	does(t, s, "extended", true, func(js store.Jobs) (bool, error) { return js.Extend("a", got[0].Lease, at(20)) })
	same(t, "before they run out", names(lease(t, s, 9, 30, 10), jobID), []string{"c"})
	same(t, "when b's runs out", names(lease(t, s, 10, 30, 10), jobID), []string{"b"})
	due, _ = nextDue(t, s)
	same(t, "next due", due, at(20))

	does(t, s, "retried", true, func(js store.Jobs) (bool, error) { return js.Retry("a", got[0].Lease, at(5), "no answer", true) })
	view(t, s, func(tx store.Tx) error {
		j, _, err := tx.Jobs().Get("a")
		want := job("a", "", 5)
		want.Lease, want.Attempts, want.Error = got[0].Lease, 1, "no answer"
		same(t, "given back", j, want)
		return err
	})
	again := lease(t, s, 12, 30, 10)
	same(t, "a again", names(again, jobID), []string{"a"})
	does(t, s, "retried", true, func(js store.Jobs) (bool, error) { return js.Retry("a", again[0].Lease, at(13), "", false) })
	again = lease(t, s, 13, 30, 10)
	same(t, "attempts", again[0].Attempts, 1)
	does(t, s, "done", true, func(js store.Jobs) (bool, error) { return js.Done("a", again[0].Lease) })
	does(t, s, "added again", true, func(js store.Jobs) (bool, error) { return js.Add(job("a", "", 1)) })
}

func testJobsLane(t *testing.T, s store.Store) {
	busy := func(lane string) (b bool) {
		view(t, s, func(tx store.Tx) (err error) { b, err = tx.Jobs().Busy(store.QueueDeliver, lane); return err })
		return b
	}
	// In the order of adding, with any due times and ids.
	addJobs(t, s, job("x3", "x", 5), job("x1", "x", 0), job("y1", "y", 1), job("free", "", 2), job("x2", "x", 1))
	same(t, "busy", []bool{busy("x"), busy("y"), busy("z"), busy("")}, []bool{true, true, false, false})
	got := lease(t, s, 4, 100, 10)
	same(t, "x waits for its first", names(got, jobID), []string{"y1", "free"})
	got = lease(t, s, 5, 100, 10)
	same(t, "the first of x", names(got, jobID), []string{"x3"})
	does(t, s, "retried", true, func(js store.Jobs) (bool, error) { return js.Retry("x3", got[0].Lease, at(8), "", true) })
	same(t, "the first keeps its place", names(lease(t, s, 7, 100, 10), jobID), []string{})
	got = lease(t, s, 8, 100, 10)
	same(t, "the first of x again", names(got, jobID), []string{"x3"})
	does(t, s, "buried", true, func(js store.Jobs) (bool, error) { return js.Bury("x3", got[0].Lease, at(9), "gave up") })
	got = lease(t, s, 9, 100, 10)
	same(t, "the second of x", names(got, jobID), []string{"x1"})
	does(t, s, "revived", true, func(js store.Jobs) (bool, error) { return js.Revive("x3", at(9)) })
	does(t, s, "done", true, func(js store.Jobs) (bool, error) { return js.Done("x1", got[0].Lease) })
	got = lease(t, s, 9, 100, 10)
	same(t, "the third of x", names(got, jobID), []string{"x2"})
	does(t, s, "done", true, func(js store.Jobs) (bool, error) { return js.Done("x2", got[0].Lease) })
	got = lease(t, s, 9, 100, 10)
	same(t, "the revived one last", names(got, jobID), []string{"x3"})
	does(t, s, "done", true, func(js store.Jobs) (bool, error) { return js.Done("x3", got[0].Lease) })
	same(t, "busy", busy("x"), false)
	// The same lane of another queue is another lane.
	other := job("other", "y", 0)
	other.Queue = store.QueueInbound
	addJobs(t, s, other)
	update(t, s, func(tx store.Tx) error {
		js, err := tx.Jobs().Lease(store.QueueInbound, at(9), at(100), 10)
		same(t, "other queue", names(js, jobID), []string{"other"})
		return err
	})
}

// testJobsFence: only the holder of a job's last lease can do anything to it.
func testJobsFence(t *testing.T, s store.Store) {
	addJobs(t, s, job("a", "", 0))
	nobody := func(when string, n uint64) {
		t.Helper()
		for what, f := range map[string]func(store.Jobs) (bool, error){
			"Extend": func(js store.Jobs) (bool, error) { return js.Extend("a", n, at(50)) },
			"Done":   func(js store.Jobs) (bool, error) { return js.Done("a", n) },
			"Retry":  func(js store.Jobs) (bool, error) { return js.Retry("a", n, at(50), "", true) },
			"Bury":   func(js store.Jobs) (bool, error) { return js.Bury("a", n, at(50), "") },
		} {
			does(t, s, what+" "+when, false, f)
		}
	}
	nobody("before any lease", 0)
	one := lease(t, s, 0, 10, 1)[0].Lease
	nobody("with number 0", 0)
	nobody("with a number to come", one+1)
	two := lease(t, s, 10, 20, 1)[0].Lease
	if two <= one {
		t.Errorf("lease %d after %d", two, one)
	}
	nobody("with the lost lease", one)
	does(t, s, "Extend by the holder", true, func(js store.Jobs) (bool, error) { return js.Extend("a", two, at(30)) })
	does(t, s, "Retry by the holder", true, func(js store.Jobs) (bool, error) { return js.Retry("a", two, at(0), "", true) })
	nobody("after giving back", two)
	three := lease(t, s, 10, 20, 1)[0].Lease
	does(t, s, "Bury by the holder", true, func(js store.Jobs) (bool, error) { return js.Bury("a", three, at(11), "") })
	nobody("of a dead letter", three)
	does(t, s, "Revive", true, func(js store.Jobs) (bool, error) { return js.Revive("a", at(0)) })
	nobody("after revival", three)
	four := lease(t, s, 10, 20, 1)[0].Lease
	does(t, s, "Done after it ran out, but nobody else came", true, func(js store.Jobs) (bool, error) { return js.Done("a", four) })
	nobody("of a job that is gone", four)
	// Numbers of a job that is gone do not fit one of the same id.
	addJobs(t, s, job("a", "", 0))
	five := lease(t, s, 10, 20, 1)[0].Lease
	for _, old := range []uint64{one, two, three, four} {
		nobody("with a number from before", old)
	}
	does(t, s, "Done", true, func(js store.Jobs) (bool, error) { return js.Done("a", five) })
}

func testJobsDead(t *testing.T, s store.Store) {
	addJobs(t, s, job("a", "l", 0), job("b", "l", 0), job("c", "", 0))
	for _, j := range lease(t, s, 1, 10, 10) {
		does(t, s, "buried", true, func(js store.Jobs) (bool, error) { return js.Bury(j.ID, j.Lease, at(2), "410 Gone") })
	}
	does(t, s, "add a dead job's id", false, func(js store.Jobs) (bool, error) { return js.Add(job("a", "", 0)) })
	does(t, s, "revive a living job", false, func(js store.Jobs) (bool, error) { return js.Revive("b", at(0)) })
	does(t, s, "revive a missing job", false, func(js store.Jobs) (bool, error) { return js.Revive("zzz", at(0)) })
	view(t, s, func(tx store.Tx) error {
		counts, err := tx.Jobs().Counts()
		same(t, "counts", counts[store.QueueDeliver], store.QueueCount{Waiting: 1, Dead: 2})
		j, _, err2 := tx.Jobs().Get("a")
		want := job("a", "l", 0)
		want.Lease, want.Dead, want.DiedAt, want.Error = j.Lease, true, at(2), "410 Gone"
		same(t, "dead letter", j, want)
		return errors.Join(err, err2)
	})
	same(t, "a dead letter does not run", names(lease(t, s, 20, 30, 10), jobID), []string{"b"})
	does(t, s, "revived", true, func(js store.Jobs) (bool, error) { return js.Revive("c", at(40)) })
	same(t, "not before due", names(lease(t, s, 25, 60, 10), jobID), []string{})
	revived := lease(t, s, 40, 60, 1)
	same(t, "b again, or c", len(revived), 1)
}

func testJobsDrop(t *testing.T, s store.Store) {
	addJobs(t, s, job("a", "l", 0), job("b", "l", 0), job("c", "l", 0), job("d", "", 0))
	drop := func(what, id string, now int, want bool) {
		t.Helper()
		does(t, s, "drop "+what, want, func(js store.Jobs) (bool, error) { return js.Drop(id, at(now)) })
	}
	got := lease(t, s, 0, 10, 10)
	same(t, "leased", names(got, jobID), []string{"a", "d"})
	drop("one that is leased", "a", 9, false)
	drop("one that is not there", "zzz", 0, false)
	drop("one behind the first", "b", 0, true)
	drop("one whose lease has run out", "a", 10, true)
	drop("one that is dropped", "a", 10, false)
	same(t, "the next of the lane", names(lease(t, s, 9, 20, 10), jobID), []string{"c"})
	does(t, s, "bury", true, func(js store.Jobs) (bool, error) { return js.Bury("d", got[1].Lease, at(5), "") })
	drop("a dead letter", "d", 5, true)
	view(t, s, func(tx store.Tx) error {
		counts, err := tx.Jobs().Counts()
		same(t, "counts", counts[store.QueueDeliver], store.QueueCount{Waiting: 1})
		return err
	})
}

func testJobsList(t *testing.T, s store.Store) {
	other := job("f", "", 2)
	other.Queue = store.QueueFetch
	addJobs(t, s, job("d", "l", 4), job("a", "", 1), other, job("c", "", 3), job("b", "l", 1))
	list := func(f store.JobFilter) (ids []string) {
		view(t, s, func(tx store.Tx) error {
			js := all(t, func(p store.Page) ([]store.Job, string, error) { return tx.Jobs().List(f, p) })
			for _, j := range js {
				same(t, "payload", string(j.Payload), "payload of "+j.ID)
			}
			ids = names(js, jobID)
			return nil
		})
		return ids
	}
	same(t, "all", list(store.JobFilter{}), []string{"a", "b", "f", "c", "d"})
	same(t, "a queue", list(store.JobFilter{Queue: store.QueueDeliver}), []string{"a", "b", "c", "d"})
	same(t, "an empty queue", list(store.JobFilter{Queue: store.QueueTimer}), []string{})
	leased := lease(t, s, 4, 10, 10)
	same(t, "under way", list(store.JobFilter{}), []string{"a", "b", "f", "c", "d"})
	for i, j := range leased { // the last is buried first
		does(t, s, "bury", true, func(js store.Jobs) (bool, error) { return js.Bury(j.ID, j.Lease, at(20-i), "") })
	}
	same(t, "waiting", list(store.JobFilter{}), []string{"b", "f"})
	same(t, "dead", list(store.JobFilter{Dead: true}), []string{"d", "c", "a"})
	same(t, "dead in a queue", list(store.JobFilter{Queue: store.QueueFetch, Dead: true}), []string{})
	// A queue that appears between two pages spoils no cursor.
	var next string
	view(t, s, func(tx store.Tx) (err error) {
		_, next, err = tx.Jobs().List(store.JobFilter{}, store.Page{Limit: 1})
		return err
	})
	late := job("late", "", 50)
	late.Queue = store.QueueTimer
	addJobs(t, s, late)
	view(t, s, func(tx store.Tx) error {
		js, _, err := tx.Jobs().List(store.JobFilter{}, store.Page{After: next})
		same(t, "second page", names(js, jobID), []string{"f", "late"})
		return err
	})
}
