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
// what to do next.
type Error struct {
	Code    Code
	Message string
}

func (e *Error) Error() string { return e.Message }

// Invalid returns an Error with CodeInvalid.
func Invalid(format string, args ...any) error {
	return &Error{CodeInvalid, fmt.Sprintf(format, args...)}
}

// NotFound returns an Error with CodeNotFound.
func NotFound(format string, args ...any) error {
	return &Error{CodeNotFound, fmt.Sprintf(format, args...)}
}

// Conflict returns an Error with CodeConflict.
func Conflict(format string, args ...any) error {
	return &Error{CodeConflict, fmt.Sprintf(format, args...)}
}

// Forbidden returns an Error with CodeForbidden.
func Forbidden(format string, args ...any) error {
	return &Error{CodeForbidden, fmt.Sprintf(format, args...)}
}

// Unauthenticated returns an Error with CodeUnauthenticated.
func Unauthenticated(format string, args ...any) error {
	return &Error{CodeUnauthenticated, fmt.Sprintf(format, args...)}
}

// RateLimited returns an Error with CodeRateLimited.
func RateLimited(format string, args ...any) error {
	return &Error{CodeRateLimited, fmt.Sprintf(format, args...)}
}

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
