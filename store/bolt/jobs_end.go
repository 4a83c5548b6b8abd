package bolt

import (
	"time"

	"earshot/store"
)

// held reads a job for the holder of a lease, false if the lease was lost. A
// lease that has run out is held until another worker gets the job.
func (s jobs) held(id string, lease uint64) (r jobRecord, held bool, err error) {
	r, ok, err := jobsTable.get(s.tx, jobKey(id))
	return r, ok && !r.Dead && !r.LeasedUntil.IsZero() && r.Lease == lease, err
}

func (s jobs) Extend(id string, lease uint64, until time.Time) (bool, error) {
	r, held, err := s.held(id, lease)
	if err != nil || !held {
		return false, err
	}
	r.LeasedUntil = until
	return true, jobsTable.put(s.tx, &r)
}

func (s jobs) Done(id string, lease uint64) (bool, error) {
	r, held, err := s.held(id, lease)
	if err != nil || !held {
		return false, err
	}
	return true, s.remove(&r)
}

// remove deletes a job, as it was just read, with its payload.
func (s jobs) remove(r *jobRecord) error {
	if err := jobsTable.remove(s.tx, r); err != nil {
		return err
	}
	if err := s.delete(payloadBucket, jobKey(r.ID)); err != nil {
		return err
	}
	return s.promote(r)
}

func (s jobs) Retry(id string, lease uint64, due time.Time, reason string, counted bool) (bool, error) {
	r, held, err := s.held(id, lease)
	if err != nil || !held {
		return false, err
	}
	r.LeasedUntil, r.Due, r.Error = time.Time{}, due, reason
	if counted {
		r.Attempts++
	}
	s.touch(r.Queue)
	return true, jobsTable.put(s.tx, &r)
}

func (s jobs) Bury(id string, lease uint64, at time.Time, reason string) (bool, error) {
	r, held, err := s.held(id, lease)
	if err != nil || !held {
		return false, err
	}
	dead := r
	dead.LeasedUntil, dead.Dead, dead.DiedAt, dead.Error = time.Time{}, true, at, reason
	dead.Seq, dead.Head = 0, false
	if err := jobsTable.put(s.tx, &dead); err != nil {
		return false, err
	}
	return true, s.promote(&r)
}

func (s jobs) Revive(id string, due time.Time) (bool, error) {
	r, ok, err := jobsTable.get(s.tx, jobKey(id))
	if err != nil || !ok || !r.Dead {
		return false, err
	}
	r.Dead, r.DiedAt, r.Due, r.Attempts = false, time.Time{}, due, 0
	return true, s.enter(&r)
}

func (s jobs) Drop(id string, now time.Time) (bool, error) {
	r, ok, err := jobsTable.get(s.tx, jobKey(id))
	if err != nil || !ok || r.LeasedUntil.After(now) {
		return false, err
	}
	return true, s.remove(&r)
}

func (s jobs) List(f store.JobFilter, p store.Page) ([]store.Job, string, error) {
	l := listing{bucket: jobsList.name, id: jobList(f.Dead).raw(queueKey(f.Queue))}
	queues := []store.Queue{f.Queue}
	if f.Queue == "" {
		var err error
		if queues, err = s.queues(f.Dead); err != nil {
			return nil, "", err
		}
	}
	for _, q := range queues {
		l.prefixes = append(l.prefixes, jobList(f.Dead).raw(queueKey(q)))
	}
	return page(s.tx, l, p, func(v []byte) (store.Job, bool, error) {
		r, err := jobsTable.must(s.tx, v)
		if err != nil {
			return store.Job{}, false, err
		}
		j, err := s.whole(&r)
		return j, true, err
	})
}

// queues lists the queues that have living or dead jobs.
func (s jobs) queues(dead bool) (found []store.Queue, err error) {
	err = walk(s.tx, countersBucket, jobsTable.counter(jobList(dead)), func(k, _ []byte) (bool, error) {
		q, _, err := cutText(k)
		found = append(found, store.Queue(q))
		return true, err
	})
	return found, err
}

func (s jobs) Counts() (map[store.Queue]store.QueueCount, error) {
	counts := map[store.Queue]store.QueueCount{}
	for _, dead := range []bool{false, true} {
		queues, err := s.queues(dead)
		if err != nil {
			return nil, err
		}
		for _, q := range queues {
			n, err := jobsTable.count(s.tx, jobCount(q, dead))
			if err != nil {
				return nil, err
			}
			c := counts[q]
			if dead {
				c.Dead = n
			} else {
				c.Waiting = n
			}
			counts[q] = c
		}
	}
	return counts, nil
}
