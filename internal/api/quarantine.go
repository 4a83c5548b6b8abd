package api

import (
	"context"
	"net/http"
	"net/url"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/store"
)

// Quarantined is a post of a flood that is held back until an agent decides.
type Quarantined struct {
	Object     desk.ObjectID   `json:"object"`
	URL        string          `json:"url"`
	Author     Person          `json:"author"`
	Host       desk.Host       `json:"host"`
	Excerpt    string          `json:"excerpt"`
	Text       string          `json:"text"`
	Visibility desk.Visibility `json:"visibility"`
	Why        string          `json:"why"`  // it is here, in words
	Pile       desk.PileID     `json:"pile"` // of those that are held back for the same reason
	Since      Time            `json:"since"`
}

// quarantineExcerpt is how much of a post a list shows, in characters.
const quarantineExcerpt = 100

func quarantinedOf(q desk.Quarantined) Quarantined {
	return Quarantined{Object: q.Object, URL: q.Post.URL, Author: personOf(q.Author), Host: q.Host(), Excerpt: markup.Excerpt(q.Post.Line(), quarantineExcerpt),
		Text: q.Post.Text, Visibility: q.Post.Visibility, Why: q.Why, Pile: desk.HeldPile(q.Reason()), Since: Time{q.Since}}
}

func (h *handler) listQuarantine(r *request) (response, error) {
	page, err := r.page()
	if err != nil {
		return response{}, err
	}
	f := store.QuarantineFilter{Actor: desk.ActorID(r.query("actor")), Flood: desk.Pile{ID: desk.PileID(r.query("pile"))}.Held()}
	if r.query("pile") != "" && f.Flood == "" {
		return response{}, desk.NotFound("pile_not_found", "there is no pile %s", r.query("pile"))
	}
	if host := r.query("host"); host != "" {
		if f.Host, err = desk.CanonicalHost(host, "https"); err != nil {
			return response{}, err
		}
	}
	posts, next, err := h.app.Quarantine(r.Context(), f, page)
	return response{body: each(posts, quarantinedOf), next: next}, err
}

func (h *handler) releaseQuarantine(r *request) (response, error) { return h.choose(r, h.app.Release) }

func (h *handler) dropQuarantine(r *request) (response, error) { return h.choose(r, h.app.Drop) }

func (h *handler) choose(r *request, f func(context.Context, app.By, app.Choice) (app.Chosen, error)) (response, error) {
	var in app.Choice
	if err := r.decode(&in); err != nil {
		return response{}, err
	}
	done, err := f(r.Context(), r.by, in)
	return response{body: done}, err
}

// Quarantine lists the posts that are held back, the oldest first; limit 0:
// all.
func (c *Client) Quarantine(ctx context.Context, host desk.Host, actor desk.ActorID, pile desk.PileID, limit int) ([]Quarantined, error) {
	q := url.Values{}
	if pile != "" {
		q.Set("pile", string(pile))
	}
	if host != "" {
		q.Set("host", string(host))
	}
	if actor != "" {
		q.Set("actor", string(actor))
	}
	return all[Quarantined](ctx, c, "/quarantine", q, limit)
}

// ReleaseQuarantine releases a portion of the chosen posts.
func (c *Client) ReleaseQuarantine(ctx context.Context, in app.Choice) (out app.Chosen, err error) {
	return out, c.write(ctx, http.MethodPost, "/quarantine/release", in, &out)
}

// DropQuarantine drops a portion of the chosen posts.
func (c *Client) DropQuarantine(ctx context.Context, in app.Choice) (out app.Chosen, err error) {
	return out, c.write(ctx, http.MethodPost, "/quarantine/drop", in, &out)
}
