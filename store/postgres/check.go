package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

// maxFindings is how many faults a check reports.
const maxFindings = 20

// check gathers the faults of a database.
type check struct {
	*tx
	findings []error
}

func (c *check) fault(format string, args ...any) {
	if len(c.findings) < maxFindings {
		c.findings = append(c.findings, fmt.Errorf(format, args...))
	}
}

// Check reads everything, in one snapshot, and returns its faults: columns that
// do not follow from their records, lists and words that do not belong to
// anything or are missing, lanes without exactly one head.
func (s *Store) Check() error {
	return s.View(context.Background(), func(x store.Tx) error {
		c := &check{tx: x.(*tx)}
		var err error
		for _, kind := range store.RecordKinds() {
			err = errors.Join(err, kinds[kind].check(c))
		}
		return errors.Join(append(c.findings, err, c.checkLists(), c.checkVoices(), c.checkWords())...)
	})
}

// check verifies that a table's columns follow from its records.
func (t *table[T]) check(c *check) error {
	columns := append(slices.Clone(t.keys), t.columns...)
	return c.each("select "+strings.Join(columns, ", ")+", record::text from "+t.name, nil, func(rows pgx.Rows) error {
		got, err := rows.Values()
		if err != nil {
			return c.failed(wrap(err))
		}
		raw, _ := got[len(columns)].(string) // or decoding fails
		r, err := t.decode([]byte(raw))
		if err != nil {
			return err
		}
		want := t.key(&r)
		if t.values != nil {
			want = append(want, t.values(&r)...)
		}
		for i, column := range columns {
			if !equals(got[i], want[i]) {
				c.fault("%s: %s is %v and should be %v: %.200s", t.name, column, got[i], want[i], raw)
			}
		}
		return nil
	})
}

// equals compares a column's values with the expected ones.
func equals(got, want any) bool {
	switch want := want.(type) {
	case []byte:
		b, _ := got.([]byte) // NULL is nil
		return bytes.Equal(b, want) && (got == nil) == (want == nil)
	case time.Time:
		t, ok := got.(time.Time)
		return ok && t.UnixMicro() == want.UnixMicro()
	}
	return got == want
}

// checkLists verifies that every issue is on its lists and on no other.
func (c *check) checkLists() error {
	want := map[string]int{}
	err := c.each("select record from issues", nil, func(rows pgx.Rows) error {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return c.failed(wrap(err))
		}
		i, err := issuesTable.decode(raw)
		for _, d := range listKeys(&i) {
			want[listed(ordered(i.ID), d, string(i.Status), i.NeedsUs, position(&i))]++
		}
		return err
	})
	if err != nil {
		return err
	}
	err = c.each("select issue, desk, status, answered, position from issue_lists", nil, func(rows pgx.Rows) error {
		var issue, shown, position []byte
		var status desk.Status
		var answered bool
		if err := rows.Scan(&issue, &shown, &status, &answered, &position); err != nil {
			return c.failed(wrap(err))
		}
		want[listed(issue, shown, string(status), answered, position)]--
		return nil
	})
	c.differences("issue_lists", want)
	return err
}

func listed(issue, desk []byte, status string, answered bool, position []byte) string {
	return fmt.Sprintf("issue %q on desk %q as %s, answered %v, at %x", issue, desk, status, answered, position)
}

// differences reports entries that are there too often or not often enough.
func (c *check) differences(where string, want map[string]int) {
	for what, n := range want {
		if n != 0 {
			c.fault("%s: %d missing of %s", where, n, what)
		}
	}
}

// checkVoices verifies that every voice of a round is on its lists and on no other.
func (c *check) checkVoices() error {
	want := map[string]int{}
	err := c.each("select record from round_voices", nil, func(rows pgx.Rows) error {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return c.failed(wrap(err))
		}
		v, err := roundVoicesTable.decode(raw)
		for _, list := range layout.VoiceLists(&v) {
			want[voice(ordered(v.Round), ordered(v.Issue), ordered(list), layout.Slot(&v))]++
		}
		return err
	})
	if err != nil {
		return err
	}
	err = c.each("select round, issue, list, slot from round_lists", nil, func(rows pgx.Rows) error {
		var round, issue, list, slot []byte
		if err := rows.Scan(&round, &issue, &list, &slot); err != nil {
			return c.failed(wrap(err))
		}
		want[voice(round, issue, list, slot)]--
		return nil
	})
	c.differences("round_lists", want)
	return err
}

func voice(round, issue, list, slot []byte) string {
	return fmt.Sprintf("issue %q of round %q on list %q, at %x", issue, round, list, slot)
}

// checkWords verifies that the words are those of the records of terms.
func (c *check) checkWords() error {
	want := map[string]int{}
	err := c.each("select record from terms", nil, func(rows pgx.Rows) error {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return c.failed(wrap(err))
		}
		r, err := termsTable.decode(raw)
		for _, w := range r.Terms {
			want[fmt.Sprintf("%q in post %q of issue %q", ordered(w), ordered(r.Post), ordered(r.Issue))]++
		}
		return err
	})
	if err != nil {
		return err
	}
	err = c.each("select term, post, issue from words", nil, func(rows pgx.Rows) error {
		var term, post, issue []byte
		if err := rows.Scan(&term, &post, &issue); err != nil {
			return c.failed(wrap(err))
		}
		want[fmt.Sprintf("%q in post %q of issue %q", term, post, issue)]--
		return nil
	})
	c.differences("words", want)
	return err
}

// check verifies that the first job of each lane, and no other, is its head,
// that keys follow from ids, and that no number was given that the sequences
// have not reached. The table's own constraints do the rest.
func (carriedJobs) check(c *check) error {
	err := c.each(`select id from (
			select id, head, place, row_number() over (partition by queue, lane_key order by place) n from jobs where place is not null
		) j where head <> (n = 1)
		union all select id from jobs where lane is null and head = dead
		union all select id from jobs where place > (select last_value from job_places) or lease > (select last_value from job_leases)`,
		nil, func(rows pgx.Rows) error {
			var id string
			if err := rows.Scan(&id); err != nil {
				return c.failed(wrap(err))
			}
			c.fault("jobs: job %q is head and should not be, or the other way round, or has a number to come", id)
			return nil
		})
	if err != nil {
		return err
	}
	return c.each("select id, key, lane, lane_key from jobs", nil, func(rows pgx.Rows) error {
		var id string
		var key, laneKey []byte
		var lane *string
		if err := rows.Scan(&id, &key, &lane, &laneKey); err != nil {
			return c.failed(wrap(err))
		}
		if !bytes.Equal(key, ordered(id)) || laneKey != nil && (lane == nil || !bytes.Equal(laneKey, ordered(*lane))) {
			c.fault("jobs: job %q is under another's key", id)
		}
		return nil
	})
}
