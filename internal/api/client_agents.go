package api

import (
	"context"
	"net/http"
	"net/url"

	"earshot/internal/desk"
)

// Agents lists who works at the desk.
func (c *Client) Agents(ctx context.Context) ([]Agent, error) {
	return all[Agent](ctx, c, "/agents", nil, 0)
}

// Agent returns one agent.
func (c *Client) Agent(ctx context.Context, e desk.Email) (out Agent, err error) {
	_, err = c.call(ctx, http.MethodGet, "/agents/"+segment(e), nil, nil, &out)
	return out, err
}

// AddAgent adds an agent.
func (c *Client) AddAgent(ctx context.Context, in NewAgent) (out Agent, err error) {
	return out, c.write(ctx, http.MethodPost, "/agents", in, &out)
}

// EditAgent changes an agent.
func (c *Client) EditAgent(ctx context.Context, e desk.Email, in AgentEdit) (out Agent, err error) {
	return out, c.write(ctx, http.MethodPatch, "/agents/"+segment(e), in, &out)
}

// LinkAgent makes a one-time link for an agent.
func (c *Client) LinkAgent(ctx context.Context, e desk.Email) (out Link, err error) {
	return out, c.write(ctx, http.MethodPost, "/agents/"+segment(e)+"/link", nil, &out)
}

// Sessions lists where an agent is signed in.
func (c *Client) Sessions(ctx context.Context, e desk.Email) ([]Session, error) {
	return all[Session](ctx, c, "/agents/"+segment(e)+"/sessions", nil, 0)
}

// EndSession signs an agent out.
func (c *Client) EndSession(ctx context.Context, e desk.Email, session string) error {
	return c.write(ctx, http.MethodDelete, "/agents/"+segment(e)+"/sessions/"+segment(session), nil, nil)
}

// Tokens lists API tokens; of "" everybody's.
func (c *Client) Tokens(ctx context.Context, of desk.Email) ([]Token, error) {
	q := url.Values{}
	if of != "" {
		q.Set("agent", string(of))
	}
	return all[Token](ctx, c, "/tokens", q, 0)
}

// AddToken makes an API token.
func (c *Client) AddToken(ctx context.Context, in NewToken) (out MadeToken, err error) {
	return out, c.write(ctx, http.MethodPost, "/tokens", in, &out)
}

// EndToken revokes an API token.
func (c *Client) EndToken(ctx context.Context, token string) error {
	return c.write(ctx, http.MethodDelete, "/tokens/"+segment(token), nil, nil)
}

// Acts lists the audit log, newest first; limit 0: all.
func (c *Client) Acts(ctx context.Context, agent desk.Email, on string, limit int) ([]AuditEntry, error) {
	q := url.Values{}
	if agent != "" {
		q.Set("agent", string(agent))
	}
	if on != "" {
		q.Set("on", on)
	}
	return all[AuditEntry](ctx, c, "/audit", q, limit)
}
