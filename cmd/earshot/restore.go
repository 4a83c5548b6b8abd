package main

import (
	"bytes"
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
	"earshot/store/bolt"
	"earshot/store/postgres"
)

type restoreCmd struct {
	File      string `arg:"" help:"The backup file."`
	Store     string `help:"The store to restore to: bolt, a file in the data folder, or postgres://…, an empty database." default:"bolt"`
	Deletions string `help:"The newest copy of the file deletions from the lost data folder. A copy in the data folder is found by itself." placeholder:"FILE"`
}

func (restoreCmd) Help() string {
	return `Restores an instance from a backup into the data folder, which must not hold one. If --store (or EARSHOT_STORE) names an empty database, the data goes there. The backup is verified first. An interrupted restore cannot be served: run the command again.

With the file ` + "`deletions`" + ` of the lost data folder, posts that people deleted after the backup are deleted again before the instance serves. Put it into the new data folder, or name it with --deletions.

Examples:

	earshot --data ./earshot-data restore earshot-2026-03-01.backup
	earshot --data ./new restore earshot.backup --deletions ./old/deletions
	earshot --data ./new restore earshot.backup --store postgres://earshot@db.acme.example/earshot
`
}

func (r restoreCmd) Run(c *command) (err error) {
	if r.File == "-" {
		return usage("a backup is checked before it is restored, so it cannot come from standard input: write it into a file first")
	}
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
	location, err := c.newLocation(r.Store)
	if err != nil {
		return err
	}
	if err := emptyFolder(c.data, location); err != nil {
		return err
	}
	deletions, err := r.deletions(c)
	if err != nil {
		return err
	}
	target := backup.Target{Deletions: deletions, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
		KeySecret: func(s string) error { return config.SaveSecret(c.data, c.getenv, s) },
		Progress:  func(done, all int) { c.status("%d of %d records", done, all) }}
	known := deletions.Check() != ""
	result, err := restoreFile(c, location, f, target)
	c.status("")
	if err != nil {
		return err
	}
	return c.show(result, func(w io.Writer) { r.tell(c, w, location, f.Header, result, known) })
}

// emptyFolder makes the data folder, or refuses one that holds an instance.
// That it names the database that is restored to is what an earlier attempt left.
func emptyFolder(dir, location string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	if _, err := os.Lstat(filepath.Join(dir, config.StoreName)); err == nil {
		return desk.Conflict("restore_instance_exists", "there is an instance in %s already: move it away, or name another folder with --data", dir)
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	noted, err := config.StoreLocation(dir, func(string) string { return "" })
	if err != nil {
		return err
	}
	if isPostgres(noted) && noted != location {
		return desk.Conflict("restore_location_exists", "%s names a database: name it with --store too, if it is empty; move the file away; or name another folder with --data", filepath.Join(dir, config.LocationName))
	}
	return os.Chmod(dir, 0o700)
}

// deletions finds the file of deletions: the folder's own, or a copy of the
// one that is named.
func (r restoreCmd) deletions(c *command) (*backup.DeletionFile, error) {
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
		return nil, desk.Conflict("restore_deletions_exist", "%s is there already and knows other deletions: move it away, or leave --deletions out", path)
	}
	if err := os.WriteFile(path, named, 0o600); err != nil {
		return nil, fmt.Errorf("copying the file of deletions: %w", err)
	}
	return backup.OpenDeletions(path, "")
}

func restoreFile(c *command, location string, f *backup.File, target backup.Target) (result backup.Result, err error) {
	open := folder
	if isPostgres(location) {
		open = database
	}
	s, complete, err := open(c, location)
	if err != nil {
		return result, err
	}
	target.Store = s
	if result, err = backup.Restore(c.ctx, f, target); err == nil {
		c.status("looking whether all of it is consistent")
		err = s.Check()
	}
	if err != nil {
		return result, errors.Join(err, s.Close())
	}
	return result, complete()
}

// folder opens a store beside the name it is to have: a half restored store
// has another. complete gives it its name.
func folder(c *command, path string) (s keeper, complete func() error, err error) {
	if err := os.Remove(path + ".restoring"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("removing the rest of an earlier restore: %w", err)
	}
	s, err = bolt.Open(c.ctx, path+".restoring", bolt.Options{})
	if err != nil {
		return nil, nil, err
	}
	return s, func() error {
		if err := s.Close(); err != nil {
			return err
		}
		if err := os.Rename(path+".restoring", path); err != nil {
			return fmt.Errorf("putting the restored store in its place: %w", err)
		}
		return backup.SyncFolder(path)
	}, nil
}

// database opens an empty database, which nobody else can until it is complete.
func database(c *command, location string) (keeper, func() error, error) {
	s, err := postgres.Open(c.ctx, location, postgres.Options{Restoring: true})
	if errors.Is(err, postgres.ErrNotEmpty) {
		return nil, nil, desk.Conflict("restore_database_used", "there is something in that database already: make another one, or a schema of its own with ?search_path=… behind the URL, and restore to that (%v)", err)
	}
	if err != nil {
		return nil, nil, err
	}
	return s, func() error {
		if err := config.SaveLocation(c.data, location); err != nil {
			return errors.Join(err, s.Close())
		}
		return errors.Join(s.Restored(c.ctx), s.Close())
	}, nil
}

// tell says which records were restored, and which are missing. known: there was a file of
// deletions.
func (r restoreCmd) tell(c *command, w io.Writer, location string, h backup.Header, result backup.Result, known bool) {
	fmt.Fprintf(w, "%s: %d records as of %s.\n", h.Instance.URL, result.Records, result.Made.Local().Format("2006-01-02 15:04:05"))
	if !known {
		fmt.Fprintln(w, "No file of deletions was found: posts that people deleted after the backup are back. If you have the file, restore again with --deletions.")
	} else {
		fmt.Fprintf(w, "Deleted again: %d posts, %d accounts.\n", result.Replayed.Posts, result.Replayed.Actors)
	}
	fmt.Fprintln(w, "All agents have to sign in again. Agents disabled since the backup and API tokens revoked since are back: check `earshot agent list` and `earshot token list`.")
	if err := c.secretFits(location, h); err != nil {
		fmt.Fprintf(w, "The keys cannot be read yet: %s.\n", strings.TrimSuffix(clean(err.Error()), "."))
	}
	fmt.Fprintln(w, "Next: `earshot doctor`, then `earshot serve`.")
}

// secretFits looks whether the keys that were restored can be read.
func (c *command) secretFits(location string, h backup.Header) (err error) {
	secret, err := config.Secret(c.data, c.getenv)
	if err != nil {
		return err
	}
	s, err := openStore(c.ctx, location, opening{})
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
