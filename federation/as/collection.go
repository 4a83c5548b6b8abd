package as

import (
	"strings"

	"earshot/internal/desk"
)

// Collection is a collection or one page of it, ordered or not. Walking pages
// is the caller's: First and Next may lead in circles (CVE-2025-32947).
type Collection struct {
	ID          string
	Type        Type
	First, Next string
	Items       []Ref // at most MaxItems; of an embedded first page if there are no others
	TotalItems  int   // as claimed; 0 if not said
}

// ParseCollection reads a Collection, OrderedCollection or a page of one.
func ParseCollection(raw []byte) (*Collection, error) {
	n, err := decode(raw)
	if err != nil {
		return nil, err
	}
	c := &Collection{
		ID:         n.self(),
		Type:       n.typ(),
		First:      n.id("first"),
		Next:       n.id("next"),
		Items:      n.items(),
		TotalItems: n.count("totalItems"),
	}
	if !strings.HasSuffix(strings.TrimSuffix(string(c.Type), "Page"), "Collection") {
		return nil, malformed("not a collection")
	}
	if first := n.child("first"); first != nil && len(c.Items) == 0 {
		c.Items = first.items()
		c.Next = first.id("next")
	}
	return c, nil
}

func (n *node) items() []Ref {
	var refs []Ref
	for _, key := range []string{"orderedItems", "items"} {
		for _, v := range n.list(key) {
			if len(refs) == MaxItems {
				return refs
			}
			ref := Ref{ID: desk.ObjectID(idOf(v))}
			if c, ok := v.(*node); ok {
				if o, err := readObject(c); err == nil {
					ref.Object = o
				}
			}
			if ref.ID != "" {
				refs = append(refs, ref)
			}
		}
	}
	return refs
}
