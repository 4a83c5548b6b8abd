package postgres

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/internal/desk"
	"earshot/store"
)

// jobRow is a job as it is kept.
type jobRow struct {
	store.Job
	place int64 // in its lane; 0 for none
}

// jobColumns are read by scan, in this order.
const jobColumns = "id, queue, lane, place, due, payload, added, attempts, error, host, lease, leased_until, dead, died_at"

// item reads a job, for collect.
func (jobs) item() (r jobRow, into []any, finish func(*jobRow) error) {
	var s struct {
		queue, host         string
		lane                *string
		place               *int64
		lease               int64
		leasedUntil, diedAt *time.Time
	}
	j := &store.Job{}
	into = []any{&j.ID, &s.queue, &s.lane, &s.place, &j.Due, &j.Payload, &j.Added, &j.Attempts, &j.Error, &s.host, &s.lease, &s.leasedUntil, &j.Dead, &s.diedAt}
	return r, into, func(r *jobRow) error {
		r.Job = *j
		r.Queue, r.Host, r.Lease = store.Queue(s.queue), desk.Host(s.host), uint64(s.lease)
		r.Due, r.Added = r.Due.UTC(), r.Added.UTC()
		if s.lane != nil {
			r.Lane = *s.lane
		}
		if s.place != nil {
			r.place = *s.place
		}
		if s.leasedUntil != nil {
			r.LeasedUntil = s.leasedUntil.UTC()
		}
		if s.diedAt != nil {
			r.DiedAt = s.diedAt.UTC()
		}
		return nil
	}
}

func known(q store.Queue) bool { return store.ValidText(string(q)) }

// orNull stores a missing value as NULL.
func orNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

type jobs struct{ *tx }

// behind begins a query for the jobs of a lane that one more would come behind.
// The one it finds is locked: claims, which are not serializable, make new
// versions of it, and with those the database would lose sight of who has read
// it, and let the two that cannot both be end well: this one, and the end of
// that job, which finds nobody to promote.
const behind = "exists (select 1 from jobs o where o.place is not null and "

func (s jobs) Add(j store.Job) (added bool, err error) {
	if err := checkJob(&j); err != nil {
		return false, err
	}
	lane := optional(ordered, j.Lane)
	var died any
	place := "case when $5::bytea is null then null else nextval('job_places') end"
	head := "$5::bytea is null or not " + behind + "o.queue = $3 and o.lane_key = $5 for share)"
	if j.Dead {
		lane, died, place, head = nil, j.DiedAt, "null", "false"
	}
	n, err := s.exec(`insert into jobs (key, id, queue, lane, lane_key, place, head, due, payload, added, attempts, error, host, lease, dead, died_at)
		select $1, $2, $3, $4, $5, `+place+`, `+head+`, $6, $7, $8, $9, $10, $11, 0, $12, $13
		on conflict (key) do nothing`,
		ordered(j.ID), j.ID, string(j.Queue), orNull(j.Lane), lane, j.Due, payload(j), j.Added, j.Attempts, j.Error, string(j.Host), j.Dead, died)
	if err != nil || n == 0 {
		return false, err
	}
	s.touch(j.Queue)
	return true, nil
}

// checkJob refuses a job that cannot be stored.
func checkJob(j *store.Job) error {
	if j.Queue == "" || len(j.Queue) > maxKey {
		return fmt.Errorf("postgres: job %q has no sensible queue: %.50q", j.ID, j.Queue)
	}
	return store.CheckText(j)
}

func payload(j store.Job) any {
	if len(j.Payload) == 0 {
		return nil
	}
	return j.Payload
}

// promote lets the next job of a lane run if its head has left.
func (s jobs) promote(q store.Queue, lane []byte) error {
	if lane == nil {
		return nil
	}
	n, err := s.exec(`update jobs set head = true where not head and key = (
		select key from jobs where queue = $1 and lane_key = $2 and place is not null order by place limit 1)`, string(q), lane)
	if n > 0 {
		s.touch(q)
	}
	return err
}

func (s jobs) Get(id string) (store.Job, bool, error) {
	r, into, finish := s.item()
	ok, err := s.one("select "+jobColumns+" from jobs where key = $1", []any{ordered(id)}, into...)
	if err != nil || !ok {
		return store.Job{}, false, err
	}
	err = finish(&r)
	return r.Job, err == nil, err
}

func (s jobs) Busy(q store.Queue, lane string) (busy bool, err error) {
	if lane == "" || !known(q) {
		return false, nil
	}
	_, err = s.one("select exists (select 1 from jobs where queue = $1 and lane_key = $2 and place is not null)", []any{string(q), ordered(lane)}, &busy)
	return busy, err
}

// Lease draws the numbers of all leases from one sequence: none is ever used
// again, also not for a job that was done and added again.
func (s jobs) Lease(q store.Queue, now, until time.Time, limit int) ([]store.Job, error) {
	limit = min(limit, store.MaxLimit)
	if limit <= 0 || !known(q) {
		return nil, nil
	}
	var leased []store.Job
	err := s.rows(true, `with due as materialized (
			select key, ready as was from jobs where queue = $1 and head and ready <= $2 order by ready, key limit $4 for update skip locked
		), leased as (
			update jobs j set lease = nextval('job_leases'), leased_until = $3 from due where j.key = due.key returning j.*, due.was
		) select `+jobColumns+` from leased order by was, key`,
		[]any{string(q), now, until, limit}, func(rows pgx.Rows) error {
			r, into, finish := s.item()
			if err := rows.Scan(into...); err != nil {
				return s.failed(wrap(err))
			}
			err := finish(&r)
			leased = append(leased, r.Job)
			return err
		})
	if err != nil {
		return nil, err
	}
	s.wrote = s.wrote || len(leased) > 0
	return leased, nil
}

func (s jobs) NextDue(q store.Queue) (at time.Time, ok bool, err error) {
	if !known(q) {
		return at, false, nil
	}
	ok, err = s.one("select ready from jobs where queue = $1 and head order by ready, key limit 1", []any{string(q)}, &at)
	return at.UTC(), ok, err
}
