package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"earshot/store"
)

var (
	errReadOnly = errors.New("bolt: a write in a read-only transaction")
	errOver     = errors.New("bolt: the transaction is over")
)

// tx is the view of one function of an Update or a View. It logs the values
// that it overwrites, so that this function alone can be undone.
type tx struct {
	db      *bbolt.Tx
	over    bool
	undo    []overwritten
	written int // bytes
	walked  int // keys that walks have looked at
	read    int // bytes of values
	touched map[store.Queue]struct{}
	open    []openBucket // of a View; bbolt itself remembers those of an Update
	known   *memory
}

type openBucket struct {
	name   string
	bucket *bbolt.Bucket
}

type overwritten struct {
	name   string // the bucket's
	bucket *bbolt.Bucket
	key    []byte
	old    []byte // nil: there was none
}

func (t *tx) Meta() store.Meta                 { return meta{t} }
func (t *tx) Desks() store.Desks               { return desks{t} }
func (t *tx) Keys() store.Keys                 { return keys{t} }
func (t *tx) Actors() store.Actors             { return actors{t} }
func (t *tx) Issues() store.Issues             { return issues{t} }
func (t *tx) Posts() store.Posts               { return posts{t} }
func (t *tx) Events() store.Events             { return events{t} }
func (t *tx) Terms() store.Terms               { return terms{t} }
func (t *tx) Follows() store.Follows           { return follows{t} }
func (t *tx) Documents() store.Documents       { return documents{t} }
func (t *tx) Deliveries() store.Deliveries     { return deliveries{t} }
func (t *tx) Jobs() store.Jobs                 { return jobs{t} }
func (t *tx) Once() store.Once                 { return once{t} }
func (t *tx) Sources() store.Sources           { return sources{t} }
func (t *tx) Sightings() store.Sightings       { return sightings{t} }
func (t *tx) Blocks() store.Blocks             { return blocks{t} }
func (t *tx) OptOuts() store.OptOuts           { return optOuts{t} }
func (t *tx) Hosts() store.Hosts               { return hosts{t} }
func (t *tx) Agents() store.Agents             { return agents{t} }
func (t *tx) Credentials() store.Credentials   { return credentials{t} }
func (t *tx) Grants() store.Grants             { return grants{t} }
func (t *tx) AuditLog() store.AuditLog         { return auditLog{t} }
func (t *tx) Changes() store.Changes           { return changeLog{t} }
func (t *tx) Quarantine() store.Quarantine     { return quarantine{t} }
func (t *tx) Standings() store.Standings       { return standings{t} }
func (t *tx) Withdrawals() store.Withdrawals   { return withdrawals{t} }
func (t *tx) Flags() store.Flags               { return flags{t} }
func (t *tx) Drafts() store.Drafts             { return drafts{t} }
func (t *tx) Views() store.Views               { return views{t} }
func (t *tx) Phrases() store.Phrases           { return phrases{t} }
func (t *tx) Pictures() store.Pictures         { return pictures{t} }
func (t *tx) Files() store.Files               { return files{t} }
func (t *tx) Remarks() store.Remarks           { return remarks{t} }
func (t *tx) Incidents() store.Incidents       { return incidents{t} }
func (t *tx) Piles() store.Piles               { return piles{t} }
func (t *tx) Rounds() store.Rounds             { return rounds{t} }
func (t *tx) Destinations() store.Destinations { return destinations{t} }
func (t *tx) Records() store.Records           { return records{t} }

// bucket opens a top-level bucket; the migrations have made it.
func (t *tx) bucket(name string) (*bbolt.Bucket, error) {
	if t.over {
		return nil, errOver
	}
	for _, o := range t.open {
		if o.name == name {
			return o.bucket, nil
		}
	}
	b := t.db.Bucket([]byte(name))
	if b == nil {
		return nil, fmt.Errorf("bolt: the file has no bucket %q", name)
	}
	if !t.db.Writable() {
		t.open = append(t.open, openBucket{name, b})
	}
	return b, nil
}

// get returns a value, nil without one. It is the file's memory: valid until
// the transaction ends, not to be changed.
func (t *tx) get(bucket string, k []byte) ([]byte, error) {
	b, err := t.bucket(bucket)
	if err != nil {
		return nil, err
	}
	v := b.Get(k)
	t.read += len(v)
	return v, nil
}

// lengthened counts what a short record takes when it is read.
func (t *tx) lengthened(record []byte) { t.read += longSize(record) - len(record) }

// put writes a value, which must not be empty or change afterwards.
func (t *tx) put(bucket string, k, v []byte) error {
	old, err := t.get(bucket, k)
	if err != nil {
		return err
	}
	return t.replace(bucket, k, old, v)
}

// replace writes a value over another, which get has just returned.
func (t *tx) replace(bucket string, k, old, v []byte) error {
	b, err := t.writable(bucket, k, old)
	if err != nil {
		return err
	}
	t.written += len(k) + len(v)
	return b.Put(k, v)
}

func (t *tx) delete(bucket string, k []byte) error {
	old, err := t.get(bucket, k)
	if err != nil {
		return err
	}
	b, err := t.writable(bucket, k, old)
	if err != nil {
		return err
	}
	t.written += len(k)
	return b.Delete(k)
}

// writable opens a bucket for writing and logs old, the value that k has now.
// bbolt's values stay valid until the transaction ends, also when overwritten.
func (t *tx) writable(bucket string, k, old []byte) (*bbolt.Bucket, error) {
	if err := t.mayWrite(); err != nil {
		return nil, err
	}
	b, err := t.bucket(bucket)
	if err != nil {
		return nil, err
	}
	if ascending[bucket] {
		b.FillPercent = fullPages
	}
	t.undo = append(t.undo, overwritten{name: bucket, bucket: b, key: k, old: old})
	return b, nil
}

func (t *tx) mayWrite() error {
	if t.over {
		return errOver
	}
	if !t.db.Writable() {
		return errReadOnly
	}
	return nil
}

// fullPages is how full pages become in buckets whose keys mostly ascend: nothing is
// inserted before their ends, and half a page would stay empty for good.
const fullPages = 0.9

// ascending are the buckets with keys that begin with a new UUIDv7, or a time of now.
var ascending = map[string]bool{
	"issues": true, "posts": true, "posts.issue": true, "events": true, "events.issue": true, "events.thread": true,
	"terms": true, "terms.posts": true, "once.expires": true, "changes": true, "changes.at": true, "acts": true, "acts.at": true,
}

// rollback takes back everything this function wrote, last first.
func (t *tx) rollback() error {
	for i := len(t.undo) - 1; i >= 0; i-- {
		u := t.undo[i]
		var err error
		if u.old == nil {
			err = u.bucket.Delete(u.key)
		} else {
			err = u.bucket.Put(u.key, u.old)
		}
		if err != nil {
			return fmt.Errorf("bolt: taking back a write: %w", err)
		}
	}
	t.undo = nil
	return nil
}

// touch notes that a queue's watchers have something to look at.
func (t *tx) touch(q store.Queue) {
	if t.touched == nil {
		t.touched = map[store.Queue]struct{}{}
	}
	t.touched[q] = struct{}{}
}

// number reads a counter or sequence, 0 without one.
func (t *tx) number(bucket string, k []byte) (uint64, error) {
	v, err := t.get(bucket, k)
	if err != nil || v == nil {
		return 0, err
	}
	if len(v) != 8 {
		return 0, fmt.Errorf("bolt: a number in %q has %d bytes", bucket, len(v))
	}
	return binary.BigEndian.Uint64(v), nil
}

// add changes a counter or sequence and returns its new value; one that falls
// to 0 is removed.
func (t *tx) add(bucket string, k []byte, delta int) (uint64, error) {
	n, err := t.number(bucket, k)
	if err != nil {
		return 0, err
	}
	n += uint64(delta)
	if n == 0 {
		return 0, t.delete(bucket, k)
	}
	return n, t.put(bucket, k, binary.BigEndian.AppendUint64(nil, n))
}

const sequencesBucket = "sequences"

// next returns the next value of a named sequence: 1, 2, …
func (t *tx) next(sequence string) (uint64, error) {
	return t.add(sequencesBucket, key(nil).text(sequence), 1)
}
