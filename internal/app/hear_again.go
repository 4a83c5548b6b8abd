package app

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"

	"earshot/internal/desk"
	"earshot/store"
)

// readAfter are the times after which a report that was heard by its tags is read
// again on its own server. Nobody there knows that we have it until we answer, so no
// edit and no deletion is sent to us.
var readAfter = []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

// readEvery is the time between two such reads of one server: at most 600 an hour, by
// all nodes together, with those that are tried once more.
const readEvery = 6 * time.Second

// ArmReadAgain sets the timer of the next read of a report, if there is one more. n
// counts the reads that have been made, and tag is the ETag of the last, or "".
func (a *App) ArmReadAgain(ctx context.Context, o desk.ObjectID, n int, tag string) error {
	return a.Update(ctx, func(tx *Tx) error {
		i, ok, err := tx.unanswered(o)
		if err != nil || !ok {
			return err
		}
		return tx.armReadAgain(o, i.OpenedAt, n, tag)
	})
}

func (t *Tx) armReadAgain(o desk.ObjectID, since time.Time, n int, tag string) error {
	if n >= len(readAfter) {
		return nil
	}
	at := since.Add(aroundOf(readAfter[n], o))
	if at.Before(t.Now) {
		at = t.Now
	}
	return t.addJob(store.QueueTimer, fmt.Sprintf("read:%d:%s", n, o), "", at, Timer{Kind: TimerRead, Object: o, N: n, Tag: tag})
}

// ReadLater sets the timer of another try of a read that failed.
func (a *App) ReadLater(ctx context.Context, f Fetch, at time.Time) error {
	return a.Update(ctx, func(tx *Tx) error {
		n, tries := f.Read-1, f.Tries+1
		return tx.addJob(store.QueueTimer, fmt.Sprintf("read:%d:%d:%s", n, tries, f.Object), "", at, Timer{Kind: TimerRead, Object: f.Object, N: n, Tag: f.Tag, Tries: tries})
	})
}

// aroundOf spreads a time by a fifth to both sides, the same for the same post.
func aroundOf(d time.Duration, o desk.ObjectID) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(o))
	return (d*4/5 + time.Duration(h.Sum64()%uint64(d*2/5))).Truncate(time.Second)
}

// ReadAgain is the action of that timer: the report is fetched, if it still has to be.
func (a *App) ReadAgain(ctx context.Context, timer Timer) error {
	return a.Update(ctx, func(tx *Tx) error {
		_, ok, err := tx.unanswered(timer.Object)
		if err != nil || !ok {
			return err
		}
		h := timer.Object.Host()
		at, err := tx.readTurn(h)
		if err != nil {
			return err
		}
		return tx.addJobOf(h, store.QueueBrought, fmt.Sprintf("read:%d:%s", timer.N, timer.Object), string(timer.Object), at,
			Fetch{Object: timer.Object, Read: timer.N + 1, Tag: timer.Tag, Tries: timer.Tries})
	})
}

// ToReadAgain says whether a report still has to be read again: it is public, was
// heard by its tags, and nobody has answered it.
func (a *App) ToReadAgain(ctx context.Context, o desk.ObjectID) (yes bool, err error) {
	err = a.View(ctx, func(tx *Tx) error {
		_, yes, err = tx.unanswered(o)
		return err
	})
	return yes, err
}

// unanswered returns the issue of a report that has to be read again.
func (t *Tx) unanswered(o desk.ObjectID) (desk.Issue, bool, error) {
	p, ok, err := t.Posts().ByObject(o)
	if err != nil || !ok || p.Deleted || p.Role != desk.RoleReport || !p.Visibility.IsPublic() {
		return desk.Issue{}, false, err
	}
	i, ok, err := t.Issues().Get(p.Issue)
	if err != nil || !ok || !readAgain(i) || i.Replies > 0 {
		return i, false, err
	}
	blocked, err := t.blocked(i.Reporter)
	return i, !blocked, err
}

// readTurn takes the next turn of a server, for all nodes. Turns are given in the order
// in which they are asked for.
func (t *Tx) readTurn(h desk.Host) (time.Time, error) {
	at, last := t.Now, time.Time{}
	if err := t.recall(readTurnKey(h), &last); err != nil {
		return at, fmt.Errorf("reading the last turn of a server: %w", err)
	}
	if next := last.Add(readEvery); next.After(at) {
		at = next
	}
	raw, err := json.Marshal(at)
	if err != nil {
		return at, err
	}
	return at, t.Once().Set(readTurnKey(h), raw, at.Add(2*24*time.Hour).Truncate(24*time.Hour))
}

func readTurnKey(h desk.Host) string { return "read-turn:" + string(h) }
