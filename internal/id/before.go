package id

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// Before returns the UUIDv7 of a name that sorts before another id: n
// milliseconds, for a greater n the farther before. It is the same at every call.
func Before(other string, n int, name string) string {
	at := uuid.Must(uuid.Parse(other))
	sum := sha256.Sum256([]byte(name))
	var out uuid.UUID
	copy(out[6:], sum[:])
	var ms [8]byte
	copy(ms[2:], at[:6])
	binary.BigEndian.PutUint64(ms[:], binary.BigEndian.Uint64(ms[:])-uint64(n))
	copy(out[:6], ms[2:])
	out[6], out[8] = out[6]&0x0f|0x70, out[8]&0x3f|0x80
	return out.String()
}

// At returns the UUIDv7 of a name at a time. It is the same at every call.
func At(at time.Time, name string) string {
	sum := sha256.Sum256([]byte(name))
	var out uuid.UUID
	copy(out[6:], sum[:])
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(max(at.UnixMilli(), 0)))
	copy(out[:6], ms[2:])
	out[6], out[8] = out[6]&0x0f|0x70, out[8]&0x3f|0x80
	return out.String()
}
