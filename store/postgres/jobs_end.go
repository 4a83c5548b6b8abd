package postgres

import (
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/store"
)

// held is the condition on a job's row that its holder meets. A lease that has
// run out is held until another worker gets the job.
const held = " where key = $1 and lease = $2 and leased_until is not null"

// number makes a lease comparable with the column; one too large is nobody's.
func number(lease uint64) int64 {
	if lease > math.MaxInt64 {
		return -1
	}
	return int64(lease)
}

func (s jobs) Extend(id string, lease uint64, until time.Time) (bool, error) {
	n, err := s.claim("update jobs set leased_until = $3"+held, ordered(id), number(lease), until)
	return n > 0, err
}

// removed reads the queue and lane of a job that a statement changed or removed.
func (s jobs) removed(claims bool, sql string, args ...any) (q store.Queue, lane []byte, ok bool, err error) {
	err = s.rows(claims, sql+" returning queue, lane", args, func(rows pgx.Rows) error {
		var queue string
		var in *string
		if err := rows.Scan(&queue, &in); err != nil {
			return s.failed(wrap(err))
		}
		q, ok, s.wrote = store.Queue(queue), true, true
		if in != nil {
			lane = ordered(*in)
		}
		return nil
	})
	return q, lane, ok, err
}

func (s jobs) Done(id string, lease uint64) (bool, error) {
	q, lane, ok, err := s.removed(false, "delete from jobs"+held, ordered(id), number(lease))
	if err != nil || !ok {
		return false, err
	}
	return true, s.promote(q, lane)
}

func (s jobs) Retry(id string, lease uint64, due time.Time, reason string, counted bool) (bool, error) {
	if err := store.CheckText(reason); err != nil {
		return false, err
	}
	grows := 0
	if counted {
		grows = 1
	}
	q, _, ok, err := s.removed(true, "update jobs set leased_until = null, due = $3, error = $4, attempts = attempts + $5"+held,
		ordered(id), number(lease), due, reason, grows)
	if ok {
		s.touch(q)
	}
	return ok, err
}

func (s jobs) Bury(id string, lease uint64, at time.Time, reason string) (bool, error) {
	if err := store.CheckText(reason); err != nil {
		return false, err
	}
	q, lane, ok, err := s.removed(false, `update jobs set leased_until = null, dead = true, died_at = $3, error = $4,
		head = false, place = null, lane_key = null`+held, ordered(id), number(lease), at, reason)
	if err != nil || !ok {
		return false, err
	}
	return true, s.promote(q, lane)
}

func (s jobs) Revive(id string, due time.Time) (bool, error) {
	j, ok, err := s.Get(id)
	if err != nil || !ok || !j.Dead {
		return false, err
	}
	q, _, ok, err := s.removed(false, `update jobs j set dead = false, died_at = null, due = $2, attempts = 0, lane_key = $3,
		place = case when $3::bytea is null then null else nextval('job_places') end,
		head = $3::bytea is null or not `+behind+`o.queue = j.queue and o.lane_key = $3 for share)
		where key = $1 and dead`, ordered(id), due, optional(ordered, j.Lane))
	if ok {
		s.touch(q)
	}
	return ok, err
}

func (s jobs) Drop(id string, now time.Time) (bool, error) {
	q, lane, ok, err := s.removed(false, "delete from jobs where key = $1 and (leased_until is null or leased_until <= $2)", ordered(id), now)
	if err != nil || !ok {
		return false, err
	}
	return true, s.promote(q, lane)
}

// List takes the queues one by one, so that an index has the order.
func (s jobs) List(f store.JobFilter, p store.Page) ([]store.Job, string, error) {
	if !known(f.Queue) {
		return nil, "", nil
	}
	l := listing{name: "jobs", is: []any{f.Dead, string(f.Queue)}, order: []string{"listed", "key"}}
	after, err := l.position(p.After, l.kinds())
	if err != nil {
		return nil, "", err
	}
	args := []any{f.Dead, p.Size() + 1}
	var than, queues string
	if after != nil {
		args = append(args, after...)
		than = "and (listed, key) > ($3, $4)"
	}
	if f.Queue != "" {
		args = append(args, string(f.Queue))
		queues = fmt.Sprintf("select $%d::text", len(args))
	} else {
		queues = `(select queue from jobs where dead = $1 order by queue limit 1) union all
			select (select queue from jobs where dead = $1 and queue > q.name order by queue limit 1) from q where q.name is not null`
	}
	rows, next, err := collect(s.tx, l, p, `with recursive q (name) as (`+queues+`)
		select `+jobColumns+`, listed, key from q cross join lateral (
			select * from jobs where dead = $1 and queue = q.name `+than+` order by listed, key limit $2
		) j order by listed, key limit $2`, args, s.item)
	var js []store.Job
	for _, r := range rows {
		js = append(js, r.Job)
	}
	return js, next, err
}

func (s jobs) Counts() (map[store.Queue]store.QueueCount, error) {
	counts := map[store.Queue]store.QueueCount{}
	err := s.each("select queue, count(*) filter (where not dead), count(*) filter (where dead) from jobs group by queue", nil, func(rows pgx.Rows) error {
		var queue string
		var c store.QueueCount
		if err := rows.Scan(&queue, &c.Waiting, &c.Dead); err != nil {
			return s.failed(wrap(err))
		}
		counts[store.Queue(queue)] = c
		return nil
	})
	return counts, err
}
