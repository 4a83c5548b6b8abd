package app

import (
	"context"
	"encoding/json"
	"time"
)

const (
	metaSetup       = "setup"
	metaSetupChecks = "setup.checks"
)

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

// SetupCheck is the last result of a check of the first steps.
type SetupCheck struct {
	Made   time.Time       `json:"made"`
	Report json.RawMessage `json:"report"`
}

// SetupChecks returns the last results by the names of the checks. All nodes see the same.
func (a *App) SetupChecks(ctx context.Context) (out map[string]SetupCheck, err error) {
	_, err = a.getMeta(ctx, metaSetupChecks, &out)
	return out, err
}

// KeepSetupCheck keeps the result of a check in place of the one before.
func (a *App) KeepSetupCheck(ctx context.Context, name string, report any) error {
	found, err := json.Marshal(report)
	if err != nil {
		return err
	}
	return a.Update(ctx, func(tx *Tx) error {
		all := map[string]SetupCheck{}
		old, there, err := tx.Meta().Get(metaSetupChecks)
		if err != nil {
			return err
		}
		if there {
			if err := json.Unmarshal([]byte(old), &all); err != nil {
				return err
			}
		}
		all[name] = SetupCheck{tx.Now, found}
		b, err := json.Marshal(all)
		if err != nil {
			return err
		}
		return tx.Meta().Put(metaSetupChecks, string(b))
	})
}
