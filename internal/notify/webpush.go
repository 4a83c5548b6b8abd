package notify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	webpush "github.com/SherClockHolmes/webpush-go"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

// pushKept is how long a push service keeps a message for a browser that is not there,
// in seconds: after a day the list says more.
const pushKept = 24 * 60 * 60

// shown is what the service worker of the console shows (static/worker.js).
type shown struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	URL   string `json:"url"`
	Tag   string `json:"tag"` // a later one about the same thing takes its place
	Lang  string `json:"lang"`
}

// toBrowser sends a push that only the browser can read (RFC 8291), signed as ours
// (RFC 8292). Every message has the same length.
func (n *Notifier) toBrowser(ctx context.Context, client *safehttp.Client, todo app.ToNotify, secrets []string) (*safehttp.Response, error) {
	if len(secrets) == 0 {
		return nil, fmt.Errorf("the keys of the browser are missing")
	}
	keys, err := app.ParsePushKeys(secrets[0])
	if err != nil {
		return nil, err
	}
	private, public, err := n.Secrets.PushKey()
	if err != nil {
		return nil, err
	}
	message, about, err := n.shown(ctx, todo)
	if err != nil {
		return nil, err
	}
	subscriber := n.App.Site().URL
	if !strings.HasPrefix(subscriber, "https:") { // RFC 8292, section 2.1: an address for mail, or https
		subscriber = "postmaster@" + string(n.App.Site().HandleDomain)
	}
	answer, err := webpush.SendNotificationWithContext(ctx, message, &webpush.Subscription{Endpoint: todo.Destination.URL, Keys: webpush.Keys{P256dh: keys.P256dh, Auth: keys.Auth}},
		&webpush.Options{HTTPClient: client.Library(), Subscriber: subscriber, Topic: topic(about.Data.Issue), TTL: pushKept, Urgency: urgency(about.Type), VAPIDPublicKey: public, VAPIDPrivateKey: private})
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return &safehttp.Response{Status: answer.StatusCode, Header: answer.Header}, nil
}

// shown writes what the browser shows.
func (n *Notifier) shown(ctx context.Context, todo app.ToNotify) ([]byte, notice, error) {
	var about notice
	if err := json.Unmarshal(todo.Body, &about); err != nil {
		return nil, about, fmt.Errorf("reading a notification: %w", err)
	}
	text, link := n.words(todo.Destination.Language, about)
	out := shown{Title: string(n.App.Site().HandleDomain), Body: text, URL: link, Tag: string(about.Data.Issue), Lang: todo.Destination.Language}
	if todo.Destination.Words && about.Data.Post != "" {
		first, err := n.App.FirstWords(ctx, todo.Destination.Agent, about.Data.Post)
		if err != nil {
			return nil, about, err
		}
		if first != "" {
			out.Title, out.Body, out.Lang = text, first, ""
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		return nil, about, err
	}
	return b.Bytes(), about, nil
}

// topic names what a message is about to the push service, which keeps only the last
// one of each (RFC 8030, section 5.4): at most 32 letters, and no id of ours.
func topic(i desk.IssueID) string {
	if i == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(i))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}

// urgency says which messages wake a phone (RFC 8030, section 5.3).
func urgency(kind string) webpush.Urgency {
	switch desk.NoticeReason(kind) {
	case desk.NoticeMentioned, desk.NoticeAssigned, desk.NoticeSurge, desk.NoticeTurn:
		return webpush.UrgencyHigh
	}
	return webpush.UrgencyNormal
}
