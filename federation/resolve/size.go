package resolve

// Remembered counts the resolver's entries in memory.
type Remembered struct {
	Actors   int // with their keys
	Names    int // other names of actors, and of their keys
	Failures int
}

// Remembered counts the entries in memory.
func (r *Resolver) Remembered() Remembered {
	m := r.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	return Remembered{Actors: m.actors.lru.Len(), Names: m.names.lru.Len(), Failures: m.failures.lru.Len()}
}
