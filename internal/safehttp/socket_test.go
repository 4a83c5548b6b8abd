package safehttp

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// accepted changes protocols as RFC 6455 asks, and says nothing more.
func accepted(conn net.Conn) (*bufio.Reader, error) {
	in := bufio.NewReader(conn)
	r, err := http.ReadRequest(in)
	if err != nil {
		return nil, err
	}
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	_, err = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "+base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n")
	return in, err
}

// dialed is a socket whose other side is behave, in the bubble of a test.
func dialed(t *testing.T, behave func(net.Conn, *bufio.Reader)) *Socket {
	t.Helper()
	c := New(Options{AllowPrivate: true})
	var running sync.WaitGroup
	t.Cleanup(running.Wait)
	c.sockets.DialContext = func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		running.Go(func() {
			defer theirs.Close()
			if in, err := accepted(theirs); err == nil {
				behave(theirs, in)
			}
		})
		return ours, nil
	}
	_, s, err := c.Dial(t.Context(), "http://feed.example/streaming", "", nil)
	if err != nil || s == nil {
		t.Fatal(s, err)
	}
	t.Cleanup(s.Close)
	return s
}

// swallow reads what comes until the connection ends.
func swallow(in io.Reader) { _, _ = io.Copy(io.Discard, in) }

// A side that does not answer pings is gone.
func TestSocketOfASilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := dialed(t, func(_ net.Conn, in *bufio.Reader) { swallow(in) })
		began := time.Now()
		_, err := s.Read(t.Context())
		if took := time.Since(began); err == nil || took != pingEvery+pingWithin {
			t.Errorf("%v, after %v", err, took)
		}
	})
}

// A message that goes on and on ends, also if it stays small and the pings are answered.
func TestSocketOfASlowMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := dialed(t, func(conn net.Conn, in *bufio.Reader) {
			var writing sync.Mutex
			write := func(b ...byte) error {
				writing.Lock()
				defer writing.Unlock()
				_, err := conn.Write(b)
				return err
			}
			var answering sync.WaitGroup
			defer answering.Wait()
			answering.Go(func() { // masked pings of one digit, with pongs
				for {
					head := make([]byte, 6)
					if _, err := io.ReadFull(in, head); err != nil {
						return
					}
					payload := make([]byte, head[1]&0x7f)
					if _, err := io.ReadFull(in, payload); err != nil {
						return
					}
					for n := range payload {
						payload[n] ^= head[2+n%4]
					}
					if write(append([]byte{0x8a, byte(len(payload))}, payload...)...) != nil {
						return
					}
				}
			})
			err := write(0x01, 1, 'x') // text, to be continued
			for err == nil {
				time.Sleep(5 * time.Second)
				err = write(0x00, 1, 'x')
			}
		})
		began := time.Now()
		_, err := s.Read(t.Context())
		if took := time.Since(began); err == nil || took != messageWithin {
			t.Errorf("%v, after %v", err, took)
		}
	})
}

// The server must change protocols within the time of every other request.
func TestSocketThatIsNotAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(Options{AllowPrivate: true})
		c.sockets.DialContext = func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go swallow(theirs)
			return ours, nil
		}
		began := time.Now()
		if _, _, err := c.Dial(t.Context(), "http://feed.example/", "", nil); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != DefaultTimeout {
			t.Errorf("%v, after %v", err, time.Since(began))
		}
	})
}

// Behind the guard: no private addresses, no http, no redirects; another answer is
// no error.
func TestDial(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; r.URL.Path == "/moved" {
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	strict := New(Options{})
	for address, want := range map[string]error{
		strings.Replace(server.URL, "http:", "https:", 1): ErrForbiddenAddress,
		server.URL:                  ErrBadURL,
		"wss://social.example":      ErrBadURL,
		"https://10.0.0.1/x":        ErrForbiddenAddress,
		"https://[::1]:1/streaming": ErrForbiddenAddress,
	} {
		if _, _, err := strict.Dial(t.Context(), address, "", nil); !errors.Is(err, want) || !Permanent(err) {
			t.Errorf("%s: %v, want %v", address, err, want)
		}
	}
	refusal := errors.New("no")
	if _, _, err := New(Options{AllowPrivate: true}).Dial(t.Context(), server.URL, "", func(*http.Request) error { return refusal }); !errors.Is(err, refusal) || asked > 0 {
		t.Errorf("%v, asked %d times", err, asked)
	}
	for path, status := range map[string]int{"/": 401, "/moved": 302} {
		c := New(Options{AllowPrivate: true})
		if r, s, err := c.Dial(t.Context(), server.URL+path, "token", nil); err != nil || s != nil || r.Status != status {
			t.Errorf("%s: %+v, %v, %v", path, r, s, err)
		}
		c.CloseIdle()
	}
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}
