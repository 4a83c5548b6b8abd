package app

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"time"

	"earshot/internal/desk"
)

// Deletion remembers a deletion without naming the deleted thing: only a
// program that has the thing again, from an old backup, can recognise it.
type Deletion struct {
	N    uint64    // 1, 2, … in the order in which this store learned of it
	At   time.Time // when it was deleted
	Hash string    // of kind and id, keyed; see deletionHash
}

// The kinds of things whose deletion is remembered.
const (
	deletedObject = "object"
	deletedActor  = "actor"
)

// DeletionFile keeps the deletions outside of the store, so that they are
// there when the store comes back from an old backup.
type DeletionFile interface {
	// Last is the highest N in the file, 0 if it is empty.
	Last() uint64
	// Append adds deletions, each with the N after the last, and returns when
	// they are on disk.
	Append([]Deletion) error
	// Each calls f for every deletion in the file, in order.
	Each(f func(Deletion) error) error
	// Rewrite replaces the file, at once or not at all. next returns the new
	// content portion by portion: the deletions after a number, none at the
	// end.
	Rewrite(next func(after uint64) ([]Deletion, error)) error
}

// The facts of Meta in which the store keeps its deletions. The numbers make
// them a list that can be read on from where one stopped.
const (
	metaDeletionKey  = "deletions.key"
	metaDeletionHead = "deletions.head"
)

func metaDeletion(n uint64) string     { return fmt.Sprintf("deletion.%016x", n) }
func metaDeleted(hash string) string   { return "deleted." + hash }
func deletionText(d Deletion) string   { return d.At.UTC().Format(time.RFC3339Nano) + " " + d.Hash }
func objectRef(o desk.ObjectID) string { return deletedObject + "\n" + string(o) }
func actorRef(a desk.ActorID) string   { return deletedActor + "\n" + string(a) }

// postRef is objectRef of a post of ours. Comments, which have no address, are
// named by the one that they would have.
func postRef(s desk.Site, p desk.Post) string {
	return objectRef(cmp.Or(p.Object, s.Post(p.ID)))
}

// authorsRef is the deletion of an object that we never had, by who says to be
// its author: it counts for a post of that author only.
func authorsRef(o desk.ObjectID, by desk.ActorID) string { return objectRef(o) + "\n" + string(by) }

// deletionKey returns the key of the hashes. It is made with the first need of
// it and never leaves the store but in backups.
func (t *Tx) deletionKey(make bool) (string, error) {
	key, ok, err := t.Meta().Get(metaDeletionKey)
	if err != nil || ok || !make {
		return key, err
	}
	sum := sha256.Sum256([]byte(t.NewID() + t.NewID() + t.NewID())) // 3 × 74 random bits
	key = base64.RawURLEncoding.EncodeToString(sum[:])
	return key, t.Meta().Put(metaDeletionKey, key)
}

func deletionHash(key, ref string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(ref))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// rememberDeletion writes down, in the transaction that deletes, that it did.
func (t *Tx) rememberDeletion(ref string) error {
	key, err := t.deletionKey(true)
	if err != nil {
		return err
	}
	return t.addDeletion(Deletion{At: t.Now, Hash: deletionHash(key, ref)})
}

// rememberDeletionOnce is rememberDeletion for things that can be deleted only
// once.
func (t *Tx) rememberDeletionOnce(ref string) error {
	key, err := t.deletionKey(true)
	if err != nil {
		return err
	}
	if _, ok, err := t.deletedAt(deletionHash(key, ref)); err != nil || ok {
		return err
	}
	return t.rememberDeletion(ref)
}

// addDeletion appends to the store's list, unless it has the same already.
func (t *Tx) addDeletion(d Deletion) error {
	at, ok, err := t.deletedAt(d.Hash)
	if err != nil || ok && !d.At.After(at) {
		return err
	}
	n, err := t.deletionHead()
	if err != nil {
		return err
	}
	if err := t.Meta().Put(metaDeletion(n+1), deletionText(d)); err != nil {
		return err
	}
	if err := t.Meta().Put(metaDeleted(d.Hash), d.At.UTC().Format(time.RFC3339Nano)); err != nil {
		return err
	}
	return t.Meta().Put(metaDeletionHead, strconv.FormatUint(n+1, 10))
}

func (t *Tx) deletedAt(hash string) (time.Time, bool, error) {
	v, ok, err := t.Meta().Get(metaDeleted(hash))
	if err != nil || !ok {
		return time.Time{}, false, err
	}
	at, err := time.Parse(time.RFC3339Nano, v)
	return at, err == nil, err
}

func (t *Tx) deletionHead() (uint64, error) {
	v, ok, err := t.Meta().Get(metaDeletionHead)
	if err != nil || !ok {
		return 0, err
	}
	return strconv.ParseUint(v, 10, 64)
}

// wasDeleted says whether a post that we do not have was deleted before, or
// its author with all they had said: work that waited in a restored backup
// must not bring it back.
func (t *Tx) wasDeleted(p desk.Post, author desk.ActorID) (bool, error) {
	key, err := t.deletionKey(false)
	if err != nil || key == "" {
		return false, err
	}
	if _, ok, err := t.deletedAt(deletionHash(key, authorsRef(p.Object, author))); err != nil || ok {
		return ok, err
	}
	if _, ok, err := t.deletedAt(deletionHash(key, objectRef(p.Object))); err != nil || ok {
		return ok, err
	}
	at, ok, err := t.deletedAt(deletionHash(key, actorRef(author)))
	return ok && p.Published.Before(at), err
}

// deletions reads at most limit of the store's list after one.
func (t *Tx) deletions(after uint64, limit int) ([]Deletion, error) {
	head, err := t.deletionHead()
	if err != nil {
		return nil, err
	}
	var out []Deletion
	for n := after + 1; n <= head && len(out) < limit; n++ {
		v, ok, err := t.Meta().Get(metaDeletion(n))
		if err == nil && !ok {
			err = fmt.Errorf("the list of deletions has no number %d", n)
		}
		if err != nil {
			return nil, err
		}
		d := Deletion{N: n}
		var at string
		if _, err := fmt.Sscanf(v, "%s %s", &at, &d.Hash); err != nil {
			return nil, fmt.Errorf("reading deletion %d: %w", n, err)
		}
		if d.At, err = time.Parse(time.RFC3339Nano, at); err != nil {
			return nil, fmt.Errorf("reading deletion %d: %w", n, err)
		}
		out = append(out, d)
	}
	return out, nil
}

// PrepareDeletions makes sure that the store has a key for the hashes, so that
// a backup taken before the first deletion has it too.
func (a *App) PrepareDeletions(ctx context.Context) error {
	there := false
	err := a.View(ctx, func(tx *Tx) error {
		key, err := tx.deletionKey(false)
		there = key != ""
		return err
	})
	if err != nil || there {
		return err
	}
	return a.Update(ctx, func(tx *Tx) error { _, err := tx.deletionKey(true); return err })
}

// DeletionCheck returns the mark by which a file of deletions belongs to this
// store.
func (a *App) DeletionCheck(ctx context.Context) (check string, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		key, err := tx.deletionKey(false)
		check = deletionHash(key, "earshot deletions")
		return err
	})
	return check, err
}

// DeletionCount returns how many deletions the store remembers.
func (a *App) DeletionCount(ctx context.Context) (n uint64, err error) {
	err = a.View(ctx, func(tx *Tx) error { n, err = tx.deletionHead(); return err })
	return n, err
}

// deletionBatch is how many deletions are read or written at once.
const deletionBatch = 500

// WriteDeletions writes the deletions that the store remembers and the file
// does not have yet, also those that a crash kept from being written.
func (a *App) WriteDeletions(ctx context.Context) error {
	if a.deletions == nil {
		return nil
	}
	a.deletionsMu.Lock()
	defer a.deletionsMu.Unlock()
	for {
		next, err := a.nextDeletions(ctx, a.deletions.Last())
		if err != nil || len(next) == 0 {
			return err
		}
		if err := a.deletions.Append(next); err != nil {
			return err
		}
	}
}

func (a *App) nextDeletions(ctx context.Context, after uint64) (next []Deletion, err error) {
	err = a.View(ctx, func(tx *Tx) (err error) {
		next, err = tx.deletions(after, deletionBatch)
		return err
	})
	return next, err
}

// RewriteDeletions makes the file equal to the store's list. The list must
// contain every entry of the file.
func (a *App) RewriteDeletions(ctx context.Context) error {
	a.deletionsMu.Lock()
	defer a.deletionsMu.Unlock()
	return a.deletions.Rewrite(func(after uint64) ([]Deletion, error) { return a.nextDeletions(ctx, after) })
}

// deleted is called after a commit that deleted. The store remembers it
// already; the file can wait, but not unnoticed.
func (a *App) deleted(ctx context.Context) {
	if err := a.WriteDeletions(context.WithoutCancel(ctx)); err != nil {
		a.log.Error("a deletion could not be written to the file of deletions; it is tried again with the next one", "err", err)
	}
}

// DeletionsWritten returns how many deletions the file has.
func (a *App) DeletionsWritten() uint64 {
	if a.deletions == nil {
		return 0
	}
	a.deletionsMu.Lock()
	defer a.deletionsMu.Unlock()
	return a.deletions.Last()
}
