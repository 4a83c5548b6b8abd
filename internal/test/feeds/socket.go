package feeds

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/coder/websocket"
)

// socket tells of posts over a WebSocket, as Mastodon, GoToSocial and Pleroma do: what is
// wanted stands in the address, and the token in a header or as the subprotocol.
func (s *Server) socket(w http.ResponseWriter, r *http.Request) {
	protocol := r.Header.Get("Sec-WebSocket-Protocol")
	token, has1 := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !has1 {
		token = protocol
	}
	q := r.URL.Query()
	switch {
	case s.Token == "" || token != s.Token:
		w.WriteHeader(http.StatusUnauthorized)
		return
	case q.Get("stream") != "hashtag" || q.Get("tag") == "":
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	// Who has the answer misses nothing.
	posts, cut, leave := s.enter(func(p Post) bool { return has(p, q.Get("tag")) })
	defer leave()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{protocol}})
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	ctx := conn.CloseRead(r.Context())
	if conn.Write(ctx, websocket.MessageText, nil) != nil { // as Pleroma does to keep it open
		return
	}
	tell(ctx, conn, posts, cut, func(p Post) any {
		payload, _ := json.Marshal(shown(p)) // maps and texts can be written
		return M{"stream": []string{"hashtag", q.Get("tag")}, "event": "update", "payload": string(payload)}
	})
}

// channel is Misskey's streaming: a wrong token is refused at once; a wish that is not
// understood, or not granted, is passed over in silence.
func (s *Server) channel(w http.ResponseWriter, r *http.Request) {
	token, has := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if has && (s.Token == "" || token != s.Token) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	id, wants := s.wish(r.Context(), conn, has)
	if wants == nil {
		return
	}
	posts, cut, leave := s.enter(func(p Post) bool {
		return (p.Visibility == "public" || p.Visibility == "home") && wants(p)
	})
	defer leave()
	ctx := conn.CloseRead(r.Context())
	for _, m := range []M{{"type": "emojiAdded", "body": M{}}, {"type": "connected", "body": M{"id": id}}} {
		if write(ctx, conn, m) != nil {
			return
		}
	}
	tell(ctx, conn, posts, cut, func(p Post) any {
		return M{"type": "channel", "body": M{"id": id, "type": "note", "body": note(p)}}
	})
}

// wish reads messages until one connects to the channel of hashtags; nil if the
// connection ends before.
func (s *Server) wish(ctx context.Context, conn *websocket.Conn, signedIn bool) (id string, wants func(Post) bool) {
	for {
		_, raw, err := conn.Read(ctx)
		if err != nil {
			return "", nil
		}
		var in struct {
			Type string `json:"type"`
			Body struct {
				Channel string `json:"channel"`
				ID      string `json:"id"`
				Pong    bool   `json:"pong"`
				Params  struct {
					Q [][]string `json:"q"`
				} `json:"params"`
			} `json:"body"`
		}
		b := &in.Body
		if json.Unmarshal(raw, &in) != nil || in.Type != "connect" || b.Channel != "hashtag" || b.ID == "" || !b.Pong || len(b.Params.Q) == 0 || s.Strict && !signedIn {
			continue
		}
		return b.ID, func(p Post) bool { return anyOf(p, b.Params.Q) }
	}
}

// tell writes posts until the connection or all streams end.
func tell(ctx context.Context, conn *websocket.Conn, posts <-chan Post, cut <-chan struct{}, as func(Post) any) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-cut:
			return
		case p := <-posts:
			if write(ctx, conn, as(p)) != nil {
				return
			}
		}
	}
}

func write(ctx context.Context, conn *websocket.Conn, message any) error {
	b, err := json.Marshal(message)
	if err == nil {
		err = conn.Write(ctx, websocket.MessageText, b)
	}
	return err
}
