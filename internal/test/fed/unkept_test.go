package fed_test

import (
	"fmt"
	"net/http"
	"testing"

	"earshot/internal/app"
	"earshot/internal/test/fed"
	"earshot/store"
)

// waiting counts the activities that were written down and not processed yet.
func waiting(t *testing.T, p *fed.Provider) (n int) {
	t.Helper()
	if err := p.View(ctx, func(tx *app.Tx) error {
		counts, err := tx.Jobs().Counts()
		n = counts[store.QueueInbound].Waiting + counts[store.QueueFetch].Waiting
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// An activity without effect here is not stored: we have no right to know who
// likes which post.
func TestActivityWithoutEffectIsNotStored(t *testing.T) {
	t.Parallel()
	c, p, eve, issue := correspondent(t)
	reply := p.Say(issue, "hello")
	c.Settle()
	mal := c.Peer()
	do := func(peer *fed.Peer, kind string, object any, want int) {
		t.Helper()
		status, answer := peer.Send(p.Site.SharedInbox(), M{"id": fmt.Sprint(peer.URL, "/", kind), "type": kind, "actor": string(peer.Actor), "object": object})
		if status != want {
			t.Errorf("%s is answered %d %s", kind, status, answer)
		}
	}
	inner := func(peer *fed.Peer, kind string, object any) M {
		return M{"id": fmt.Sprint(peer.URL, "/inner/", kind), "type": kind, "actor": string(peer.Actor), "object": object}
	}
	for _, kind := range []string{"Like", "EmojiReact", "Announce"} {
		do(mal, kind, string(reply.Object), http.StatusAccepted)
		do(mal, "Undo", inner(mal, kind, string(reply.Object)), http.StatusAccepted)
	}
	do(mal, "Flag", []string{p.Site.URL + "/posts/none", string(p.Site.Desk("none"))}, http.StatusAccepted)
	do(mal, "Undo", inner(mal, "Join", string(reply.Object)), http.StatusAccepted)
	do(mal, "Undo", inner(mal, "Follow", p.Site.URL+"/desks/none"), http.StatusAccepted)
	do(mal, "Create", eve.URL+"/notes/7", http.StatusBadRequest) // another's, by its id
	if n := waiting(t, p); n != 0 {
		t.Errorf("%d activities were written down", n)
	}
	do(eve, "Like", string(reply.Object), http.StatusAccepted)
	if n := waiting(t, p); n != 1 {
		t.Errorf("of the reporter's like %d were written down", n)
	}
}
