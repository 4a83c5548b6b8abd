package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
)

var sourcesTable = table[store.Source]{
	name:    "sources",
	key:     func(s *store.Source) key { return sourceKey(s.ID) },
	indexes: []*index[store.Source]{sourcesByActor, sourcesByAge},
}

var (
	sourcesByActor = &index[store.Source]{name: "sources.actor", keys: func(s *store.Source) []key {
		if s.Actor == "" {
			return nil
		}
		return []key{actorKey(s.Actor).timeDesc(s.Created).rawDesc(sourceKey(s.ID))}
	}}
	sourcesByAge = &index[store.Source]{name: "sources.created", keys: func(s *store.Source) []key {
		return []key{key(nil).time(s.Created).raw(sourceKey(s.ID))}
	}}
)

func sourceKey(id desk.SourceID) key { return key(nil).text(string(id)) }

type sources struct{ *tx }

func (s sources) Put(r store.Source) error { return sourcesTable.put(s.tx, &r) }

func (s sources) Get(id desk.SourceID) (store.Source, bool, error) {
	return sourcesTable.get(s.tx, sourceKey(id))
}

func (s sources) ByActor(a desk.ActorID) (store.Source, bool, error) {
	var all []store.Source
	err := walk(s.tx, sourcesByActor.name, actorKey(a), func(_, v []byte) (bool, error) {
		r, err := sourcesTable.must(s.tx, v)
		all = append(all, r)
		return !r.State.Hears(), err
	})
	if err != nil {
		return store.Source{}, false, err
	}
	r, ok := store.Speaking(all)
	return r, ok, nil
}

func (s sources) Delete(id desk.SourceID) (bool, error) {
	return sourcesTable.delete(s.tx, sourceKey(id))
}

func (s sources) List(p store.Page) ([]store.Source, string, error) {
	return sourcesTable.listBy(s.tx, sourcesByAge, nil, p)
}
