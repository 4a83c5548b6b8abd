// Package id mints identifiers: UUIDv7 (RFC 9562), which sort by time.
package id

import "github.com/google/uuid"

// New returns a new UUIDv7 in its 36-character form. Mint before a transaction,
// never inside: a transaction's function may run more than once.
func New() string { return uuid.Must(uuid.NewV7()).String() }
