package outbox

import (
	"fmt"

	"earshot/federation/proof"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// storeDocument keeps what one of our actors says byte for byte. What everybody may
// read carries a proof (FEP-8b32), so that it can be believed wherever it turns
// up. What is for one person has none: nobody should be able to prove to others
// what was said in confidence.
func (o *Outbox) storeDocument(tx *app.Tx, who desk.Handle, d store.Document) error {
	if d.Public {
		prover, err := o.Keys.Prover(tx, who)
		if err != nil {
			return err
		}
		if d.JSON, err = proof.Sign(d.JSON, prover.KeyID, prover.Key, tx.Now); err != nil {
			return fmt.Errorf("proving %s: %w", d.ID, err)
		}
	}
	d.At = tx.Now
	return tx.Documents().Put(d)
}
