package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"earshot/internal/desk"
	"earshot/internal/id"
)

// Client speaks to an instance's API. An error there comes back as a
// *desk.Error with the server's code, id and message.
type Client struct {
	transport http.RoundTripper
	agent     desk.Email
	seen      desk.EventID // on what its writes were decided; "": not said
}

// Seeing returns a client whose writes were decided when an entry was the newest:
// they are refused if there is something newer. "": whatever there is.
func (c *Client) Seeing(newest desk.EventID) *Client {
	also := *c
	also.seen = newest
	return &also
}

// NewClient returns a client over any transport: a Unix socket's, or Local.
// agent says who acts, "" for the admin on this machine.
func NewClient(transport http.RoundTripper, agent desk.Email) *Client {
	return &Client{transport: transport, agent: agent}
}

// maxResponse bounds how much of an answer is read: a page of 500 issues is far
// smaller.
const maxResponse = 64 << 20

// call makes one request and reads the answer into out, unless that is nil.
// next is the cursor of a list that goes on. A write carries an idempotency
// key, so it can be repeated once when the connection breaks.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, in, out any) (next string, err error) {
	var body []byte
	if in != nil {
		if body, err = json.Marshal(in); err != nil {
			return "", fmt.Errorf("encoding a request: %w", err)
		}
	}
	// The host is of no consequence: the transport knows where to go.
	u := url.URL{Scheme: "http", Host: "earshot", Path: Root + path, RawQuery: query.Encode()}
	header := http.Header{"Accept": {"application/json"}}
	if c.agent != "" {
		header.Set(HeaderAgent, string(c.agent))
	}
	if in != nil {
		header.Set("Content-Type", "application/json")
	}
	if method != http.MethodGet {
		header.Set(HeaderKey, id.New())
		if c.seen != "" {
			header.Set("If-Match", strconv.Quote(string(c.seen)))
		}
	}
	answer, got, err := c.try(ctx, method, u.String(), header, body)
	if err != nil && ctx.Err() == nil {
		answer, got, err = c.try(ctx, method, u.String(), header, body)
	}
	if err != nil {
		return "", fmt.Errorf("asking the server: %w", err)
	}
	if answer.StatusCode/100 != 2 {
		return "", failure(answer, got)
	}
	if out != nil {
		if err := json.Unmarshal(got, out); err != nil {
			return "", fmt.Errorf("reading the server's answer: %w", err)
		}
	}
	return url.QueryUnescape(answer.Header.Get(HeaderNext))
}

func (c *Client) try(ctx context.Context, method, u string, header http.Header, body []byte) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, u, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	r.Header = header.Clone()
	answer, err := c.transport.RoundTrip(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(io.LimitReader(answer.Body, maxResponse+1))
	if err == nil && len(got) > maxResponse {
		err = errors.New("the answer is too long")
	}
	return answer, got, err
}

// failure turns a problem back into the error it was.
func failure(answer *http.Response, body []byte) error {
	var p Problem
	if err := json.Unmarshal(body, &p); err != nil || p.Detail == "" {
		return fmt.Errorf("the server answered %s", answer.Status)
	}
	if p.Request != "" && p.Code == desk.CodeInternal {
		p.Detail += " (request " + p.Request + ")"
	}
	return &desk.Error{Code: cmp.Or(p.Code, desk.CodeInternal), ID: idOf(p.Type), Message: p.Detail}
}

// idOf returns the id in a problem's type; "" for a server that sends none.
func idOf(problemType string) string {
	id, ok := strings.CutPrefix(problemType, problemRoot)
	if !ok {
		return ""
	}
	return id
}

// maxPage is how much one request of a list asks for.
const maxPage = 200

// all reads a list page by page until limit; 0 means to its end.
func all[T any](ctx context.Context, c *Client, path string, query url.Values, limit int) ([]T, error) {
	out := []T{}
	for after := ""; ; {
		want := maxPage
		if limit > 0 {
			want = min(want, limit-len(out))
		}
		q := url.Values{"limit": {strconv.Itoa(want)}}
		for k, v := range query {
			q[k] = v
		}
		if after != "" {
			q.Set("after", after)
		}
		var page []T
		next, err := c.call(ctx, http.MethodGet, path, q, nil, &page)
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
		if next == "" || (limit > 0 && len(out) >= limit) {
			return out, nil
		}
		after = next
	}
}
