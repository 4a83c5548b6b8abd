package public

import (
	"cmp"
	"net/http"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/markup"
)

// postData is the page of one post of a desk.
type postData struct {
	Item   item // the whole text
	Acct   string
	Reply  bool
	Origin origin // what a reply answers
	Issue  string // path of the issue's page, "" for none
}

// Post shows one of our posts: a broadcast, or a reply without the answered
// post.
func (p *Pages) Post(w http.ResponseWriter, r *http.Request, id desk.PostID) {
	var d postData
	var post desk.Post
	err := p.app.View(r.Context(), func(tx *app.Tx) (err error) {
		d, post, err = p.post(tx, id)
		return err
	})
	if err == nil {
		// Quiet posts are not for search engines either.
		err = p.send(w, r, "post", frame{Title: d.Item.By + ": " + markup.Excerpt(cmp.Or(post.Warning, post.Text), 60), Canonical: string(post.Object),
			Alternate: string(post.Object), Kind: "article", Description: markup.Excerpt(cmp.Or(post.Warning, post.Text), 200),
			NoIndex: post.Visibility != desk.VisibilityPublic, Desk: post.Desk, Data: d})
	}
	p.fail(w, r, err)
}

func (p *Pages) post(tx *app.Tx, id desk.PostID) (d postData, post desk.Post, err error) {
	post, ok, err := tx.Posts().Get(id)
	switch {
	case err != nil:
		return d, post, err
	case !ok || !spoken(post):
		return d, post, errNotFound
	case post.Deleted:
		return d, post, errGone
	}
	by, ok, err := tx.Desks().Get(post.Desk)
	if err != nil {
		return d, post, err
	}
	if !ok {
		return d, post, errNotFound
	}
	d = postData{Item: p.item(by, post), Acct: "@" + p.site.Acct(by.Handle), Reply: post.Role == desk.RoleReply}
	d.Item.Text = post.Text
	if !d.Reply {
		return d, post, nil
	}
	if d.Origin, err = interacted(tx, post); err != nil {
		return d, post, err
	}
	d.Issue, err = issuePath(tx, post.Issue)
	return d, post, err
}
