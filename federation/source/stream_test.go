package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/test/feeds"
	"earshot/store"
)

// told is a Sink that hands on what it hears.
type told struct {
	connected chan struct{}
	heard     chan string
}

func (s told) Connected(context.Context) error { s.connected <- struct{}{}; return nil }
func (s told) Heard(_ context.Context, posts ...app.Brought) error {
	for _, p := range posts {
		if p.Skip != "" {
			s.heard <- "skipped " + string(p.Object)
			continue
		}
		s.heard <- string(p.Object)
	}
	return nil
}
func (s told) CaughtUp(ctx context.Context, p app.Polled) error { return s.Heard(ctx, p.Posts...) }

// Posts from before the connection and during it are told; a connection that is cut
// ends. Server-sent events or, where there are none, a WebSocket.
func TestStream(t *testing.T) {
	for name, events := range map[string]bool{"events": true, "sockets": false} {
		t.Run(name, func(t *testing.T) {
			f := &feeds.Server{Clock: clock.NewFake(noon), Token: "t", NoEvents: !events}
			server := httptest.NewServer(f)
			defer server.Close()
			k := &stream{timeline{web: testWeb()}}
			s := Asked{store.Source{ID: "s", URL: server.URL, Tags: []string{"acme", "akme"}, Created: noon}, "t", noon}
			f.Add(feeds.Post{URI: "missed", Tags: []string{"acme"}})
			to := told{make(chan struct{}, 1), make(chan string, 10)}
			ended := make(chan error, 1)
			go func() { ended <- k.Stream(t.Context(), s, to) }()
			<-to.connected
			if got := <-to.heard; got != "missed" {
				t.Errorf("caught up with %q", got)
			}
			f.Add(feeds.Post{URI: "now", Tags: []string{"Akme"}})
			if got := <-to.heard; got != "now" {
				t.Errorf("heard %q", got)
			}
			f.Cut()
			if err := <-ended; desk.ErrorID(err) != "source_stream_ended" {
				t.Errorf("it ended with %v", err)
			}
			s.Token = "x"
			if err := k.Stream(t.Context(), s, to); desk.ErrorCode(err) != desk.CodeForbidden {
				t.Errorf("with a wrong token: %v", err)
			}
		})
	}
}

// The channel of hashtags: any tag of the source, public posts of people only. Where
// there is no channel, or it is not for us, the server is searched.
func TestMisskeyChannel(t *testing.T) {
	f := &feeds.Server{Clock: clock.NewFake(noon), Channels: true, Token: "t"}
	server := httptest.NewServer(f)
	defer server.Close()
	k := &misskey{web: testWeb()}
	s := Asked{store.Source{ID: "s", URL: server.URL, Tags: []string{"acme", "Akme"}, Created: noon}, "", noon}
	f.Add(feeds.Post{URI: "missed", Tags: []string{"acme"}})
	to := told{make(chan struct{}, 1), make(chan string, 10)}
	ended := make(chan error, 1)
	go func() { ended <- k.Stream(t.Context(), s, to) }()
	<-to.connected
	if got := <-to.heard; got != "missed" {
		t.Errorf("caught up with %q", got)
	}
	f.Add(feeds.Post{URI: "trains", Tags: []string{"trains"}})
	f.Add(feeds.Post{URI: "home", Tags: []string{"acme"}, Visibility: "home"})
	f.Add(feeds.Post{URI: "here", Tags: []string{"acme"}, LocalOnly: true})
	f.Add(feeds.Post{URI: "now", Tags: []string{"akme"}})
	for _, want := range []string{"skipped home", "skipped here", "now"} {
		if got := <-to.heard; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
	f.Cut()
	if err := <-ended; desk.ErrorID(err) != "source_stream_ended" {
		t.Errorf("it ended with %v", err)
	}

	none := func(why string) {
		t.Helper()
		if _, is := errors.AsType[*NoStream](k.Stream(t.Context(), s, to)); !is {
			t.Errorf("%s: not to be searched instead", why)
		}
	}
	s.Token = "x"
	none("with a wrong token")
	s.Token, f.Channels = "", false
	none("without the channel")
	f.Channels, s.Polls = true, 1
	f.Asked()
	none("between two tries")
	if asked := f.Asked(); len(asked) > 0 {
		t.Errorf("asked %v", asked)
	}
}

// A channel that cannot be joined, for whatever reason, is searched instead: nothing that
// is said meanwhile is lost. How long the server wants us to wait is kept.
func TestMisskeyChannelThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		wait   time.Duration
	}{
		"reset": {func(w http.ResponseWriter, _ *http.Request) {
			if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = c.Close()
			}
		}, 0},
		"a wrong handshake": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Upgrade", "websocket")
			w.Header().Set("Connection", "Upgrade")
			w.WriteHeader(http.StatusSwitchingProtocols)
		}, 0},
		"busy": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(http.StatusTooManyRequests)
		}, 10 * time.Minute},
		"down": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.answer)
			defer server.Close()
			k := &misskey{web: testWeb()}
			s := Asked{store.Source{ID: "s", URL: server.URL, Tags: []string{"acme"}, Created: noon}, "", noon}
			err := k.Stream(t.Context(), s, told{})
			if _, is := errors.AsType[*NoStream](err); !is {
				t.Errorf("not to be searched instead: %v", err)
			}
			if w, is := errors.AsType[*Wait](err); c.wait > 0 && (!is || !w.Until.Equal(noon.Add(c.wait))) {
				t.Errorf("%v", err)
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(errRemoved)
			if err := k.Stream(ctx, s, told{}); !errors.Is(err, errRemoved) {
				t.Errorf("of a source that was removed: %v", err)
			}
		})
	}
}

// A connection that says nonsense, or never ends a message, ends; it is not believed.
func TestSocketOfAHostileServer(t *testing.T) {
	text := func(say ...string) func(context.Context, *websocket.Conn) {
		return func(ctx context.Context, c *websocket.Conn) {
			for _, s := range say {
				_ = c.Write(ctx, websocket.MessageText, []byte(s))
			}
		}
	}
	for name, c := range map[string]struct {
		say func(context.Context, *websocket.Conn)
		id  string // of the stream's error
	}{
		"nonsense":  {text("", "<p>", "null", "7", `{"event":"update","payload":7}`, `{"event":"update","payload":"{}"}`, `{"type":"channel"}`, strings.Repeat("[", 1<<16)), "source_stream_ended"},
		"a refusal": {text(`{"error":"Access token does not have the required scopes","status":401}`), "source_closed"},
		"a long message": {func(ctx context.Context, c *websocket.Conn) {
			_ = c.Write(ctx, websocket.MessageText, bytes.Repeat([]byte("x"), 2<<20))
		}, "source_stream_ended"},
		"a message that never ends": {func(ctx context.Context, c *websocket.Conn) {
			w, err := c.Writer(ctx, websocket.MessageText)
			for err == nil {
				_, err = w.Write(bytes.Repeat([]byte("x"), 1<<16))
			}
		}, "source_stream_ended"},
		"other bytes": {func(ctx context.Context, c *websocket.Conn) {
			_ = c.Write(ctx, websocket.MessageBinary, []byte{0xff, 0})
		}, "source_stream_ended"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &feeds.Server{Clock: clock.NewFake(noon), NoEvents: true}
			f.Wrong = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("Upgrade") == "" {
					return false
				}
				conn, err := websocket.Accept(w, r, nil)
				if err != nil {
					return true
				}
				if r.URL.Path == "/streaming" {
					_ = conn.Write(r.Context(), websocket.MessageText, []byte(`{"type":"connected","body":{"id":"1"}}`))
				}
				c.say(conn.CloseRead(r.Context()), conn)
				_ = conn.Close(websocket.StatusNormalClosure, "")
				return true
			}
			server := httptest.NewServer(f)
			defer server.Close()
			s := Asked{store.Source{URL: server.URL, Tags: []string{"acme"}, Created: noon}, "t", noon}
			to := told{make(chan struct{}, 2), make(chan string, 10)}
			f.Token = "t"
			if err := (&stream{timeline{web: testWeb()}}).Stream(t.Context(), s, to); desk.ErrorID(err) != c.id {
				t.Errorf("%v, want %s", err, c.id)
			}
			s.Token = ""
			if err := (&misskey{web: testWeb()}).Stream(t.Context(), s, to); desk.ErrorID(err) != "source_stream_ended" {
				t.Errorf("the channel ends with %v", err)
			}
			if len(to.heard) > 0 {
				t.Errorf("heard %q", <-to.heard)
			}
		})
	}
}

func TestStreamOfAHostileServer(t *testing.T) {
	for name, c := range map[string]struct {
		typ  string
		body func(io.Writer)
		id   string
	}{
		"a page":                 {"text/html", func(w io.Writer) { fmt.Fprint(w, "<p>hi") }, "source_no_stream"},
		"a line that never ends": {"text/event-stream", func(w io.Writer) { _, _ = w.Write(bytes.Repeat([]byte("x"), 2*maxEvent)) }, "source_stream_ended"},
		"an event that never ends": {"text/event-stream", func(w io.Writer) {
			for range 20 {
				fmt.Fprintf(w, "data: %s\n", strings.Repeat("x", maxEvent/8))
			}
		}, "source_stream_ended"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &feeds.Server{Clock: clock.NewFake(noon), Token: "t", Wrong: func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.Contains(r.URL.Path, "streaming") {
					return false
				}
				w.Header().Set("Content-Type", c.typ)
				c.body(w)
				return true
			}}
			server := httptest.NewServer(f)
			defer server.Close()
			k := &stream{timeline{web: testWeb()}}
			err := k.Stream(t.Context(), Asked{store.Source{URL: server.URL, Tags: []string{"acme"}, Created: noon}, "t", noon}, told{make(chan struct{}, 1), make(chan string, 10)})
			if desk.ErrorID(err) != c.id {
				t.Errorf("%v, want %s", err, c.id)
			}
		})
	}
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte(":thump\n\nevent: update\ndata: {\"id\":\"1\"}\n\nevent: delete\ndata: 5\n\n"))
	f.Add([]byte("data\r\n\r\n:\nevent:update\n"))
	f.Add([]byte(`{"stream":["hashtag","acme"],"event":"update","payload":"{\"id\":\"1\",\"uri\":\"https://m.example/1\"}"}`))
	f.Add([]byte(`{"type":"channel","body":{"id":"1","type":"note","body":{"id":"9a","visibility":"public","tags":["acme"]}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		size := 0
		_ = events(bytes.NewReader(body), func() {}, func(e event) error {
			size += len(e.data)
			e.status()
			return nil
		})
		if size > len(body) {
			t.Errorf("%d bytes of events from %d", size, len(body))
		}
		readStreaming(body)
		if e, _ := readMessage(body); len(e.data) > 0 {
			e.status()
		}
		joined(body)
		if n, ok := readChannel(body, "https://m.example"); ok && (n.id == "" || n.uri == "" || len(n.tags) > maxTags) {
			t.Errorf("%+v", n)
		}
	})
}

// pages is a source with so many pages of missed posts.
type pages struct{ left int }

func (p *pages) Poll(context.Context, Asked) (app.Polled, error) {
	p.left--
	return app.Polled{More: p.left > 0}, nil
}

// What was missed is read to its end, and not one page in ten minutes.
func TestCatchUpReadsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pages{left: 3}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := catchUp(ctx, p, Asked{}, told{heard: make(chan string)}); !errors.Is(err, context.DeadlineExceeded) || p.left != 0 {
			t.Errorf("%d pages are left, %v", p.left, err)
		}
	})
}
