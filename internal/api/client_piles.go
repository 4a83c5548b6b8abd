package api

import (
	"context"
	"net/http"
	"net/url"

	"earshot/internal/desk"
)

// Piles lists the piles in which reports stand, newest first; desk "" does not narrow;
// limit 0: all.
func (c *Client) Piles(ctx context.Context, h desk.Handle, limit int) ([]Pile, error) {
	q := url.Values{}
	if h != "" {
		q.Set("desk", string(h))
	}
	return all[Pile](ctx, c, "/piles", q, limit)
}

// Pile returns a pile.
func (c *Client) Pile(ctx context.Context, p desk.PileID) (out Pile, err error) {
	_, err = c.call(ctx, http.MethodGet, "/piles/"+segment(p), nil, nil, &out)
	return out, err
}

// ChangePile does something with a pile: the last part of the route's path says which.
func (c *Client) ChangePile(ctx context.Context, p desk.PileID, what string, in any) (out Pile, err error) {
	return out, c.write(ctx, http.MethodPost, "/piles/"+segment(p)+"/"+what, in, &out)
}
