package build

import (
	"time"

	"earshot/federation/as"
	"earshot/internal/desk"
)

// ReplyRequest asks the author of a post for leave to answer it. It carries the
// reply as its instrument, and goes to the author alone.
func ReplyRequest(id desk.ActivityID, actor, author desk.ActorID, note NoteDoc) ([]byte, error) {
	if err := requireIDs(string(id), string(actor), string(author), string(note.InReplyTo)); err != nil {
		return nil, err
	}
	instrument, err := note.document()
	if err != nil {
		return nil, err
	}
	d := document{"id": string(id), "type": string(as.ReplyRequest), "actor": string(actor), "to": []any{string(author)},
		"object": string(note.InReplyTo), "instrument": instrument}
	return d.encode(noteContext)
}

// QuoteRequestDoc is a request to quote a post of ours (FEP-044f).
type QuoteRequestDoc struct {
	ID         desk.ActivityID // may be empty
	Actor      desk.ActorID
	Object     desk.ObjectID // our post
	Instrument desk.ObjectID // the quote
}

func (q QuoteRequestDoc) document() (document, error) {
	if err := requireIDs(string(q.Actor), string(q.Object), string(q.Instrument)); err != nil {
		return nil, err
	}
	d := document{"type": string(as.QuoteRequest), "actor": string(q.Actor), "object": string(q.Object), "instrument": string(q.Instrument)}
	d.text("id", string(q.ID))
	return d, nil
}

// AcceptQuote allows a quote; stamp is the id of its QuoteAuthorization.
func AcceptQuote(id desk.ActivityID, actor desk.ActorID, q QuoteRequestDoc, stamp string) ([]byte, error) {
	if err := requireIDs(stamp); err != nil {
		return nil, err
	}
	return answerQuote(newAccept(), id, actor, q, stamp)
}

// RejectQuote refuses one.
func RejectQuote(id desk.ActivityID, actor desk.ActorID, q QuoteRequestDoc) ([]byte, error) {
	return answerQuote(newReject(), id, actor, q, "")
}

func answerQuote(v activity, id desk.ActivityID, actor desk.ActorID, q QuoteRequestDoc, stamp string) ([]byte, error) {
	d, err := wrap(v, id, actor, []string{string(q.Actor)}, nil, time.Time{})
	if err != nil {
		return nil, err
	}
	if d["object"], err = q.document(); err != nil {
		return nil, err
	}
	d.text("result", stamp)
	return d.encode(noteContext)
}

// QuoteAuthorization is the document that others fetch to see that a quote is
// allowed.
func QuoteAuthorization(id string, author desk.ActorID, quote, quoted desk.ObjectID) ([]byte, error) {
	if err := requireIDs(id, string(author), string(quote), string(quoted)); err != nil {
		return nil, err
	}
	d := document{"id": id, "type": string(as.QuoteAuthorization), "attributedTo": string(author),
		"interactingObject": string(quote), "interactionTarget": string(quoted)}
	return d.encode(noteContext)
}
