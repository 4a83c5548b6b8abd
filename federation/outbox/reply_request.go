package outbox

import (
	"earshot/federation/as/build"
	"earshot/internal/app"
	"earshot/internal/desk"
)

// freezeReplyRequest keeps a reply that needs leave, with the question around it: a
// ReplyRequest, or, for servers that know none, the Create itself, sent to
// nobody but the author of what it answers.
func (o *Outbox) freezeReplyRequest(tx *app.Tx, site desk.Site, p desk.Post, note build.NoteDoc) error {
	id := app.ReplyRequestID(site, p.ID)
	var doc []byte
	var err error
	if p.Approval.Implicit {
		doc, err = build.Create(id, p.Author, note)
	} else {
		doc, err = build.ReplyRequest(id, p.Author, p.Approval.By, note)
	}
	if err != nil {
		return err
	}
	return o.freeze(tx, p, note, id, doc)
}
