package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

const secretWords = "the-words-that-were-deleted"

// fillPosts stores n posts, each with a text of a kilobyte.
func fillPosts(t testing.TB, s *Store, n int, words string) {
	t.Helper()
	update(t, s, func(tx store.Tx) error {
		for i := range n {
			if err := putPost(tx, i, words+strings.Repeat("x", 1000)); err != nil {
				return err
			}
		}
		return nil
	})
}

func putPost(tx store.Tx, n int, text string) error {
	id := desk.PostID(fmt.Sprintf("post-%06d", n))
	return tx.Posts().Put(desk.Post{ID: id, Object: desk.ObjectID("https://m.example/" + id), Author: "https://m.example/ana", Issue: "i", Text: text})
}

func update(t testing.TB, s *Store, f func(store.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), "", f); err != nil {
		t.Fatal(err)
	}
}

func TestCompactTakesDeletedWordsOutOfTheFile(t *testing.T) {
	s := opened(t, Options{})
	fillPosts(t, s, 2000, secretWords)
	fillPosts(t, s, 2000, "") // the words are deleted; where they stood is free
	if b, err := os.ReadFile(s.path); err != nil || !bytes.Contains(b, []byte(secretWords)) {
		t.Fatalf("deleted words are gone without a compaction: this test shows nothing (%v)", err)
	}
	done, err := s.Compact(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(s.path)
	if err != nil || bytes.Contains(b, []byte(secretWords)) {
		t.Errorf("deleted words are in the compacted file (%v)", err)
	}
	if done.After >= done.Before || int64(len(b)) != done.After {
		t.Errorf("%+v, the file has %d bytes", done, len(b))
	}
	if _, err := os.Stat(s.path + compactSuffix); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left over: %v", err)
	}
	path := s.path
	fillPosts(t, s, 10, "after") // and it goes on
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := openAt(t, path, Options{})
	defer again.Close()
	if err := again.View(context.Background(), func(tx store.Tx) error {
		p, ok, err := tx.Posts().Get("post-000009")
		if err != nil || !ok || !strings.HasPrefix(p.Text, "after") {
			t.Errorf("what was written after the compaction is lost: %v, %q", ok, p.Text)
		}
		p, ok, err = tx.Posts().Get("post-001999")
		if !ok || !strings.HasPrefix(p.Text, "x") {
			t.Errorf("what was written before is lost: %v, %q", ok, p.Text)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

// Nothing that is written while the file is compacted is lost, and no view
// sees half of anything.
func TestCompactUnderLoad(t *testing.T) {
	s := opened(t, Options{})
	fillPosts(t, s, 3000, "start")
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	written := make([]int, 4)
	for w := range written {
		wg.Go(func() {
			for n := 1; ctx.Err() == nil; n++ {
				err := s.Update(context.Background(), "", func(tx store.Tx) error {
					if err := tx.Meta().Put(fmt.Sprintf("a%d", w), fmt.Sprint(n)); err != nil {
						return err
					}
					if err := tx.Meta().Put(fmt.Sprintf("b%d", w), fmt.Sprint(n)); err != nil {
						return err
					}
					return putPost(tx, 10_000*(w+1)+n, "while compacting")
				})
				if err != nil {
					t.Errorf("an update failed: %v", err)
					return
				}
				written[w] = n
			}
		})
	}
	wg.Go(func() {
		for ctx.Err() == nil {
			err := s.View(context.Background(), func(tx store.Tx) error {
				a, _, err := tx.Meta().Get("a0")
				b, _, errB := tx.Meta().Get("b0")
				if a != b {
					t.Errorf("a view saw half an update: %s and %s", a, b)
				}
				return errors.Join(err, errB)
			})
			if err != nil {
				t.Errorf("a view failed: %v", err)
				return
			}
		}
	})
	for range 5 {
		if done, err := s.Compact(context.Background()); err != nil {
			t.Error(err)
		} else if done.Pause > 5*time.Second {
			t.Errorf("updates waited for %s", done.Pause)
		}
	}
	stop()
	wg.Wait()
	if err := s.View(context.Background(), func(tx store.Tx) error {
		for w, n := range written {
			v, _, err := tx.Meta().Get(fmt.Sprintf("a%d", w))
			if err != nil || v != fmt.Sprint(n) {
				t.Errorf("writer %d wrote %d, the store has %s (%v)", w, n, v, err)
			}
			for i := 1; i <= n; i++ {
				if _, ok, err := tx.Posts().Get(desk.PostID(fmt.Sprintf("post-%06d", 10_000*(w+1)+i))); err != nil || !ok {
					t.Fatalf("post %d of writer %d of %d is lost (%v)", i, w, n, err)
				}
			}
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// A view that began before the switch ends on the file it began with; the
// compaction waits for it, updates do not.
func TestCompactBesideALongView(t *testing.T) {
	s := opened(t, Options{})
	fillPosts(t, s, 10, "old")
	inside, leave, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- s.View(context.Background(), func(tx store.Tx) error {
			close(inside)
			<-leave
			p, ok, err := tx.Posts().Get("post-000001")
			if !ok || !strings.HasPrefix(p.Text, "old") {
				t.Errorf("the snapshot changed: %v %q", ok, p.Text)
			}
			return err
		})
	}()
	<-inside
	compacted := make(chan error, 1)
	go func() { _, err := s.Compact(context.Background()); compacted <- err }()
	for before := s.file(); s.file() == before; {
		fillPosts(t, s, 10, "new") // updates go on
	}
	close(leave)
	if err := errors.Join(<-done, <-compacted); err != nil {
		t.Error(err)
	}
}

func TestCompactThatCannotPlaceItsFileChangesNothing(t *testing.T) {
	s := opened(t, Options{})
	fillPosts(t, s, 10, "kept")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Compact(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	if err := os.Mkdir(s.path+compactSuffix, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.path+compactSuffix, "in the way"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Compact(context.Background()); err == nil {
		t.Error("compacted into a folder")
	}
	fillPosts(t, s, 10, "still works")
	if err := os.RemoveAll(s.path + compactSuffix); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Compact(context.Background()); err != nil {
		t.Error(err)
	}
}

// Files that a crash in the middle left are removed, and do no harm.
func TestOpenRemovesWhatACompactionLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	s := openAt(t, path, Options{})
	fillPosts(t, s, 3, "kept")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+compactSuffix, []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path, Options{})
	defer s.Close()
	if _, err := os.Stat(path + compactSuffix); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left over: %v", err)
	}
	if err := s.Check(); err != nil {
		t.Error(err)
	}
}

// A process that waited for the lock while the file was replaced gets the new
// file, or the error that it is in use; never the old one.
func TestOpenDuringACompactionIsRefused(t *testing.T) {
	s := opened(t, Options{})
	fillPosts(t, s, 10, "x")
	result := make(chan error, 1)
	go func() {
		other, err := Open(context.Background(), s.path, Options{LockTimeout: 300 * time.Millisecond})
		if err == nil {
			err = errors.Join(errors.New("opened beside its owner"), other.Close())
		} else {
			err = nil
		}
		result <- err
	}()
	for range 10 {
		if _, err := s.Compact(context.Background()); err != nil {
			t.Error(err)
		}
	}
	if err := <-result; err != nil {
		t.Error(err)
	}
}
