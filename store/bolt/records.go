package bolt

import (
	"encoding/json"
	"fmt"
	"time"

	"earshot/store"
	"earshot/store/internal/layout"
)

// carried is a table of any record type, as copies and backups see it.
type carried interface {
	bucket() string
	// export turns the table's value under a key into a record.
	export(x *tx, value []byte) ([]byte, error)
	load(x *tx, record []byte) error
}

// kinds leads from the kinds of records to their tables.
var kinds = map[store.RecordKind]carried{
	store.RecordMeta: &metaTable, store.RecordDesk: &desksTable, store.RecordKey: &keysTable, store.RecordActor: &actorsTable,
	store.RecordIssue: &issuesTable, store.RecordPost: &postsTable, store.RecordEvent: &eventsTable, store.RecordTerms: &termsTable,
	store.RecordFollow: &followsTable, store.RecordDocument: &documentsTable, store.RecordDelivery: &deliveriesTable,
	store.RecordJob: carriedJobs{}, store.RecordOnce: &onceTable, store.RecordSource: &sourcesTable,
	store.RecordSighting: &sightingsTable, store.RecordBlock: &blocksTable, store.RecordOptOut: &optOutsTable, store.RecordHost: &hostsTable,
	store.RecordAgent: &agentsTable, store.RecordCredential: &credentialsTable, store.RecordGrant: &grantsTable, store.RecordAct: &actsTable,
	store.RecordQuarantine: &quarantineTable, store.RecordStanding: &standingsTable, store.RecordWithdrawal: &withdrawalsTable, store.RecordFlag: &flagsTable,
	store.RecordDraft:    &draftsTable,
	store.RecordIncident: &incidentsTable,
	store.RecordRound:    &roundsTable, store.RecordRoundVoice: &roundVoicesTable,
	store.RecordDestination: &destinationsTable, store.RecordNotification: &notificationsTable,
	store.RecordPicture: &picturesTable,
	store.RecordFile:    carriedFiles{}, store.RecordUpload: &uploadsTable,
	store.RecordPhrase: &phrasesTable, store.RecordRemark: &remarksTable,
	store.RecordView: &viewsTable,
	store.RecordPile: &pilesTable,
}

func (t *table[T]) bucket() string { return t.name }

func (t *table[T]) export(x *tx, value []byte) ([]byte, error) {
	x.lengthened(value)
	r, err := t.decode(value)
	if err != nil {
		return nil, err
	}
	return t.json(&r)
}

func (t *table[T]) load(x *tx, record []byte) error {
	r, err := t.decode(record)
	if err != nil {
		return err
	}
	return t.put(x, &r)
}

type records struct{ *tx }

func (s records) List(kind store.RecordKind, p store.Page) ([]store.Record, string, error) {
	c, err := carriedKind(kind)
	if err != nil {
		return nil, "", err
	}
	l := listing{bucket: c.bucket(), prefixes: []key{nil}, id: key(nil).text("records")}
	return page(s.tx, l, p, func(v []byte) (store.Record, bool, error) {
		raw, err := c.export(s.tx, v)
		return store.Record{Kind: kind, JSON: raw}, err == nil, err
	})
}

func (s records) Put(r store.Record) error {
	c, err := carriedKind(r.Kind)
	if err != nil {
		return err
	}
	if err := c.load(s.tx, r.JSON); err != nil {
		return fmt.Errorf("bolt: loading a record of kind %q: %w", r.Kind, err)
	}
	return nil
}

func (s records) Counts() (map[store.RecordKind]int, error) {
	counts := map[store.RecordKind]int{}
	for kind, c := range kinds {
		err := walk(s.tx, c.bucket(), nil, func(_, _ []byte) (bool, error) { counts[kind]++; return true, nil })
		if err != nil {
			return nil, err
		}
	}
	return counts, nil
}

func carriedKind(kind store.RecordKind) (carried, error) {
	c, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("bolt: there are no records of kind %.50q", kind)
	}
	return c, nil
}

type carriedJobs struct{}

func (carriedJobs) bucket() string { return jobsTable.name }

func (carriedJobs) export(x *tx, value []byte) ([]byte, error) {
	r, err := jobsTable.decode(value)
	if err != nil {
		return nil, err
	}
	j, err := jobs{x}.whole(&r)
	if err != nil {
		return nil, err
	}
	return layout.Encode(layout.Job{Job: j, Place: r.Seq})
}

// load puts a job in its place, in place of one that has its id.
func (carriedJobs) load(x *tx, record []byte) error {
	var c layout.Job
	if err := json.Unmarshal(record, &c); err != nil {
		return err
	}
	payload := c.Payload
	r := jobRecord{Job: c.Job, Seq: c.Place}
	r.Payload, r.Lease, r.LeasedUntil = nil, 0, time.Time{}
	if err := store.CheckText(&r); err != nil {
		return err
	}
	if inLane := r.Lane != "" && !r.Dead; r.Queue == "" || len(r.Queue) > maxPart || inLane != (r.Seq > 0) {
		return fmt.Errorf("job %q has no sensible queue or place", r.ID)
	}
	s := jobs{x}
	if old, ok, err := jobsTable.get(x, jobKey(r.ID)); err != nil {
		return err
	} else if ok {
		if err := s.remove(&old); err != nil {
			return err
		}
	}
	if err := s.squeezeIn(&r); err != nil {
		return err
	}
	if len(payload) == 0 {
		return nil
	}
	return x.put(payloadBucket, jobKey(r.ID), payload)
}

// squeezeIn stores a job at its place, which may be before the present head.
func (s jobs) squeezeIn(r *jobRecord) error {
	s.touch(r.Queue)
	r.Head = !r.Dead
	if r.Seq == 0 {
		return jobsTable.put(s.tx, r)
	}
	lane := laneKey(r.Queue, r.Lane)
	if taken, err := s.get(jobsByLane.name, lane.uint(r.Seq)); err != nil {
		return err
	} else if taken != nil {
		return fmt.Errorf("two jobs at place %d of lane %q", r.Seq, r.Lane)
	}
	var head *jobRecord
	err := walk(s.tx, jobsByLane.name, lane, func(_, v []byte) (bool, error) {
		first, err := jobsTable.must(s.tx, v)
		head = &first
		return false, err
	})
	if err != nil {
		return err
	}
	if head != nil && head.Seq < r.Seq {
		r.Head = false
	} else if head != nil {
		head.Head = false
		if err := jobsTable.put(s.tx, head); err != nil {
			return err
		}
	}
	places, err := s.number(sequencesBucket, key(nil).text(jobSequence))
	if err != nil {
		return err
	}
	if r.Seq > places {
		if _, err := s.add(sequencesBucket, key(nil).text(jobSequence), int(r.Seq-places)); err != nil {
			return err
		}
	}
	return jobsTable.put(s.tx, r)
}
