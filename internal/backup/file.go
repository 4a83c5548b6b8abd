package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// magic and format mark our files. The format grows when an older earshot
// could not restore what a newer one wrote.
const (
	magic  = "earshot backup"
	format = 1
)

// The limits of a backup that is read.
const (
	maxHeader = 64 << 10
	maxLine   = 64 << 20 // of one record
)

// Header is the first line of a backup.
type Header struct {
	Magic    string                   `json:"magic"`
	Format   int                      `json:"format"`
	Instance app.Instance             `json:"instance"`
	Made     time.Time                `json:"made_at"` // the snapshot's time
	Version  string                   `json:"version"` // of the program that wrote it
	Secret   bool                     `json:"secret"`  // the secret is in the file
	Counts   map[store.RecordKind]int `json:"counts"`
}

// Records returns how many records a backup has.
func (h Header) Records() (n int) {
	for _, c := range h.Counts {
		n += c
	}
	return n
}

// trailer is the last line.
type trailer struct {
	Records int                      `json:"records"`
	Counts  map[store.RecordKind]int `json:"counts"`
	SHA256  string                   `json:"sha256"`
}

// line is one line of the body: a record, or the secret.
type line struct {
	Kind   store.RecordKind `json:"kind,omitempty"`
	JSON   json.RawMessage  `json:"json,omitempty"`
	Secret string           `json:"secret,omitempty"`
}

// damaged says that a file cannot be restored, and what to do.
func damaged(format string, args ...any) error {
	return desk.Invalid("backup_damaged", "this backup is damaged: %s; use another one", fmt.Sprintf(format, args...))
}

// File is a backup that was found whole.
type File struct {
	Header Header
	r      io.ReaderAt
	body   int64 // where the body begins
	end    int64 // and ends
}

// Open reads a backup of size bytes to its end and says whether it is whole.
// Nothing of it needs to be believed before.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f := &File{r: r}
	if err := f.readHeader(size); err != nil {
		return nil, err
	}
	t, err := f.readTrailer(size)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(r, 0, f.end)); err != nil {
		return nil, fmt.Errorf("reading the backup: %w", err)
	}
	return f, t.fits(sum, f.Header)
}

// fits reports whether the last line says the same as what stands before it.
func (t trailer) fits(sum hash.Hash, h Header) error {
	if got := hex.EncodeToString(sum.Sum(nil)); got != t.SHA256 {
		return damaged("its content does not fit its digest")
	}
	if t.Records != h.Records() {
		return damaged("its header announces %d records, its end %d", h.Records(), t.Records)
	}
	return nil
}

func (f *File) readHeader(size int64) error {
	b := make([]byte, min(size, maxHeader))
	if _, err := f.r.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the backup: %w", err)
	}
	first, _, ok := bytes.Cut(b, []byte("\n"))
	if !ok || json.Unmarshal(first, &f.Header) != nil || f.Header.Magic != magic {
		return desk.Invalid("backup_not_one", "this is not a backup of Earshot")
	}
	if f.Header.Format > format {
		return desk.Invalid("backup_too_new", "this backup was written by a newer earshot (%s): restore it with that version", f.Header.Version)
	}
	f.body = int64(len(first)) + 1
	return nil
}

func (f *File) readTrailer(size int64) (t trailer, err error) {
	b := make([]byte, min(size-f.body, maxHeader))
	if _, err := f.r.ReadAt(b, size-int64(len(b))); err != nil && !errors.Is(err, io.EOF) {
		return t, fmt.Errorf("reading the backup: %w", err)
	}
	t, at, err := parseTrailer(b)
	f.end = size - int64(len(b)) + int64(at)
	return t, err
}

// parseTrailer reads the last line of a backup, and returns where the newline
// before it stands.
func parseTrailer(b []byte) (t trailer, at int, err error) {
	text, ok := bytes.CutSuffix(b, []byte("\n"))
	at = bytes.LastIndexByte(text, '\n')
	if !ok || at < 0 || json.Unmarshal(text[at+1:], &t) != nil || t.SHA256 == "" {
		return t, 0, damaged("it has no end, so it was cut off")
	}
	return t, at, nil
}
