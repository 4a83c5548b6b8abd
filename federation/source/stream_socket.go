package source

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"earshot/internal/desk"
)

// listenSocket is listen over a WebSocket, for servers that offer nothing else:
// GoToSocial, Pleroma, Akkoma. One connection has one tag, named in the address, since
// they read no more than that.
func (k *stream) listenSocket(ctx context.Context, base, tag string, s Asked, to Sink, connected chan<- struct{}) error {
	q := url.Values{"stream": {"hashtag"}, "tag": {desk.CleanTag(tag)}}
	r, socket, err := k.web.dial(ctx, base+"/api/v1/streaming?"+q.Encode(), s.Token, subprotocol(s.Token))
	switch {
	case err != nil:
		return unreachable(base, err)
	case socket == nil && refused(r.Status):
		return closed(base)
	case socket == nil && (r.Status == http.StatusTooManyRequests || r.Status == http.StatusServiceUnavailable):
		return busy(base, r, s)
	case socket == nil:
		return noStream(base)
	}
	defer socket.Close()
	connected <- struct{}{}
	for {
		message, err := socket.Read(ctx)
		if err != nil {
			return ended(ctx, err)
		}
		e, refusal := readMessage(message)
		if refused(refusal) {
			return closed(base)
		}
		if p, ok := e.status(); ok {
			if err := to.Heard(ctx, p.brought()); err != nil {
				return err
			}
		}
	}
}

// readMessage reads an event of a stream, or the status of a refusal. Empty messages keep
// the connection open.
func readMessage(message []byte) (e event, refusal int) {
	var in struct {
		Event   string `json:"event"`
		Payload string `json:"payload"` // JSON in a text
		Status  int    `json:"status"`
	}
	if json.Unmarshal(message, &in) != nil {
		return event{}, 0
	}
	return event{in.Event, []byte(in.Payload)}, in.Status
}

// subprotocol is a token as the name of a subprotocol, "" if it cannot be one.
func subprotocol(token string) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~"
	if strings.Trim(token, letters) != "" {
		return ""
	}
	return token
}

// noStream is the error of a server that answers, and has no stream at an address.
func noStream(base string) error {
	return desk.Unavailable("source_no_stream", "%s answers with something that is no stream of events", base)
}
