package postgres

import (
	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

var postsTable = define(table[desk.Post]{
	name: "posts", keys: []string{"id"},
	columns: []string{"object", "issue", "author", "context", "conversation", "speaker", "answers", "outbox", "broadcasts", "received", "published"},
	key:     func(p *desk.Post) []any { return []any{ordered(p.ID)} },
	values: func(p *desk.Post) []any {
		var author, context, conversation, speaker, outbox, broadcasts []byte
		if !p.Ours() {
			author = ordered(p.Author)
		}
		if p.Issue != "" {
			context, conversation, speaker = optional(short, p.Context), optional(short, p.Conversation), short(p.Author)
		}
		if layout.InOutbox(p) {
			outbox = ordered(p.Desk)
		}
		if p.Role == desk.RoleBroadcast {
			broadcasts = ordered(p.Desk)
		}
		return []any{
			optional(short, p.Object), optional(ordered, p.Issue), author, context, conversation, speaker,
			optional(ordered, p.InReplyTo), outbox, broadcasts, p.Received, layout.Published(p),
		}
	},
})

type posts struct{ *tx }

// Put refuses an object id that another post has.
func (s posts) Put(p desk.Post) error { return postsTable.put(s.tx, &p) }
func (s posts) Get(id desk.PostID) (desk.Post, bool, error) {
	return postsTable.get(s.tx, ordered(id))
}
func (s posts) ByObject(o desk.ObjectID) (desk.Post, bool, error) {
	return postsTable.query(s.tx, "select record from posts where object = $1", short(o))
}

// ByContext answers with the issue of the author's last word there.
func (s posts) ByContext(context string, author desk.ActorID) (desk.IssueID, bool, error) {
	if context == "" {
		return "", false, nil
	}
	p, ok, err := postsTable.query(s.tx, `select record from (
			(select record, received, id from posts where context = $1 and speaker = $2 order by received desc, id desc limit 1)
			union all
			(select record, received, id from posts where conversation = $1 and speaker = $2 order by received desc, id desc limit 1)
		) p order by received desc, id desc limit 1`, short(context), short(author))
	return p.Issue, ok, err
}

// list lists posts as they were received, or newest first.
func (s posts) list(column string, key []byte, order string, desc bool, p store.Page) ([]desk.Post, string, error) {
	return page(s.tx, postsTable, listing{
		name: "posts " + column, table: "posts", where: []string{column}, is: []any{key}, order: []string{order, "id"}, desc: desc,
	}, p)
}
func (s posts) ByIssue(i desk.IssueID, p store.Page) ([]desk.Post, string, error) {
	return s.list("issue", ordered(i), "received", false, p)
}
func (s posts) ByAuthor(a desk.ActorID, p store.Page) ([]desk.Post, string, error) {
	return s.list("author", ordered(a), "received", false, p)
}
func (s posts) Replies(o desk.ObjectID, p store.Page) ([]desk.Post, string, error) {
	return s.list("answers", ordered(o), "received", false, p)
}
func (s posts) Outbox(d desk.Handle, p store.Page) ([]desk.Post, string, error) {
	return s.list("outbox", ordered(d), "published", true, p)
}
func (s posts) Broadcasts(d desk.Handle, p store.Page) ([]desk.Post, string, error) {
	return s.list("broadcasts", ordered(d), "received", true, p)
}
func (s posts) OutboxCount(d desk.Handle) (n int, err error) {
	_, err = s.one("select count(*) from posts where outbox = $1", []any{ordered(d)}, &n)
	return n, err
}
