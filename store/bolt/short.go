package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"time"
)

// A short record is the JSON of a record in fewer bytes, exactly as it was. It begins with
// shortTag and the length of the JSON, which itself begins with "{"; both are read. JSON without needless space has no control
// characters: they stand for what there is often.
const (
	shortTag       = 0x1f
	shortMember    = 0x01 // a byte: ,"name":
	shortMemberTxt = 0x02 // a byte: ,"name":"
	shortFirst     = 0x03 // a byte: "name":
	shortFirstTxt  = 0x04 // a byte: "name":"
	shortUUID      = 0x05 // 16 bytes: an id, and the end of its text
	shortTime      = 0x06 // 8 bytes: microseconds since 1970, in UTC, and the end
	shortAgain     = 0x07 // how far back, how much: the same as there
	shortValue     = 0x08 // a byte: a text of shortValues, and its end
	shortTrue      = 0x0e
	shortFalse     = 0x0f
)

// shortLimit is the largest record that is made short. Larger ones are few.
const shortLimit = 1 << 16

// againLeast is how much must be the same to be said once only.
const againLeast = 8

var errShort = errors.New("bolt: a short record is damaged")

var shortNameAt, shortValueAt = places(shortNames), places(shortValues)

func places(words []string) map[string]byte {
	at := make(map[string]byte, len(words))
	for n, w := range words {
		at[w] = byte(n)
	}
	return at
}

// shortener makes one record short.
type shortener struct {
	in, out []byte
	seen    [512]uint16 // where 8 bytes were seen last, by their hash; 0: not
}

var shorteners = sync.Pool{New: func() any { return &shortener{} }}

// shorten makes a record's JSON short, if that can be undone.
func shorten(raw []byte) []byte {
	if len(raw) > shortLimit || len(raw) == 0 || raw[0] != '{' || slices.ContainsFunc(raw, func(b byte) bool { return b < ' ' }) {
		return raw
	}
	s := shorteners.Get().(*shortener)
	defer shorteners.Put(s)
	s.in, s.out, s.seen = raw, binary.AppendUvarint(append(s.out[:0], shortTag), uint64(len(raw))), [512]uint16{}
	s.all()
	s.in = nil
	return bytes.Clone(s.out)
}

func (s *shortener) all() {
	for i := 0; i < len(s.in); {
		switch rest := s.in[i:]; {
		case rest[0] == '"':
			i = s.text(i, false)
		case rest[0] == ',' && len(rest) > 1 && rest[1] == '"':
			i = s.text(i+1, true)
		case bytes.HasPrefix(rest, []byte("true")):
			s.out = append(s.out, shortTrue)
			i += len("true")
		case bytes.HasPrefix(rest, []byte("false")):
			s.out = append(s.out, shortFalse)
			i += len("false")
		default:
			s.out = append(s.out, rest[0])
			i++
		}
	}
}

// text writes the text whose quotation mark is at i, behind a comma or not: the name of a
// member with the mark of its text, or a value. It returns where the text ends.
func (s *shortener) text(i int, comma bool) int {
	end := s.end(i + 1)
	if place, ok := shortNameAt[string(s.in[i+1:end])]; ok && end+1 < len(s.in) && s.in[end+1] == ':' {
		code := byte(shortFirst)
		if comma {
			code = shortMember
		}
		if end+2 < len(s.in) && s.in[end+2] == '"' {
			s.out = append(s.out, code+1, place)
			return s.value(end + 3)
		}
		s.out = append(s.out, code, place)
		return end + 2
	}
	if comma {
		s.out = append(s.out, ',')
	}
	s.out = append(s.out, '"')
	return s.value(i + 1)
}

// end is where the text that begins at i ends: its quotation mark, or the record's end.
func (s *shortener) end(i int) int {
	for ; i < len(s.in) && s.in[i] != '"'; i++ {
		if s.in[i] == '\\' {
			i++
		}
	}
	return min(i, len(s.in))
}

// value writes a text from behind its quotation mark with the one at its end.
func (s *shortener) value(i int) int {
	end := s.end(i)
	if end == len(s.in) { // no JSON
		s.out = append(s.out, s.in[i:]...)
		return end
	}
	text := s.in[i:end]
	if place, ok := shortValueAt[string(text)]; ok {
		s.out = append(s.out, shortValue, place)
		return end + 1
	}
	if at, n := s.again(i, end+1); n == len(text)+1 {
		s.same(i-at, n)
		return end + 1
	}
	if id, ok := uuidBytes(text); ok {
		s.out = append(append(s.out, shortUUID), id[:]...)
		return end + 1
	}
	if at, ok := microseconds(text); ok {
		s.out = binary.BigEndian.AppendUint64(append(s.out, shortTime), uint64(at))
		return end + 1
	}
	for i <= end {
		if at, n := s.again(i, end+1); n > 0 {
			s.same(i-at, n)
			i += n
			continue
		}
		s.out = append(s.out, s.in[i])
		i++
	}
	return end + 1
}

// again finds where the bytes at i, up to a limit, were before, and how many of them. It
// notes that it is at i.
func (s *shortener) again(i, limit int) (at, n int) {
	if i+againLeast > len(s.in) || i >= 1<<16 {
		return 0, 0
	}
	hash := binary.LittleEndian.Uint64(s.in[i:]) * 0x9e3779b97f4a7c15 >> 55
	at = int(s.seen[hash])
	s.seen[hash] = uint16(i)
	if at == 0 || at >= i {
		return 0, 0
	}
	for i+n < limit && s.in[at+n] == s.in[i+n] {
		n++
	}
	if n < againLeast {
		return 0, 0
	}
	return at, n
}

func (s *shortener) same(back, n int) {
	s.out = binary.AppendUvarint(binary.AppendUvarint(append(s.out, shortAgain), uint64(back)), uint64(n))
}

// uuidBytes reads an id as we write it.
func uuidBytes(text []byte) (id [16]byte, ok bool) {
	if len(text) != 36 {
		return id, false
	}
	n := 0
	for i := 0; i < len(text); {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if text[i] != '-' {
				return id, false
			}
			i++
			continue
		}
		high, low := nibble(text[i]), nibble(text[i+1])
		if high > 15 || low > 15 {
			return id, false
		}
		id[n] = high<<4 | low
		n++
		i += 2
	}
	return id, true
}

func nibble(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}

// microseconds reads a time as the stores write it.
func microseconds(text []byte) (int64, bool) {
	if len(text) < len("2006-01-02T15:04:05Z") || len(text) > len("2006-01-02T15:04:05.999999Z") || text[10] != 'T' || text[len(text)-1] != 'Z' {
		return 0, false
	}
	at, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return 0, false
	}
	var again [40]byte
	micros := at.UnixMicro()
	return micros, bytes.Equal(appendTime(again[:0], micros), text)
}

func appendTime(b []byte, micros int64) []byte {
	return time.UnixMicro(micros).UTC().AppendFormat(b, time.RFC3339Nano)
}

// longSize is the length of a record as JSON: what reading it takes of memory.
func longSize(record []byte) int {
	if len(record) > 0 && record[0] == shortTag {
		if n, used := binary.Uvarint(record[1:]); used > 0 && n <= shortLimit {
			return int(n)
		}
	}
	return len(record)
}

// lengthen makes the JSON of a short record, in the memory of out, which is empty.
func lengthen(out, short []byte) ([]byte, error) {
	if len(short) == 0 || short[0] != shortTag {
		return nil, errShort
	}
	size, used := binary.Uvarint(short[1:])
	if used <= 0 || size > shortLimit {
		return nil, errShort
	}
	out = slices.Grow(out, int(size))
	for in := short[1+used:]; len(in) > 0; {
		code := in[0]
		if in = in[1:]; code >= ' ' {
			out = append(out, code)
		} else {
			var err error
			if out, in, err = lengthenOne(out, in, code); err != nil {
				return nil, err
			}
		}
		if len(out) > int(size) {
			return nil, errShort
		}
	}
	if len(out) != int(size) {
		return nil, errShort
	}
	return out, nil
}

// lengthenOne appends what one code stands for, and returns the rest.
func lengthenOne(out, in []byte, code byte) (long, rest []byte, err error) {
	switch code {
	case shortTrue:
		return append(out, "true"...), in, nil
	case shortFalse:
		return append(out, "false"...), in, nil
	case shortAgain:
		return lengthenAgain(out, in)
	case shortUUID:
		if len(in) < 16 {
			return nil, nil, errShort
		}
		return append(appendUUID(out, in[:16]), '"'), in[16:], nil
	case shortTime:
		if len(in) < 8 {
			return nil, nil, errShort
		}
		return append(appendTime(out, int64(binary.BigEndian.Uint64(in))), '"'), in[8:], nil
	}
	words := shortNames
	if code == shortValue {
		words = shortValues
	}
	if len(in) == 0 || int(in[0]) >= len(words) || code > shortValue || code == 0 {
		return nil, nil, errShort
	}
	word := words[in[0]]
	switch code {
	case shortMember:
		out = append(append(append(out, `,"`...), word...), `":`...)
	case shortMemberTxt:
		out = append(append(append(out, `,"`...), word...), `":"`...)
	case shortFirst:
		out = append(append(append(out, '"'), word...), `":`...)
	case shortFirstTxt:
		out = append(append(append(out, '"'), word...), `":"`...)
	case shortValue:
		out = append(append(out, word...), '"')
	}
	return out, in[1:], nil
}

func lengthenAgain(out, in []byte) (long, rest []byte, err error) {
	back, used := binary.Uvarint(in)
	if used <= 0 {
		return nil, nil, errShort
	}
	in = in[used:]
	n, used := binary.Uvarint(in)
	if used <= 0 || back == 0 || back > uint64(len(out)) || n > shortLimit {
		return nil, nil, errShort
	}
	for at := len(out) - int(back); n > 0; n-- {
		out = append(out, out[at])
		at++
	}
	return out, in[used:], nil
}

func appendUUID(b, id []byte) []byte {
	const digits = "0123456789abcdef"
	for n, c := range id {
		if n == 4 || n == 6 || n == 8 || n == 10 {
			b = append(b, '-')
		}
		b = append(b, digits[c>>4], digits[c&15])
	}
	return b
}
