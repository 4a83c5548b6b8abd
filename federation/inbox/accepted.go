package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"earshot/federation/as"
	"earshot/internal/queue"
)

// Bounds of the memory of accepted posts, in bytes of payloads. Parsed, a post
// takes some times as much.
const (
	maxAcceptedBytes = 1 << 20
	maxAcceptedOne   = 16 << 10
)

// accepted remembers the posts that were accepted last as they were parsed, by the
// payloads of their jobs: as a rule the job comes a moment later, and need not parse its
// post again. The job is what counts; without an entry it is read.
type accepted struct {
	mu    sync.Mutex
	posts *simplelru.LRU[string, acceptedPost]
	bytes int
}

type acceptedPost struct {
	delivery
	activity *as.Activity
}

// put remembers a post, which must not be changed any more.
func (p *accepted) put(payload []byte, d delivery, a *as.Activity) {
	if a.Type != as.Create || a.Object.Object == nil || len(payload) > maxAcceptedOne {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.posts == nil {
		forget := func(payload string, _ acceptedPost) { p.bytes -= len(payload) }
		p.posts, _ = simplelru.NewLRU(maxAcceptedBytes, forget) // fails for a size below 1 only
	}
	p.posts.Remove(string(payload))
	p.posts.Add(string(payload), acceptedPost{d, a})
	for p.bytes += len(payload); p.bytes > maxAcceptedBytes; {
		p.posts.RemoveOldest()
	}
}

// take returns a post and forgets it.
func (p *accepted) take(payload []byte) (acceptedPost, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.posts == nil {
		return acceptedPost{}, false
	}
	post, ok := p.posts.Peek(string(payload))
	p.posts.Remove(string(payload))
	return post, ok
}

// acceptedBy reads the payload of a job: an activity that was accepted.
func (in *Inbox) acceptedBy(ctx context.Context, payload []byte) (d delivery, a *as.Activity, err error) {
	if post, ok := in.accepted.take(payload); ok {
		b, err := in.App.Addresses(ctx)
		if err != nil {
			return d, nil, err
		}
		return post.delivery, canonical(b, post.activity), nil
	}
	if err := json.Unmarshal(payload, &d); err != nil {
		return d, nil, &queue.Dead{Err: fmt.Errorf("reading an inbound job: %w", err)}
	}
	a, err = in.read(ctx, d.Raw)
	if _, bad := errors.AsType[*refusal](err); bad {
		return d, nil, &queue.Dead{Err: fmt.Errorf("reading an accepted activity: %w", err)}
	}
	return d, a, err
}
