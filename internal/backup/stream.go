package backup

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"io"
)

// Stream passes a backup on to where it cannot be read again, like a pipe, and
// checks it on the way.
type Stream struct {
	to   io.Writer
	n    int64
	head []byte // the first maxHeader bytes
	tail []byte // the last ones, of which the last line is not part of the digest
	sum  hash.Hash
}

// NewStream returns a Stream that writes to w.
func NewStream(w io.Writer) *Stream { return &Stream{to: w, sum: sha256.New()} }

// Write passes bytes on.
func (s *Stream) Write(b []byte) (int, error) {
	n, err := s.to.Write(b)
	b = b[:n]
	s.n += int64(n)
	s.head = append(s.head, b[:min(len(b), maxHeader-len(s.head))]...)
	s.tail = append(s.tail, b...)
	if more := len(s.tail) - maxHeader; more > maxHeader {
		s.sum.Write(s.tail[:more])
		s.tail = append(s.tail[:0], s.tail[more:]...)
	}
	return n, err
}

// Written returns how many bytes were passed on.
func (s *Stream) Written() int64 { return s.n }

// Whole returns the header of what was passed on, or an error if that is no
// whole backup.
func (s *Stream) Whole() (Header, error) {
	f := &File{r: bytes.NewReader(s.head)}
	if err := f.readHeader(int64(len(s.head))); err != nil {
		return Header{}, err
	}
	t, at, err := parseTrailer(s.tail)
	if err != nil {
		return Header{}, err
	}
	s.sum.Write(s.tail[:at])
	return f.Header, t.fits(s.sum, f.Header)
}
