package postgres

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"earshot/store"
)

// maxKey is the longest text, in bytes, that an index holds as it is. A longer
// one is its beginning and a hash, so that order holds up to there. PostgreSQL
// indexes rows of at most 2,704 bytes: two keys and a time.
const maxKey = 1024

// maxShort is the same for text that is looked up but not sorted.
const maxShort = 200

// nothing is the key of text that cannot be stored: no UTF-8 text has this
// byte.
var nothing = []byte{0xff}

// ordered makes the key of a text: keys compare like their texts.
func ordered[S ~string](s S) []byte {
	if !store.ValidText(string(s)) {
		return nothing
	}
	if len(s) <= maxKey {
		return []byte(s)
	}
	sum := sha256.Sum256([]byte(s))
	return append(append([]byte(s[:maxKey]), 0, 2), sum[:]...) // the NUL tells it from a text
}

// short makes the key of a text that is looked up and never sorted by.
func short[S ~string](s S) []byte {
	if !store.ValidText(string(s)) {
		return nothing
	}
	if len(s) <= maxShort {
		return []byte(s)
	}
	sum := sha256.Sum256([]byte(s))
	return append([]byte{0}, sum[:]...)
}

// optional keeps empty values out of an index.
func optional[S ~string](make func(S) []byte, s S) []byte {
	if s == "" {
		return nil
	}
	return make(s)
}

// beyond returns the first key after all those that begin with prefix, nil
// without such a key.
func beyond(prefix []byte) []byte {
	for n := len(prefix); n > 0; n-- {
		if prefix[n-1] < 0xff {
			end := append([]byte(nil), prefix[:n]...)
			end[n-1]++
			return end
		}
	}
	return nil
}

// earliest appends a time so that earlier ones sort first.
func earliest(b []byte, t time.Time) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(t.UnixMicro())^1<<63)
}

// inverted appends what sorts the other way round. The end sorts last, as the
// beginning of others.
func inverted(b, key []byte) []byte {
	for _, c := range key {
		b = append(b, ^c)
	}
	return append(b, 0xff)
}

// orderedAll makes the keys of texts, for any().
func orderedAll[S ~string](all []S) [][]byte {
	keys := [][]byte{} // nil would be null, and is different from nothing
	for _, s := range all {
		keys = append(keys, ordered(s))
	}
	return keys
}
