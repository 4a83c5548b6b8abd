package outbox

import (
	"earshot/federation/as/build"
	"earshot/internal/app"
	"earshot/internal/desk"
)

// freezeReplyRequest freezes a reply that needs approval, with the question around
// it: a ReplyRequest, or, for servers that know none, the Create itself, sent only
// to the author of the answered post.
func (o *Outbox) freezeReplyRequest(tx *app.Tx, p desk.Post, note build.NoteDoc) (app.Written, error) {
	id := app.ReplyRequestID(o.App.Site(), p.ID)
	var doc []byte
	var err error
	if p.Approval.Implicit {
		doc, err = build.Create(id, p.Author, note)
	} else {
		doc, err = build.ReplyRequest(id, p.Author, p.Approval.By, note)
	}
	if err != nil {
		return app.Written{}, err
	}
	return o.freeze(tx, p, note, id, doc)
}
