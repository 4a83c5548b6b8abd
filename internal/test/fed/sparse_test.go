package fed_test

import (
	"net/http"
	"reflect"
	"testing"

	"earshot/internal/test/fed"
)

// TestSparseFollow: nothing but actors and objects is needed to follow, to end
// that, and to be answered.
func TestSparseFollow(t *testing.T) {
	t.Parallel()
	w := newWithdrawing(t)
	follow := func() fed.M { return w.bare(w.act("Follow", "")) }
	w.sends(follow())
	if got := w.sees(); got != "follower" {
		t.Fatalf("after a Follow without id: %q", got)
	}
	var accepted fed.M
	for _, g := range w.peer.Got() {
		if g.Body["type"] == "Accept" {
			accepted, _ = g.Body["object"].(fed.M)
		}
	}
	if want := (fed.M{"type": "Follow", "actor": string(w.peer.Actor), "object": string(w.help())}); !reflect.DeepEqual(accepted, want) {
		t.Errorf("the Accept embeds %v, want %v", accepted, want)
	}
	undo := func() fed.M {
		inner := follow()
		delete(inner, "actor")
		delete(inner, "@context")
		inner["object"] = fed.M{"id": inner["object"], "type": "Organization"}
		return w.bare(w.undo(inner))
	}
	w.sends(undo())
	if got := w.sees(); got != "" {
		t.Errorf("after an Undo without ids: %q", got)
	}
	w.sends(follow())
	if got := w.sees(); got != "follower" {
		t.Errorf("after the same Follow again: %q", got)
	}
	w.sends(undo())
	if got := w.sees(); got != "" {
		t.Errorf("after the same Undo again: %q", got)
	}
}

// bare is an activity without id.
func (w *withdrawing) bare(a fed.M) fed.M {
	delete(a, "id")
	return a
}

// TestSparseAuthors: a post is its sender's, although it names no author, or
// others before them. What another host's author is named for is refused.
func TestSparseAuthors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		authors func(p *fed.Peer, who any) any
		status  int
	}{
		{"none", func(*fed.Peer, any) any { return nil }, http.StatusAccepted},
		{"a group before", func(p *fed.Peer, who any) any {
			return []any{fed.M{"type": "Group", "id": p.URL + "/c/kiel"}, fed.M{"type": "Person", "id": who}}
		}, http.StatusAccepted},
		{"a neighbour", func(p *fed.Peer, _ any) any { return p.URL + "/users/ben" }, http.StatusBadRequest},
		{"a foreigner before", func(_ *fed.Peer, who any) any { return []any{"https://m.example/u", who} }, http.StatusBadRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWithdrawing(t)
			create := w.create(1)
			note := create["object"].(fed.M)
			if note["attributedTo"] = c.authors(w.peer, note["attributedTo"]); note["attributedTo"] == nil {
				delete(note, "attributedTo")
			}
			if status, answer := w.peer.Send(w.s.desk.Site.URL+"/inbox", create); status != c.status {
				t.Fatalf("%d %s", status, answer)
			}
			w.s.Settle()
			want := map[bool]string{true: "issue"}[c.status == http.StatusAccepted]
			if got := w.sees(); got != want {
				t.Errorf("%q is seen, want %q", got, want)
			}
		})
	}
}

// A post that is fetched may name several authors by id alone. It is the first one's
// who is no group, by the profiles on their own server, and of no one elsewhere.
func TestFetchedPostOfSeveralAuthors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		authors func(peer, other *fed.Peer) []any
		heard   string // as whose; "" if it is not
	}{
		{"a group first", func(p, _ *fed.Peer) []any { return []any{p.URL + "/users/channel", string(p.Actor)} }, "eve"},
		{"a group last", func(p, _ *fed.Peer) []any { return []any{string(p.Actor), p.URL + "/users/channel"} }, "eve"},
		{"one that does not exist first", func(p, _ *fed.Peer) []any { return []any{p.URL + "/users/nobody", string(p.Actor)} }, "eve"},
		{"one that leads elsewhere first", func(p, _ *fed.Peer) []any { return []any{p.URL + "/users/led", string(p.Actor)} }, "eve"},
		{"two people", func(p, _ *fed.Peer) []any { return []any{p.URL + "/users/bob", string(p.Actor)} }, "bob"},
		{"another server's first", func(p, o *fed.Peer) []any { return []any{string(o.Actor), string(p.Actor)} }, ""},
		{"another server's last", func(p, o *fed.Peer) []any { return []any{string(p.Actor), string(o.Actor)} }, ""},
		{"groups alone", func(p, _ *fed.Peer) []any { return []any{p.URL + "/users/channel", p.URL + "/users/channel2"} }, "channel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cl := fed.New(t)
			p, peer, other := cl.Provider(acme), cl.Peer(), cl.Peer()
			peer.Person("channel", fed.M{"type": "Group"})
			peer.Person("channel2", fed.M{"type": "Group"})
			peer.Person("bob", nil)
			peer.Handle("/users/led", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, string(other.Actor), http.StatusFound)
			})
			note := peer.Note(1, p.Site.Desk("help"), "<p>no light</p>")
			note["attributedTo"] = c.authors(peer, other)
			peer.Serve("/notes/1", note)
			create := peer.Create(note)
			create["object"] = note["id"]
			if status, body := peer.Send(p.Site.SharedInbox(), create); status != http.StatusAccepted {
				t.Fatal(status, body)
			}
			cl.Settle()
			all := p.Issues()
			if c.heard == "" {
				if len(all) != 0 {
					t.Errorf("heard as %s's", all[0].Issue.Reporter)
				}
				return
			}
			if len(all) != 1 || string(all[0].Issue.Reporter) != peer.URL+"/users/"+c.heard {
				t.Fatalf("%d issues, %v", len(all), all)
			}
		})
	}
}
