package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	berrors "go.etcd.io/bbolt/errors"

	"earshot/store"
)

// maxFindings is how many faults a check reports.
const maxFindings = 20

// check gathers the faults of a file.
type check struct {
	*tx
	findings []error
	counters map[string]uint64 // as they should be
}

// checked is a table of any record type.
type checked interface{ check(*check) error }

// tables lists every table.
func tables() []checked {
	return []checked{
		&metaTable, &desksTable, &keysTable, &actorsTable, &issuesTable, &postsTable, &eventsTable, &termsTable,
		&followsTable, &documentsTable, &deliveriesTable, &jobsTable, &onceTable, &sourcesTable, &sightingsTable,
		&blocksTable, &optOutsTable, &hostsTable, &agentsTable, &credentialsTable, &grantsTable, &actsTable, &changesTable,
		&quarantineTable, &standingsTable, &withdrawalsTable, &flagsTable, &draftsTable, &incidentsTable, &roundsTable, &roundVoicesTable, &pilesTable, &phrasesTable, &picturesTable, &filesTable, &uploadsTable, &remarksTable, &viewsTable, &destinationsTable, &notificationsTable,
	}
}

// Check reads the whole file and returns its faults: pages, index entries
// without record and records without entry, wrong counters, lanes without
// exactly one head. Updates wait meanwhile.
func (s *Store) Check() error {
	if err := s.alive(context.Background()); err != nil {
		return err
	}
	// bbolt's check must not run beside a writer, so it has the writer's turn.
	db, err := s.file().Begin(!s.opts.ReadOnly)
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return store.ErrClosed
	}
	if err != nil {
		return fmt.Errorf("bolt: beginning to check: %w", err)
	}
	defer func() { _ = db.Rollback() }()
	c := &check{tx: &tx{db: db}, counters: map[string]uint64{}}
	for err := range db.Check() {
		c.fault("page check: %w", err)
	}
	if len(c.findings) == 0 { // or else reading may crash
		err = c.all()
	}
	return errors.Join(append(c.findings, err)...)
}

func (c *check) fault(format string, args ...any) {
	if len(c.findings) < maxFindings {
		c.findings = append(c.findings, fmt.Errorf(format, args...))
	}
}

func (c *check) all() error {
	for _, t := range tables() {
		if err := t.check(c); err != nil {
			return err
		}
	}
	if err := c.checkCounters(); err != nil {
		return err
	}
	return errors.Join(c.checkLanes(), c.checkPayloads(), c.checkFiles())
}

// check verifies a table's keys and indexes, and counts its records.
func (t *table[T]) check(c *check) error {
	entries := make([]int, len(t.indexes))
	err := walk(c.tx, t.name, nil, func(k, v []byte) (bool, error) {
		r, err := t.decode(v)
		if err != nil {
			return false, err
		}
		if !bytes.Equal(k, t.key(&r)) {
			c.fault("%s: a record is under another's key: %q", t.name, k)
		}
		if t.counts != nil {
			for _, n := range t.counts(&r) {
				c.counters[string(t.counter(n))]++
			}
		}
		for i, ix := range t.indexes {
			n, err := ix.check(c, &r, k)
			entries[i] += n
			if err != nil {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	for i, ix := range t.indexes {
		n := 0
		if err := walk(c.tx, ix.name, nil, func(_, _ []byte) (bool, error) { n++; return true, nil }); err != nil {
			return err
		}
		if n != entries[i] {
			c.fault("%s: %d entries, and records for %d", ix.name, n, entries[i])
		}
	}
	return nil
}

// check verifies that a record has its entries, and returns how many.
func (ix *index[T]) check(c *check, r *T, primary []byte) (int, error) {
	seen := map[string]bool{}
	for _, k := range ix.keys(r) {
		if seen[string(k)] {
			continue
		}
		seen[string(k)] = true
		v, err := c.get(ix.name, k)
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(v, ix.entry(r, primary)) {
			c.fault("%s: no entry, or a wrong one, for record %q", ix.name, primary)
		}
	}
	return len(seen), nil
}

func (c *check) checkCounters() error {
	err := walk(c.tx, countersBucket, nil, func(k, v []byte) (bool, error) {
		want := c.counters[string(k)]
		delete(c.counters, string(k))
		if len(v) != 8 || binary.BigEndian.Uint64(v) != want {
			c.fault("counters: %q is %x and should be %d", k, v, want)
		}
		return true, nil
	})
	for k, want := range c.counters {
		c.fault("counters: %q is missing and should be %d", k, want)
	}
	return err
}

// checkLanes verifies that the first living job of each lane, and no other, is
// its head, that a job without a lane waits for nobody, and that no number was
// given that the sequences have not reached.
func (c *check) checkLanes() error {
	var lane []byte
	err := walk(c.tx, jobsByLane.name, nil, func(k, v []byte) (bool, error) {
		r, err := jobsTable.must(c.tx, v)
		if err != nil {
			return false, err
		}
		this := laneKey(r.Queue, r.Lane)
		if isFirst := !bytes.Equal(this, lane); r.Head != isFirst {
			c.fault("jobs: job %q in lane %q: head is %v, first is %v", r.ID, r.Lane, r.Head, isFirst)
		}
		lane = this
		return true, nil
	})
	if err != nil {
		return err
	}
	places, err := c.number(sequencesBucket, key(nil).text(jobSequence))
	if err != nil {
		return err
	}
	leases, err := c.number(sequencesBucket, key(nil).text(leaseSequence))
	if err != nil {
		return err
	}
	return walk(c.tx, jobsTable.name, nil, func(_, v []byte) (bool, error) {
		r, err := jobsTable.decode(v)
		if r.Lane == "" && r.Head == r.Dead {
			c.fault("jobs: job %q without a lane: head is %v, dead is %v", r.ID, r.Head, r.Dead)
		}
		if r.Seq > places || r.Lease > leases {
			c.fault("jobs: job %q has place %d and lease %d, the sequences are at %d and %d", r.ID, r.Seq, r.Lease, places, leases)
		}
		return true, err
	})
}

func (c *check) checkPayloads() error {
	return walk(c.tx, payloadBucket, nil, func(k, _ []byte) (bool, error) {
		v, err := c.get(jobsTable.name, k)
		if v == nil {
			c.fault("%s: a payload without its job: %q", payloadBucket, k)
		}
		return true, err
	})
}
