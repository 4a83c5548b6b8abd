package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"earshot/internal/app"
	"earshot/internal/backup"
	"earshot/internal/clock"
	"earshot/internal/config"
	"earshot/internal/desk"
	"earshot/internal/keyring"
	"earshot/store"
	"earshot/store/bolt"
)

type restoreCmd struct {
	File      string `arg:"" help:"The backup."`
	Deletions string `help:"The newest copy of the file deletions from the data folder that was lost; one that is in the folder already is found." placeholder:"FILE"`
}

func (restoreCmd) Help() string {
	return `Makes an instance of a backup in the data folder, which must not hold one. The backup is verified before anything is written; what it did not hold to its end cannot be served.

What people deleted after the backup was made is deleted again, before anybody sees it, if the file ` + "`deletions`" + ` of the lost data folder is there: in the folder, or named with --deletions.

Examples:

	earshot --data ./earshot-data restore earshot-2026-03-01.backup
	earshot --data ./new restore earshot.backup --deletions ./old/deletions
`
}

func (r restoreCmd) Run(c *call) (err error) {
	in, err := os.Open(r.File)
	if err != nil {
		return fmt.Errorf("opening the backup: %w", err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return fmt.Errorf("opening the backup: %w", err)
	}
	f, err := backup.Open(in, info.Size())
	if err != nil {
		return err
	}
	if err := emptyFolder(c.data); err != nil {
		return err
	}
	deletions, err := r.deletions(c)
	if err != nil {
		return err
	}
	target := backup.Target{Deletions: deletions, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
		KeySecret: func(s string) error { return config.KeepSecret(c.data, c.getenv, s) },
		Progress:  func(done, all int) { c.status("%d of %d records", done, all) }}
	known := deletions.Check() != ""
	result, err := restoreFile(c, f, target)
	c.status("")
	if err != nil {
		return err
	}
	return c.show(result, func(w io.Writer) { r.tell(c, w, f.Header, result, known) })
}

// emptyFolder makes the data folder, or refuses one that holds an instance.
func emptyFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	if _, err := os.Lstat(filepath.Join(dir, config.StoreName)); err == nil {
		return desk.Conflict("there is an instance in %s already: move it away, or name another folder with --data", dir)
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Chmod(dir, 0o700)
}

// deletions finds the file of deletions: the folder's own, or a copy of the
// one that is named.
func (r restoreCmd) deletions(c *call) (*backup.DeletionFile, error) {
	path := filepath.Join(c.data, config.DeletionsName)
	if r.Deletions == "" {
		return backup.OpenDeletions(path, "")
	}
	if _, err := backup.OpenDeletions(r.Deletions, ""); err != nil {
		return nil, err
	}
	named, err := os.ReadFile(r.Deletions)
	if err != nil {
		return nil, fmt.Errorf("opening the file of deletions: %w", err)
	}
	switch there, err := os.ReadFile(path); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("opening the file of deletions: %w", err)
	case !bytes.HasPrefix(named, there):
		return nil, desk.Conflict("%s is there already and knows other deletions: move it away, or leave --deletions out", path)
	}
	if err := os.WriteFile(path, named, 0o600); err != nil {
		return nil, fmt.Errorf("copying the file of deletions: %w", err)
	}
	return backup.OpenDeletions(path, "")
}

// opener opens the empty store that a backup is restored to, and returns what
// puts it in its place when it is complete.
type opener func(context.Context) (s store.Store, complete func() error, err error)

// folder restores beside the store's name: what is half restored has another.
func folder(dir string) opener {
	return func(ctx context.Context) (store.Store, func() error, error) {
		path := filepath.Join(dir, config.StoreName)
		if err := os.Remove(path + ".restoring"); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, nil, fmt.Errorf("removing what an earlier restore left: %w", err)
		}
		s, err := bolt.Open(ctx, path+".restoring", bolt.Options{})
		if err != nil {
			return nil, nil, err
		}
		return s, func() error {
			if err := errors.Join(s.Check(), s.Close()); err != nil {
				return fmt.Errorf("looking at what was restored: %w", err)
			}
			if err := os.Rename(path+".restoring", path); err != nil {
				return fmt.Errorf("putting the restored store in its place: %w", err)
			}
			return backup.SyncFolder(path)
		}, nil
	}
}

func restoreFile(c *call, f *backup.File, target backup.Target) (result backup.Result, err error) {
	s, complete, err := folder(c.data)(c.ctx)
	if err != nil {
		return result, err
	}
	target.Store = s
	if result, err = backup.Restore(c.ctx, f, target); err != nil {
		return result, errors.Join(err, s.Close())
	}
	return result, complete()
}

// tell says what was restored, and what is missing. known: there was a file of
// deletions.
func (r restoreCmd) tell(c *call, w io.Writer, h backup.Header, result backup.Result, known bool) {
	fmt.Fprintf(w, "%s: %d records as of %s.\n", h.Instance.URL, result.Records, result.Made.Local().Format("2006-01-02 15:04:05"))
	if !known {
		fmt.Fprintln(w, "No file of deletions was found: what people deleted after the backup was made is back. If you have one, restore again with --deletions.")
	} else {
		fmt.Fprintf(w, "Deleted again: %d posts, %d accounts.\n", result.Replayed.Posts, result.Replayed.Actors)
	}
	if err := c.secretFits(h); err != nil {
		fmt.Fprintf(w, "The keys cannot be read yet: %s.\n", strings.TrimSuffix(clean(err.Error()), "."))
	}
	fmt.Fprintln(w, "Next: `earshot doctor`, then `earshot serve`.")
}

// secretFits looks whether the keys that were restored can be read.
func (c *call) secretFits(h backup.Header) (err error) {
	secret, err := config.Secret(c.data, c.getenv)
	if err != nil {
		return err
	}
	s, err := bolt.Open(c.ctx, filepath.Join(c.data, config.StoreName), bolt.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if _, err := app.LoadInstance(c.ctx, s); err != nil {
		return err
	}
	_, err = keyring.New(s, clock.System{}, h.Instance.Site(), secret).Signer(c.ctx, desk.RelayHandle)
	return err
}
