package app

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"earshot/internal/desk"
	"earshot/store"
)

// readAfter are the times after which a report that was heard by its tags is read
// again on its own server. Nobody there knows that we have it until we answer, so no
// edit and no deletion is sent to us.
var readAfter = []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

// readEvery is the time between two such reads of one server: at most 600 an hour.
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

// aroundOf spreads a time by a fifth to both sides, the same for the same post.
func aroundOf(d time.Duration, o desk.ObjectID) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(o))
	return (d*4/5 + time.Duration(h.Sum64()%uint64(d*2/5))).Truncate(time.Second)
}

// ReadAgain is the action of that timer: the report is fetched, if it still has to be.
func (a *App) ReadAgain(ctx context.Context, timer Timer) error {
	h, now := timer.Object.Host(), a.Now()
	turn := sync.OnceValue(func() time.Time { return a.reads.next(h, now) }) // one, however often the function runs
	return a.Update(ctx, func(tx *Tx) error {
		_, ok, err := tx.unanswered(timer.Object)
		if err != nil || !ok {
			return err
		}
		return tx.addJobOf(h, store.QueueBrought, fmt.Sprintf("read:%d:%s", timer.N, timer.Object), string(timer.Object), turn(),
			Fetch{Object: timer.Object, Read: timer.N + 1, Tag: timer.Tag})
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

// turns gives each server a turn to be asked, so that it is not asked more often.
type turns struct {
	mu sync.Mutex
	of *lru.LRU[desk.Host, time.Time] // the last one
}

const turnsMost = 20_000

// next returns the next turn of a server, and takes it.
func (t *turns) next(h desk.Host, now time.Time) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of == nil {
		t.of, _ = lru.NewLRU[desk.Host, time.Time](turnsMost, nil) // fails for a size below 1 only
	}
	at := now
	if last, ok := t.of.Get(h); ok && last.Add(readEvery).After(now) {
		at = last.Add(readEvery)
	}
	t.of.Add(h, at)
	return at
}
