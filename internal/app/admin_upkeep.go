package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"earshot/store"
)

// Compacter removes deleted data from the store's files while the store is in
// use.
type Compacter func(context.Context) (Compaction, error)

// Compaction is the result of compacting the store's file.
type Compaction struct {
	Before int64         `json:"before"` // bytes
	After  int64         `json:"after"`
	Pause  time.Duration `json:"pause_ns"` // how long writers waited
}

// Upkeep is the result of a night's work.
type Upkeep struct {
	At        time.Time  `json:"at"`
	Expired   Expired    `json:"expired"`
	Compacted Compaction `json:"compacted"`
	Error     string     `json:"error,omitempty"`
}

const (
	metaUpkeep = "upkeep.last"
	metaBackup = "backup.last"
)

// Upkeep does the nightly work: it erases words that have expired, brings the
// file of deletions up to date, and compacts the store. Each is tried even if
// another failed; the results are in the log and in LastUpkeep.
func (a *App) Upkeep(ctx context.Context) error {
	u := Upkeep{At: a.Now()}
	var err error
	u.Expired, err = a.ExpireWords(ctx)
	err = errors.Join(err, a.WriteDeletions(ctx), a.ArmSources(ctx))
	if a.compact != nil {
		var compactErr error
		if u.Compacted, compactErr = a.compact(ctx); compactErr != nil {
			err = errors.Join(err, fmt.Errorf("compacting the store: %w", compactErr))
		}
	}
	if ctx.Err() != nil { // the server stops: the next one goes on
		return ctx.Err()
	}
	if err != nil {
		u.Error = err.Error()
	}
	if noteErr := a.putMeta(ctx, metaUpkeep, u); noteErr != nil {
		return errors.Join(err, noteErr)
	}
	if err != nil {
		return err
	}
	a.log.Info("nightly upkeep", "expired_issues", u.Expired.Issues, "expired_posts", u.Expired.Posts, "dropped_jobs", u.Expired.Jobs,
		"bytes_before", u.Compacted.Before, "bytes_after", u.Compacted.After, "pause", u.Compacted.Pause)
	return nil
}

// upkeepHour is when in the night, in UTC.
const upkeepHour = 3 * time.Hour

// ArmUpkeep makes sure that the next night's upkeep will happen.
func (a *App) ArmUpkeep(ctx context.Context) error {
	return a.Update(ctx, func(tx *Tx) error {
		const day = 24 * time.Hour
		at := tx.Now.Truncate(day).Add(upkeepHour)
		if !at.After(tx.Now) {
			at = at.Add(day)
		}
		return tx.addJob(store.QueueTimer, "upkeep:"+at.Format(time.DateOnly), "", at, Timer{Kind: TimerUpkeep})
	})
}

// LastUpkeep returns the last night's upkeep; ok is false if there was none.
func (a *App) LastUpkeep(ctx context.Context) (u Upkeep, ok bool, err error) {
	ok, err = a.getMeta(ctx, metaUpkeep, &u)
	return u, ok, err
}

// BackupRecord says that a backup was made.
type BackupRecord struct {
	At      time.Time `json:"at"` // of the snapshot
	Records int       `json:"records"`
}

// RecordBackup remembers the last backup that was made to its end.
func (a *App) RecordBackup(ctx context.Context, b BackupRecord) error {
	return a.putMeta(ctx, metaBackup, b)
}

// LastBackup returns the last backup that RecordBackup stored.
func (a *App) LastBackup(ctx context.Context) (b BackupRecord, ok bool, err error) {
	ok, err = a.getMeta(ctx, metaBackup, &b)
	return b, ok, err
}

// putMeta keeps a fact of the instance.
func (a *App) putMeta(ctx context.Context, key string, fact any) error {
	b, err := json.Marshal(fact)
	if err != nil {
		return err
	}
	return a.Update(ctx, func(tx *Tx) error { return tx.Meta().Put(key, string(b)) })
}

func (a *App) getMeta(ctx context.Context, key string, into any) (ok bool, err error) {
	v := ""
	err = a.View(ctx, func(tx *Tx) (err error) { v, ok, err = tx.Meta().Get(key); return err })
	if err != nil || !ok {
		return false, err
	}
	return true, json.Unmarshal([]byte(v), into)
}

// InstanceFact is the key in store.Meta of the settings that Init fixed for
// good. A store without it is no instance.
const InstanceFact = metaInstance
