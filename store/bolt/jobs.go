package bolt

import (
	"bytes"
	"fmt"
	"time"

	"earshot/store"
)

// jobRecord is a job as it is kept: without its payload, which never changes
// and would be written again at every lease.
type jobRecord struct {
	store.Job
	Seq  uint64 `json:"seq,omitempty"` // the place in its lane
	Head bool   `json:"head"`          // may be leased: nobody is before it in its lane
}

// leasable is when the job can be leased next, if it is at the head.
func (r *jobRecord) leasable() time.Time {
	if r.LeasedUntil.IsZero() {
		return r.Due
	}
	return r.LeasedUntil
}

var jobsTable = table[jobRecord]{
	name:    "jobs",
	key:     func(r *jobRecord) key { return jobKey(r.ID) },
	indexes: []*index[jobRecord]{jobsByLane, jobsReady, jobsList},
	counts:  func(r *jobRecord) []key { return []key{jobCount(r.Queue, r.Dead)} },
}

var (
	// jobsByLane holds the living jobs of lanes, in order.
	jobsByLane = &index[jobRecord]{name: "jobs.lane", keys: func(r *jobRecord) []key {
		if r.Lane == "" || r.Dead {
			return nil
		}
		return []key{laneKey(r.Queue, r.Lane).uint(r.Seq)}
	}}
	// jobsReady holds only jobs that can be leased, now or later: those behind
	// the head of a lane cost nothing.
	jobsReady = &index[jobRecord]{name: "jobs.ready", keys: func(r *jobRecord) []key {
		if !r.Head || r.Dead {
			return nil
		}
		return []key{queueKey(r.Queue).time(r.leasable()).raw(jobKey(r.ID))}
	}}
	// jobsList is for people: the living by due time, the dead by death.
	jobsList = &index[jobRecord]{name: "jobs.list", keys: func(r *jobRecord) []key {
		at := r.Due
		if r.Dead {
			at = r.DiedAt
		}
		return []key{jobList(r.Dead).raw(queueKey(r.Queue)).time(at).raw(jobKey(r.ID))}
	}}
)

const payloadBucket = "jobs.payload"

// The sequences that jobs draw numbers from.
const (
	jobSequence   = "jobs"   // places in lanes
	leaseSequence = "leases" // leases of all jobs
)

func jobKey(id string) key                   { return key(nil).text(id) }
func queueKey(q store.Queue) key             { return key(nil).text(string(q)) }
func laneKey(q store.Queue, lane string) key { return queueKey(q).text(lane) }
func jobCount(q store.Queue, dead bool) key  { return jobList(dead).raw(queueKey(q)) }

// jobList begins the keys of the dead or of the living.
func jobList(dead bool) key {
	if dead {
		return key{1}
	}
	return key{0}
}

type jobs struct{ *tx }

func (s jobs) Add(j store.Job) (added bool, err error) {
	if j.Queue == "" || len(j.Queue) > maxPart {
		return false, fmt.Errorf("bolt: job %q has no sensible queue: %.50q", j.ID, j.Queue)
	}
	_, there, err := jobsTable.get(s.tx, jobKey(j.ID))
	if err != nil || there {
		return false, err
	}
	payload := bytes.Clone(j.Payload)
	j.Payload, j.Lease, j.LeasedUntil = nil, 0, time.Time{}
	r := jobRecord{Job: j}
	if err := s.enter(&r); err != nil {
		return false, err
	}
	if len(payload) > 0 {
		err = s.put(payloadBucket, jobKey(j.ID), payload)
	}
	return true, err
}

// enter stores a job at the end of its lane.
func (s jobs) enter(r *jobRecord) error {
	r.Seq, r.Head = 0, !r.Dead
	if r.Lane != "" && !r.Dead {
		busy, err := s.Busy(r.Queue, r.Lane)
		if err != nil {
			return err
		}
		r.Head = !busy
		// The text is checked before the first write, so that a refused job
		// leaves nothing behind.
		if err := store.CheckText(r); err != nil {
			return err
		}
		if r.Seq, err = s.next(jobSequence); err != nil {
			return err
		}
	}
	s.touch(r.Queue)
	return jobsTable.put(s.tx, r)
}

// promote lets the next job of a lane run after its head has left.
func (s jobs) promote(left *jobRecord) error {
	if left.Lane == "" || !left.Head {
		return nil
	}
	var r jobRecord
	found := false
	err := walk(s.tx, jobsByLane.name, laneKey(left.Queue, left.Lane), func(_, v []byte) (bool, error) {
		var err error
		r, err = jobsTable.must(s.tx, v)
		found = true
		return false, err
	})
	if err != nil || !found {
		return err
	}
	r.Head = true
	s.touch(r.Queue)
	return jobsTable.put(s.tx, &r)
}

func (s jobs) Get(id string) (store.Job, bool, error) {
	r, ok, err := jobsTable.get(s.tx, jobKey(id))
	if err != nil || !ok {
		return store.Job{}, false, err
	}
	j, err := s.whole(&r)
	return j, err == nil, err
}

// whole puts the payload back.
func (s jobs) whole(r *jobRecord) (store.Job, error) {
	payload, err := s.get(payloadBucket, jobKey(r.ID))
	j := r.Job
	j.Payload = bytes.Clone(payload)
	return j, err
}

func (s jobs) Busy(q store.Queue, lane string) (busy bool, err error) {
	err = walk(s.tx, jobsByLane.name, laneKey(q, lane), func(_, _ []byte) (bool, error) {
		busy = true
		return false, nil
	})
	return busy, err
}

func (s jobs) Lease(q store.Queue, now, until time.Time, limit int) ([]store.Job, error) {
	var due []jobRecord
	err := walk(s.tx, jobsReady.name, queueKey(q), func(k, v []byte) (bool, error) {
		at, _, err := cutTime(k)
		if err != nil || at.After(now) || len(due) >= min(limit, store.MaxLimit) {
			return false, err
		}
		r, err := jobsTable.must(s.tx, v)
		due = append(due, r)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	leased := make([]store.Job, 0, len(due))
	for i := range due {
		r, before := &due[i], due[i]
		// One sequence for all jobs: a number is never used again, also not for
		// a job that was done and added again.
		if r.Lease, err = s.next(leaseSequence); err != nil {
			return nil, err
		}
		r.LeasedUntil = until
		if err := jobsTable.change(s.tx, &before, r); err != nil {
			return nil, err
		}
		j, err := s.whole(r)
		if err != nil {
			return nil, err
		}
		leased = append(leased, j)
	}
	return leased, nil
}

func (s jobs) NextDue(q store.Queue) (at time.Time, ok bool, err error) {
	err = walk(s.tx, jobsReady.name, queueKey(q), func(k, _ []byte) (bool, error) {
		at, _, err = cutTime(k)
		ok = err == nil
		return false, err
	})
	return at, ok, err
}
