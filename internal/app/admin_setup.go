package app

import (
	"context"
	"encoding/json"
	"time"
)

const metaSetup = "setup"

// Setup says whether admins are led to the page of the first steps.
type Setup struct {
	Since time.Time `json:"since"`
	Ended time.Time `json:"ended,omitzero"` // all was well, or an admin put it away
}

// Open reports whether admins are still led there.
func (s Setup) Open() bool { return !s.Since.IsZero() && s.Ended.IsZero() }

// BeginSetup begins the first steps of an instance. An instance has them once.
func (t *Tx) BeginSetup() error {
	if _, there, err := t.Meta().Get(metaSetup); err != nil || there {
		return err
	}
	return t.putSetup(Setup{Since: t.Now})
}

func (t *Tx) putSetup(s Setup) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return t.Meta().Put(metaSetup, string(b))
}

// Setup returns how far the first steps are; the zero value for an instance that is older
// than they are.
func (a *App) Setup(ctx context.Context) (s Setup, err error) {
	_, err = a.getMeta(ctx, metaSetup, &s)
	return s, err
}

// EndSetup ends the first steps: from then on admins are led to the issues. To end them
// again changes nothing.
func (a *App) EndSetup(ctx context.Context, by By) error {
	return a.Update(ctx, func(tx *Tx) error {
		var s Setup
		old, there, err := tx.Meta().Get(metaSetup)
		if err != nil {
			return err
		}
		if there {
			if err := json.Unmarshal([]byte(old), &s); err != nil {
				return err
			}
		}
		if there && !s.Open() {
			return nil
		}
		if s.Ended = tx.Now; s.Since.IsZero() {
			s.Since = tx.Now
		}
		if err := tx.putSetup(s); err != nil {
			return err
		}
		return tx.Audit(by, "setup.end", "instance", "")
	})
}
