package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/drop"

	"earshot/internal/test/pg"
	"earshot/store"
	"earshot/store/postgres"
)

// weighed is a store that counts the bytes which are remembered once.
type weighed struct {
	store.Store
	bytes, rows int
	at          map[string][]byte // of them, where people of a server are found
}

type weighedTx struct {
	store.Tx
	of *weighed
}

type weighedOnce struct {
	store.Once
	of *weighed
}

func (w *weighed) Update(ctx context.Context, op store.Op, f func(store.Tx) error) error {
	return w.Store.Update(ctx, op, func(tx store.Tx) error {
		w.bytes, w.rows, w.at = 0, 0, map[string][]byte{} // an attempt may be repeated
		return f(weighedTx{tx, w})
	})
}

func (t weighedTx) Once() store.Once { return weighedOnce{t.Tx.Once(), t.of} }

func (o weighedOnce) Set(key string, value []byte, expires time.Time) error {
	o.of.bytes += len(key) + len(value)
	o.of.rows++
	if strings.HasPrefix(key, "felt at:") {
		o.of.at[key] = value
	}
	return o.Once.Set(key, value, expires)
}

// A reaction writes little, however many people of its server reacted before, and the block
// of a server, and then of its domain, takes back those who are found.
func TestFeltByACrowd(t *testing.T) {
	t.Run("bolt", func(t *testing.T) {
		h := newHouse(t)
		h.feltByACrowd(h.store, 1000) // as many as an incident counts
	})
	t.Run("postgres", func(t *testing.T) {
		h, s := newPostgresHouse(t)
		h.feltByACrowd(s, 100)
	})
}

func newPostgresHouse(t *testing.T) (*house, store.Store) {
	s, err := postgres.Open(ctx, pg.Start(t).Database(t), postgres.Options{})
	fine(t, err)
	t.Cleanup(func() { fine(t, s.Close()) })
	h := newHouse(t)
	h.App = app.New(app.Deps{Store: s, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}})
	_, err = h.AddDesk(ctx, app.By{}, desk.Desk{Handle: "help", Name: "ACME Help"})
	h.ok(err)
	return h, s
}

func (h *house) feltByACrowd(s store.Store, of int) {
	var ids []desk.IncidentID
	var roots []desk.ObjectID
	for range 3 {
		id := h.outage()
		v, err := h.ShowIncident(ctx, id)
		h.ok(err)
		ids, roots = append(ids, id), append(roots, v.Root.Post.Object)
	}
	w := &weighed{Store: s}
	a := app.New(app.Deps{Store: w, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}})
	most, all := 0, 0
	like := func(who desk.ActorID, root desk.ObjectID) {
		h.t.Helper()
		why, err := a.React(ctx, app.Reaction{Kind: "like", Actor: who, Object: root})
		h.ok(err)
		h.equal("kept", why, drop.Kept)
		most, all = max(most, w.bytes), all+w.bytes
	}
	person := func(n int) desk.ActorID { return desk.ActorID(fmt.Sprintf("https://a.crowd.example/%d", n)) }
	for n := range 2 * of {
		like(person(n), roots[n/of])
	}
	like("https://b.crowd.example/one", roots[2])
	like(person(2*of), roots[2])
	h.t.Logf("reaction %d of a server writes %d bytes in %d rows, each one at most %d, all together %d", 2*of+1, w.bytes, w.rows, most, all)
	if most > 5<<10 || w.rows == 0 {
		h.t.Errorf("a reaction writes %d bytes", most)
	}

	_, err := h.AddBlock(ctx, app.By{}, "a.crowd.example", "")
	h.ok(err)
	left := h.feltIn(ids[0]) + h.feltIn(ids[1]) + h.feltIn(ids[2])
	h.t.Logf("%d stay after the block", left)
	if left > of/20 || h.feltIn(ids[2]) == 0 {
		h.t.Errorf("of %d people %d are counted after the block of their server", 2*of+2, left)
	}
	like("https://b.crowd.example/two", roots[0])
	before := h.feltIn(ids[0])
	_, err = h.AddBlock(ctx, app.By{}, "crowd.example", "")
	h.ok(err)
	h.equal("the reaction of another host, after the block of the domain", h.feltIn(ids[0]), before-1)
}

// One row had all people of a server once. They are found in it, until it expires.
func TestFeltInOneRow(t *testing.T) {
	t.Run("bolt", func(t *testing.T) {
		h := newHouse(t)
		h.feltInOneRow(h.store)
	})
	t.Run("postgres", func(t *testing.T) {
		h, s := newPostgresHouse(t)
		h.feltInOneRow(s)
	})
}

func (h *house) feltInOneRow(s store.Store) {
	id := h.outage()
	v, err := h.ShowIncident(ctx, id)
	h.ok(err)
	w := &weighed{Store: s}
	a := app.New(app.Deps{Store: w, Clock: h.clock, Site: h.Site(), Log: quiet, Keys: noKeys{}})
	like := func(who desk.ActorID) app.Reaction {
		r := app.Reaction{Kind: "like", Actor: who, Object: v.Root.Post.Object}
		_, err := a.React(ctx, r)
		h.ok(err)
		return r
	}
	var old []string
	asOnce := func() { // the rows of the last reaction get the old form
		h.ok(s.Update(ctx, "test", func(tx store.Tx) error {
			for key, value := range w.at {
				if _, err := tx.Once().Delete(key); err != nil {
					return err
				}
				all := key[:strings.LastIndex(key, ":")]
				if err := tx.Once().Set(all, value, h.clock.Now().Add(time.Hour)); err != nil {
					return err
				}
				old = append(old, all)
			}
			return nil
		}))
	}
	taken := like("https://a.crowd.example/one")
	asOnce()
	h.equal("rows of a server and its domain", len(old), 2)
	h.ok(a.Unreact(ctx, taken, ""))
	h.ok(s.View(ctx, func(tx store.Tx) error {
		for _, key := range old {
			if row, ok, err := tx.Once().Get(key); err != nil || ok {
				h.t.Errorf("a reaction that was taken back stands in the row %q: %v", row, err)
			}
		}
		return nil
	}))
	like("https://a.crowd.example/two")
	asOnce()
	like("https://a.crowd.example/three")
	h.equal("counted", h.feltIn(id), 2)
	_, err = h.AddBlock(ctx, app.By{}, "crowd.example", "")
	h.ok(err)
	h.equal("counted after the block", h.feltIn(id), 0)
}
