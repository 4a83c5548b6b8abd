package backup_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/keyring"
	"earshot/store"
)

// everything lists all records of a store.
func everything(t *testing.T, s store.Store) string {
	t.Helper()
	var b strings.Builder
	ok(t, s.View(ctx, func(tx store.Tx) error {
		for _, kind := range store.RecordKinds() {
			for p := (store.Page{}); ; {
				page, next, err := tx.Records().List(kind, p)
				if err != nil {
					return err
				}
				for _, r := range page {
					fmt.Fprintf(&b, "%s %s\n", r.Kind, r.JSON)
				}
				if next == "" {
					break
				}
				p.After = next
			}
		}
		return nil
	}))
	return b.String()
}

func TestBackupRestoresEverything(t *testing.T) {
	i := newInstance(t)
	for n := range 700 { // more than one page and one transaction
		i.hear(t, fmt.Sprintf("u%d", n), fmt.Sprintf("n%d", n), fmt.Sprintf("<b>broken</b> & \u2028 %d", n))
	}
	issue, _ := i.hear(t, "ana", "x", "broken")
	_, err := i.Reply(ctx, app.By{}, app.ReplyInput{Issue: issue, Text: "We look.", Now: true})
	ok(t, err)
	ok(t, i.PrepareDeletions(ctx))
	back, r := restore(t, i.backup(t), t.TempDir())
	if want, got := everything(t, i.store), everything(t, back.store); want != got {
		t.Errorf("what was restored differs: %d and %d bytes", len(want), len(got))
	}
	if r.Records < 700*5 || !r.Made.Equal(i.clock.Now()) {
		t.Errorf("%+v", r)
	}
	if _, err := keyring.New(back.store, back.clock, back.Site(), secret).Signer(ctx, "help"); err != nil {
		t.Errorf("the restored key cannot be read: %v", err)
	}
}

func TestDamagedBackupsAreRefusedBeforeAnythingIsWritten(t *testing.T) {
	i := newInstance(t)
	for n := range 20 {
		i.hear(t, "ana", fmt.Sprintf("n%d", n), "broken")
	}
	whole := i.backup(t)
	flipped := func(at int) []byte {
		b := bytes.Clone(whole)
		b[at] ^= 1
		return b
	}
	for name, b := range map[string][]byte{
		"empty":           nil,
		"something else":  []byte("hello\n"),
		"half":            whole[:len(whole)/2],
		"no trailer":      whole[:bytes.LastIndexByte(whole[:len(whole)-1], '\n')],
		"one byte less":   whole[:len(whole)-1],
		"one byte more":   append(bytes.Clone(whole), 'x'),
		"changed header":  bytes.Replace(whole, []byte("help.acme.example"), []byte("evil.acme.example"), 1),
		"changed body":    flipped(len(whole) / 2),
		"changed trailer": flipped(len(whole) - 20),
		"newer format":    bytes.Replace(whole, []byte(`"format":1`), []byte(`"format":9`), 1),
	} {
		t.Run(name, func(t *testing.T) {
			s := openStore(t, t.TempDir())
			_, _, err := load(b, t.TempDir(), s, i.clock)
			if desk.ErrorCode(err) != desk.CodeInvalid {
				t.Errorf("err = %v", err)
			}
			if all := everything(t, s); all != "" {
				t.Errorf("something was written: %.200s", all)
			}
		})
	}
}

func TestRestoreIntoAStoreWithSomethingInIt(t *testing.T) {
	i := newInstance(t)
	b := i.backup(t)
	before := everything(t, i.store)
	if _, _, err := load(b, t.TempDir(), i.store, i.clock); desk.ErrorCode(err) != desk.CodeConflict {
		t.Errorf("err = %v", err)
	}
	if everything(t, i.store) != before {
		t.Error("it was changed")
	}
}

// A restore that fails half-way leaves no instance that could be served.
func TestFailedRestoreCannotBeServed(t *testing.T) {
	i := newInstance(t)
	for n := range 300 {
		i.hear(t, "ana", fmt.Sprintf("n%d", n), "broken")
	}
	s := openStore(t, t.TempDir())
	if _, _, err := load(i.backup(t), t.TempDir(), failing{s, 2}.counting(), i.clock); err == nil {
		t.Fatal("it did not fail")
	}
	if everything(t, s) == "" {
		t.Error("nothing was written: this test shows nothing")
	}
	if _, err := app.LoadInstance(ctx, s); desk.ErrorCode(err) != desk.CodeNotFound {
		t.Errorf("half an instance can be served: %v", err)
	}
}

// failing is a store whose updates fail after some.
type failing struct {
	store.Store
	after int
}

func (f failing) counting() store.Store { return &f }

func (f *failing) Update(ctx context.Context, op store.Op, do func(store.Tx) error) error {
	if f.after--; f.after < 0 {
		return store.ErrFull
	}
	return f.Store.Update(ctx, op, do)
}

// A backup brings no session back that has ended since: everybody signs in again.
func TestRestoreSignsOut(t *testing.T) {
	i := newInstance(t)
	ok(t, i.Update(ctx, func(tx *app.Tx) error {
		for _, kind := range []store.GrantKind{store.GrantSession, store.GrantLink, store.GrantCeremony, store.GrantToken} {
			if err := tx.Grants().Put(store.Grant{Hash: string(kind), Kind: kind, Agent: "bo@acme.example", Created: tx.Now}); err != nil {
				return err
			}
		}
		return nil
	}))
	back, _ := restore(t, i.backup(t), t.TempDir())
	ok(t, back.View(ctx, func(tx *app.Tx) error {
		for _, kind := range []store.GrantKind{store.GrantSession, store.GrantLink, store.GrantCeremony, store.GrantToken} {
			_, there, err := tx.Grants().Get(string(kind))
			if err != nil {
				return err
			}
			if there != (kind == store.GrantToken) {
				t.Errorf("%s is there after a restore: %v", kind, there)
			}
		}
		return nil
	}))
}
