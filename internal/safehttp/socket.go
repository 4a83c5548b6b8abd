package safehttp

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// The limits of a Socket.
const (
	pingEvery     = 30 * time.Second // servers end connections on which nothing is said for a minute
	pingWithin    = 30 * time.Second // the answer to a ping
	messageWithin = time.Minute      // one message, from its first frame to its last
)

// A Socket is a WebSocket that we opened. One goroutine reads.
type Socket struct {
	conn    *websocket.Conn
	stop    context.CancelFunc
	running sync.WaitGroup
}

// Dial opens a WebSocket at an http or https address, behind the same guard as every
// other request. A server that does not change protocols is no error: socket is nil, and
// the answer has its status. Redirects are not followed. protocol, if it is not "", is
// offered as the subprotocol: some servers take a token there. Messages have at most
// Options.MaxBytes.
func (c *Client) Dial(ctx context.Context, rawURL, protocol string, prepare func(*http.Request) error) (*Response, *Socket, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout) // until the protocol has changed
	defer cancel()
	u, err := c.parseURL(&url.URL{}, rawURL)
	if err != nil {
		return nil, nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrBadURL, err)
	}
	r.Header.Set("User-Agent", c.userAgent)
	if prepare != nil {
		if err := prepare(r); err != nil {
			return nil, nil, fmt.Errorf("prepare request to %s: %w", u.Host, err)
		}
	}
	o := websocket.DialOptions{HTTPHeader: r.Header, HTTPClient: &http.Client{Transport: c.sockets,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if protocol != "" {
		o.Subprotocols = []string{protocol}
	}
	conn, answer, err := websocket.Dial(ctx, u.String(), &o)
	if err != nil {
		if answer != nil && answer.StatusCode != http.StatusSwitchingProtocols {
			return &Response{Status: answer.StatusCode, Header: answer.Header, URL: u}, nil, nil
		}
		return nil, nil, fmt.Errorf("open a WebSocket at %s: %w", u, err)
	}
	conn.SetReadLimit(c.maxBytes)
	return &Response{Status: answer.StatusCode, Header: answer.Header, URL: u}, open(conn), nil
}

// open has a connection pinged while it lasts.
func open(conn *websocket.Conn) *Socket {
	alive, stop := context.WithCancel(context.Background())
	s := &Socket{conn: conn, stop: stop}
	s.running.Go(func() { s.ping(alive) })
	return s
}

// ping ends the connection once the other side does not answer. Only a Read takes the
// answer in.
func (s *Socket) ping(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		within, cancel := context.WithTimeout(ctx, pingWithin)
		err := s.conn.Ping(within)
		cancel()
		if err != nil {
			_ = s.conn.CloseNow()
			return
		}
	}
}

// Read waits for a message. After an error the connection is of no use.
func (s *Socket) Read(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_, r, err := s.conn.Reader(ctx)
	if err != nil {
		return nil, fmt.Errorf("read a message: %w", err)
	}
	late := time.AfterFunc(messageWithin, cancel)
	defer late.Stop()
	message, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read a message: %w", err)
	}
	return message, nil
}

// Write sends a text message.
func (s *Socket) Write(ctx context.Context, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, DefaultTimeout)
	defer cancel()
	if err := s.conn.Write(ctx, websocket.MessageText, message); err != nil {
		return fmt.Errorf("send a message: %w", err)
	}
	return nil
}

// Close ends the connection, and a Read that waits.
func (s *Socket) Close() {
	s.stop()
	_ = s.conn.CloseNow()
	s.running.Wait()
}
