package source

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"earshot/internal/safehttp"
)

const (
	channelID = "1" // the one that we connect to on a connection
	// socketEvery: a server without the channel is searched, and tried again after so many
	// searches.
	socketEvery = 10
	// joinWithin is for the answer to our wish: who is not allowed gets none.
	joinWithin = 10 * time.Second
)

// Stream implements Streamer. As at a stream, it connects first, and asks then for what
// was posted before.
func (k *misskey) Stream(ctx context.Context, s Asked, to Sink) error {
	if s.Polls%socketEvery != 0 {
		return &NoStream{noStream(s.URL)}
	}
	socket, err := k.join(ctx, s)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return &NoStream{err} // whatever is wrong with the channel, the search may work
	}
	defer socket.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel(nil)
	running.Go(func() { cancel(k.listen(ctx, socket, s, to)) })
	if err := to.Connected(ctx); err != nil {
		return err
	}
	return catchUp(ctx, k, s, to)
}

// join connects to the channel of all tags of a source.
func (k *misskey) join(ctx context.Context, s Asked) (*safehttp.Socket, error) {
	r, socket, err := k.web.dial(ctx, s.URL+"/streaming", s.Token, "")
	if err != nil {
		return nil, unreachable(s.URL, err)
	}
	if socket == nil {
		if r.Status == http.StatusTooManyRequests || r.Status == http.StatusServiceUnavailable {
			return nil, busy(s.URL, r, s)
		}
		return nil, noStream(s.URL)
	}
	wish, err := json.Marshal(map[string]any{"type": "connect", "body": map[string]any{"channel": "hashtag", "id": channelID, "pong": true, "params": map[string]any{"q": query(s.Tags)}}})
	if err == nil {
		err = socket.Write(ctx, wish)
	}
	within, cancel := context.WithTimeout(ctx, joinWithin)
	defer cancel()
	for err == nil {
		var message []byte
		if message, err = socket.Read(within); err == nil && joined(message) {
			return socket, nil
		}
	}
	socket.Close()
	return nil, noStream(s.URL)
}

// listen hands on the notes of the channel until the connection ends.
func (k *misskey) listen(ctx context.Context, socket *safehttp.Socket, s Asked, to Sink) error {
	for {
		message, err := socket.Read(ctx)
		if err != nil {
			return ended(ctx, err)
		}
		note, ok := readChannel(message, s.URL)
		if !ok {
			continue
		}
		if err := to.Heard(ctx, note.brought()); err != nil {
			return err
		}
	}
}

// message is one message of a connection, of a channel or about one.
type message struct {
	Type string `json:"type"`
	Body struct {
		ID   string          `json:"id"`
		Type string          `json:"type"`
		Body json.RawMessage `json:"body"`
	} `json:"body"`
}

// joined says whether a message is the answer to our wish.
func joined(raw []byte) bool {
	var in message
	return json.Unmarshal(raw, &in) == nil && in.Type == "connected" && in.Body.ID == channelID
}

// readChannel reads a note of the channel.
func readChannel(raw []byte, base string) (status, bool) {
	var in message
	if json.Unmarshal(raw, &in) != nil || in.Type != "channel" || in.Body.ID != channelID || in.Body.Type != "note" {
		return status{}, false
	}
	return readNote(in.Body.Body, base)
}
