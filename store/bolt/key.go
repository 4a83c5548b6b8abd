package bolt

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"
)

// maxPart is the longest text a key holds as it is. A longer one is its first
// maxPart bytes and a hash, so that order holds up to there.
const maxPart = 1024

// How a text ends in a key. A NUL within a text is followed by escaped, which
// sorts after the others, so that a text sorts before its continuations.
const (
	endPlain  = 0x01
	endHashed = 0x02 // 32 bytes of SHA-256 of the whole text follow
	escaped   = 0xff
)

var errKey = errors.New("bolt: malformed key")

// key is a key of parts, each of which says where it ends: no two lists of
// parts make the same key, and keys compare like their parts, in turn.
type key []byte

// text appends a text.
func (k key) text(s string) key {
	end := byte(endPlain)
	full := s
	if len(s) > maxPart {
		s, end = s[:maxPart], endHashed
	}
	k = append(k.prefix(s), 0, end)
	if end == endHashed {
		sum := sha256.Sum256([]byte(full))
		k = append(k, sum[:]...)
	}
	return k
}

// usualRest is room for what usually follows a text in a key.
const usualRest = 48

// prefix appends the beginning of the keys of all texts that begin with s.
func (k key) prefix(s string) key {
	if len(s) > maxPart {
		s = s[:maxPart]
	}
	k = slices.Grow(k, len(s)+usualRest)
	for {
		nul := strings.IndexByte(s, 0)
		if nul < 0 {
			return append(k, s...)
		}
		k = append(append(k, s[:nul+1]...), escaped)
		s = s[nul+1:]
	}
}

// uint appends a number, smallest first.
func (k key) uint(n uint64) key { return binary.BigEndian.AppendUint64(k, n) }

// timeLength is how long a time is in a key.
const timeLength = 8

// time appends a time in whole microseconds, earliest first.
func (k key) time(t time.Time) key { return k.uint(uint64(t.UnixMicro()) ^ 1<<63) }

// timeDesc appends a time, latest first.
func (k key) timeDesc(t time.Time) key { return k.uint(^(uint64(t.UnixMicro()) ^ 1<<63)) }

// raw appends a finished key, as the last part.
func (k key) raw(b []byte) key { return append(k, b...) }

// rawDesc appends a finished key, as the last part, so that it sorts the other
// way round.
func (k key) rawDesc(b []byte) key {
	for _, c := range b {
		k = append(k, ^c)
	}
	return k
}

// cutText splits the first text off a key. A hashed text cannot be read back.
func cutText(b []byte) (s string, rest []byte, err error) {
	var out []byte
	for i := 0; i+1 < len(b); i++ {
		if b[i] != 0 {
			out = append(out, b[i])
			continue
		}
		i++
		switch b[i] {
		case escaped:
			out = append(out, 0)
		case endPlain:
			return string(out), b[i+1:], nil
		default:
			return "", nil, errKey
		}
	}
	return "", nil, errKey
}

// cutTime splits a time off a key that begins with one.
func cutTime(b []byte) (time.Time, []byte, error) {
	if len(b) < 8 {
		return time.Time{}, nil, errKey
	}
	return time.UnixMicro(int64(binary.BigEndian.Uint64(b) ^ 1<<63)).UTC(), b[8:], nil
}

// cutPart splits the first text off a key as it is there, hashed or not.
func cutPart(b []byte) (part key, rest []byte, err error) {
	for i := 0; i+1 < len(b); i++ {
		if b[i] != 0 {
			continue
		}
		i++
		end := i + 1
		switch {
		case b[i] == escaped:
			continue
		case b[i] == endHashed && len(b) >= end+sha256.Size:
			end += sha256.Size
		case b[i] != endPlain:
			return nil, nil, errKey
		}
		return b[:end], b[end:], nil
	}
	return nil, nil, errKey
}

// beyond returns the first key behind all that begin with a finished text.
func beyond(part key) key {
	out := append(key(nil), part...)
	for n := len(out) - 1; n >= 0; n-- {
		if out[n]++; out[n] != 0 {
			return out[:n+1]
		}
	}
	return nil
}
