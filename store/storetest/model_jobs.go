package storetest

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"earshot/store"
)

var modelQueues = []store.Queue{store.QueueFetch, store.QueueDeliver}

// isHead says whether nobody is before a living job in its lane.
func (m *model) isHead(j store.Job) bool {
	for _, o := range m.jobs {
		if j.Lane != "" && !o.Dead && o.Queue == j.Queue && o.Lane == j.Lane && m.place[o.ID] < m.place[j.ID] {
			return false
		}
	}
	return !j.Dead
}

func ready(j store.Job) time.Time {
	if j.LeasedUntil.IsZero() {
		return j.Due
	}
	return j.LeasedUntil
}

// leasable lists the jobs that can be leased, now or later, in order.
func (m *model) leasable(q store.Queue) []store.Job {
	var js []store.Job
	for _, j := range m.jobs {
		if j.Queue == q && m.isHead(j) {
			js = append(js, j)
		}
	}
	slices.SortFunc(js, func(a, b store.Job) int { return cmp.Or(ready(a).Compare(ready(b)), cmp.Compare(a.ID, b.ID)) })
	return js
}

// enter puts a job at the end of its lane.
func (m *model) enter(j store.Job) {
	m.places++
	m.jobs[j.ID], m.place[j.ID] = j, m.places
}

func drawAdd(t *rapid.T) step {
	j := store.Job{
		ID: few("j").Draw(t, "id"), Queue: rapid.SampledFrom(modelQueues).Draw(t, "queue"),
		Lane: rapid.SampledFrom([]string{"", "x", "x", "y"}).Draw(t, "lane"), Due: at(minute(t, "due")),
		Payload: []byte(few("payload").Draw(t, "payload")), Added: t0,
	}
	return func(t fatal, tx store.Tx, m *model) {
		_, there := m.jobs[j.ID]
		added, err := tx.Jobs().Add(j)
		noError(t, err)
		same(t, "job added", added, !there)
		if added {
			m.enter(j)
		}
	}
}

func drawLease(t *rapid.T) step {
	q := rapid.SampledFrom(modelQueues).Draw(t, "queue")
	now, limit := minute(t, "now"), rapid.IntRange(1, 3).Draw(t, "limit")
	until := now + rapid.IntRange(1, 3).Draw(t, "for")
	return func(t fatal, tx store.Tx, m *model) {
		got, err := tx.Jobs().Lease(q, at(now), at(until), limit)
		noError(t, err)
		want := slices.DeleteFunc(m.leasable(q), func(j store.Job) bool { return ready(j).After(at(now)) })
		want = want[:min(limit, len(want))]
		for i := range want {
			want[i].LeasedUntil = at(until)
			if i < len(got) {
				for _, l := range m.leases {
					if l.id == got[i].ID && l.number >= got[i].Lease {
						t.Fatalf("lease %d of %q after %d", got[i].Lease, l.id, l.number)
					}
				}
				want[i].Lease = got[i].Lease
				m.leases = append(m.leases, held{got[i].ID, got[i].Lease})
			}
			m.jobs[want[i].ID] = want[i]
		}
		same(t, "leased", got, want)
	}
}

// drawEnd draws an action of a lease's holder or former holder.
func drawEnd(t *rapid.T) step {
	which, what := rapid.IntRange(0, 20).Draw(t, "which"), rapid.IntRange(0, 3).Draw(t, "what")
	when, counted := at(minute(t, "when")), rapid.Bool().Draw(t, "counted")
	return func(t fatal, tx store.Tx, m *model) {
		if len(m.leases) == 0 {
			return
		}
		l := m.leases[max(0, len(m.leases)-1-which%len(m.leases))]
		j, there := m.jobs[l.id]
		want := there && !j.Dead && !j.LeasedUntil.IsZero() && j.Lease == l.number
		var got bool
		var err error
		switch what {
		case 0:
			got, err = tx.Jobs().Extend(l.id, l.number, when)
			j.LeasedUntil = when
		case 1:
			got, err = tx.Jobs().Retry(l.id, l.number, when, "again", counted)
			j.LeasedUntil, j.Due, j.Error = time.Time{}, when, "again"
			if counted {
				j.Attempts++
			}
		case 2:
			got, err = tx.Jobs().Bury(l.id, l.number, when, "dead")
			j.LeasedUntil, j.Dead, j.DiedAt, j.Error = time.Time{}, true, when, "dead"
		case 3:
			got, err = tx.Jobs().Done(l.id, l.number)
		}
		noError(t, err)
		same(t, "held", got, want)
		if got && what == 3 {
			delete(m.jobs, l.id)
		} else if got {
			m.jobs[l.id] = j
		}
	}
}

// drawRevive revives or drops.
func drawRevive(t *rapid.T) step {
	id, drop, when := few("j").Draw(t, "id"), rapid.Bool().Draw(t, "drop"), at(minute(t, "when"))
	return func(t fatal, tx store.Tx, m *model) {
		j, there := m.jobs[id]
		if drop {
			got, err := tx.Jobs().Drop(id, when)
			noError(t, err)
			same(t, "dropped", got, there && !j.LeasedUntil.After(when))
			if got {
				delete(m.jobs, id)
			}
			return
		}
		got, err := tx.Jobs().Revive(id, when)
		noError(t, err)
		same(t, "revived", got, there && j.Dead)
		if got {
			j.Dead, j.DiedAt, j.Due, j.Attempts = false, time.Time{}, when, 0
			m.enter(j)
		}
	}
}

func (m *model) compareJobs(t fatal, tx store.Tx) {
	counts := map[store.Queue]store.QueueCount{}
	for _, dead := range []bool{false, true} {
		js := slices.SortedFunc(maps.Values(m.jobs), func(a, b store.Job) int {
			if dead {
				return cmp.Or(a.DiedAt.Compare(b.DiedAt), cmp.Compare(a.ID, b.ID))
			}
			return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID))
		})
		js = slices.DeleteFunc(js, func(j store.Job) bool { return j.Dead != dead })
		for _, j := range js {
			c := counts[j.Queue]
			if dead {
				c.Dead++
			} else {
				c.Waiting++
			}
			counts[j.Queue] = c
		}
		got := all(t, func(p store.Page) ([]store.Job, string, error) {
			return tx.Jobs().List(store.JobFilter{Dead: dead}, p)
		})
		same(t, "jobs", got, js)
	}
	got, err := tx.Jobs().Counts()
	noError(t, err)
	for _, q := range modelQueues {
		same(t, "counts", got[q], counts[q])
		at, ok, err := tx.Jobs().NextDue(q)
		noError(t, err)
		js := m.leasable(q)
		same(t, "anything due", ok, len(js) > 0)
		if ok {
			same(t, "next due", at, ready(js[0]))
		}
		for _, lane := range []string{"x", "y"} {
			busy, err := tx.Jobs().Busy(q, lane)
			noError(t, err)
			want := slices.ContainsFunc(js, func(j store.Job) bool { return j.Lane == lane })
			same(t, "busy", busy, want)
		}
	}
}
