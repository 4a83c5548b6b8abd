package api

import (
	"context"
	"net/http"
	"net/url"

	"earshot/internal/desk"
)

// Suggestions returns the crowds among a desk's open issues.
func (c *Client) Suggestions(ctx context.Context, h desk.Handle) (out []Crowd, err error) {
	_, err = c.call(ctx, http.MethodGet, "/desks/"+segment(h)+"/suggestions", nil, nil, &out)
	return out, err
}

// Incidents lists incidents, newest first; desk and state "" do not narrow; limit 0: all.
func (c *Client) Incidents(ctx context.Context, h desk.Handle, state desk.IncidentState, limit int) ([]Incident, error) {
	q := url.Values{}
	if h != "" {
		q.Set("desk", string(h))
	}
	if state != "" {
		q.Set("state", string(state))
	}
	return all[Incident](ctx, c, "/incidents", q, limit)
}

// Incident returns an incident with its posts.
func (c *Client) Incident(ctx context.Context, i desk.IncidentID) (out FullIncident, err error) {
	_, err = c.call(ctx, http.MethodGet, "/incidents/"+segment(i), nil, nil, &out)
	return out, err
}

// OpenIncident makes a draft.
func (c *Client) OpenIncident(ctx context.Context, in NewIncident) (out Incident, err error) {
	return out, c.write(ctx, http.MethodPost, "/incidents", in, &out)
}

// EditIncident changes an incident.
func (c *Client) EditIncident(ctx context.Context, i desk.IncidentID, in IncidentEdit) (out Incident, err error) {
	return out, c.write(ctx, http.MethodPatch, "/incidents/"+segment(i), in, &out)
}

// PublishIncident publishes a draft.
func (c *Client) PublishIncident(ctx context.Context, i desk.IncidentID, in NewPublication) (Incident, error) {
	return c.ofIncident(ctx, i, "/publish", in)
}

// DiscardIncident puts a draft away, or takes it out again.
func (c *Client) DiscardIncident(ctx context.Context, i desk.IncidentID, in Discarding) (Incident, error) {
	return c.ofIncident(ctx, i, "/discard", in)
}

// UpdateIncident writes an update.
func (c *Client) UpdateIncident(ctx context.Context, i desk.IncidentID, in NewUpdate) (Incident, error) {
	return c.ofIncident(ctx, i, "/updates", in)
}

// CloseIncident says that an incident is over.
func (c *Client) CloseIncident(ctx context.Context, i desk.IncidentID, in NewClose) (Incident, error) {
	return c.ofIncident(ctx, i, "/close", in)
}

// Postmortem makes an update of what was learned from an incident.
func (c *Client) Postmortem(ctx context.Context, i desk.IncidentID, in NewPostmortem) (Incident, error) {
	return c.ofIncident(ctx, i, "/postmortem", in)
}

// Lessons lists incidents of a desk from which something was learned, and that a text is
// like.
func (c *Client) Lessons(ctx context.Context, h desk.Handle, like string) (out []Incident, err error) {
	_, err = c.call(ctx, http.MethodGet, "/desks/"+segment(h)+"/lessons", url.Values{"like": {like}}, nil, &out)
	return out, err
}

// LinkVoices links issues to an incident.
func (c *Client) LinkVoices(ctx context.Context, i desk.IncidentID, in Voices) (Incident, error) {
	return c.ofIncident(ctx, i, "/link", in)
}

// UnlinkVoices ends the links of issues to an incident.
func (c *Client) UnlinkVoices(ctx context.Context, i desk.IncidentID, in Voices) (Incident, error) {
	return c.ofIncident(ctx, i, "/unlink", in)
}

func (c *Client) ofIncident(ctx context.Context, i desk.IncidentID, what string, in any) (out Incident, err error) {
	return out, c.write(ctx, http.MethodPost, "/incidents/"+segment(i)+what, in, &out)
}

// Audience says which voices would be told that an incident has a status; tags is
// "true", "false" or "" for the default.
func (c *Client) Audience(ctx context.Context, i desk.IncidentID, to desk.IncidentStatus, tags string) (out Audience, err error) {
	q := url.Values{}
	if to != "" {
		q.Set("status", string(to))
	}
	if tags != "" {
		q.Set("tags", tags)
	}
	_, err = c.call(ctx, http.MethodGet, "/incidents/"+segment(i)+"/audience", q, nil, &out)
	return out, err
}

// TellVoices tells the voices the newest post of an incident.
func (c *Client) TellVoices(ctx context.Context, i desk.IncidentID, in NewTelling) (out Round, err error) {
	return out, c.write(ctx, http.MethodPost, "/incidents/"+segment(i)+"/tell", in, &out)
}

// Told lists what the voices of an incident were told.
func (c *Client) Told(ctx context.Context, i desk.IncidentID, limit int) ([]Round, error) {
	return all[Round](ctx, c, "/incidents/"+segment(i)+"/told", url.Values{}, limit)
}

// ToldVoices lists the voices of an incident in a state, "" for all.
func (c *Client) ToldVoices(ctx context.Context, i desk.IncidentID, state string, limit int) ([]RoundVoice, error) {
	q := url.Values{}
	if state != "" {
		q.Set("state", state)
	}
	return all[RoundVoice](ctx, c, "/incidents/"+segment(i)+"/told/voices", q, limit)
}

// DismissSuggestion says that issues are no incident.
func (c *Client) DismissSuggestion(ctx context.Context, h desk.Handle, issues []desk.IssueID) error {
	return c.write(ctx, http.MethodPost, "/desks/"+segment(h)+"/suggestions/dismiss", Voices{Issues: issues}, nil)
}

// HoldTelling pauses, resumes, retries or stops telling the voices: how is that word.
func (c *Client) HoldTelling(ctx context.Context, i desk.IncidentID, how string) (out Round, err error) {
	return out, c.write(ctx, http.MethodPost, "/incidents/"+segment(i)+"/"+how, nil, &out)
}
