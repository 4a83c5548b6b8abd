package postgres

import (
	"encoding/json"
	"fmt"

	"earshot/store"
	"earshot/store/internal/layout"
)

// carried is a table of any record type, as copies, backups and checks see it.
type carried interface {
	list(x *tx, kind store.RecordKind, p store.Page) ([]store.Record, string, error)
	load(x *tx, record []byte) error
	table() string
	check(c *check) error
}

// kinds leads from the kinds of records to their tables.
var kinds = map[store.RecordKind]carried{
	store.RecordMeta: metaTable, store.RecordDesk: desksTable, store.RecordKey: keysTable, store.RecordActor: actorsTable,
	store.RecordIssue: issuesTable, store.RecordPost: postsTable, store.RecordEvent: eventsTable, store.RecordTerms: termsTable,
	store.RecordFollow: followsTable, store.RecordDocument: documentsTable, store.RecordDelivery: deliveriesTable,
	store.RecordJob: carriedJobs{}, store.RecordOnce: onceTable, store.RecordSource: sourcesTable,
	store.RecordSighting: sightingsTable, store.RecordBlock: blocksTable, store.RecordOptOut: optOutsTable, store.RecordHost: hostsTable,
	store.RecordAgent: agentsTable, store.RecordCredential: credentialsTable, store.RecordGrant: grantsTable, store.RecordAct: actsTable,
	store.RecordQuarantine: quarantineTable, store.RecordStanding: standingsTable, store.RecordWithdrawal: withdrawalsTable, store.RecordFlag: flagsTable,
	store.RecordDraft:    draftsTable,
	store.RecordIncident: incidentsTable,
	store.RecordPile:     pilesTable,
	store.RecordRound:    roundsTable, store.RecordRoundVoice: roundVoicesTable,
	store.RecordDestination: destinationsTable, store.RecordNotification: notificationsTable,
	store.RecordPicture: picturesTable,
	store.RecordFile:    carriedFiles{}, store.RecordUpload: uploadsTable,
	store.RecordPhrase: phrasesTable, store.RecordRemark: remarksTable,
	store.RecordView: viewsTable,
}

func (t *table[T]) table() string { return t.name }

func (t *table[T]) list(x *tx, kind store.RecordKind, p store.Page) ([]store.Record, string, error) {
	l := listing{name: "records of " + t.name, table: t.name, order: t.keys}
	return pageOf(x, l, p, "record", func() (r store.Record, into []any, finish func(*store.Record) error) {
		var raw []byte
		return r, []any{&raw}, func(r *store.Record) error {
			decoded, err := t.decode(raw)
			if err != nil {
				return err
			}
			r.Kind = kind
			r.JSON, err = layout.Encode(&decoded)
			return err
		}
	})
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
	return c.list(s.tx, kind, p)
}

func (s records) Put(r store.Record) error {
	c, err := carriedKind(r.Kind)
	if err != nil {
		return err
	}
	if err := c.load(s.tx, r.JSON); err != nil {
		return fmt.Errorf("postgres: loading a record of kind %q: %w", r.Kind, err)
	}
	return nil
}

func (s records) Counts() (map[store.RecordKind]int, error) {
	counts := map[store.RecordKind]int{}
	for kind, c := range kinds {
		var n int
		if _, err := s.one("select count(*) from "+c.table(), nil, &n); err != nil {
			return nil, err
		}
		if n > 0 {
			counts[kind] = n
		}
	}
	return counts, nil
}

func carriedKind(kind store.RecordKind) (carried, error) {
	c, ok := kinds[kind]
	if !ok {
		return nil, fmt.Errorf("postgres: there are no records of kind %.50q", kind)
	}
	return c, nil
}

type carriedJobs struct{}

func (carriedJobs) table() string { return "jobs" }

func (carriedJobs) list(x *tx, kind store.RecordKind, p store.Page) ([]store.Record, string, error) {
	l := listing{name: "records of jobs", table: "jobs", order: []string{"key"}}
	rows, next, err := pageOf(x, l, p, jobColumns, jobs{}.item)
	if err != nil {
		return nil, "", err
	}
	var rs []store.Record
	for _, r := range rows {
		raw, err := layout.Encode(layout.Job{Job: r.Job, Place: uint64(r.place)})
		if err != nil {
			return nil, "", err
		}
		rs = append(rs, store.Record{Kind: kind, JSON: raw})
	}
	return rs, next, nil
}

// load puts a job in its place, in place of one that has its id.
func (carriedJobs) load(x *tx, record []byte) error {
	var c layout.Job
	if err := json.Unmarshal(record, &c); err != nil {
		return err
	}
	j := c.Job
	if err := checkJob(&j); err != nil {
		return err
	}
	if inLane := j.Lane != "" && !j.Dead; inLane != (c.Place > 0) || int64(c.Place) < 0 {
		return fmt.Errorf("job %q has no sensible place", j.ID)
	}
	s := jobs{x}
	q, lane, ok, err := s.removed(false, "delete from jobs where key = $1", ordered(j.ID))
	if err != nil {
		return err
	}
	if ok {
		if err := s.promote(q, lane); err != nil {
			return err
		}
	}
	return s.squeezeIn(j, int64(c.Place))
}

// squeezeIn stores a job at its place, which may be before the present head.
// The sequence of places is brought up to it; that is not taken back.
func (s jobs) squeezeIn(j store.Job, place int64) error {
	lane := []byte(nil)
	if place > 0 {
		lane = ordered(j.Lane)
		if _, err := s.exec("update jobs set head = false where queue = $1 and lane_key = $2 and head and place > $3", string(j.Queue), lane, place); err != nil {
			return err
		}
		if _, err := s.exec("select setval('job_places', $1) from job_places where last_value <= $1", place); err != nil {
			return err
		}
	}
	var died any
	if j.Dead {
		died = j.DiedAt
	}
	s.touch(j.Queue)
	_, err := s.exec(`insert into jobs (key, id, queue, lane, lane_key, place, head, due, payload, added, attempts, error, host, lease, dead, died_at)
		select $1, $2, $3, $4, $5, $6, not $13 and not exists (select 1 from jobs where queue = $3 and lane_key = $5 and head),
			$7, $8, $9, $10, $11, $12, 0, $13, $14`,
		ordered(j.ID), j.ID, string(j.Queue), orNull(j.Lane), lane, orNull(place), j.Due, payload(j), j.Added, j.Attempts, j.Error, string(j.Host), j.Dead, died)
	return err
}
