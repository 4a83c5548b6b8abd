// Package feeds emulates the client APIs of servers at which hashtags are read, as
// strict as the real ones: who may read, how pages follow one another, what is said
// about rations. They show posts that stand elsewhere.
package feeds

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"earshot/internal/clock"
	"earshot/internal/desk"
)

// Post is a post as a server shows it.
type Post struct {
	ID         string // at this server; "": the next
	URI        string
	Tags       []string
	Visibility string // "": public
	Published  time.Time
	Edited     time.Time
	Boost, Bot bool
	Local      bool // by one of its own people
	LocalOnly  bool // Misskey: not for other servers
}

// Server is an emulated server.
type Server struct {
	Clock clock.Clock
	// Local and Remote say who may read hashtags: "public", "authenticated" or
	// "disabled" (Mastodon 4.5). "" stands for a server that does not say.
	Local, Remote string
	Token         string // the access token of its account
	// Strict servers, as GoToSocial and Pixelfed are, let nobody read without a token.
	Strict bool
	// Rules are what it expects of people.
	Rules []string
	// NoEvents servers, as GoToSocial and Pleroma are, stream over WebSockets alone.
	NoEvents bool
	// Channels servers have Misskey's streaming.
	Channels bool
	// Ration is how many requests are answered in five minutes; 0: 300.
	Ration int
	// Wrong, if set, answers instead.
	Wrong func(w http.ResponseWriter, r *http.Request) bool

	mu      sync.Mutex
	posts   []Post
	asked   []string // request URIs
	used    int
	since   time.Time
	rooms   map[chan Post]func(Post) bool // who listens, and to which posts
	cutting chan struct{}
}

// Add shows one more post, the newest or, with an ID, where that stands.
func (s *Server) Add(p Post) Post {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.ID == "" {
		p.ID = fmt.Sprintf("1150000000000%05d", 10*(len(s.posts)+1))
	}
	if p.Published.IsZero() {
		p.Published = s.Clock.Now()
	}
	if p.Visibility == "" {
		p.Visibility = "public"
	}
	s.posts = append(s.posts, p)
	slices.SortStableFunc(s.posts, func(a, b Post) int { return strings.Compare(b.ID, a.ID) })
	for room, wants := range s.rooms {
		if wants(p) {
			room <- p
		}
	}
	return p
}

// Asked lists the requests since the last call.
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.asked
	s.asked = nil
	return out
}

func has(p Post, tag string) bool {
	return slices.ContainsFunc(p.Tags, func(t string) bool { return desk.SameTag(t, tag) })
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.URL.RequestURI())
	s.mu.Unlock()
	if s.Wrong != nil && s.Wrong(w, r) {
		return
	}
	if s.rationed(w) {
		return
	}
	if s.misskey(w, r) {
		return
	}
	tag, isTag := strings.CutPrefix(r.URL.Path, "/api/v1/timelines/tag/")
	switch {
	case r.Method == http.MethodGet && isTag && tag != "":
		s.timeline(w, r, tag)
	case r.Method == http.MethodGet && r.URL.Path == "/api/v1/streaming/hashtag" && !s.NoEvents:
		s.stream(w, r)
	case r.Method == http.MethodGet && r.URL.Path == "/api/v1/streaming":
		s.socket(w, r)
	case r.Method == http.MethodGet && r.URL.Path == "/streaming" && s.Channels:
		s.channel(w, r)
	case r.Method == http.MethodGet && r.URL.Path == "/api/v2/instance":
		s.instance(w)
	case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/api/v1/tags/"):
		s.tag(w, strings.TrimPrefix(r.URL.Path, "/api/v1/tags/"))
	default:
		http.NotFound(w, r)
	}
}

// rationed counts a request, as rack-attack does, and says what is left.
func (s *Server) rationed(w http.ResponseWriter) bool {
	const window = 5 * time.Minute
	s.mu.Lock()
	defer s.mu.Unlock()
	ration, now := s.Ration, s.Clock.Now()
	if ration == 0 {
		ration = 300
	}
	if began := now.Truncate(window); !began.Equal(s.since) {
		s.since, s.used = began, 0
	}
	s.used++
	w.Header().Set("X-RateLimit-Limit", strconv.Itoa(ration))
	w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(max(0, ration-s.used)))
	w.Header().Set("X-RateLimit-Reset", s.since.Add(window).UTC().Format("2006-01-02T15:04:05.000000Z"))
	if s.used > ration {
		answer(w, http.StatusTooManyRequests, map[string]string{"error": "Throttled"})
		return true
	}
	return false
}

func (s *Server) instance(w http.ResponseWriter) {
	rules := []M{}
	for n, text := range s.Rules {
		rules = append(rules, M{"id": strconv.Itoa(n + 1), "text": text, "hint": ""})
	}
	if s.Local == "" {
		answer(w, http.StatusOK, map[string]any{"version": "4.4.0", "rules": rules, "configuration": map[string]any{"urls": map[string]string{}}})
		return
	}
	answer(w, http.StatusOK, map[string]any{"version": "4.5.0", "rules": rules, "configuration": map[string]any{
		"timelines_access": map[string]any{"hashtag_feeds": map[string]string{"local": s.Local, "remote": s.Remote}}}})
}

// tag is a Tag entity, with the uses of a week as texts.
func (s *Server) tag(w http.ResponseWriter, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	uses := 0
	for _, p := range s.posts {
		if has(p, name) {
			uses++
		}
	}
	history := []M{{"day": "1", "accounts": "1", "uses": strconv.Itoa(uses)}}
	for range 6 {
		history = append(history, M{"day": "0", "accounts": "0", "uses": "0"})
	}
	answer(w, http.StatusOK, M{"name": name, "url": "https://x.example/tags/" + name, "history": history})
}

// may says whether a request may read, and whether only the posts of local people.
func (s *Server) may(r *http.Request, localOnly bool) bool {
	token, has := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if has {
		return s.Token != "" && token == s.Token
	}
	open := func(who string) bool { return who == "" || who == "public" }
	return !s.Strict && open(s.Local) && (localOnly || open(s.Remote))
}

func (s *Server) timeline(w http.ResponseWriter, r *http.Request, tag string) {
	q := r.URL.Query()
	local := q.Get("local") == "true"
	if !s.may(r, local) {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "This method requires an authenticated user"})
		return
	}
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit < 1 || limit > 40 {
		limit = 20
	}
	page := s.page(tag, local, q, limit)
	if len(page) > 0 {
		link := func(rel, key, id string) string {
			v := url.Values{"limit": {strconv.Itoa(limit)}, key: {id}}
			return fmt.Sprintf(`<http://%s%s?%s>; rel="%s"`, r.Host, r.URL.EscapedPath(), v.Encode(), rel)
		}
		w.Header().Set("Link", link("next", "max_id", page[len(page)-1].ID)+", "+link("prev", "min_id", page[0].ID))
	}
	out := []any{}
	for _, p := range page {
		out = append(out, shown(p))
	}
	answer(w, http.StatusOK, out)
}

// page returns the posts of a tag, newest first: with min_id those right after it.
func (s *Server) page(tag string, local bool, q url.Values, limit int) (out []Post) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.posts { // newest first
		switch after, since, before := q.Get("min_id"), q.Get("since_id"), q.Get("max_id"); {
		case !has(p, tag) || local && !p.Local:
		case after != "" && p.ID <= after, since != "" && p.ID <= since, before != "" && p.ID >= before:
		default:
			out = append(out, p)
		}
	}
	if q.Get("min_id") != "" {
		return out[max(0, len(out)-limit):]
	}
	return out[:min(limit, len(out))]
}

// shown is a Status entity.
func shown(p Post) map[string]any {
	tags := []map[string]string{}
	for _, t := range p.Tags {
		tags = append(tags, map[string]string{"name": strings.ToLower(t), "url": "https://x.example/tags/" + t})
	}
	status := map[string]any{"id": p.ID, "uri": p.URI, "url": p.URI, "visibility": p.Visibility, "tags": tags, "content": "<p>…</p>",
		"created_at": p.Published.UTC().Format("2006-01-02T15:04:05.000Z"), "edited_at": nil, "reblog": nil, "account": map[string]any{"acct": "a", "bot": p.Bot}}
	if !p.Edited.IsZero() {
		status["edited_at"] = p.Edited.UTC().Format(time.RFC3339)
	}
	if p.Boost {
		status["reblog"] = map[string]any{"id": "1"}
	}
	return status
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
