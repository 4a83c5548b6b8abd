package as

import (
	"slices"

	"earshot/internal/desk"
)

// MaxItems bounds the entries of a collection, or of a page, that are read.
const MaxItems = 40

// Collection has the posts of an outbox, or of a page of one.
type Collection struct {
	// First is the address of the first page, "" if the entries are here.
	First string
	// Posts are those that were created here, as far as they can be read: in the order
	// of the document, which is the newest first. One without an object may be an
	// activity's id.
	Posts []Ref
}

var collections = []Type{"Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage"}

// ParseCollection reads a collection or a page.
func ParseCollection(raw []byte) (*Collection, error) {
	n, err := decode(raw)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(collections, n.typ()) {
		return nil, malformed("not a collection")
	}
	page := n
	if len(n.entries()) == 0 {
		if page = n.child("first"); page == nil || len(page.entries()) == 0 {
			return &Collection{First: n.id("first")}, nil
		}
	}
	c := &Collection{}
	for _, v := range page.entries() {
		if r := created(v); r.ID != "" {
			c.Posts = append(c.Posts, r)
		}
	}
	return c, nil
}

// entries are those that are read.
func (n *node) entries() []any {
	list := n.list("orderedItems")
	if len(list) == 0 {
		list = n.list("items")
	}
	return list[:min(len(list), MaxItems)]
}

// created returns the post that an entry of an outbox creates, or is.
func created(entry any) Ref {
	n, ok := entry.(*node)
	if !ok {
		return Ref{ID: desk.ObjectID(idOf(entry))}
	}
	if !n.isActivity() {
		o, err := readObject(n)
		if err != nil {
			return Ref{}
		}
		return Ref{o.ID, o}
	}
	a, err := readActivity(n, maxInner)
	if err != nil || a.Type != Create {
		return Ref{}
	}
	return a.Object
}
