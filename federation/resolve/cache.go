package resolve

import (
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// cache is a bounded map whose entries end with time. It is bounded in entries
// and in cost (bytes, roughly), so that a few huge documents cannot take the
// place of many small ones. Not safe for concurrent use.
type cache[V any] struct {
	lru           *simplelru.LRU[string, entry[V]]
	cost, maxCost int
}

type entry[V any] struct {
	value   V
	expires time.Time
	cost    int
}

func newCache[V any](entries, maxCost int) *cache[V] {
	c := &cache[V]{maxCost: maxCost}
	c.lru, _ = simplelru.NewLRU(entries, func(_ string, e entry[V]) { c.cost -= e.cost }) // fails for a size below 1 only
	return c
}

func (c *cache[V]) get(key string, now time.Time) (V, bool) {
	e, ok := c.lru.Get(key)
	if ok && !now.Before(e.expires) {
		c.lru.Remove(key)
		ok = false
	}
	if !ok {
		var none V
		return none, false
	}
	return e.value, true
}

func (c *cache[V]) put(key string, value V, cost int, expires time.Time) {
	c.lru.Remove(key) // Add alone would not tell about the old one
	cost += len(key) + 256
	if cost > c.maxCost {
		return
	}
	c.cost += cost
	c.lru.Add(key, entry[V]{value, expires, cost})
	for c.cost > c.maxCost {
		c.lru.RemoveOldest()
	}
}

func (c *cache[V]) remove(key string) { c.lru.Remove(key) }
