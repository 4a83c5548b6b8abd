package resolve

import (
	"context"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// CachedActor returns an actor if it is cached; it never asks a server.
func (r *Resolver) CachedActor(id desk.ActorID) (*as.Actor, bool) { return r.memory.actor(id) }

// Actor returns an actor, from the cache if it is there. Errors are *Error.
func (r *Resolver) Actor(ctx context.Context, id desk.ActorID) (*as.Actor, error) {
	if actor, ok := r.memory.actor(id); ok {
		return actor, nil
	}
	if e, ok := r.memory.failure(actorName(id)); ok {
		return nil, e
	}
	return r.actors.do(ctx, string(id), string(id), func(ctx context.Context) (*as.Actor, error) {
		return r.fetchActor(ctx, id)
	})
}

// RefreshActor fetches an actor, even if it is cached, and caches it. If that
// fails, the cached one stays, unless the actor is gone. Errors are *Error.
func (r *Resolver) RefreshActor(ctx context.Context, id desk.ActorID) (*as.Actor, error) {
	return r.actors.do(ctx, "fresh "+string(id), string(id), func(ctx context.Context) (*as.Actor, error) {
		return r.fetchActor(ctx, id)
	})
}

// fetchActor fetches an actor and remembers the result.
func (r *Resolver) fetchActor(ctx context.Context, id desk.ActorID) (*as.Actor, error) {
	var actor *as.Actor
	var size int
	err := r.fetch(ctx, string(id), func(body []byte) (document, error) {
		size = len(body)
		var err error
		if actor, err = as.ParseActor(body); err != nil {
			return tombstone(body, err)
		}
		return document{id: desk.ObjectID(actor.ID)}, nil
	})
	if err != nil {
		e := asError(string(id), err)
		if e.Kind == Gone {
			r.memory.forget(id)
		}
		r.memory.storeFailure(actorName(id), e)
		return nil, e
	}
	r.remember(actor, string(id), size)
	return actor, nil
}

// remember caches an actor that was asked for by name.
func (r *Resolver) remember(actor *as.Actor, name string, size int) {
	actor.Raw = nil // the rest does not share memory with it
	r.memory.storeActor(actor, name, size)
}

// tombstone reads a document that could not be read as an actor or post; err
// says why.
func tombstone(body []byte, err error) (document, error) {
	o, tombErr := as.ParseObject(body)
	if tombErr != nil || o.Type != as.Tombstone {
		return document{}, err
	}
	return document{id: o.ID, gone: true}, nil
}
