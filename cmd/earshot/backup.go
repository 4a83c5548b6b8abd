package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"earshot/internal/backup"
	"earshot/internal/desk"
)

type backupCmd struct {
	File  string `arg:"" help:"The file to write; - writes to standard output."`
	Force bool   `help:"Replace an existing file."`
}

func (backupCmd) Help() string {
	return `Writes all data of the instance at one moment into one file, with its keys. The server may run meanwhile. The file appears under its name only when it is complete.

The private keys in it are encrypted. If their secret comes from secret.key in the data folder, the secret is in the file too, because it would be lost with the folder. A secret from EARSHOT_SECRET is not in the file. Protect the file like a password: only its owner can read it.

Keep a copy of the file ` + "`deletions`" + ` from the data folder beside the backups. With it, a restore deletes again the posts that people deleted after the backup.

Examples:

	earshot backup earshot-2026-03-01.backup
	earshot backup --force /backups/earshot.backup
	earshot backup - | ssh nas 'cat > earshot.backup'
`
}

func (b backupCmd) Run(c *command) error {
	if b.File == "-" {
		return b.stream(c)
	}
	if _, err := os.Lstat(b.File); err == nil && !b.Force {
		return desk.Conflict("backup_file_exists", "%s is there already; name another file, or replace it with --force", b.File)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return c.with(func(s *session) error {
		made, size, err := b.write(c, s)
		if err != nil {
			return err
		}
		if err := recordBackup(c, s, made); err != nil {
			return err
		}
		return c.show(map[string]any{"file": b.File, "bytes": size, "records": made.Records(), "made_at": made.Made, "secret": made.Secret}, func(w io.Writer) {
			fmt.Fprintf(w, "%s: %d records, %d bytes, as of %s.\n", b.File, made.Records(), size, made.Made.Local().Format("2006-01-02 15:04:05"))
			tellSecret(w, made)
		})
	})
}

func tellSecret(w io.Writer, made backup.Header) {
	if !made.Secret {
		fmt.Fprintln(w, "The secret is not in it, because it comes from EARSHOT_SECRET. Keep the secret separately.")
	}
}

func recordBackup(c *command, s *session, made backup.Header) error {
	if err := s.RecordBackup(c.ctx, made); err != nil {
		return fmt.Errorf("the backup was made, but its time could not be recorded: %w", err)
	}
	return nil
}

// stream writes the backup to standard output, so what there is to say goes to
// standard error.
func (b backupCmd) stream(c *command) error {
	if isTerminal(c.io.out) {
		return usage("a backup is not for a terminal: send it into a file or a program, as in `earshot backup - | gpg -c > earshot.gpg`")
	}
	return c.with(func(s *session) error {
		to := backup.NewStream(c.io.out)
		if err := s.backup(c.ctx, to); err != nil {
			return err
		}
		made, err := to.Whole()
		if err != nil {
			return fmt.Errorf("checking the backup: %w", err)
		}
		if err := recordBackup(c, s, made); err != nil {
			return err
		}
		fmt.Fprintf(c.io.err, "%d records, %d bytes, as of %s.\n", made.Records(), to.Written(), made.Made.Local().Format("2006-01-02 15:04:05"))
		tellSecret(c.io.err, made)
		return nil
	})
}

// backup writes a backup of the opened instance, or asks the server for one.
func (s *session) backup(ctx context.Context, to io.Writer) error {
	if s.local == nil {
		return s.Backup(ctx, to)
	}
	_, err := s.local.backup(ctx, to)
	return err
}

// write writes beside the file, verifies the copy, and then gives it its name.
func (b backupCmd) write(c *command, s *session) (made backup.Header, size int64, err error) {
	f, err := os.OpenFile(b.File+".tmp", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return made, 0, fmt.Errorf("writing the backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.Chmod(0o600); err != nil { // it may have been there
		return made, 0, fmt.Errorf("writing the backup: %w", err)
	}
	to := &counted{w: f, show: func(n int64) { c.status("%d MiB written", n>>20) }}
	err = s.backup(c.ctx, to)
	c.status("")
	if err != nil {
		return made, 0, err
	}
	if err := f.Sync(); err != nil {
		return made, 0, fmt.Errorf("writing the backup: %w", err)
	}
	whole, err := backup.Open(f, to.n)
	if err != nil {
		return made, 0, fmt.Errorf("checking the backup: %w", err)
	}
	if err := os.Rename(f.Name(), b.File); err != nil {
		return made, 0, fmt.Errorf("writing the backup: %w", err)
	}
	return whole.Header, to.n, backup.SyncFolder(b.File)
}

// counted counts the written bytes, and shows them every few MiB.
type counted struct {
	w    io.Writer
	n    int64
	show func(int64)
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	if before := c.n; (before+int64(n))>>22 > before>>22 {
		c.show(before + int64(n))
	}
	c.n += int64(n)
	return n, err
}

// status shows on a terminal how far something is; "" removes it.
func (c *command) status(format string, args ...any) {
	if isTerminal(c.io.err) {
		fmt.Fprintf(c.io.err, "\r\x1b[K"+format, args...)
	}
}
