package resolve

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/internal/desk"
	"earshot/internal/multikey"
	"earshot/internal/ratelimit"
)

// key is a short name for the result of a flight.
type key = httpsig.Key

// maxBudgetDomains bounds the domains whose budgets are remembered.
const maxBudgetDomains = 4096

var errBudget = errors.New("asked again for keys of this domain too often")

// Key finds a key by its id; it is an httpsig.Lookup. fresh bypasses the cache
// and is rationed for each domain, as is a key that an actor we know does not
// have: it may have rotated its keys. Without budget the error is Temporary.
//
// A key id leads to one of these: the actor, with the key under a fragment; an
// actor's stub under an address of its own (GoToSocial's /main-key); a bare key
// whose owner is to be fetched (tags.pub). In every form the owner, as it
// serves itself under its own id, must name the key, in any spelling of its id
// (as.Actor.Key), and owner and key are on one host: a claim from one side alone is worth nothing. The owner
// is in the actor cache afterwards. Errors are *Error.
func (r *Resolver) Key(ctx context.Context, keyID string, fresh bool) (httpsig.Key, error) {
	flight := keyID
	if fresh {
		flight = "fresh " + keyID
	} else {
		if k, ok := r.memory.key(keyID); ok {
			return k, nil
		}
		if e, ok := r.memory.failure(keyName(keyID)); ok {
			return key{}, e
		}
	}
	asker := askerOf(ctx)
	return r.keys.do(ctx, flight, keyID, func(ctx context.Context) (key, error) {
		return r.lookUp(OnAccountOf(ctx, asker), keyID, fresh)
	})
}

// CachedKey returns a key if it is cached; it never asks a server.
func (r *Resolver) CachedKey(keyID string) (httpsig.Key, bool) { return r.memory.key(keyID) }

// lookUp fetches a key and remembers the result.
func (r *Resolver) lookUp(ctx context.Context, keyID string, fresh bool) (key, error) {
	if err := r.spend(ctx, keyID, fresh); err != nil {
		return key{}, err
	}
	k, owner, err := r.fetchKey(ctx, keyID, fresh)
	if err != nil {
		e := asError(keyID, err)
		if e.Kind == Gone {
			r.memory.forget(desk.ActorID(documentOf(keyID)))
		}
		r.memory.storeFailure(keyName(keyID), e)
		return key{}, e
	}
	r.memory.storeKey(owner, k)
	return k, nil
}

// spend takes a forced refetch off the budget of a domain: every client can send
// a request with a bad signature that names another actor's key.
func (r *Resolver) spend(ctx context.Context, keyID string, fresh bool) error {
	host, err := r.permit(ctx, keyID)
	if err != nil {
		return err
	}
	if !fresh { // a fragment that a known actor does not have costs a fetch too
		_, fresh = r.memory.actor(desk.ActorID(documentOf(keyID)))
	}
	if fresh && !r.budget.Allow(host.Domain(), ratelimit.Rate{Burst: r.o.RefetchBurst, Every: r.o.RefetchEvery}, r.o.Clock.Now()) {
		e := ours(keyID, errBudget)
		e.RetryAfter = r.o.RefetchEvery
		return e
	}
	return nil
}

// fetchKey follows a key id to the key and its owner.
func (r *Resolver) fetchKey(ctx context.Context, keyID string, fresh bool) (key, *as.Actor, error) {
	bare, owner, err := r.fetchNamed(ctx, documentOf(keyID), keyID)
	if shorter, ok := withoutSlash(keyID); ok && KindOf(err) == NotFound {
		bare, owner, err = r.fetchNamed(ctx, shorter, keyID)
	}
	if err != nil {
		return key{}, nil, err
	}
	if owner == nil {
		return r.confirm(ctx, keyID, bare, fresh)
	}
	k, err := embedded(owner, keyID)
	if err != nil {
		return key{}, nil, invalid(keyID, err)
	}
	return k, owner, nil
}

// withoutSlash is where the document of a key is if it is not where its id says:
// some write a slash before the fragment that the actor's id does not have.
func withoutSlash(keyID string) (string, bool) {
	shorter, had := strings.CutSuffix(documentOf(keyID), "/")
	u, err := url.Parse(shorter)
	return shorter, had && err == nil && u.Path != ""
}

// fetchNamed fetches the document of a key: a bare key, or its owner.
func (r *Resolver) fetchNamed(ctx context.Context, address, keyID string) (bare as.Key, owner *as.Actor, err error) {
	var size int
	err = r.fetch(ctx, address, func(body []byte) (document, error) {
		size = len(body)
		var err error
		if bare, owner, err = as.ParseKeyDocument(body); err != nil {
			return tombstone(body, err)
		}
		if owner != nil {
			return document{id: desk.ObjectID(owner.ID)}, nil
		}
		if !desk.SameID(bare.ID, keyID) {
			return document{}, fmt.Errorf("asked for the key %q, got the key %q", keyID, bare.ID)
		}
		return document{id: desk.ObjectID(documentOf(bare.ID)), authors: []desk.ActorID{bare.Owner}}, nil
	})
	if err == nil && owner != nil {
		r.remember(owner, documentOf(keyID), size)
	}
	return bare, owner, err
}

// confirm has the owner of a bare key confirm it.
func (r *Resolver) confirm(ctx context.Context, keyID string, bare as.Key, fresh bool) (key, *as.Actor, error) {
	owner, ok := r.memory.actor(bare.Owner)
	if ok {
		_, ok = owner.Key(bare.ID)
	}
	if fresh || !ok {
		var err error
		if owner, err = r.RefreshActor(ctx, bare.Owner); err != nil {
			return key{}, nil, err
		}
	}
	k, err := confirmed(owner, bare)
	if err != nil {
		return key{}, nil, invalid(bare.ID, err)
	}
	k.ID = keyID
	return k, owner, nil
}

// confirmed returns a bare key if its owner names it and, where it repeats
// the key itself, means the same.
func confirmed(owner *as.Actor, bare as.Key) (key, error) {
	if !desk.SameID(string(owner.ID), string(bare.Owner)) {
		return key{}, fmt.Errorf("the owner %q calls itself %q", bare.Owner, owner.ID)
	}
	public, err := material(bare)
	if err != nil {
		return key{}, err
	}
	repeated, err := embedded(owner, bare.ID)
	switch {
	case errors.Is(err, errNoMaterial):
	case err != nil:
		return key{}, err
	case !httpsig.SameKey(repeated.Public, public):
		return key{}, fmt.Errorf("%q and the key itself are at odds", owner.ID)
	}
	return key{ID: bare.ID, Owner: owner.ID, Public: public}, nil
}

var errNoMaterial = errors.New("the key is only named")

// embedded returns the key that a key id means from the document of its owner.
func embedded(owner *as.Actor, keyID string) (key, error) {
	listed, ok := owner.Key(keyID)
	if !ok {
		return key{}, fmt.Errorf("%q does not name the key %q", owner.ID, keyID)
	}
	for _, id := range []string{keyID, listed.ID} {
		if on, err := desk.HostOf(id); err != nil || on != owner.ID.Host() {
			return key{}, fmt.Errorf("the key %q is not on the host of %q", id, owner.ID)
		}
	}
	if listed.Owner != "" && !desk.SameID(string(listed.Owner), string(owner.ID)) {
		return key{}, fmt.Errorf("%q says that the key %q is %q's", owner.ID, keyID, listed.Owner)
	}
	public, err := material(listed)
	if err != nil {
		return key{}, err
	}
	return key{ID: keyID, Owner: owner.ID, Public: public}, nil
}

// material reads the key itself.
func material(k as.Key) (crypto.PublicKey, error) {
	switch {
	case k.PEM != "":
		return httpsig.ParsePublicKeyPEM(k.PEM)
	case k.Multikey != "":
		return multikey.Parse(k.Multikey)
	}
	return nil, errNoMaterial
}
