package app

import (
	"context"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// changesExpire is how long a follower may have been away.
const changesExpire = 24 * time.Hour

// changed notes for those who follow along that something happened in an issue.
func (t *Tx) changed(c store.Change) error {
	i, err := t.home(c.Issue)
	if desk.ErrorCode(err) == desk.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return t.changedIn(i, c)
}

func (t *Tx) changedIn(i desk.Issue, c store.Change) error {
	c.Issue = i.ID
	c.ID, c.At, c.Desks = t.NewID(), t.Now, i.On()
	return t.Changes().Add(c)
}

// deliveryChanged keeps how far a delivery has come. Where one of an issue has come
// to an end, those who follow along are told.
func (t *Tx) deliveryChanged(d store.Delivery) error {
	if err := t.Deliveries().Put(d); err != nil || d.State == store.DeliveryQueued || d.Post == "" {
		return err
	}
	p, ok, err := t.Posts().Get(d.Post)
	if err != nil || !ok || p.Issue == "" {
		return err
	}
	if err := t.voiceDelivered(p, d); err != nil {
		return err
	}
	return t.changed(store.Change{Kind: store.ChangeDelivery, Issue: p.Issue, Post: p.ID, State: string(d.State)})
}

// Presence is what an agent does with an issue.
type Presence string

// The presences.
const (
	PresenceReading Presence = "looks"
	PresenceWriting Presence = "writes"
	PresenceLeft    Presence = "left"
)

// Attend tells the other agents that an agent reads an issue, writes in it, or
// has left. It expires after PresenceFor unless it is repeated.
func (a *App) Attend(ctx context.Context, by By, id desk.IssueID, p Presence) error {
	switch p {
	case PresenceReading, PresenceWriting, PresenceLeft:
	default:
		return desk.Invalid("presence_unknown", "there is no presence %q; there are looks, writes and left", p)
	}
	if by.Agent == "" {
		return desk.Invalid("presence_no_agent", "presence belongs to an agent: name the agent")
	}
	return a.Update(ctx, func(tx *Tx) error {
		if _, err := tx.issue(id); err != nil {
			return err
		}
		return tx.changed(store.Change{Kind: store.ChangePresence, Issue: id, Agent: by.Agent, State: string(p)})
	})
}

// PresenceFor is how long a presence lasts without a repetition.
const PresenceFor = 45 * time.Second
