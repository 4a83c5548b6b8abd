package outbox

import (
	"fmt"

	"earshot/federation/as/build"
	"earshot/federation/proof"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// freeze makes the documents of a post and of the activity around it. From then on
// they are sent and shown byte for byte.
func (o *Outbox) freeze(tx *app.Tx, p desk.Post, note build.NoteDoc, id desk.ActivityID, activity []byte) (app.Written, error) {
	object, err := build.Note(note)
	if err != nil {
		return app.Written{}, err
	}
	w := app.Written{Activity: id}
	for _, d := range []store.Document{{ID: string(p.Object), JSON: object}, {ID: string(id), JSON: activity}} {
		d.Post, d.Public, d.Addressed = p.ID, p.Visibility.IsPublic() && p.State == desk.PostPublished, addressed(p)
		if d, err = o.proved(tx, p.Desk, d); err != nil {
			return app.Written{}, err
		}
		w.Documents = append(w.Documents, d)
	}
	return w, nil
}

// addressed lists the actors who may read a post that is not public.
func addressed(p desk.Post) []desk.ActorID { return p.Mentions }

// proved adds a proof (FEP-8b32) to what everybody may read, so that it can be
// believed wherever it turns up. A document for one person has none: nobody should
// be able to prove to others what was said in confidence.
func (o *Outbox) proved(tx *app.Tx, who desk.Handle, d store.Document) (store.Document, error) {
	if !d.Public {
		return d, nil
	}
	prover, err := o.Keys.Prover(tx, who)
	if err != nil {
		return d, err
	}
	if d.JSON, err = proof.Sign(d.JSON, prover.KeyID, prover.Key, tx.Now); err != nil {
		return d, fmt.Errorf("proving %s: %w", d.ID, err)
	}
	return d, nil
}

// forOne is an activity for one actor: who follows us is theirs to tell.
func forOne(id desk.ActivityID, to desk.ActorID, doc []byte) app.Written {
	return app.Written{Activity: id, Documents: []store.Document{{ID: string(id), JSON: doc, Addressed: []desk.ActorID{to}}}}
}
