package backup_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/pg"
	"earshot/store"
)

// flood is many who write to an instance, each one post after the other.
type flood struct {
	wrote []atomic.Int64 // posts of each that were acknowledged
	stop  func()
}

func floodObject(writer, n int) (name string, object desk.ObjectID) {
	name = fmt.Sprintf("w%d-%d", writer, n)
	return name, desk.ObjectID("https://m.example/notes/" + name)
}

// startFlood has writers write, by turns to each node, and returns when all
// are under way.
func startFlood(t *testing.T, writers int, nodes ...*instance) *flood {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	f := &flood{wrote: make([]atomic.Int64, writers)}
	var wg, begun sync.WaitGroup
	begun.Add(writers)
	for w := range writers {
		node := nodes[w%len(nodes)]
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				if n == 20 {
					begun.Done()
				}
				name, _ := floodObject(w, n)
				if _, err := node.Hear(context.WithoutCancel(ctx), heard(fmt.Sprintf("w%d", w), name, "broken", node.clock.Now())); err != nil {
					t.Error(err)
					return
				}
				f.wrote[w].Add(1)
			}
		})
	}
	f.stop = func() { cancel(); wg.Wait() }
	t.Cleanup(f.stop) // also when the test fails
	begun.Wait()
	return f
}

// acknowledged is how many posts of each writer were, until now.
func (f *flood) acknowledged() (n []int) {
	for w := range f.wrote {
		n = append(n, int(f.wrote[w].Load()))
	}
	return n
}

// prefixes verifies that there are the first posts of every writer, at least
// so many, and no other, each with its issue.
func prefixes(t *testing.T, i *instance, atLeast []int) {
	t.Helper()
	ok(t, i.View(ctx, func(tx *app.Tx) error {
		var all int
		for w, least := range atLeast {
			n := 0
			for ; ; n++ {
				_, object := floodObject(w, n)
				p, found, err := tx.Posts().ByObject(object)
				if err != nil {
					return err
				}
				if !found {
					break
				}
				if _, found, err := tx.Issues().Get(p.Issue); err != nil || !found {
					t.Errorf("a post without its issue: %v", err)
				}
			}
			if n < least {
				t.Errorf("of writer %d, %d posts were acknowledged before the backup; it has %d", w, least, n)
			}
			all += n
		}
		counts, err := tx.Records().Counts()
		if counts[store.RecordPost] != all { // one behind a hole
			t.Errorf("there are %d posts, %d of them without a hole before", counts[store.RecordPost], all)
		}
		return err
	}))
}

// A backup taken while everybody writes, to a file or through several nodes to
// a database, restores to a moment that there was, in a file and in a database.
func TestBackupUnderFlood(t *testing.T) {
	const writers = 4
	for _, kind := range []string{"bolt", "PostgreSQL, two nodes"} {
		t.Run(kind, func(t *testing.T) {
			nodes := []*instance{nil}
			if kind == "bolt" {
				nodes[0] = newInstance(t)
			} else {
				dsn := pg.Start(t).Database(t)
				nodes[0] = newInstanceIn(t, t.TempDir(), openDatabase(t, dsn))
				nodes = append(nodes, serve(t, t.TempDir(), openDatabase(t, dsn), nodes[0].clock, nil))
			}
			f := startFlood(t, writers, nodes...)
			type made struct {
				file         []byte
				acknowledged []int
			}
			var backups []made
			for n := range 2 {
				before := f.acknowledged()
				backups = append(backups, made{nodes[n%len(nodes)].backup(t), before})
			}
			f.stop()
			for _, b := range backups {
				back, _ := restore(t, b.file, t.TempDir()) // checks the store when the test ends
				prefixes(t, back, b.acknowledged)
				there, _ := restoreTo(t, b.file, t.TempDir(), openDatabase(t, pg.Start(t).Database(t)))
				prefixes(t, there, b.acknowledged)
				if everything(t, back.store) != everything(t, there.store) {
					t.Error("the file and the database differ")
				}
			}
		})
	}
}
