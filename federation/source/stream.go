package source

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
	"earshot/store"
)

// KindStream is the hashtag timeline of a server with the Mastodon API, told on a
// connection that stays open: server-sent events or, where a server has none, a
// WebSocket. Since Mastodon 4.2 it needs the token of an account.
const KindStream = "stream"

const (
	streamTags  = 4       // one connection each
	maxEvent    = 1 << 20 // of one line
	streamQuiet = 2 * time.Minute
	// catchUpEvery is how often the timeline is read beside the stream: a stream says
	// nothing of what it left out.
	catchUpEvery = 10 * time.Minute
	// moreAfter is the pause between pages of what was missed.
	moreAfter = 5 * time.Second
)

type stream struct{ timeline }

// Way implements Kind.
func (k *stream) Way(store.Source) app.Way { return app.Way{Streams: true} }

// Find implements Kind.
func (k *stream) Find(ctx context.Context, spec app.SourceSpec) (store.Source, error) {
	s, err := k.web.describe(KindStream, spec)
	switch {
	case err != nil:
		return s, err
	case spec.Token == "":
		return s, desk.Invalid("source_token_missing", "a stream needs an access token of an account on the server")
	case len(s.Tags) > streamTags:
		return s, desk.Invalid("source_stream_tags", "a stream has at most %d hashtags", streamTags)
	}
	_, err = k.look(ctx, s, spec.Token)
	return s, err
}

// Stream implements Streamer. It connects first and asks then for what was posted before:
// nothing falls between.
func (k *stream) Stream(ctx context.Context, s Asked, to Sink) error {
	base, err := k.base(ctx, s)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel(nil)
	connected := make(chan struct{}, len(s.Tags))
	for _, tag := range s.Tags {
		running.Go(func() { cancel(k.listen(ctx, base, tag, s, to, connected)) })
	}
	for range s.Tags {
		select {
		case <-connected:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if err := to.Connected(ctx); err != nil {
		return err
	}
	return catchUp(ctx, k, s, to)
}

// catchUp asks a source that is listened to now, and from time to time until ctx ends.
func catchUp(ctx context.Context, k Poller, s Asked, to Sink) error {
	again := time.NewTicker(catchUpEvery)
	defer again.Stop()
	for {
		var more <-chan time.Time
		found, err := k.Poll(ctx, s)
		if err == nil {
			if found.More {
				more = time.After(moreAfter)
			}
			s.Cursors = found.Cursors
			s.Polls++
			err = to.CaughtUp(ctx, found)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-again.C:
		case <-more:
		}
	}
}

// base is where a server streams, which may be another host of its.
func (k *stream) base(ctx context.Context, s Asked) (string, error) {
	r, err := k.web.get(ctx, s.URL+"/api/v2/instance", s.Token)
	if err != nil {
		return "", unreachable(s.URL, err)
	}
	if base := readStreaming(r.Body); r.Status == http.StatusOK && base != "" {
		if _, err := desk.HostOf(base); err == nil && strings.HasPrefix(base, s.URL[:strings.Index(s.URL, ":")+1]) {
			return base, nil
		}
	}
	return s.URL, nil
}

// readStreaming reads configuration.urls.streaming of an instance, as an http or https
// address.
func readStreaming(body []byte) string {
	var in struct {
		Configuration struct {
			URLs struct {
				Streaming string `json:"streaming"`
			} `json:"urls"`
		} `json:"configuration"`
	}
	if json.Unmarshal(body, &in) != nil || len(in.Configuration.URLs.Streaming) > maxURI {
		return ""
	}
	address := in.Configuration.URLs.Streaming
	if rest, ok := strings.CutPrefix(address, "ws"); ok { // ws:, wss:
		address = "http" + rest
	}
	return strings.TrimRight(address, "/")
}

// noEvents says whether a server has no server-sent events at an address: there is
// nothing, or it wants another protocol.
func noEvents(r *safehttp.Response) bool {
	switch r.Status {
	case http.StatusOK:
		return !strings.HasPrefix(r.Header.Get("Content-Type"), "text/event-stream")
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusUpgradeRequired, http.StatusNotImplemented:
		return true
	}
	return false
}

// busy is the error of a server that wants to be asked less often.
func busy(base string, r *safehttp.Response, s Asked) error {
	return &Wait{limits(r, s.Now), desk.Unavailable("source_busy", "%s wants to be asked less often; we wait", base)}
}

// ended is why a connection ended, in words.
func ended(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil && desk.ErrorCode(err) == desk.CodeInternal {
		return desk.Unavailable("source_stream_ended", "the connection ended")
	}
	return err
}

// listen listens to one tag until the connection ends.
func (k *stream) listen(ctx context.Context, base, tag string, s Asked, to Sink, connected chan<- struct{}) error {
	r, body, err := k.web.open(ctx, base+"/api/v1/streaming/hashtag?"+url.Values{"tag": {desk.CleanTag(tag)}}.Encode(), s.Token)
	if err != nil {
		return unreachable(base, err)
	}
	defer body.Close()
	switch {
	case refused(r.Status):
		return closed(base)
	case noEvents(r):
		body.Close()
		return k.listenSocket(ctx, base, tag, s, to, connected)
	case r.Status == http.StatusTooManyRequests || r.Status == http.StatusServiceUnavailable:
		return busy(base, r, s)
	case r.Status != http.StatusOK:
		return desk.Unavailable("source_status", "%s answers with the status %d", base, r.Status)
	}
	connected <- struct{}{}
	// A line that does not end, and a peer that says nothing, end the connection.
	quiet := time.AfterFunc(streamQuiet, func() { _ = body.Close() })
	defer quiet.Stop()
	err = events(body, func() { quiet.Reset(streamQuiet) }, func(e event) error {
		if p, ok := e.status(); ok {
			return to.Heard(ctx, p.brought())
		}
		return nil
	})
	return ended(ctx, err)
}

// event is one event of a stream.
type event struct {
	name string
	data []byte
}

// status reads the post that an event tells of.
func (e event) status() (status, bool) {
	if e.name != "update" && e.name != "status.update" {
		return status{}, false
	}
	return readStatus(e.data)
}

// events reads server-sent events until r ends, and calls alive for every line.
func events(r io.Reader, alive func(), take func(event) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxEvent)
	var e event
	for lines.Scan() {
		alive()
		line := bytes.TrimSuffix(lines.Bytes(), []byte("\r"))
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch {
		case len(line) == 0:
			if e.name != "" && len(e.data) > 0 {
				if err := take(e); err != nil {
					return err
				}
			}
			e = event{}
		case string(name) == "event":
			e.name = string(value[:min(len(value), maxID)])
		case string(name) == "data":
			if len(e.data)+len(value) > maxEvent {
				return bufio.ErrTooLong
			}
			if len(e.data) > 0 {
				e.data = append(e.data, '\n')
			}
			e.data = append(e.data, value...)
		}
	}
	return lines.Err()
}
