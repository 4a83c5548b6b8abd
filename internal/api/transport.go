package api

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"

	"earshot/internal/answer"
)

// Socket returns the transport to a server's Unix socket at path. Nothing else
// is ever dialled. Close its idle connections in the end.
func Socket(path string) *http.Transport {
	d := net.Dialer{Timeout: 5 * time.Second}
	return &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", path) },
		// A kept connection may have died unnoticed; the socket costs nothing.
		DisableKeepAlives: true,
	}
}

// Local is the transport to a handler in the same process.
type Local struct{ Handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (l Local) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := &answer.Kept{}
	l.Handler.ServeHTTP(w, r)
	w.WriteHeader(http.StatusOK)
	return &http.Response{StatusCode: w.Status, Status: http.StatusText(w.Status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.Header(), Body: io.NopCloser(&w.Body), ContentLength: int64(w.Body.Len()), Request: r}, nil
}
