package bolt

import (
	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

var postsTable = table[desk.Post]{
	name:    "posts",
	key:     func(p *desk.Post) key { return postKey(p.ID) },
	indexes: []*index[desk.Post]{postsByObject, postsByContext, postsByIssue, postsByAuthor, postsReplies, postsOutbox, postsBroadcasts},
	counts: func(p *desk.Post) []key {
		if !layout.InOutbox(p) {
			return nil
		}
		return []key{deskKey(p.Desk)}
	},
}

var (
	postsByObject = &index[desk.Post]{name: "posts.object", unique: true, keys: func(p *desk.Post) []key {
		if p.Object == "" {
			return nil
		}
		return []key{objectKey(p.Object)}
	}}
	postsByContext = &index[desk.Post]{name: "posts.context", keys: func(p *desk.Post) []key {
		var ks []key
		if p.Issue == "" {
			return nil
		}
		if p.Context != "" {
			ks = append(ks, contextKey(p.Context, p.Author).timeDesc(p.Received).rawDesc(postKey(p.ID)))
		}
		if p.Conversation != "" && p.Conversation != p.Context {
			ks = append(ks, contextKey(p.Conversation, p.Author).timeDesc(p.Received).rawDesc(postKey(p.ID)))
		}
		return ks
	}}
	postsByIssue = &index[desk.Post]{name: "posts.issue", keys: func(p *desk.Post) []key {
		if p.Issue == "" {
			return nil
		}
		return []key{received(issueKey(p.Issue), p)}
	}}
	postsByAuthor = &index[desk.Post]{name: "posts.author", keys: func(p *desk.Post) []key {
		if p.Ours() {
			return nil
		}
		return []key{received(actorKey(p.Author), p)}
	}}
	postsReplies = &index[desk.Post]{name: "posts.answers", keys: func(p *desk.Post) []key {
		if p.InReplyTo == "" {
			return nil
		}
		return []key{received(objectKey(p.InReplyTo), p)}
	}}
	postsOutbox = &index[desk.Post]{name: "posts.outbox", keys: func(p *desk.Post) []key {
		if !layout.InOutbox(p) {
			return nil
		}
		return []key{deskKey(p.Desk).timeDesc(layout.Published(p)).rawDesc(postKey(p.ID))}
	}}
	postsBroadcasts = &index[desk.Post]{name: "posts.broadcasts", keys: func(p *desk.Post) []key {
		if p.Role != desk.RoleBroadcast {
			return nil
		}
		return []key{deskKey(p.Desk).timeDesc(p.Received).rawDesc(postKey(p.ID))}
	}}
)

func postKey(id desk.PostID) key { return key(nil).text(string(id)) }

func contextKey(context string, author desk.ActorID) key {
	return key(nil).text(context).text(string(author))
}

// received is where a post stands in a list in the order of hearing.
func received(prefix key, p *desk.Post) key { return prefix.time(p.Received).raw(postKey(p.ID)) }

type posts struct{ *tx }

// Put refuses an object id that another post has.
func (s posts) Put(p desk.Post) error { return postsTable.put(s.tx, &p) }

func (s posts) Get(id desk.PostID) (desk.Post, bool, error) {
	return postsTable.get(s.tx, postKey(id))
}

func (s posts) ByObject(o desk.ObjectID) (desk.Post, bool, error) {
	return postsTable.by(s.tx, postsByObject, objectKey(o))
}

// ByContext answers with the issue of the author's last word there.
func (s posts) ByContext(context string, author desk.ActorID) (id desk.IssueID, ok bool, err error) {
	err = walk(s.tx, postsByContext.name, contextKey(context, author), func(_, v []byte) (bool, error) {
		p, err := postsTable.must(s.tx, v)
		id, ok = p.Issue, err == nil
		return false, err
	})
	return id, ok, err
}

func (s posts) ByIssue(i desk.IssueID, p store.Page) ([]desk.Post, string, error) {
	return postsTable.listBy(s.tx, postsByIssue, issueKey(i), p)
}

func (s posts) ByAuthor(a desk.ActorID, p store.Page) ([]desk.Post, string, error) {
	return postsTable.listBy(s.tx, postsByAuthor, actorKey(a), p)
}

func (s posts) Replies(o desk.ObjectID, p store.Page) ([]desk.Post, string, error) {
	return postsTable.listBy(s.tx, postsReplies, objectKey(o), p)
}

func (s posts) Outbox(d desk.Handle, p store.Page) ([]desk.Post, string, error) {
	return postsTable.listBy(s.tx, postsOutbox, deskKey(d), p)
}

func (s posts) OutboxCount(d desk.Handle) (int, error) { return postsTable.count(s.tx, deskKey(d)) }

func (s posts) Broadcasts(d desk.Handle, p store.Page) ([]desk.Post, string, error) {
	return postsTable.listBy(s.tx, postsBroadcasts, deskKey(d), p)
}
