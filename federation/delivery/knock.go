package delivery

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"earshot/federation/as"
	"earshot/federation/httpsig"
	"earshot/internal/app"
	"earshot/internal/keyring"
	"earshot/internal/safehttp"
	"earshot/store"
)

// attempt is one way to sign a delivery.
type attempt struct {
	scheme httpsig.Scheme
	signer keyring.Signer
	old    bool       // the signer's key is not the current one
	next   app.Signed // what we know of the host if this works
}

// post POSTs with the signature that the host is known to take, and again with
// another where it is told that the signature was the trouble: at most three times, with an
// Ed25519 key first where it says that it takes one. What works is remembered, so a
// memory that is no longer right heals by the next knock. If none works the answer to
// draft-cavage stands: servers without RFC 9421 answer anything to it.
func (d *Deliverer) post(ctx context.Context, p app.Deliver, t app.Delivery) (res *safehttp.Response, worked attempt, err error) {
	tries, err := d.attempts(ctx, p, t)
	if err != nil {
		return nil, attempt{}, err
	}
	var stands *safehttp.Response
	for n, a := range tries {
		res, err := d.postSigned(ctx, p.Inbox, t.Body, a)
		if err != nil {
			return nil, attempt{}, err
		}
		if classify(res.Status) == delivered {
			return res, a, nil
		}
		if n == 0 || a.scheme == httpsig.Cavage {
			stands = res
		}
		if !blamesSignature(res.Status, a.scheme) {
			break
		}
	}
	return stands, attempt{}, nil
}

// attempts lists how to sign: by an Ed25519 key where one is taken, by what the host
// took last, else draft-cavage, and then by the other. An announcement of a new RSA key
// goes by the old one first, which others know, and then by the new one, as does all
// else to servers that are not known to have the new one. While others may not have our
// new keys, no Ed25519 key signs.
func (d *Deliverer) attempts(ctx context.Context, p app.Deliver, t app.Delivery) ([]attempt, error) {
	signer, err := d.Keys.Signer(ctx, p.Signer)
	if err != nil {
		return nil, err
	}
	known := app.Signed{Scheme: t.Host.Scheme, Ed25519: t.Host.Ed25519}
	cavage, rfc9421 := attempt{httpsig.Cavage, signer, false, known}, attempt{httpsig.RFC9421, signer, false, known}
	cavage.next.Scheme, rfc9421.next.Scheme = store.SchemeDefault, store.SchemeRFC9421
	tries := []attempt{cavage, rfc9421}
	if known.Scheme == store.SchemeRFC9421 {
		slices.Reverse(tries)
	}
	if key := cmp.Or(p.Key, t.OldKey); key != "" {
		if old, ok, err := d.Keys.Named(ctx, p.Signer, key); err != nil || ok {
			first := attempt{tries[0].scheme, old, true, known}
			return []attempt{first, {first.scheme, signer, false, known}}, err
		}
	}
	if known.Ed25519 != store.TakesYes || t.KeyChanged {
		return tries, nil
	}
	fast, err := d.Keys.ProofSigner(ctx, p.Signer)
	if err != nil {
		d.Log.Warn("signing with the RSA key: the Ed25519 key cannot be had", "actor", p.Signer, "error", err)
		return tries, ctx.Err()
	}
	for n := range tries { // which are made if that one is refused
		tries[n].next.Ed25519 = store.TakesNo
	}
	return append([]attempt{{httpsig.RFC9421, fast, false, known}}, tries...), nil
}

func (d *Deliverer) postSigned(ctx context.Context, inbox string, body []byte, a attempt) (*safehttp.Response, error) {
	return d.Client.Post(ctx, inbox, body, func(r *http.Request) error {
		r.Header.Set("Content-Type", as.ContentType)
		r.Header.Set("Accept", as.ContentType)
		return httpsig.Sign(a.scheme, r, body, a.signer.KeyID, a.signer.Key, d.App.Now())
	})
}

// blamesSignature says whether an answer may be about how we signed: 401, 403
// (PeerTube), and 400 from servers that miss the headers of draft-cavage, which
// is why a 400 to draft-cavage itself is about something else.
func blamesSignature(status int, scheme httpsig.Scheme) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return true
	case http.StatusBadRequest:
		return scheme == httpsig.RFC9421
	}
	return false
}
