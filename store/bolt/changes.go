package bolt

import (
	"encoding/binary"
	"encoding/hex"
	"time"

	"earshot/store"
)

const changeSequence = "changes"

// changeRecord is a change and its number in the log.
type changeRecord struct {
	store.Change
	Number uint64 `json:"number"`
}

var changesTable = table[changeRecord]{
	name: "changes", key: func(c *changeRecord) key { return key(nil).uint(c.Number) }, indexes: []*index[changeRecord]{changesByTime},
}

var changesByTime = &index[changeRecord]{name: "changes.at", keys: func(c *changeRecord) []key {
	return []key{key(nil).time(c.At).uint(c.Number)}
}}

// position is a change's number in hexadecimal, so that it compares bytewise.
func position(number uint64) store.Position {
	return store.Position(hex.EncodeToString(binary.BigEndian.AppendUint64(nil, number)))
}

// numberAt reads a position, false if it is not from this store.
func numberAt(p store.Position) (uint64, bool) {
	b, err := hex.DecodeString(string(p))
	if err != nil || len(b) != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint64(b), true
}

type changeLog struct{ *tx }

func (s changeLog) Add(c store.Change) error {
	number, err := s.next(changeSequence)
	if err != nil {
		return err
	}
	s.touch(store.Changed)
	return changesTable.put(s.tx, &changeRecord{c, number})
}

func (s changeLog) After(p store.Position, limit int) (cs []store.Change, err error) {
	number := uint64(0)
	if p != "" {
		var ok bool
		if number, ok = numberAt(p); !ok {
			return nil, store.ErrCursor
		}
	}
	b, err := s.bucket(changesTable.name)
	if err != nil {
		return nil, err
	}
	for x := newStream(b, nil, key(nil).uint(number)); x.suffix != nil && len(cs) < limit; x.set(x.c.Next()) {
		c, err := s.read(x.value)
		if err != nil {
			return nil, err
		}
		cs = append(cs, c)
	}
	return cs, nil
}

func (s changeLog) read(value []byte) (store.Change, error) {
	r, err := changesTable.decode(value)
	r.Position = position(r.Number)
	return r.Change, err
}

func (s changeLog) Get(p store.Position) (c store.Change, ok bool, err error) {
	number, ok := numberAt(p)
	if !ok {
		return c, false, nil
	}
	r, ok, err := changesTable.get(s.tx, key(nil).uint(number))
	r.Position = p
	return r.Change, ok, err
}

func (s changeLog) Last() (c store.Change, ok bool, err error) {
	b, err := s.bucket(changesTable.name)
	if err != nil {
		return c, false, err
	}
	_, v := b.Cursor().Last()
	if v == nil {
		return c, false, nil
	}
	c, err = s.read(v)
	return c, err == nil, err
}

func (s changeLog) Expire(before time.Time, limit int) (int, error) {
	return expire(s.tx, &changesTable, changesByTime, before.Add(-time.Microsecond), limit)
}
