package app

import (
	"context"
	"fmt"
	"time"

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

// NewKeysTakeOver is how long others may keep an actor of ours with its old keys:
// snac does for 36 hours.
const NewKeysTakeOver = 48 * time.Hour

// rotation returns the keys of an actor that sign requests, if they changed a
// short time ago.
func (t *Tx) rotation(h desk.Handle) (now, old store.Key, changed bool, err error) {
	keys, err := t.Keys().List(h)
	if err != nil {
		return now, old, false, err
	}
	now, _ = currentKey(keys, store.KeyRSA)
	for _, key := range keys {
		if key.Algorithm == store.KeyRSA && key.Fragment != now.Fragment && !key.Retired.Before(old.Retired) {
			old = key
		}
	}
	changed = old.Fragment != "" && t.Now.Sub(now.Created) < NewKeysTakeOver
	return now, old, changed, nil
}

func keyFetched(h desk.Handle, fragment string, by desk.Host) string {
	return "key:" + string(h) + " " + fragment + " " + string(by)
}

// keyFor says which key of an actor signs first for a server: the old one for a
// while, until the server has fetched the new one. A revoked one never does.
func (t *Tx) keyFor(h desk.Handle, to desk.Host) (old string, changed bool, err error) {
	now, before, changed, err := t.rotation(h)
	if err != nil || !changed || before.Revoked() {
		return "", changed, err
	}
	if _, has, err := t.Once().Get(keyFetched(h, now.Fragment, to)); err != nil || has {
		return "", changed, err
	}
	return before.Fragment, changed, nil
}

// KeyShown notes that a server was shown an actor with its new keys. Who asked is
// what the request says: nobody can be made to lose more than a second knock
// by it, and only servers that we have to do with are noted.
func (a *App) KeyShown(ctx context.Context, h desk.Handle, to desk.Host) error {
	needed := false
	err := a.View(ctx, func(tx *Tx) error {
		old, _, err := tx.keyFor(h, to)
		if needed = old != ""; err != nil || !needed {
			return err
		}
		_, needed, err = tx.Hosts().Get(to)
		return err
	})
	if err != nil || !needed {
		return err
	}
	return a.KeyTaken(ctx, h, to)
}

// KeyTaken notes that a server has taken a signature by an actor's new key.
func (a *App) KeyTaken(ctx context.Context, h desk.Handle, by desk.Host) error {
	return a.Update(ctx, func(tx *Tx) error {
		now, _, changed, err := tx.rotation(h)
		if err != nil || !changed {
			return err
		}
		_, _, err = tx.Once().Put(keyFetched(h, now.Fragment, by), nil, tx.Now.Add(NewKeysTakeOver))
		return err
	})
}
