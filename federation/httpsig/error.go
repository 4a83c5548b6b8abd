package httpsig

import "fmt"

// An Error says why a request does not count as signed: the signature is
// missing, incomplete or wrong. It is the sender's mistake (401), and Reason
// may be told to it.
type Error struct{ Reason string }

func (e *Error) Error() string { return "request signature: " + e.Reason }

func refuse(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// A KeyError says that the key could not be had, and wraps the error of Lookup.
// It says nothing about the signature: the caller decides whether the sender
// should try again (503), is gone (410) or is refused (401).
type KeyError struct {
	KeyID string
	Err   error
}

func (e *KeyError) Error() string { return "look up key " + e.KeyID + ": " + e.Err.Error() }

// Unwrap returns the error of Lookup.
func (e *KeyError) Unwrap() error { return e.Err }
