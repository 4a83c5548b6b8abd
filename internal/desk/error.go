package desk

import (
	"errors"
	"fmt"
)

// Code says what kind of mistake an Error is; faces map it to an exit code or
// an HTTP status in one place each.
type Code string

// The codes.
const (
	CodeInvalid         Code = "invalid"         // what was asked for makes no sense
	CodeNotFound        Code = "not_found"       // there is no such thing
	CodeConflict        Code = "conflict"        // it makes sense, but not now
	CodeForbidden       Code = "forbidden"       // the manners, a block or a role forbid it
	CodeUnauthenticated Code = "unauthenticated" // we do not know who asks
	CodeRateLimited     Code = "rate_limited"    // tried too often; later it may work
	CodeUnavailable     Code = "unavailable"     // try again later
	CodeInternal        Code = "internal"        // our fault; the text is for the log
)

// Error is a mistake with a message that may be shown to a person and says
// what to do next. What it is made of is kept, so that a page can say it in
// another language; an Error that came over the API has its message only.
type Error struct {
	Code    Code
	Message string
	Format  string // as for fmt.Sprintf; a catalogue of languages is asked for it
	Args    []any
}

func (e *Error) Error() string { return e.Message }

func newError(code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Format: format, Args: args}
}

// Invalid returns an Error with CodeInvalid.
func Invalid(format string, args ...any) error { return newError(CodeInvalid, format, args...) }

// NotFound returns an Error with CodeNotFound.
func NotFound(format string, args ...any) error { return newError(CodeNotFound, format, args...) }

// Conflict returns an Error with CodeConflict.
func Conflict(format string, args ...any) error { return newError(CodeConflict, format, args...) }

// Forbidden returns an Error with CodeForbidden.
func Forbidden(format string, args ...any) error { return newError(CodeForbidden, format, args...) }

// Unauthenticated returns an Error with CodeUnauthenticated.
func Unauthenticated(format string, args ...any) error {
	return newError(CodeUnauthenticated, format, args...)
}

// RateLimited returns an Error with CodeRateLimited.
func RateLimited(format string, args ...any) error { return newError(CodeRateLimited, format, args...) }

// Unavailable returns an Error with CodeUnavailable.
func Unavailable(format string, args ...any) error { return newError(CodeUnavailable, format, args...) }

// ErrorCode returns the code of err: CodeInternal for an error without one,
// "" for nil.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}

// ErrorMessage returns what a person may see of err. Errors without a code
// keep their text for the log.
func ErrorMessage(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	return "Something went wrong inside; the log has the details."
}
