package as

import "earshot/internal/desk"

// Key is a public key as found: nothing of it is verified here. A key known
// only by reference has an id and nothing else.
type Key struct {
	ID       string       // as received
	Owner    desk.ActorID // owner or controller, as claimed; empty if not said
	PEM      string       // publicKeyPem: PKIX or PKCS#1
	Multikey string       // publicKeyMultibase (FEP-521a)
}

// ParseKeyDocument reads what a keyId led to: a bare key (then owner is nil,
// and the caller has to fetch key.Owner and find the same key there), or an
// actor, complete or GoToSocial's stub, with all its keys in owner.Keys. Then
// key is only the first of them: the one that signed is owner.Key(keyId).
func ParseKeyDocument(raw []byte) (key Key, owner *Actor, err error) {
	n, err := decode(raw)
	if err != nil {
		return Key{}, nil, err
	}
	if n.str("publicKeyPem") != "" || n.str("publicKeyMultibase") != "" {
		if key = n.key(); key.ID == "" || key.Owner == "" {
			return Key{}, nil, malformed("a key document needs an id and an owner that are http or https URLs")
		}
		return key, nil, nil
	}
	owner, err = readActor(n)
	if err != nil {
		return Key{}, nil, err
	}
	if len(owner.Keys) == 0 {
		return Key{}, nil, malformed("neither a key nor an actor with a key")
	}
	return owner.Keys[0], owner, nil
}

// keys collects publicKey and assertionMethod: one or several, embedded or by id.
func (n *node) keys() []Key {
	var keys []Key
	for _, property := range []string{"publicKey", "assertionMethod"} {
		for _, v := range n.list(property) {
			if len(keys) == MaxList {
				return keys
			}
			k := Key{ID: idOf(v)}
			if c, ok := v.(*node); ok {
				k = c.key()
			}
			if k.ID != "" {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

func (n *node) key() Key {
	owner := n.id("owner")
	if owner == "" {
		owner = n.id("controller")
	}
	return Key{
		ID:       n.self(),
		Owner:    desk.ActorID(owner),
		PEM:      n.str("publicKeyPem"),
		Multikey: n.str("publicKeyMultibase"),
	}
}
