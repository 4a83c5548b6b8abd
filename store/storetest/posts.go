package storetest

import (
	"testing"

	"earshot/internal/desk"
	"earshot/store"
)

func postID(p desk.Post) string { return string(p.ID) }

const ana desk.ActorID = "https://m.example/users/ana"

// remote makes a post of another server.
func remote(id string, received int) desk.Post {
	return desk.Post{
		ID: desk.PostID(id), Issue: "i", Desk: "help", Role: desk.RolePost, Object: desk.ObjectID("https://m.example/" + id), Author: ana,
		Text: "a < b & c", HTML: "<p>a &lt; b</p>", Tags: []string{"acme"}, To: []string{"x"}, Visibility: desk.VisibilityPublic,
		Attachments: []desk.Attachment{{URL: "u", Alt: "alt"}}, Published: at(-1), Received: at(received),
	}
}

func ours(id string, role desk.Role, published int) desk.Post {
	return desk.Post{
		ID: desk.PostID(id), Desk: "help", Role: role, Object: desk.ObjectID("https://help.example/" + id), Author: "https://help.example/desks/help",
		Visibility: desk.VisibilityQuiet, Outgoing: desk.Outgoing{State: desk.PostPublished, PublishedAt: at(published)}, Received: at(published), Published: at(published),
	}
}

func putPosts(t *testing.T, s store.Store, ps ...desk.Post) {
	t.Helper()
	update(t, s, func(tx store.Tx) error {
		for _, p := range ps {
			if err := tx.Posts().Put(p); err != nil {
				return err
			}
		}
		return nil
	})
}

func testPostsLookup(t *testing.T, s store.Store) {
	a, b, c := remote("a", 1), remote("b", 2), remote("c", 3)
	a.Context, a.Conversation = "https://m.example/contexts/1", "tag:m.example,2026:1"
	b.Conversation, b.Issue = "tag:m.example,2026:1", "i2"
	c.Object, c.Role = "", desk.RoleComment
	d := c
	d.ID = "d"
	putPosts(t, s, a, b, c, d)
	view(t, s, func(tx store.Tx) error {
		p, ok, err := tx.Posts().Get("a")
		noError(t, err)
		same(t, "found", ok, true)
		same(t, "post", p, a)
		p, ok, err = tx.Posts().ByObject(b.Object)
		noError(t, err)
		same(t, "by object", string(p.ID)+ifFound(ok), "b")
		_, ok, err = tx.Posts().ByObject("")
		same(t, "by no object", ok, false)
		return err
	})
	byContext := func(context string, author desk.ActorID) (got string) {
		view(t, s, func(tx store.Tx) error {
			i, ok, err := tx.Posts().ByContext(context, author)
			got = string(i) + ifFound(ok)
			return err
		})
		return got
	}
	same(t, "by context", byContext(a.Context, ana), "i")
	same(t, "by conversation: the last word", byContext(a.Conversation, ana), "i2")
	same(t, "of another", byContext(a.Context, ana+"x"), " (not found)")
	same(t, "none", byContext("", ana), " (not found)")
	b.Erase()
	a.Erase()
	putPosts(t, s, b, a)
	same(t, "erased", byContext(a.Conversation, ana), " (not found)")
	taken := remote("e", 1)
	taken.Object = b.Object
	if err := s.Update(t.Context(), newOp(), func(tx store.Tx) error { return tx.Posts().Put(taken) }); err == nil {
		t.Error("two posts of one object")
	}
}

func testPostsLists(t *testing.T, s store.Store) {
	a, b, c, d := remote("a", 3), remote("b", 1), remote("c", 2), remote("d", 2)
	c.InReplyTo, d.InReplyTo, a.InReplyTo = a.Object, a.Object, b.Object
	other := remote("other", 0)
	other.Author, other.Issue = ana+"/2", "i/2"
	reply := ours("reply", desk.RoleReply, 9)
	reply.Issue, reply.InReplyTo = "i", a.Object
	putPosts(t, s, a, b, c, d, other, reply)
	view(t, s, func(tx store.Tx) error {
		byIssue := all(t, func(p store.Page) ([]desk.Post, string, error) { return tx.Posts().ByIssue("i", p) })
		same(t, "by issue", byIssue, []desk.Post{b, c, d, a, reply})
		byAuthor := all(t, func(p store.Page) ([]desk.Post, string, error) { return tx.Posts().ByAuthor(ana, p) })
		same(t, "by author", names(byAuthor, postID), []string{"b", "c", "d", "a"})
		byUs := all(t, func(p store.Page) ([]desk.Post, string, error) { return tx.Posts().ByAuthor(reply.Author, p) })
		same(t, "by us", names(byUs, postID), []string{})
		answers := all(t, func(p store.Page) ([]desk.Post, string, error) { return tx.Posts().Replies(a.Object, p) })
		same(t, "answers", names(answers, postID), []string{"c", "d", "reply"})
		return nil
	})
}

func testOutbox(t *testing.T, s store.Store) {
	with := func(p desk.Post, change func(*desk.Post)) desk.Post { change(&p); return p }
	putPosts(t, s,
		ours("r1", desk.RoleReply, 1), ours("b3", desk.RoleBroadcast, 3), ours("b2", desk.RoleBroadcast, 2), ours("b4", desk.RoleBroadcast, 3),
		ours("comment", desk.RoleComment, 9), remote("remote", 9),
		with(ours("pending", desk.RoleBroadcast, 4), func(p *desk.Post) { p.State = desk.PostPending }),
		with(ours("direct", desk.RoleReply, 9), func(p *desk.Post) { p.Visibility = desk.VisibilityDirect }),
		with(ours("followers", desk.RoleReply, 9), func(p *desk.Post) { p.Visibility = desk.VisibilityFollowers }),
		with(ours("deleted", desk.RoleBroadcast, 5), func(p *desk.Post) { p.Deleted = true }),
		with(ours("other", desk.RoleBroadcast, 9), func(p *desk.Post) { p.Desk = "other" }))
	outbox := func() (ids []string) {
		view(t, s, func(tx store.Tx) error {
			ids = names(all(t, func(p store.Page) ([]desk.Post, string, error) { return tx.Posts().Outbox("help", p) }), postID)
			n, err := tx.Posts().OutboxCount("help")
			same(t, "count", n, len(ids))
			return err
		})
		return ids
	}
	same(t, "outbox", outbox(), []string{"b4", "b3", "b2", "r1"})
	view(t, s, func(tx store.Tx) error {
		got := all(t, func(p store.Page) ([]desk.Post, string, error) { return tx.Posts().Broadcasts("help", p) })
		same(t, "broadcasts", names(got, postID), []string{"deleted", "pending", "b4", "b3", "b2"})
		n, err := tx.Posts().OutboxCount("nobody")
		same(t, "nobody's", n, 0)
		return err
	})
	putPosts(t, s, with(ours("b3", desk.RoleBroadcast, 3), func(p *desk.Post) { p.Erase() }), ours("pending", desk.RoleBroadcast, 4))
	same(t, "after changes", outbox(), []string{"pending", "b4", "b2", "r1"})
}
