package backup_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/backup"
	"earshot/internal/desk"
	"earshot/store"
)

// carryDeletions puts a copy of an instance's file of deletions into a folder.
func (i *instance) carryDeletions(t *testing.T, dir string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(i.dir, "deletions"))
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(dir, "deletions"), b, 0o600))
}

// A post that was deleted after the backup does not come back with the restore.
func TestDeletedAfterTheBackup(t *testing.T) {
	i := newInstance(t)
	report, object := i.hear(t, "ana", "a", "broken SECRET-A")
	left, _ := i.hear(t, "bob", "b", "broken SECRET-B")
	kept, _ := i.hear(t, "eve", "e", "broken KEPT")
	ok(t, i.PutFollow(t, "bob"))
	reply, err := i.Reply(ctx, app.By{}, app.ReplyInput{Issue: kept, Text: "SECRET-REPLY", Now: true})
	ok(t, err)
	ok(t, i.publish(t, reply.ID))
	undone, err := i.Broadcast(ctx, app.By{}, app.BroadcastInput{Desk: "help", Text: "SECRET-UNDONE"})
	ok(t, err)
	before := i.backup(t)

	i.clock.Advance(time.Hour)
	ok(t, i.Remove(ctx, object, "https://m.example/users/ana"))
	_, err = i.RemoveActor(ctx, "https://m.example/users/bob")
	ok(t, err)
	_, err = i.RetractPost(ctx, app.By{}, reply.ID)
	ok(t, err)
	_, err = i.Undo(ctx, app.By{}, string(undone.ID))
	ok(t, err)

	t.Run("without the deletions they are back", func(t *testing.T) {
		back, _ := restore(t, before, t.TempDir())
		for issue, want := range map[desk.IssueID]string{report: "SECRET-A", left: "SECRET-B", kept: "SECRET-REPLY"} {
			if !strings.Contains(back.words(t, issue), want) {
				t.Errorf("%s is not in the backup: this test shows nothing", want)
			}
		}
	})

	dir := t.TempDir()
	i.carryDeletions(t, dir)
	back, r := restore(t, before, dir)
	for _, issue := range []desk.IssueID{report, left, kept} {
		if got := back.words(t, issue); strings.Contains(got, "SECRET") || !strings.HasSuffix(got, "found: 1") {
			t.Errorf("what was deleted is back: %s", got)
		}
	}
	if !strings.Contains(back.words(t, kept), "KEPT") {
		t.Error("what was not deleted is gone")
	}
	if r.Replayed.Posts != 4 || r.Replayed.Actors != 1 {
		t.Errorf("replayed %+v", r.Replayed)
	}
	if all := everything(t, back.store); strings.Contains(all, "SECRET") || strings.Contains(all, `"ana@m.example"`) {
		t.Errorf("words or profiles of those who deleted are in the store: %s", lineWith(all, "SECRET", "ana@m"))
	}
	doc, err := back.document(string(reply.Object))
	ok(t, err)
	if !doc.Gone {
		t.Error("the retracted reply is served again")
	}
	if p, err := back.post(undone.ID); err != nil || p.State != desk.PostUndone {
		t.Errorf("what was taken back will be sent: %s, %v", p.State, err)
	}
	// Work that waited in the backup does not bring anything back either.
	again, err := back.Hear(ctx, heard("bob", "b2", "broken SECRET-B2", i.clock.Now().Add(-time.Minute)))
	if ok(t, err); again.Outcome != app.Dropped {
		t.Errorf("an older post of a person who left was %s", again.Outcome)
	}
	later, err := back.Hear(ctx, heard("bob", "b3", "broken again", i.clock.Now().Add(time.Minute)))
	if ok(t, err); later.Outcome != app.Opened {
		t.Errorf("a later post of a person who came back was %s: %s", later.Outcome, later.Why)
	}
	// The new instance remembers them in turn.
	if got, want := back.deletions.Last(), i.deletions.Last(); got != want {
		t.Errorf("it remembers %d deletions, want %d", got, want)
	}
}

// A post that was on its way into the backup, and was deleted when it had
// become an issue, is not heard again.
func TestDeletedInboundPostIsNotHeardAgain(t *testing.T) {
	i := newInstance(t)
	ok(t, i.PrepareDeletions(ctx))
	before := i.backup(t)
	_, object := i.hear(t, "ana", "a", "broken SECRET")
	ok(t, i.Remove(ctx, object, "https://m.example/users/ana"))
	dir := t.TempDir()
	i.carryDeletions(t, dir)
	back, _ := restore(t, before, dir)
	r, err := back.Hear(ctx, heard("ana", "a", "broken SECRET", i.clock.Now()))
	if ok(t, err); r.Outcome != app.Dropped {
		t.Errorf("it was %s", r.Outcome)
	}
}

// An admin puts back an old copy of the store's file by hand. The file of
// deletions knows more than this copy, and deleted posts are removed before
// they are served.
func TestOldStoreBesideItsDeletions(t *testing.T) {
	i := newInstance(t)
	issue, object := i.hear(t, "ana", "a", "broken SECRET")
	ok(t, i.PrepareDeletions(ctx))
	old := i.backup(t)
	ok(t, i.Remove(ctx, object, "https://m.example/users/ana"))
	dir := t.TempDir()
	back, _ := restore(t, old, dir)
	i.carryDeletions(t, dir)
	again := serve(t, dir, back.store, back.clock, nil)
	if got := again.words(t, issue); strings.Contains(got, "SECRET") {
		t.Errorf("what was deleted is back: %s", got)
	}
}

func TestDeletionsOfAnotherInstanceAreRefused(t *testing.T) {
	i, other := newInstance(t), newInstance(t)
	_, object := other.hear(t, "ana", "a", "broken")
	ok(t, other.Remove(ctx, object, "https://m.example/users/ana"))
	ok(t, i.PrepareDeletions(ctx))
	dir := t.TempDir()
	other.carryDeletions(t, dir)
	if _, _, err := load(i.backup(t), dir, openStore(t, dir), i.clock); desk.ErrorCode(err) != desk.CodeInvalid {
		t.Errorf("err = %v", err)
	}
}

func TestDeletionFileRevealsNothing(t *testing.T) {
	i := newInstance(t)
	_, object := i.hear(t, "ana", "a", "broken")
	ok(t, i.Remove(ctx, object, "https://m.example/users/ana"))
	b, err := os.ReadFile(filepath.Join(i.dir, "deletions"))
	if ok(t, err); bytes.Contains(b, []byte("ana")) || bytes.Contains(b, []byte("m.example")) || bytes.Count(b, []byte("\n")) != 2 {
		t.Errorf("the file of deletions: %s", b)
	}
}

// A crash between the commit and the file: the next start catches up. A torn
// last line is written again.
func TestDeletionFileCatchesUp(t *testing.T) {
	i := newInstance(t)
	for n := range 5 {
		_, object := i.hear(t, "ana", fmt.Sprint(n), "broken")
		ok(t, i.Remove(ctx, object, "https://m.example/users/ana"))
	}
	path := filepath.Join(i.dir, "deletions")
	whole, err := os.ReadFile(path)
	ok(t, err)
	for cut := 0; cut < len(whole); cut += 5 {
		ok(t, os.WriteFile(path, whole[:cut], 0o600))
		serve(t, i.dir, i.store, i.clock, nil)
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, whole) {
			t.Fatalf("cut at %d: %v\n%s", cut, err, got)
		}
	}
	ok(t, os.WriteFile(path, append([]byte("something else\n"), whole...), 0o600))
	if _, err := backup.OpenDeletions(path, ""); desk.ErrorCode(err) != desk.CodeInvalid {
		t.Errorf("err = %v", err)
	}
}

func (i *instance) PutFollow(t *testing.T, who string) error {
	return i.Update(ctx, func(tx *app.Tx) error {
		return tx.Follows().Put(store.Follow{Local: "help", Actor: desk.ActorID("https://m.example/users/" + who), Since: tx.Now, Inbox: "https://m.example/inbox"})
	})
}

// publish does the work of the publish job, without sending.
func (i *instance) publish(t *testing.T, id desk.PostID) error {
	return i.Update(ctx, func(tx *app.Tx) error {
		p, send, err := tx.PublishPost(id)
		if err != nil || !send {
			return fmt.Errorf("send %v: %w", send, err)
		}
		return tx.Documents().Put(store.Document{ID: string(p.Object), Post: p.ID, JSON: []byte(`{"content":"` + p.Text + `"}`), Public: true, At: tx.Now})
	})
}

func (i *instance) document(id string) (d store.Document, err error) {
	err = i.View(ctx, func(tx *app.Tx) (err error) { d, _, err = tx.Documents().Get(id); return err })
	return d, err
}

func (i *instance) post(id desk.PostID) (p desk.Post, err error) {
	err = i.View(ctx, func(tx *app.Tx) (err error) { p, _, err = tx.Posts().Get(id); return err })
	return p, err
}

func lineWith(all string, words ...string) (out []string) {
	for l := range strings.Lines(all) {
		for _, w := range words {
			if strings.Contains(l, w) {
				out = append(out, l)
			}
		}
	}
	return out
}
