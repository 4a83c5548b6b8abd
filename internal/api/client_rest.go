package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// segment makes an id one segment of a path. No id of ours holds a slash; a
// mistyped id must not become another address.
func segment[T ~string](v T) string {
	return strings.NewReplacer("/", "_", "?", "_", "#", "_").Replace(string(v))
}

// Instance says whose instance answers.
func (c *Client) Instance(ctx context.Context) (out Instance, err error) {
	_, err = c.call(ctx, http.MethodGet, "/version", nil, nil, &out)
	return out, err
}

// Desks lists the desks.
func (c *Client) Desks(ctx context.Context) (out []Desk, err error) {
	_, err = c.call(ctx, http.MethodGet, "/desks", nil, nil, &out)
	return out, err
}

// Desk returns one desk.
func (c *Client) Desk(ctx context.Context, h desk.Handle) (out Desk, err error) {
	_, err = c.call(ctx, http.MethodGet, "/desks/"+segment(h), nil, nil, &out)
	return out, err
}

// AddDesk makes a desk.
func (c *Client) AddDesk(ctx context.Context, in NewDesk) (out Desk, err error) {
	return out, c.write(ctx, http.MethodPost, "/desks", in, &out)
}

// EditDesk changes a desk.
func (c *Client) EditDesk(ctx context.Context, h desk.Handle, in DeskEdit) (out Desk, err error) {
	return out, c.write(ctx, http.MethodPatch, "/desks/"+segment(h), in, &out)
}

// SetPicture gives a desk an icon or a header.
func (c *Client) SetPicture(ctx context.Context, h desk.Handle, r desk.PictureRole, in NewPicture) (out Desk, err error) {
	return out, c.write(ctx, http.MethodPut, "/desks/"+segment(h)+"/pictures/"+segment(r), in, &out)
}

// RemovePicture takes the icon or the header away from a desk.
func (c *Client) RemovePicture(ctx context.Context, h desk.Handle, r desk.PictureRole) error {
	return c.write(ctx, http.MethodDelete, "/desks/"+segment(h)+"/pictures/"+segment(r), nil, nil)
}

// ProveLinks notes which pages link back to a desk that links to them.
func (c *Client) ProveLinks(ctx context.Context, h desk.Handle) (out Desk, err error) {
	return out, c.write(ctx, http.MethodPost, "/desks/"+segment(h)+"/links/check", nil, &out)
}

// SetRota says who is told of a desk's new issues that nobody takes.
func (c *Client) SetRota(ctx context.Context, h desk.Handle, in Rota) (out Desk, err error) {
	return out, c.write(ctx, http.MethodPut, "/desks/"+segment(h)+"/rota", in, &out)
}

// AddAlias gives a desk an address that it had before.
func (c *Client) AddAlias(ctx context.Context, h desk.Handle, in NewAlias) (out Desk, err error) {
	return out, c.write(ctx, http.MethodPost, "/desks/"+segment(h)+"/aliases", in, &out)
}

// RemoveAlias takes an alias away from a desk.
func (c *Client) RemoveAlias(ctx context.Context, h desk.Handle, address string) error {
	_, err := c.call(ctx, http.MethodDelete, "/desks/"+segment(h)+"/aliases", url.Values{"address": {address}}, nil, nil)
	return err
}

// RotateKey gives a desk, or the instance's own actor, new keys.
func (c *Client) RotateKey(ctx context.Context, h desk.Handle, in NewKeys) (out Keys, err error) {
	return out, c.write(ctx, http.MethodPost, "/desks/"+segment(h)+"/keys", in, &out)
}

// Sources lists the sources.
func (c *Client) Sources(ctx context.Context) ([]Source, error) {
	return all[Source](ctx, c, "/sources", nil, 0)
}

// SuggestSources suggests sources for the names of the desks.
func (c *Client) SuggestSources(ctx context.Context) (out []Suggestion, err error) {
	_, err = c.call(ctx, http.MethodGet, "/sources/suggestions", nil, nil, &out)
	return out, err
}

// AskSuggestions is SuggestSources, and asks the servers for their rules.
func (c *Client) AskSuggestions(ctx context.Context) (out []Suggestion, err error) {
	return out, c.write(ctx, http.MethodPost, "/sources/suggestions", nil, &out)
}

// Source returns one source.
func (c *Client) Source(ctx context.Context, s desk.SourceID) (out Source, err error) {
	_, err = c.call(ctx, http.MethodGet, "/sources/"+segment(s), nil, nil, &out)
	return out, err
}

// AddSource begins to hear through a source.
func (c *Client) AddSource(ctx context.Context, in app.SourceSpec) (out Source, err error) {
	return out, c.write(ctx, http.MethodPost, "/sources", in, &out)
}

// CheckSource looks at a source's other side.
func (c *Client) CheckSource(ctx context.Context, s desk.SourceID) (out Source, err error) {
	return out, c.write(ctx, http.MethodPost, "/sources/"+segment(s)+"/check", nil, &out)
}

// RemoveSource stops hearing through a source.
func (c *Client) RemoveSource(ctx context.Context, s desk.SourceID) error {
	return c.write(ctx, http.MethodDelete, "/sources/"+segment(s), nil, nil)
}

// Blocks lists who is blocked.
func (c *Client) Blocks(ctx context.Context) ([]Block, error) {
	return all[Block](ctx, c, "/blocks", nil, 0)
}

// AddBlock blocks an actor or a server: we neither hear it nor talk to it any
// more.
func (c *Client) AddBlock(ctx context.Context, in NewBlock) (out Block, err error) {
	return out, c.write(ctx, http.MethodPost, "/blocks", in, &out)
}

// RemoveBlock lifts a block.
func (c *Client) RemoveBlock(ctx context.Context, target string) error {
	_, err := c.call(ctx, http.MethodDelete, "/blocks", url.Values{"target": {target}}, nil, nil)
	return err
}

// OptOuts lists who is left alone.
func (c *Client) OptOuts(ctx context.Context) ([]OptOut, error) {
	return all[OptOut](ctx, c, "/optouts", nil, 0)
}

// AddOptOut makes the desk leave a person alone.
func (c *Client) AddOptOut(ctx context.Context, in NewOptOut) (out OptOut, err error) {
	return out, c.write(ctx, http.MethodPost, "/optouts", in, &out)
}

// RemoveOptOut lifts an opt-out.
func (c *Client) RemoveOptOut(ctx context.Context, who desk.ActorID) error {
	_, err := c.call(ctx, http.MethodDelete, "/optouts", url.Values{"actor": {string(who)}}, nil, nil)
	return err
}

// Jobs lists jobs by due time, dead ones by time of death; limit 0: all.
func (c *Client) Jobs(ctx context.Context, f store.JobFilter, limit int) ([]Job, error) {
	q := url.Values{"dead": {strconv.FormatBool(f.Dead)}}
	if f.Queue != "" {
		q.Set("queue", string(f.Queue))
	}
	return all[Job](ctx, c, "/queue", q, limit)
}

// JobCounts counts every queue.
func (c *Client) JobCounts(ctx context.Context) (out []Count, err error) {
	_, err = c.call(ctx, http.MethodGet, "/queue/counts", nil, nil, &out)
	return out, err
}

// RetryJob gives a dead letter another life.
func (c *Client) RetryJob(ctx context.Context, job string) error {
	return c.write(ctx, http.MethodPost, "/queue/retry", JobID{ID: job}, nil)
}

// DropJob removes a job for good.
func (c *Client) DropJob(ctx context.Context, job string) error {
	return c.write(ctx, http.MethodPost, "/queue/drop", JobID{ID: job}, nil)
}
