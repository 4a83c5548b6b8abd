package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/store"
)

const metaInstance = "instance"

// Instance holds the settings that `init` fixed for good: every id that was
// ever sent is made from them.
type Instance struct {
	URL          string    `json:"url"`
	HandleDomain desk.Host `json:"handle_domain"`
	Created      time.Time `json:"created_at"`
}

// Site returns the instance's addresses.
func (i Instance) Site() desk.Site { return desk.Site{URL: i.URL, HandleDomain: i.HandleDomain} }

// Init makes an instance of an empty store: its identity and its own actor's keys.
func Init(ctx context.Context, s store.Store, c clock.Clock, site desk.Site, keys KeyMaker) error {
	pair, err := makeKeys(keys, desk.RelayHandle)
	if err != nil {
		return err
	}
	b, err := json.Marshal(Instance{URL: site.URL, HandleDomain: site.HandleDomain, Created: c.Now()})
	if err != nil {
		return err
	}
	return s.Update(ctx, store.Op(id.New()), func(tx store.Tx) error {
		if _, ok, err := tx.Meta().Get(metaInstance); err != nil {
			return err
		} else if ok {
			return desk.Conflict("instance_exists", "there is an instance here already")
		}
		if err := tx.Meta().Put(metaInstance, string(b)); err != nil {
			return err
		}
		return putKeys(tx, pair)
	})
}

// LoadInstance reads the settings that Init wrote.
func LoadInstance(ctx context.Context, s store.Store) (i Instance, err error) {
	err = s.View(ctx, func(tx store.Tx) error {
		v, ok, err := tx.Meta().Get(metaInstance)
		if err != nil {
			return err
		}
		if !ok {
			return desk.NotFound("instance_missing", "there is no instance here yet")
		}
		if err := json.Unmarshal([]byte(v), &i); err != nil {
			return fmt.Errorf("reading the instance: %w", err)
		}
		return nil
	})
	return i, err
}
