package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// Other servers give a delivery up after a while, some at once. After an outage of ours
// the outboxes of those who are likely to have written are read, once.

// The bounds: see docs/operations/limits.md.
const (
	aliveEvery       = 5 * time.Minute
	outageAfter      = 5 * time.Minute // so late is a sign of life after an outage
	maxOutboxes      = 500
	outboxesOfDomain = 30
	outboxPause      = 10 * time.Second // between two outboxes of one domain
	outboxStagger    = 200 * time.Millisecond
)

// Outage is a time for which no node of the instance worked.
type Outage struct {
	From     time.Time `json:"from"`     // when the last sign of life was, at the earliest
	To       time.Time `json:"to"`       //
	Outboxes int       `json:"outboxes"` // that are read for it
	Found    int       `json:"found"`    // posts in them that seemed to be for us, and that we did not have
}

const metaOutage = "outage.last"

// ArmAlive makes sure that the next sign of life will be given. One that is overdue
// tells of an outage.
func (a *App) ArmAlive(ctx context.Context) error {
	return a.Update(ctx, func(tx *Tx) error { return tx.armAlive() })
}

func (t *Tx) armAlive() error {
	at := t.Now.Truncate(aliveEvery).Add(aliveEvery)
	return t.addJob(store.QueueTimer, "alive:"+at.Format(time.RFC3339), "", at, Timer{Kind: TimerAlive, At: at})
}

// Alive is the sign of life that was due at a time. If it comes late, nobody worked in
// between: the outboxes are read.
func (a *App) Alive(ctx context.Context, due time.Time) error {
	var o Outage
	err := a.Update(ctx, func(tx *Tx) (err error) {
		if o = (Outage{}); tx.Now.Sub(due) >= outageAfter {
			if o, err = tx.readOutboxes(due.Add(-aliveEvery)); err != nil {
				return err
			}
		}
		return tx.armAlive()
	})
	if err == nil && !o.To.IsZero() {
		a.log.Warn("nothing worked here for a while: the outboxes of reporters and followers are read for missed posts",
			"from", o.From, "to", o.To, "outboxes", o.Outboxes)
	}
	return err
}

// LastOutage returns the last outage whose outboxes were read.
func (a *App) LastOutage(ctx context.Context) (o Outage, ok bool, err error) {
	ok, err = a.getMeta(ctx, metaOutage, &o)
	return o, ok, err
}

// readOutboxes adds a fetch job for the outbox of each actor who may have written since a
// time: first the reporters of issues that are not done, then the followers.
func (t *Tx) readOutboxes(since time.Time) (Outage, error) {
	o := Outage{From: since, To: t.Now}
	likely, err := t.likelyAuthors()
	if err != nil {
		return o, err
	}
	seen, ofDomain := map[desk.ActorID]bool{}, map[desk.Domain]int{}
	for _, who := range likely {
		domain := who.Host().Domain()
		if seen[who] || o.Outboxes >= maxOutboxes || ofDomain[domain] >= outboxesOfDomain {
			continue
		}
		seen[who] = true
		if may, err := t.mayReadOutbox(who); err != nil {
			return o, err
		} else if !may {
			continue
		}
		due := t.Now.Add(time.Duration(ofDomain[domain])*outboxPause + time.Duration(o.Outboxes)*outboxStagger)
		if err := t.addJobOf(who.Host(), store.QueueFetch, fmt.Sprintf("outbox:%d:%s", since.Unix(), who), "", due, Fetch{Outbox: who, Since: since, Until: t.Now}); err != nil {
			return o, err
		}
		ofDomain[domain]++
		o.Outboxes++
	}
	return o, t.putOutage(o)
}

// likelyAuthors are at most a page of each kind.
func (t *Tx) likelyAuthors() (out []desk.ActorID, err error) {
	for _, c := range []desk.Category{desk.CategoryOpen, desk.CategoryPaused} {
		issues, _, err := t.Issues().List(store.IssueFilter{Category: c}, store.Page{})
		if err != nil {
			return nil, err
		}
		for _, i := range issues {
			out = append(out, i.Reporter)
		}
	}
	desks, err := t.Desks().All()
	if err != nil {
		return nil, err
	}
	for _, d := range desks {
		follows, _, err := t.Follows().List(d.Handle, store.Page{})
		if err != nil {
			return nil, err
		}
		for _, f := range follows {
			out = append(out, f.Actor)
		}
	}
	return out, nil
}

// mayReadOutbox leaves out who is blocked, who wants to be left alone, and whose server
// has been silent for long.
func (t *Tx) mayReadOutbox(who desk.ActorID) (bool, error) {
	if blocked, err := t.blocked(who); err != nil || blocked || who == "" {
		return false, err
	}
	if out, ok, err := t.OptOuts().Get(who); err != nil || ok && out.Active(t.Now) {
		return false, err
	}
	silent, err := t.givenUp(who.Host())
	return !silent, err
}

// QueueMissed has posts fetched that an outbox named and that we do not have.
func (a *App) QueueMissed(ctx context.Context, posts []desk.ObjectID) error {
	return a.Update(ctx, func(tx *Tx) error {
		found := 0
		for _, id := range posts {
			if _, known, err := tx.Posts().ByObject(id); err != nil {
				return err
			} else if known {
				continue
			}
			found++
			if err := tx.fetch(Fetch{Object: id, Source: Inbox}); err != nil {
				return err
			}
		}
		if found == 0 {
			return nil
		}
		o, err := tx.outage()
		if err != nil {
			return err
		}
		o.Found += found
		return tx.putOutage(o)
	})
}

func (t *Tx) putOutage(o Outage) error {
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return t.Meta().Put(metaOutage, string(b))
}

func (t *Tx) outage() (o Outage, err error) {
	v, ok, err := t.Meta().Get(metaOutage)
	if err != nil || !ok {
		return o, err
	}
	return o, json.Unmarshal([]byte(v), &o)
}
