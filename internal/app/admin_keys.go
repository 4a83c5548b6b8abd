package app

import (
	"context"
	"fmt"

	"earshot/internal/desk"
	"earshot/store"
)

// algorithms are the kinds of keys that every actor of ours has.
var algorithms = []store.KeyAlgorithm{store.KeyRSA, store.KeyEd25519}

// makeKeys makes one key of each kind. That takes time and randomness, so it
// is done before a transaction.
func makeKeys(m KeyMaker, h desk.Handle) (made []store.Key, err error) {
	for _, a := range algorithms {
		key, err := m.Make(h, a)
		if err != nil {
			return nil, err
		}
		made = append(made, key)
	}
	return made, nil
}

func putKeys(tx store.Tx, keys []store.Key) error {
	for _, key := range keys {
		if err := tx.Keys().Put(key); err != nil {
			return err
		}
	}
	return nil
}

// CompleteKeys gives each of our actors the kinds of keys that it lacks:
// instances are older than proofs. Several nodes may do it at once.
func (a *App) CompleteKeys(ctx context.Context) error {
	desks, err := a.Desks(ctx)
	if err != nil {
		return err
	}
	actors := []desk.Handle{desk.RelayHandle}
	for _, d := range desks {
		actors = append(actors, d.Handle)
	}
	for _, h := range actors {
		for _, alg := range algorithms {
			if err := a.completeKey(ctx, h, alg); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *App) completeKey(ctx context.Context, h desk.Handle, alg store.KeyAlgorithm) error {
	has := false
	look := func(tx *Tx) error {
		keys, err := tx.Keys().List(h)
		_, has = currentKey(keys, alg)
		return err
	}
	if err := a.View(ctx, look); err != nil || has {
		return err
	}
	key, err := a.keys.Make(h, alg)
	if err != nil {
		return err
	}
	return a.Update(ctx, func(tx *Tx) error {
		if err := look(tx); err != nil || has {
			return err
		}
		return tx.Keys().Put(key)
	})
}

func currentKey(keys []store.Key, a store.KeyAlgorithm) (store.Key, bool) {
	for _, key := range keys {
		if key.Algorithm == a && key.Current() {
			return key, true
		}
	}
	return store.Key{}, false
}

// Rotated is the result of a rotation of one actor's keys.
type Rotated struct {
	Actor    desk.Handle `json:"actor"`
	Key      string      `json:"key"`       // fragment of the key that signs requests now
	ProofKey string      `json:"proof_key"` // of the one that signs documents
	Old      string      `json:"old"`       // of the key that signed requests before
	Revoked  bool        `json:"revoked"`
}

// RotateKey gives one of our actors new keys under new ids, and tells its
// followers and those it has to do with. The old key signs the announcement,
// for that is the one that others know, and is shown for a while. revoke: the
// old keys are in wrong hands; they sign nothing and are shown no more.
func (a *App) RotateKey(ctx context.Context, by By, h desk.Handle, revoke bool) (Rotated, error) {
	made, err := makeKeys(a.keys, h)
	if err != nil {
		return Rotated{}, err
	}
	out, err := once(ctx, a, by, audit[Rotated]{"desk.rotate-key", func(r Rotated) (string, string) { return "desks/" + string(r.Actor), r.Key }}, func(tx *Tx) (Rotated, error) {
		if h != desk.RelayHandle {
			if _, err := tx.desk(h); err != nil {
				return Rotated{}, err
			}
		}
		return tx.rotate(h, made, revoke)
	})
	if err == nil {
		a.log.Warn("an actor has new keys", "actor", h, "key", out.Key, "old", out.Old, "revoked", revoke, "by", by.Agent)
	}
	return out, err
}

func (t *Tx) rotate(h desk.Handle, made []store.Key, revoke bool) (Rotated, error) {
	keys, err := t.Keys().List(h)
	if err != nil {
		return Rotated{}, err
	}
	old, _ := currentKey(keys, store.KeyRSA)
	for _, key := range keys {
		if key.Current() {
			key.Retired = t.Now
		}
		if revoke {
			key.Private = nil
		}
		if err := t.Keys().Put(key); err != nil {
			return Rotated{}, err
		}
	}
	out := Rotated{Actor: h, Old: old.Fragment, Revoked: revoke}
	number := 0
	for _, key := range made {
		n := 1 + count(keys, key.Algorithm)
		if n > 1 {
			key.Fragment = fmt.Sprintf("%s-%d", key.Fragment, n)
		}
		key.Created = t.Now
		if err := t.Keys().Put(key); err != nil {
			return Rotated{}, err
		}
		if key.Algorithm == store.KeyRSA {
			out.Key, number = key.Fragment, n
		} else {
			out.ProofKey = key.Fragment
		}
	}
	announced := Publish{Verb: VerbKey, Local: h, N: number}
	if !revoke {
		announced.Key = old.Fragment
	}
	return out, t.publish(fmt.Sprintf("key:%s:%d", h, number), "profile:"+string(h), t.Now, announced)
}

func count(keys []store.Key, a store.KeyAlgorithm) (n int) {
	for _, key := range keys {
		if key.Algorithm == a {
			n++
		}
	}
	return n
}
