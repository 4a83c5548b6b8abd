package bolt

import (
	"time"

	"earshot/store/internal/layout"
)

var onceTable = table[layout.Once]{
	name:    "once",
	key:     func(o *layout.Once) key { return key(nil).text(o.Key) },
	indexes: []*index[layout.Once]{onceByExpiry},
}

var onceByExpiry = &index[layout.Once]{name: "once.expires", keys: func(o *layout.Once) []key {
	return []key{key(nil).time(o.Expires).text(o.Key)}
}}

type once struct{ *tx }

func (s once) Put(name string, value []byte, expires time.Time) (kept []byte, added bool, err error) {
	kept, there, err := s.Get(name)
	if err != nil || there {
		return kept, false, err
	}
	return value, true, onceTable.put(s.tx, &layout.Once{Key: name, Value: value, Expires: expires})
}

func (s once) Set(name string, value []byte, expires time.Time) error {
	return onceTable.put(s.tx, &layout.Once{Key: name, Value: value, Expires: expires})
}

func (s once) Get(name string) ([]byte, bool, error) {
	r, ok, err := onceTable.get(s.tx, key(nil).text(name))
	return r.Value, ok, err
}

func (s once) Delete(name string) (bool, error) {
	return onceTable.delete(s.tx, key(nil).text(name))
}

func (s once) Expire(now time.Time, limit int) (forgotten int, err error) {
	return expire(s.tx, &onceTable, onceByExpiry, now, limit)
}
