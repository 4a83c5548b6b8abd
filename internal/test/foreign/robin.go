package foreign

import (
	"fmt"
	"strings"
	"time"
)

// Robin is an ordinary bot on activitypub-bot. Every method acts as that bot and fails the test when the library cannot
// do it. The library delivers by queue: it does not tell whether others accept its activities.
type Robin struct {
	ID string // actor id
	b  *TagBot
}

// Robin returns the server's ordinary bot.
func (b *TagBot) Robin() Robin { return Robin{ID: b.Origin + "/user/robin", b: b} }

// Post posts a note that mentions an actor, to all or to that actor alone, and returns its id.
func (r Robin) Post(text, mention string, visibility Visibility) string {
	r.b.p.t.Helper()
	return r.do("/post", map[string]any{"text": text, "mention": mention, "direct": visibility == Direct})
}

// Poll posts a poll (a Question) for one day that mentions an actor, to all, and returns its id.
func (r Robin) Poll(text, mention string, options ...string) string {
	r.b.p.t.Helper()
	return r.do("/post", map[string]any{"text": text, "mention": mention, "options": options})
}

// Count tells everybody who got a poll how many votes each answer has, and whether it has ended.
func (r Robin) Count(id string, votes []int, ended bool) {
	r.b.p.t.Helper()
	r.do("/count", map[string]any{"id": id, "votes": votes, "ended": ended})
}

// Answer answers a post as the library answers, to all its recipients, and returns the id of the answer.
func (r Robin) Answer(text, to string) string {
	r.b.p.t.Helper()
	return r.do("/answer", map[string]any{"text": text, "to": to})
}

// Edit gives a post other words and tells everybody who got it. The library says no time of the edit.
func (r Robin) Edit(id, text string) {
	r.b.p.t.Helper()
	r.do("/edit", map[string]any{"id": id, "text": text})
}

// Delete removes a post and tells everybody who got it.
func (r Robin) Delete(id string) { r.b.p.t.Helper(); r.do("/delete", map[string]any{"id": id}) }

// RotateKeys has the library make a new key pair, under the id of the old one.
func (r Robin) RotateKeys() { r.b.p.t.Helper(); r.do("/rotate", map[string]any{}) }

// Received is what arrived, was verified by the library and handed to the bot, in order.
func (r Robin) Received() []Received {
	r.b.p.t.Helper()
	var received []Received
	if err := r.b.p.get("/received", &received); err != nil {
		r.b.p.t.Fatalf("ask Robin what it received: %v", err)
	}
	return received
}

// Refusals are the deliveries that the library refused, one a line. Those in a scheme that is not taken never reach it.
func (r Robin) Refusals() []string {
	r.b.p.t.Helper()
	var refusals []string
	if err := r.b.p.get("/refusals", &refusals); err != nil {
		r.b.p.t.Fatalf("ask Robin what it refused: %v", err)
	}
	return refusals
}

// Await waits for the first activity that match accepts. what names it in the failure.
func (r Robin) Await(timeout time.Duration, what string, match func(Received) bool) Received {
	r.b.p.t.Helper()
	return await(r.b.p.t, timeout, what+" for Robin", r.Received, r.summary, match)
}

func (r Robin) summary(received []Received) string {
	var b strings.Builder
	for _, got := range received {
		fmt.Fprintf(&b, "\n\treceived %s from %s: %s", got.Type, got.Actor, got.ObjectID)
	}
	for _, refusal := range r.Refusals() {
		fmt.Fprintf(&b, "\n\trefused: %s", refusal)
	}
	return b.String()
}

func (r Robin) do(path string, in any) string {
	r.b.p.t.Helper()
	var done struct{ Object string }
	if err := r.b.p.post(path, in, &done); err != nil {
		r.b.p.t.Fatalf("Robin: %s: %v", path[1:], err)
	}
	return done.Object
}
