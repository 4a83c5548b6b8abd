package app

import (
	"context"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// Delivery is what an attempt to deliver has to know.
type Delivery struct {
	Body    []byte // of the activity; nil if it is not there any more
	Done    bool   // delivered by an earlier run
	Gone    bool   // retracted
	Blocked bool   // the receiver is
	Host    store.HostState
	// KeyChanged: the signer has new keys since a short time, so that a refused
	// signature may pass soon.
	KeyChanged bool
	// OldKey is the fragment of the key that signs first, "" for the current one:
	// the receiver is not known to have fetched that.
	OldKey string
	// Status and At are those of the last attempt.
	Status int
	At     time.Time
}

// Delivery reads what the next attempt has to know.
func (a *App) Delivery(ctx context.Context, d Deliver, h desk.Host) (out Delivery, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		out = Delivery{}
		del, ok, err := tx.Deliveries().Get(d.Activity, d.Inbox)
		if out.Done = ok && del.State == store.DeliveryDelivered; err != nil || out.Done {
			return err
		}
		out.Status, out.At = del.Status, del.At
		if out.OldKey, out.KeyChanged, err = tx.keyFor(d.Signer, h); err != nil {
			return err
		}
		doc, ok, err := tx.Documents().Get(string(d.Activity))
		if err != nil {
			return err
		}
		if out.Gone = ok && doc.Gone; ok && !out.Gone {
			out.Body = doc.JSON
		}
		if out.Host, _, err = tx.Hosts().Get(h); err != nil {
			return err
		}
		out.Host.Host = h
		out.Blocked, err = tx.Blocked(d.Recipient, h)
		return err
	})
	return out, err
}

// Signed is how a request was signed that was taken.
type Signed struct {
	Scheme  store.Scheme // with an RSA key
	Ed25519 store.Takes  // what we know of it now
}

// Delivered records a success, by which the host's breaker is closed, and how it was
// signed; before is the host as Delivery returned it.
func (a *App) Delivered(ctx context.Context, d Deliver, before store.HostState, by Signed, status int) error {
	return a.Update(ctx, func(tx *Tx) error {
		if err := tx.recordDelivery(d, store.DeliveryDelivered, status, ""); err != nil {
			return err
		}
		if by.Scheme == before.Scheme && by.Ed25519 == before.Ed25519 && before.Failures == 0 {
			return nil
		}
		h, _, err := tx.Hosts().Get(before.Host)
		if err != nil {
			return err
		}
		h = h.Up()
		h.Host = before.Host
		if h.Scheme == before.Scheme && by.Scheme != before.Scheme { // and nobody learned otherwise meanwhile
			h.Scheme, h.Delivered = by.Scheme, tx.Now
		}
		if h.Ed25519 == before.Ed25519 && by.Ed25519 != before.Ed25519 {
			h.Ed25519, h.Ed25519At = by.Ed25519, tx.Now
		}
		return tx.Hosts().Put(h)
	})
}

// refusedEd25519For is how long a server that refused an Ed25519 key is not believed
// that it takes one; ed25519KnownFor how long is remembered what nobody said again.
const (
	refusedEd25519For = 30 * 24 * time.Hour
	ed25519KnownFor   = 30 * 24 * time.Hour
)

// HostTakesEd25519 records that a server says that it takes signatures by Ed25519 keys,
// or has sent one.
func (a *App) HostTakesEd25519(ctx context.Context, host desk.Host, sent bool) error {
	var there store.HostState
	news := func(tx *Tx) (yes bool, err error) {
		there, _, err = tx.Hosts().Get(host)
		since := tx.Now.Sub(there.Ed25519At)
		switch there.Ed25519 {
		case store.TakesYes:
			return since >= ed25519KnownFor/2, err
		case store.TakesNo:
			return sent || since >= refusedEd25519For, err
		}
		return true, err
	}
	var yes bool
	if err := a.View(ctx, func(tx *Tx) (err error) { yes, err = news(tx); return err }); err != nil || !yes {
		return err
	}
	return a.Update(ctx, func(tx *Tx) error {
		yes, err := news(tx)
		if err != nil || !yes {
			return err
		}
		there.Host, there.Ed25519, there.Ed25519At = host, store.TakesYes, tx.Now
		return tx.Hosts().Put(there)
	})
}

// DeliveryFailed records that a delivery is given up.
func (a *App) DeliveryFailed(ctx context.Context, d Deliver, status int, why string) error {
	return a.Update(ctx, func(tx *Tx) error { return tx.recordDelivery(d, store.DeliveryFailed, status, why) })
}

// DeliveryRetried records a failure that may pass, and counts it for the host's
// breaker. pause is how long it is until the next attempt; status is 0 if no
// answer came.
func (a *App) DeliveryRetried(ctx context.Context, d Deliver, host desk.Host, status int, why string, pause time.Duration) error {
	return a.Update(ctx, func(tx *Tx) error {
		if err := tx.recordDelivery(d, store.DeliveryQueued, status, why); err != nil {
			return err
		}
		h, _, err := tx.Hosts().Get(host)
		if err != nil {
			return err
		}
		return tx.Hosts().Put(hostFailed(h, host, status, pause, tx.Now))
	})
}

// DeliveryMoved ends a delivery and adds next, to another inbox of the receiver, if
// that has none. thread is the thread of both.
func (a *App) DeliveryMoved(ctx context.Context, d, next Deliver, thread string, status int) error {
	return a.Update(ctx, func(tx *Tx) error {
		del, _, err := tx.Deliveries().Get(d.Activity, d.Inbox)
		if err != nil {
			return err
		}
		if _, there, err := tx.Deliveries().Get(next.Activity, next.Inbox); err != nil {
			return err
		} else if !there {
			if err := tx.Deliver(next, del.Post, thread); err != nil {
				return err
			}
		}
		return tx.recordDelivery(d, store.DeliveryFailed, status, "there is no such inbox; sent to "+next.Inbox+" instead")
	})
}

func (t *Tx) recordDelivery(d Deliver, state store.DeliveryState, status int, why string) error {
	del, _, err := t.Deliveries().Get(d.Activity, d.Inbox)
	if err != nil {
		return err
	}
	del.Activity, del.Inbox = d.Activity, d.Inbox
	del.State, del.Status, del.Error, del.At = state, status, why, t.Now
	if err := t.followSent(d.Activity, state, why); err != nil {
		return err
	}
	return t.deliveryChanged(del)
}
