package layout

import (
	"encoding/json"
	"errors"
	"fmt"

	"earshot/internal/desk"
)

// File is a file as copies carry it, and as stores kept it before its bytes had a place of
// their own: then it had no size.
type File struct {
	desk.File
	Bytes []byte `json:"bytes"`
}

// NewFile puts a file and its bytes together.
func NewFile(f desk.File, bytes []byte) (File, error) {
	if len(bytes) == 0 {
		return File{}, errors.New("store: a file without bytes")
	}
	f.Size = len(bytes)
	return File{f, bytes}, nil
}

// ParseFile reads one that a copy carries.
func ParseFile(record []byte) (File, error) {
	var f File
	if err := json.Unmarshal(record, &f); err != nil {
		return f, fmt.Errorf("store: decoding a file: %w", err)
	}
	return NewFile(f.File, f.Bytes)
}
