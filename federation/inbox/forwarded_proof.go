package inbox

import (
	"context"
	"errors"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/federation/proof"
	"earshot/internal/desk"
)

// proven says whether a forwarded activity can be believed as it is: its actor,
// who has invited a desk (the caller asked), proves by a key of its own (FEP-8b32),
// made lately, that these are its words. An actor that was heard by tags is always
// asked, for being asked is how it can say that we are not wanted. An old proof
// may be of words that were taken back since.
//
// Without a proof the object is fetched, so the only error is that by has used up
// its ration of proofs. The cheap checks come first: only Confirm has the document
// canonicalised. Linked Data Signatures are not read.
func (in *Inbox) proven(ctx context.Context, a *as.Activity, by desk.ActorID) (bool, error) {
	switch a.Type {
	case as.Create, as.Update, as.Delete:
	default:
		return false, nil
	}
	p, err := proof.Read(a.Raw)
	if err != nil {
		if !errors.Is(err, proof.ErrNone) {
			in.Log.Debug("a proof cannot be read", "activity", a.ID, "err", err)
		}
		return false, nil
	}
	now := in.App.Now()
	age := now.Sub(p.Created)
	if age > httpsig.DefaultWindow || age < -httpsig.DefaultWindow || !p.Expires.IsZero() && now.After(p.Expires) {
		return false, nil
	}
	if host, err := desk.HostOf(p.Method); err != nil || host != a.Actor.Host() {
		return false, nil // no request for the sake of a key that cannot be theirs
	}
	if err := in.Budget.prove(by, now); err != nil {
		return false, err
	}
	key, err := in.Verifier.Lookup.Confirm(ctx, p.Method, p.Fits)
	if err != nil {
		in.Log.Debug("a proof does not hold", "activity", a.ID, "method", p.Method, "err", err)
		return false, nil
	}
	return desk.SameID(string(key.Owner), string(a.Actor)), nil
}
