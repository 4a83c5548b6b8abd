package feeds

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// misskey answers notes/search-by-tag, and says whether the request was one. Unlike
// Mastodon it shows what is for the home timelines too, and with sinceId the oldest first.
func (s *Server) misskey(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path == "/api/meta" && r.Method == http.MethodPost {
		answer(w, http.StatusOK, M{"version": "2025.1.0", "serverRules": s.Rules})
		return true
	}
	if r.URL.Path != "/api/notes/search-by-tag" {
		return false
	}
	fail := func(status int, code string) bool {
		answer(w, status, map[string]any{"error": map[string]string{"code": code}})
		return true
	}
	var in struct {
		Query   [][]string `json:"query"`
		Limit   *int       `json:"limit"`
		SinceID string     `json:"sinceId"`
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	switch {
	case r.Method != http.MethodPost:
		return fail(http.StatusMethodNotAllowed, "METHOD")
	case r.Header.Get("Content-Type") != "application/json" || d.Decode(&in) != nil || len(in.Query) == 0:
		return fail(http.StatusBadRequest, "INVALID_PARAM")
	case in.Limit != nil && (*in.Limit < 1 || *in.Limit > 100):
		return fail(http.StatusBadRequest, "INVALID_PARAM")
	case s.Strict && r.Header.Get("Authorization") != "Bearer "+s.Token:
		return fail(http.StatusUnauthorized, "CREDENTIAL_REQUIRED")
	}
	limit := 10
	if in.Limit != nil {
		limit = *in.Limit
	}
	notes := []map[string]any{}
	s.mu.Lock()
	posts := slices.Clone(s.posts)
	s.mu.Unlock()
	if in.SinceID != "" {
		slices.Reverse(posts)
	}
	for _, p := range posts {
		visible := p.Visibility == "public" || p.Visibility == "home"
		if visible && p.ID > in.SinceID && anyOf(p, in.Query) && len(notes) < limit {
			notes = append(notes, note(p))
		}
	}
	answer(w, http.StatusOK, notes)
	return true
}

// anyOf says whether a post has all tags of one of the lists.
func anyOf(p Post, query [][]string) bool {
	return slices.ContainsFunc(query, func(all []string) bool {
		return !slices.ContainsFunc(all, func(tag string) bool { return !has(p, tag) })
	})
}

// note is a Note entity: those of its own people have no uri.
func note(p Post) map[string]any {
	tags := []string{}
	for _, t := range p.Tags {
		tags = append(tags, strings.ToLower(t))
	}
	n := map[string]any{"id": p.ID, "createdAt": p.Published.UTC().Format("2006-01-02T15:04:05.000Z"), "visibility": p.Visibility, "localOnly": p.LocalOnly,
		"text": "…", "tags": tags, "user": map[string]any{"username": "a", "isBot": p.Bot}}
	if !p.Local {
		n["uri"] = p.URI
	}
	if !p.Edited.IsZero() {
		n["updatedAt"] = p.Edited.UTC().Format(time.RFC3339)
	}
	return n
}
