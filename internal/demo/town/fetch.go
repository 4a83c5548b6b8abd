package town

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/internal/desk"
	"earshot/internal/markup"
	"earshot/internal/safehttp"
)

const contentType = as.ContentType

// accept is Mastodon's Accept header.
const accept = contentType + ", " + as.LDContentType

// remote is an actor of another server.
type remote struct {
	as.Actor
	acct string // user@host, confirmed by WebFinger
}

func (r *remote) inbox() string {
	if r.SharedInbox != "" {
		return r.SharedInbox
	}
	return r.Actor.Inbox
}

func (r *remote) page() string {
	if r.URL != "" {
		return r.URL
	}
	return string(r.ID)
}

func (r *remote) displayName() string {
	if r.Name != "" {
		return markup.Excerpt(r.Name, 60)
	}
	return r.PreferredUsername
}

// get fetches a document, signed by the instance actor. The answer must be of
// ActivityPub's media types and come from the host that was asked.
func (t *Town) get(ctx context.Context, rawURL string) ([]byte, error) {
	answer, err := t.client.Get(ctx, rawURL, func(r *http.Request) error {
		r.Header.Set("Accept", accept)
		return httpsig.SignCavage(r, nil, t.instance.keyID(), t.instance.key(), t.clock.Now())
	})
	if err != nil {
		if safehttp.Permanent(err) {
			return nil, fmt.Errorf("%w: %w", errGiveUp, err)
		}
		return nil, err
	}
	if err := classify(answer, "GET "+rawURL); err != nil {
		return nil, err
	}
	if !as.IsActivityPub(answer.Header.Get("Content-Type")) {
		return nil, fmt.Errorf("%w: GET %s: media type %q", errGiveUp, rawURL, answer.Header.Get("Content-Type"))
	}
	asked, err := desk.HostOf(rawURL)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errGiveUp, err)
	}
	if answered, err := desk.HostOf(answer.URL.String()); err != nil || answered != asked {
		return nil, fmt.Errorf("%w: GET %s: answered by %s", errGiveUp, rawURL, answer.URL)
	}
	return answer.Body, nil
}

// remote returns an actor of another server, cached. It must not be called with
// the lock held.
func (t *Town) remote(ctx context.Context, id desk.ActorID) (*remote, error) {
	if r, ok := t.remotes.Get(id); ok {
		return r, nil
	}
	return t.fetchActor(ctx, id)
}

// fetchActor insists, as Mastodon does, that WebFinger knows the actor.
func (t *Town) fetchActor(ctx context.Context, id desk.ActorID) (*remote, error) {
	body, err := t.get(ctx, string(id))
	if err != nil {
		return nil, fmt.Errorf("fetch actor: %w", err)
	}
	a, err := as.ParseActor(body)
	if err != nil {
		return nil, fmt.Errorf("fetch actor %s: %w: %w", id, errGiveUp, err)
	}
	if a.ID != id {
		return nil, fmt.Errorf("fetch actor %s: %w: it says to be %s", id, errGiveUp, a.ID)
	}
	acct, err := t.confirmAcct(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("fetch actor %s: %w", id, err)
	}
	r := &remote{Actor: *a, acct: acct}
	t.remotes.Add(id, r)
	return r, nil
}

func (t *Town) newVerifier() httpsig.Verifier {
	base, _ := url.Parse(t.base) // New has parsed it
	return httpsig.Verifier{Lookup: t.lookupKey, Clock: t.clock, BaseURL: base}
}

// lookupKey finds the key for a keyId: the document there is an actor, or a key
// whose owner is. Either way the owner must name it, on the same host.
func (t *Town) lookupKey(ctx context.Context, keyID string, fresh bool) (httpsig.Key, error) {
	if key, ok := t.keys.Get(keyID); ok && !fresh {
		return key, nil
	}
	host, err := desk.HostOf(keyID)
	if err != nil || host == t.host {
		return httpsig.Key{}, fmt.Errorf("%w: key %s is not on another server", errGiveUp, keyID)
	}
	body, err := t.get(ctx, keyID)
	if err != nil {
		return httpsig.Key{}, err
	}
	bare, owner, err := as.ParseKeyDocument(body)
	if err != nil {
		return httpsig.Key{}, fmt.Errorf("%w: %w", errGiveUp, err)
	}
	ownerID := bare.Owner
	if owner != nil {
		ownerID = owner.ID
	}
	if ownerID.Host() != host {
		return httpsig.Key{}, fmt.Errorf("%w: key %s is owned on another host: %s", errGiveUp, keyID, ownerID)
	}
	a, err := t.fetchActor(ctx, ownerID)
	if err != nil {
		return httpsig.Key{}, err
	}
	named, ok := a.Key(keyID)
	if !ok || named.Owner != a.ID {
		return httpsig.Key{}, fmt.Errorf("%w: actor %s does not name key %s", errGiveUp, a.ID, keyID)
	}
	public, err := httpsig.ParsePublicKeyPEM(named.PEM)
	if err != nil {
		return httpsig.Key{}, fmt.Errorf("%w: %w", errGiveUp, err)
	}
	key := httpsig.Key{ID: keyID, Owner: a.ID, Public: public}
	t.keys.Add(keyID, key)
	return key, nil
}

// fetchPost fetches an object and checks that its host speaks for its author.
func (t *Town) fetchPost(ctx context.Context, id desk.ObjectID) (*as.Object, error) {
	body, err := t.get(ctx, string(id))
	if err != nil {
		return nil, fmt.Errorf("fetch post: %w", err)
	}
	o, err := as.ParseObject(body)
	if err != nil {
		return nil, fmt.Errorf("fetch post %s: %w: %w", id, errGiveUp, err)
	}
	if o.ID != id || o.AttributedTo.Host() != id.Host() {
		return nil, fmt.Errorf("fetch post %s: %w: it says to be %s by %s", id, errGiveUp, o.ID, o.AttributedTo)
	}
	return o, nil
}
