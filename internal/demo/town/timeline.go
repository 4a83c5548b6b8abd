package town

import (
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/internal/desk"
)

// The most posts of one page of a timeline, and the usual number (Mastodon API).
const (
	timelineMost  = 40
	timelineUsual = 20
)

// serveTimeline shows the public posts with a hashtag, the newest first, as Mastodon
// does: those right after min_id, or those before max_id and after since_id.
func (t *Town) serveTimeline(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit < 1 || limit > timelineMost {
		limit = timelineUsual
	}
	after, since, before := q.Get("min_id"), q.Get("since_id"), q.Get("max_id")
	t.mu.Lock()
	defer t.mu.Unlock()
	page := []doc{}
	for _, o := range slices.Backward(t.order) {
		p := t.posts[o]
		id := path.Base(string(o))
		switch {
		case p == nil || p.deleted || p.visibility != desk.VisibilityPublic || q.Get("local") == "true" && p.local == nil:
		case !slices.ContainsFunc(p.tags, func(tag string) bool { return desk.SameTag(tag, r.PathValue("tag")) }):
		case after != "" && id <= after, since != "" && id <= since, before != "" && id >= before:
		default:
			page = append(page, statusOf(id, p))
		}
	}
	if after != "" {
		page = page[max(0, len(page)-limit):]
	}
	writeJSON(w, "application/json; charset=utf-8", page[:min(limit, len(page))])
}

// statusOf is a post as the Mastodon API shows it, as far as hearing a hashtag needs it.
func statusOf(id string, p *post) doc {
	tags := []doc{}
	for _, tag := range p.tags {
		tags = append(tags, doc{"name": strings.ToLower(tag)})
	}
	s := doc{"id": id, "uri": p.id, "url": p.url, "visibility": "public", "content": p.html, "tags": tags, "reblog": nil,
		"created_at": p.published.UTC().Format(time.RFC3339), "edited_at": nil,
		"account": doc{"acct": p.acct, "display_name": p.name, "bot": p.local != nil && p.local.person.Bot}}
	if !p.updated.IsZero() {
		s["edited_at"] = p.updated.UTC().Format(time.RFC3339)
	}
	return s
}
