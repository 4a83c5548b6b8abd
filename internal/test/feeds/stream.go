package feeds

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// stream tells of posts as Mastodon does since 4.2: to people with an account only.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	tag := r.URL.Query().Get("tag")
	switch {
	case s.Token == "" || r.Header.Get("Authorization") != "Bearer "+s.Token:
		answer(w, http.StatusUnauthorized, map[string]string{"error": "Missing access token"})
		return
	case tag == "":
		answer(w, http.StatusBadRequest, map[string]string{"error": "Missing tag name parameter"})
		return
	}
	posts, cut, leave := s.enter(func(p Post) bool { return has(p, tag) })
	defer leave()
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprint(w, ":)\n\n:thump\n")
	_ = http.NewResponseController(w).Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-cut:
			return
		case p := <-posts:
			b, err := json.Marshal(shown(p))
			if err != nil {
				return
			}
			fmt.Fprintf(w, "event: update\ndata: %s\n\n", b)
			_ = http.NewResponseController(w).Flush()
		}
	}
}

// enter has posts told to a connection until leave; cut is closed when all are to end.
func (s *Server) enter(wants func(Post) bool) (posts chan Post, cut chan struct{}, leave func()) {
	posts = make(chan Post, 100)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rooms == nil {
		s.rooms = map[chan Post]func(Post) bool{}
	}
	s.rooms[posts] = wants
	return posts, s.cut(), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.rooms, posts)
	}
}

// cut returns what is closed when the streams are.
func (s *Server) cut() chan struct{} {
	if s.cutting == nil {
		s.cutting = make(chan struct{})
	}
	return s.cutting
}

// Cut ends all streams.
func (s *Server) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.cut())
	s.cutting = nil
}

// Listeners is how many streams are open.
func (s *Server) Listeners() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rooms)
}
