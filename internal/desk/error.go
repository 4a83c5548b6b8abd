package desk

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Code says what kind of mistake an Error is; faces map it to an exit code or
// an HTTP status in one place each.
type Code string

// The codes.
const (
	CodeInvalid         Code = "invalid"         // the request makes no sense
	CodeNotFound        Code = "not_found"       // there is no such thing
	CodeConflict        Code = "conflict"        // it makes sense, but not now
	CodeReused          Code = "reused"          // the key of an earlier request that says something else
	CodeStale           Code = "stale"           // decided on an older view than there is
	CodeForbidden       Code = "forbidden"       // the manners, a block or a role forbid it
	CodeUnauthenticated Code = "unauthenticated" // we do not know who asks
	CodeRateLimited     Code = "rate_limited"    // tried too often; later it may work
	CodeUnavailable     Code = "unavailable"     // try again later
	CodeInternal        Code = "internal"        // our fault; the text is for the log
)

// Error is a mistake. Its message explains the mistake, to every front end
// alike: it names no command, flag, parameter or field. A front end that knows
// what to do next adds that by the ID.
type Error struct {
	Code    Code
	ID      string // stable, snake_case: "issue_not_found"; with one format only
	Message string // in English
	Format  string // as for fmt.Sprintf; "" if it came over the API
	Args    []any
}

func (e *Error) Error() string { return e.Message }

func newError(code Code, id, format string, args ...any) error {
	args = slices.Clone(args)
	for n, a := range args {
		args[n] = listed(a)
	}
	return &Error{Code: code, ID: id, Message: fmt.Sprintf(format, args...), Format: format, Args: args}
}

// listed is a list of words with commas between them, in every language.
func listed(a any) any {
	v := reflect.ValueOf(a)
	if v.Kind() != reflect.Slice || v.Type().Elem().Kind() != reflect.String {
		return a
	}
	words := make([]string, v.Len())
	for n := range words {
		words[n] = v.Index(n).String()
	}
	return strings.Join(words, ", ")
}

// Invalid returns an Error with CodeInvalid.
func Invalid(id, format string, args ...any) error {
	return newError(CodeInvalid, id, format, args...)
}

// Stale returns an Error with CodeStale.
func Stale(id, format string, args ...any) error {
	return newError(CodeStale, id, format, args...)
}

// Reused returns an Error with CodeReused.
func Reused(id, format string, args ...any) error {
	return newError(CodeReused, id, format, args...)
}

// NotFound returns an Error with CodeNotFound.
func NotFound(id, format string, args ...any) error {
	return newError(CodeNotFound, id, format, args...)
}

// Conflict returns an Error with CodeConflict.
func Conflict(id, format string, args ...any) error {
	return newError(CodeConflict, id, format, args...)
}

// Forbidden returns an Error with CodeForbidden.
func Forbidden(id, format string, args ...any) error {
	return newError(CodeForbidden, id, format, args...)
}

// Unauthenticated returns an Error with CodeUnauthenticated.
func Unauthenticated(id, format string, args ...any) error {
	return newError(CodeUnauthenticated, id, format, args...)
}

// RateLimited returns an Error with CodeRateLimited.
func RateLimited(id, format string, args ...any) error {
	return newError(CodeRateLimited, id, format, args...)
}

// Unavailable returns an Error with CodeUnavailable.
func Unavailable(id, format string, args ...any) error {
	return newError(CodeUnavailable, id, format, args...)
}

// NotSent returns an Error with CodeForbidden that forbids a reply with a
// recorded sentence: where the reply exists already, it keeps the sentence.
func NotSent(id string) error {
	text := Recorded(id)
	return &Error{Code: CodeForbidden, ID: id, Message: text, Format: text}
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

// InternalID is the id of every error without a code.
const InternalID = "internal"

// ErrorID returns the id of err: InternalID for an error without a code, "" for
// nil and for an error of an older server.
func ErrorID(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.ID
	}
	return InternalID
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
	return Recorded(InternalID)
}
