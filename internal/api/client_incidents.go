package api

import (
	"context"
	"net/http"

	"earshot/internal/desk"
)

// Suggestions returns the crowds among a desk's open issues.
func (c *Client) Suggestions(ctx context.Context, h desk.Handle) (out []Suggestion, err error) {
	_, err = c.call(ctx, http.MethodGet, "/desks/"+segment(h)+"/suggestions", nil, nil, &out)
	return out, err
}
