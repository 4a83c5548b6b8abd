package app

import (
	"context"
	"fmt"
	"slices"

	"earshot/internal/desk"
	"earshot/store"
)

// SetRota says who is told of a desk's new issues that nobody takes. It changes no profile,
// and holds for issues that are told next.
func (a *App) SetRota(ctx context.Context, by By, h desk.Handle, r desk.Rota) (desk.Desk, error) {
	r, err := desk.NewRota(r)
	if err != nil {
		return desk.Desk{}, err
	}
	return once(ctx, a, by, audit[desk.Desk]{"desk.rota", func(d desk.Desk) (string, string) { return "desks/" + string(d.Handle), "" }}, func(tx *Tx) (desk.Desk, error) {
		d, err := tx.desk(h)
		if err != nil {
			return d, err
		}
		for _, e := range r.Agents {
			if !slices.Contains(d.Rota.Agents, e) { // one who has gone since does no harm
				if err := tx.canHave(e, d.Handle); err != nil {
					return d, err
				}
			}
		}
		d.Rota = r
		return d, tx.Desks().Put(d)
	})
}

// callNext tells the n-th agent of the desk's rota of an issue, if nobody has taken it, and
// arms the timer by which the next one is told. Who is disabled, or does not see the issue, is passed over. Nothing of
// it is in the timeline or the audit log: nobody reads there who was slow.
func (t *Tx) callNext(i desk.Issue, n int) error {
	d, ok, err := t.Desks().Get(i.Desk)
	if err != nil || !ok || !i.Untaken() {
		return err
	}
	for ; n < len(d.Rota.Agents); n++ {
		a, ok, err := t.Agents().Get(d.Rota.Agents[n])
		if err != nil {
			return err
		}
		if ok && a.Active() && a.Sees(i.On()) {
			break
		}
	}
	if n >= len(d.Rota.Agents) {
		return nil
	}
	turn := store.Change{Kind: store.ChangeTurn, To: d.Rota.Agents[n]}
	if i.OpenedAt.Equal(t.Now) {
		turn.State = store.StateFirst
	}
	if err := t.changedIn(i, turn); err != nil || n+1 == len(d.Rota.Agents) {
		return err
	}
	return t.addJob(store.QueueTimer, fmt.Sprintf("rota:%s:%d", i.ID, n+1), "", t.Now.Add(d.Rota.After()), Timer{Kind: TimerRota, Issue: i.ID, N: n + 1})
}

// nextOfRota is the timer by which the next agent of a rota is told of an issue.
func (a *App) nextOfRota(ctx context.Context, id desk.IssueID, n int) error {
	return a.Update(ctx, func(tx *Tx) error {
		i, ok, err := tx.Issues().Get(id)
		if err != nil || !ok {
			return err
		}
		return tx.callNext(i, n)
	})
}
