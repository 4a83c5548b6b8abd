package resolve

import (
	"context"
	"errors"
)

// maxTag is the length in bytes up to which the ETag of another server is kept.
const maxTag = 200

var errUnchanged = errors.New("not modified")

// condition asks for a document only if it has changed (RFC 9110, section 13.1.2).
type condition struct {
	url string // of the document; others that are fetched on the way are asked for whole
	tag string // that it had before, "" for none
	now string // that it has
}

type conditionKey struct{}

// conditionOf returns the condition of a request, an empty one if it has none.
func conditionOf(ctx context.Context, url string) *condition {
	if c, ok := ctx.Value(conditionKey{}).(*condition); ok && c.url == url {
		return c
	}
	return &condition{}
}
