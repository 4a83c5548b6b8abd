package api

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"time"
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
	w := &buffered{header: http.Header{}}
	l.Handler.ServeHTTP(w, r)
	w.WriteHeader(http.StatusOK)
	return &http.Response{StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r}, nil
}

// buffered is an answer kept in memory.
type buffered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *buffered) Header() http.Header { return k.header }

func (k *buffered) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

func (k *buffered) Write(b []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(b)
}
