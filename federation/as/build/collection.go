package build

import (
	"bytes"
	"encoding/json"
	"fmt"

	"earshot/internal/desk"
)

// IDs are ids as items of a collection.
func IDs[T ~string](ids ...T) []json.RawMessage {
	items := make([]json.RawMessage, len(ids))
	for i, id := range ids {
		items[i], _ = encodeJSON(string(id)) // a string always encodes
	}
	return items
}

// Collection returns an OrderedCollection: of pages from first on, or, if first
// is empty, with the items themselves. owner is its maker, "" if the id names
// it.
func Collection(id string, owner desk.ActorID, total int, first string, items ...json.RawMessage) ([]byte, error) {
	if err := requireIDs(id); err != nil {
		return nil, err
	}
	v := newOrderedCollection()
	setID(v, id)
	count := newTotalItemsProperty()
	count.Set(total)
	v.SetActivityStreamsTotalItems(count)
	if first != "" {
		p := newFirstProperty()
		p.SetIRI(iri(first))
		v.SetActivityStreamsFirst(p)
	}
	d, err := serialize(v)
	if err != nil {
		return nil, err
	}
	d.text("attributedTo", string(owner))
	if first == "" {
		if d["orderedItems"], err = embed(items); err != nil {
			return nil, err
		}
	}
	return d.encode(noteContext)
}

// CollectionPage returns a page of a collection. Items are ids (IDs) or
// objects of ours, whose @context moves to the page. next and prev may be empty.
func CollectionPage(id, partOf, next, prev string, items []json.RawMessage) ([]byte, error) {
	if err := requireIDs(id, partOf); err != nil {
		return nil, err
	}
	v := newOrderedCollectionPage()
	setID(v, id)
	p := newPartOfProperty()
	p.SetIRI(iri(partOf))
	v.SetActivityStreamsPartOf(p)
	d, err := serialize(v)
	if err != nil {
		return nil, err
	}
	d.text("next", next)
	d.text("prev", prev)
	if d["orderedItems"], err = embed(items); err != nil {
		return nil, err
	}
	return d.encode(noteContext)
}

// embed decodes items and drops their contexts. All of them are ours.
func embed(items []json.RawMessage) ([]any, error) {
	list := make([]any, 0, len(items))
	for _, item := range items {
		dec := json.NewDecoder(bytes.NewReader(item))
		dec.UseNumber()
		var v any
		if err := dec.Decode(&v); err != nil {
			return nil, desk.Invalid("item_not_json", "an item of a collection is not JSON: %v", err)
		}
		switch v := v.(type) {
		case string:
		case map[string]any:
			delete(v, "@context")
		default:
			return nil, fmt.Errorf("build a collection: an item is a %T", v)
		}
		list = append(list, v)
	}
	return list, nil
}
