package resolve

import (
	"strings"
	"sync"
	"time"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/internal/clock"
	"earshot/internal/desk"
)

// memory is the resolver's cache: actors with their keys, so that both are
// renewed and forgotten together, and failures.
type memory struct {
	clock                         clock.Clock
	ttl, failureTTL, temporaryTTL time.Duration

	mu       sync.Mutex
	actors   *cache[*known]       // by actor id
	names    *cache[desk.ActorID] // whose a key is, and what an actor was asked for by if that is not its id
	failures *cache[*Error]       // by the requested name: actorName or keyName
}

// known is an actor and those of its keys that have been used.
type known struct {
	actor *as.Actor
	keys  map[string]httpsig.Key // by the id that actor names them by, of which a request knows many spellings
}

func newMemory(o Options) *memory {
	return &memory{
		clock: o.Clock, ttl: o.TTL, failureTTL: o.FailureTTL, temporaryTTL: o.TemporaryTTL,
		actors:   newCache[*known](o.MaxActors, o.MaxCacheBytes),
		names:    newCache[desk.ActorID](2*o.MaxActors, o.MaxCacheBytes/4),
		failures: newCache[*Error](o.MaxActors, o.MaxCacheBytes/4),
	}
}

func actorName(id desk.ActorID) string { return "actor " + string(id) }
func keyName(id string) string         { return "key " + id }

// find returns the cached actor with this id or another name. The caller holds
// mu.
func (m *memory) find(name string) (*known, bool) {
	now := m.clock.Now()
	if k, ok := m.actors.get(name, now); ok {
		return k, true
	}
	id, ok := m.names.get(name, now)
	if !ok {
		return nil, false
	}
	return m.actors.get(string(id), now)
}

func (m *memory) actor(id desk.ActorID) (*as.Actor, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.find(string(id))
	if !ok {
		return nil, false
	}
	return k.actor, true
}

// storeActor remembers an actor, and that it was asked for by name. size is
// that of its document. Keys that were known of it are not any more.
func (m *memory) storeActor(actor *as.Actor, name string, size int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	expires := m.clock.Now().Add(m.ttl)
	m.actors.put(string(actor.ID), &known{actor, map[string]httpsig.Key{}}, 2*size, expires)
	m.failures.remove(actorName(actor.ID))
	if name != string(actor.ID) {
		m.names.put(name, actor.ID, len(actor.ID), expires)
		m.failures.remove(actorName(desk.ActorID(name)))
	}
}

// key returns a key that has been used, or that a known actor embeds.
func (m *memory) key(id string) (httpsig.Key, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.find(id)
	if !ok {
		if k, ok = m.find(documentOf(id)); !ok {
			return httpsig.Key{}, false
		}
	}
	listed, ok := k.actor.Key(id)
	if !ok {
		return httpsig.Key{}, false
	}
	key, ok := k.keys[listed.ID]
	if !ok || !desk.SameID(documentOf(id), documentOf(key.ID)) {
		var err error
		if key, err = embedded(k.actor, id); err != nil {
			return httpsig.Key{}, false
		}
		k.keys[listed.ID] = key
	}
	key.ID = id
	return key, true
}

// storeKey remembers a key of an actor, if that is known: its document has
// been found to name the key.
func (m *memory) storeKey(actor *as.Actor, key httpsig.Key) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failures.remove(keyName(key.ID))
	now := m.clock.Now()
	k, ok := m.actors.get(string(actor.ID), now)
	if !ok || k.actor != actor {
		return
	}
	if listed, ok := actor.Key(key.ID); ok {
		k.keys[listed.ID] = key
	}
	m.names.put(key.ID, actor.ID, len(actor.ID), now.Add(m.ttl))
}

func (m *memory) failure(name string) (*Error, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.failures.get(name, m.clock.Now())
}

// storeFailure remembers that something could not be had.
func (m *memory) storeFailure(name string, e *Error) {
	if e.own {
		return
	}
	ttl := m.failureTTL
	if e.Kind == Temporary || e.Kind == Unauthorized {
		ttl = min(max(m.temporaryTTL, e.RetryAfter), m.failureTTL)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failures.put(name, e, len(e.URL)+1024, m.clock.Now().Add(ttl))
}

// forget drops an actor, by its id or another name.
func (m *memory) forget(id desk.ActorID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if owner, ok := m.names.get(string(id), m.clock.Now()); ok {
		m.actors.remove(string(owner))
	}
	m.actors.remove(string(id))
	m.failures.remove(actorName(id))
}

// documentOf returns a URL without its fragment.
func documentOf(url string) string {
	document, _, _ := strings.Cut(url, "#")
	return document
}
