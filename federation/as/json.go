package as

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The limits of a document. Beyond them it is refused, or, for the lists,
// truncated.
const (
	MaxBytes  = 1 << 20 // size of a document
	MaxDepth  = 32      // nesting of objects and arrays
	MaxValues = 1 << 16 // values in a document, however nested
	MaxList   = 256     // recipients, hashtags, mentions, attachments, fields, … read
)

// node is a JSON object with its own bytes.
type node struct {
	fields map[string]any // string, json.Number, bool, nil, []any or *node
	raw    []byte
}

// decode reads one JSON object under the limits above. Keys are compared after
// unescaping: two keys that mean the same would let two readers see different
// documents.
func decode(raw []byte) (*node, error) {
	if len(raw) > MaxBytes {
		return nil, malformed("larger than %d bytes", MaxBytes)
	}
	raw = Bare(raw)
	if !utf8.Valid(raw) {
		return nil, malformed("not valid UTF-8")
	}
	if depthExceeds(raw, MaxDepth) { // before anything that grows with the depth
		return nil, malformed("nested deeper than %d levels", MaxDepth)
	}
	if !json.Valid(raw) {
		return nil, malformed("not one JSON value")
	}
	d := decoder{src: raw}
	v, err := d.value()
	if err != nil {
		return nil, err
	}
	n, ok := v.(*node)
	if !ok {
		return nil, malformed("not a JSON object")
	}
	return n, nil
}

// Bare returns a JSON document without the byte order mark that some put before it,
// and without the NUL with which programs in C may end it.
func Bare(raw []byte) []byte {
	return bytes.TrimRight(bytes.TrimPrefix(raw, []byte("\ufeff")), "\x00")
}

// depthExceeds looks at brackets outside strings only.
func depthExceeds(raw []byte, limit int) bool {
	depth, inString := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > limit {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// decoder walks JSON that is known to be valid and not too deep, so it has no
// syntax errors of its own.
type decoder struct {
	src    []byte
	pos    int
	values int
}

func (d *decoder) value() (any, error) {
	if d.values++; d.values > MaxValues {
		return nil, malformed("more than %d values", MaxValues)
	}
	switch d.space(); d.src[d.pos] {
	case '{':
		return d.object()
	case '[':
		return d.array()
	case '"':
		s, err := d.text()
		return clean(s), err
	case 't':
		d.pos += len("true")
		return true, nil
	case 'f':
		d.pos += len("false")
		return false, nil
	case 'n':
		d.pos += len("null")
		return nil, nil
	default:
		return d.number(), nil
	}
}

func (d *decoder) object() (*node, error) {
	start, fields := d.pos, make(map[string]any, 8)
	d.pos++
	for d.space(); d.src[d.pos] != '}'; d.space() {
		key, err := d.text()
		if err != nil {
			return nil, err
		}
		if strings.IndexByte(key, 0) >= 0 { // without it, it would be another key
			return nil, malformed("U+0000 in a key")
		}
		if _, twice := fields[key]; twice {
			return nil, malformed("the key %.64q is there twice", key)
		}
		d.space() // then the colon
		d.pos++
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		fields[key] = v
		d.comma()
	}
	d.pos++
	return &node{fields: fields, raw: d.src[start:d.pos:d.pos]}, nil
}

func (d *decoder) array() ([]any, error) {
	var list []any
	d.pos++
	for d.space(); d.src[d.pos] != ']'; d.space() {
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		d.comma()
	}
	d.pos++
	return list, nil
}

func (d *decoder) text() (string, error) {
	start := d.pos
	escaped := false
	for d.pos++; d.src[d.pos] != '"'; d.pos++ {
		if d.src[d.pos] == '\\' {
			escaped = true
			d.pos++
		}
	}
	d.pos++
	if !escaped {
		return string(d.src[start+1 : d.pos-1]), nil
	}
	var s string
	if err := json.Unmarshal(d.src[start:d.pos], &s); err != nil {
		return "", fmt.Errorf("unescape a string: %w", err)
	}
	return s, nil
}

// clean drops U+0000 and byte order marks, which no reader sees and no store
// keeps. An identifier would become another without them, and is spoilt instead.
func clean(s string) string {
	if !strings.ContainsAny(s, "\x00\ufeff") {
		return s
	}
	with := ""
	if strings.Contains(s, ":") && !strings.ContainsAny(s, " \t\r\n<") {
		with = "\ufffd"
	}
	return strings.NewReplacer("\x00", with, "\ufeff", with).Replace(s)
}

func (d *decoder) number() json.Number {
	start := d.pos
	for d.pos < len(d.src) && strings.IndexByte("+-.0123456789eE", d.src[d.pos]) >= 0 {
		d.pos++
	}
	return json.Number(d.src[start:d.pos])
}

func (d *decoder) space() {
	for d.pos < len(d.src) {
		switch d.src[d.pos] {
		case ' ', '\t', '\r', '\n':
			d.pos++
		default:
			return
		}
	}
}

func (d *decoder) comma() {
	if d.space(); d.src[d.pos] == ',' {
		d.pos++
	}
}

// ErrMalformed is wrapped by every error of the Parse functions. Their text
// explains the mistake in the document and may be shown to the sender.
var ErrMalformed = errors.New("malformed ActivityStreams document")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}
