package fed_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/store"
)

// TestWithdrawnBefore: what takes something back may come before it. Then what
// comes late has no effect, once.
func TestWithdrawnBefore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		first func(w *withdrawing)
		late  func(w *withdrawing)
		want  string // the state after first and late
		again string // after late came once more, as another will
	}{
		{"Delete before Create", func(w *withdrawing) { w.sends(w.delete(1)) }, func(w *withdrawing) { w.sends(w.create(1)) }, "", ""},
		{"Delete before Create, of another post", func(w *withdrawing) { w.sends(w.delete(2)) }, func(w *withdrawing) { w.sends(w.create(1)) }, "issue", "issue"},
		{"Undo before Follow", func(w *withdrawing) { w.sends(w.undo(w.follow("f1"))) }, func(w *withdrawing) { w.sends(w.follow("f1")) }, "", "follower"},
		{"Undo by id before Follow", func(w *withdrawing) { w.sends(w.undo(w.follow("f1")["id"])) }, func(w *withdrawing) { w.sends(w.follow("f1")) }, "", "follower"},
		{"Undo before another Follow", func(w *withdrawing) { w.sends(w.undo(w.follow("f1"))) }, func(w *withdrawing) { w.sends(w.follow("f2")) }, "follower", "follower"},
		{"Undo without an id", func(w *withdrawing) { w.sends(w.undo(w.follow(""))) }, func(w *withdrawing) { w.sends(w.follow("f1")) }, "follower", "follower"},
		{"Undo by another actor", func(w *withdrawing) { w.others(w.undo(w.follow("f1")["id"])) }, func(w *withdrawing) { w.sends(w.follow("f1")) }, "follower", "follower"},
		{"Undo twice after Follow", func(w *withdrawing) {
			w.sends(w.follow("f1"))
			w.sends(w.undo(w.follow("f1")))
			w.sends(w.undo(w.follow("f1")))
		}, func(w *withdrawing) { w.sends(w.follow("f1")) }, "follower", "follower"},
		{"Undo of an older Follow", func(w *withdrawing) {
			w.sends(w.follow("f1"))
			w.sends(w.follow("f2"))
		}, func(w *withdrawing) { w.sends(w.undo(w.follow("f1"))) }, "follower", "follower"},
		{"Undo with an invented id", func(w *withdrawing) { w.sends(w.follow("f1")) }, func(w *withdrawing) { w.sends(w.undo(w.follow("invented"))) }, "", ""},
		{"Undo before Block", func(w *withdrawing) { w.sends(w.undo(w.block("b1"))) }, func(w *withdrawing) { w.sends(w.block("b1")) }, "", ""},
		{"a day later", func(w *withdrawing) {
			w.sends(w.undo(w.follow("f1")))
			w.s.Advance(25 * time.Hour)
			w.sends(w.undo(w.follow("f3"))) // makes room
		}, func(w *withdrawing) { w.sends(w.follow("f1")) }, "follower", "follower"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWithdrawing(t)
			c.first(w)
			c.late(w)
			if got := w.sees(); got != c.want {
				t.Errorf("%q is seen, want %q", got, c.want)
			}
			w.s.Advance(time.Second)
			c.late(w)
			if got := w.sees(); got != c.again {
				t.Errorf("said again: %q is seen, want %q", got, c.again)
			}
		})
	}
}

// TestUndoBeforeLike: of the reporter, whose likes count.
func TestUndoBeforeLike(t *testing.T) {
	t.Parallel()
	w := newWithdrawing(t)
	w.sends(w.create(1))
	id := w.s.desk.Only().Issue.ID
	reply := w.s.desk.Say(id, "Which street?")
	w.s.Settle()
	like := func(id string) fed.M {
		return fed.M{"id": w.peer.URL + "/acts/" + id, "type": "Like", "actor": w.peer.Actor, "object": reply.Object}
	}
	w.sends(w.undo(like("l1")))
	w.sends(like("l1"))
	if got := w.likes(id); got != 0 {
		t.Errorf("%d likes after one that was taken back before", got)
	}
	w.sends(like("l2"))
	if got := w.likes(id); got != 1 {
		t.Errorf("%d likes, want 1", got)
	}
}

// withdrawing is a peer that says things in the wrong order.
type withdrawing struct {
	t    *testing.T
	s    *scene
	peer *fed.Peer
	n    int
}

func newWithdrawing(t *testing.T) *withdrawing {
	s := newScene(t)
	return &withdrawing{t: t, s: s, peer: s.Peer()}
}

func (w *withdrawing) help() desk.ActorID { return w.s.desk.Site.Desk("help") }

func (w *withdrawing) create(n int) fed.M {
	note := w.peer.Note(n, w.help(), "no line")
	return w.peer.Create(note)
}

func (w *withdrawing) delete(n int) fed.M {
	note := w.peer.Note(n, w.help(), "")
	return fed.M{"id": fmt.Sprint(note["id"], "#delete"), "type": "Delete", "actor": w.peer.Actor, "object": fed.M{"id": note["id"], "type": "Tombstone"}}
}

func (w *withdrawing) follow(id string) fed.M { return w.act("Follow", id) }
func (w *withdrawing) block(id string) fed.M  { return w.act("Block", id) }

func (w *withdrawing) act(kind, id string) fed.M {
	a := fed.M{"type": kind, "actor": w.peer.Actor, "object": w.help()}
	if id != "" {
		a["id"] = w.peer.URL + "/acts/" + id
	}
	return a
}

func (w *withdrawing) undo(what any) fed.M {
	w.n++
	return fed.M{"id": fmt.Sprint(w.peer.URL, "/undos/", w.n), "type": "Undo", "actor": w.peer.Actor, "object": what}
}

func (w *withdrawing) sends(a fed.M) { w.sentBy(w.peer, a) }

// others lets an actor of another server send it.
func (w *withdrawing) others(a fed.M) {
	other := w.s.Peer()
	a["actor"], a["id"] = other.Actor, other.URL+"/undos/1"
	w.sentBy(other, a)
}

func (w *withdrawing) sentBy(p *fed.Peer, a fed.M) {
	w.t.Helper()
	if status, answer := p.Send(w.s.desk.Site.SharedInbox(), a); status != http.StatusAccepted {
		w.t.Fatalf("%v was answered %d %s", a["type"], status, answer)
	}
	w.s.Settle()
}

func (w *withdrawing) sees() string {
	w.t.Helper()
	if len(w.s.desk.Issues()) > 0 {
		return "issue"
	}
	if w.s.desk.Follows("help", w.peer.Actor) {
		return "follower"
	}
	outs, _, err := w.s.desk.OptOuts(w.t.Context(), store.Page{})
	w.s.ok(err)
	if len(outs) > 0 {
		return "blocked"
	}
	return ""
}

func (w *withdrawing) likes(id desk.IssueID) (n int) {
	for _, e := range w.s.desk.Show(id).Timeline {
		if e.Event.Kind == desk.KindReaction {
			n++
		}
	}
	return n
}
