package backup

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// deletionMagic begins a file of deletions; the rest of its line names its
// store.
const deletionMagic = "earshot deletions 1 "

// DeletionFile is an append-only file: a header, then one line of a fixed
// length a deletion, synced before Append returns. A last line that a crash
// cut off is removed when the file is opened. It is not safe for concurrent
// use but through app.App.
type DeletionFile struct {
	path  string
	check string // whose it is; "" for an empty file
	last  uint64
	size  int64
}

var _ app.DeletionFile = (*DeletionFile)(nil)

// timeWidth and hashWidth make every line as long as every other.
const (
	timeLayout = "2006-01-02T15:04:05.000000Z"
	hashWidth  = 43 // SHA-256 in base64 without padding
)

const lineFormat = "%016x %s %s\n"

var lineLength = int64(len(fmt.Sprintf(lineFormat, 0, timeLayout, strings.Repeat("x", hashWidth))))

// OpenDeletions opens the file at path, which need not be there. check is
// app.DeletionCheck of the store it belongs to; "" takes the file as it is.
func OpenDeletions(path, check string) (*DeletionFile, error) {
	f := &DeletionFile{path: path, check: check}
	if err := f.read(); err != nil {
		return nil, err
	}
	if check != "" && f.check != check {
		return nil, desk.Conflict("deletions_of_another", "%s belongs to another instance: take it away", path)
	}
	return f, nil
}

// read reads the file, and cuts off a torn end.
func (f *DeletionFile) read() error {
	file, err := os.Open(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening the file of deletions: %w", err)
	}
	defer file.Close()
	head, err := bufio.NewReader(io.LimitReader(file, 256)).ReadString('\n')
	info, statErr := file.Stat()
	if statErr != nil {
		return fmt.Errorf("opening the file of deletions: %w", statErr)
	}
	if err != nil && strings.HasPrefix(deletionMagic, head[:min(len(head), len(deletionMagic))]) {
		return nil // its first write was cut off: nothing was promised yet
	}
	check, ok := strings.CutPrefix(strings.TrimSuffix(head, "\n"), deletionMagic)
	if err != nil || !ok {
		return desk.Invalid("deletions_damaged", "%s is not a file of deletions, or it is damaged: put back a copy", f.path)
	}
	f.check = check
	lines := (info.Size() - int64(len(head))) / lineLength
	f.size = int64(len(head)) + lines*lineLength
	if lines == 0 {
		return nil
	}
	b := make([]byte, lineLength)
	if _, err := file.ReadAt(b, f.size-lineLength); err != nil {
		return fmt.Errorf("reading the file of deletions: %w", err)
	}
	last, err := parseDeletion(string(b))
	if err != nil {
		return desk.Invalid("deletions_cut_off", "%s is damaged at its end: put back a copy", f.path)
	}
	f.last = last.N
	return nil
}

func parseDeletion(s string) (d app.Deletion, err error) {
	var at string
	if _, err := fmt.Sscanf(s, "%x %s %s\n", &d.N, &at, &d.Hash); err != nil {
		return d, fmt.Errorf("reading a deletion: %w", err)
	}
	if len(d.Hash) != hashWidth || !strings.HasSuffix(s, "\n") {
		return d, errors.New("reading a deletion: a line is damaged")
	}
	d.At, err = time.Parse(timeLayout, at)
	return d, err
}

// Check returns whose file it is; "" for an empty file.
func (f *DeletionFile) Check() string {
	if f.size == 0 {
		return ""
	}
	return f.check
}

// Claim says which store will own the file after it is rewritten.
func (f *DeletionFile) Claim(check string) { f.check = check }

// Path returns where the file is.
func (f *DeletionFile) Path() string { return f.path }

// Last implements app.DeletionFile.
func (f *DeletionFile) Last() uint64 { return f.last }

// Append implements app.DeletionFile.
func (f *DeletionFile) Append(more []app.Deletion) error {
	var b strings.Builder
	if f.size == 0 {
		b.WriteString(deletionMagic + f.check + "\n")
	}
	last := f.last
	for _, d := range more {
		if d.N != last+1 || len(d.Hash) != hashWidth {
			return fmt.Errorf("deletion %d cannot follow %d", d.N, last)
		}
		last = d.N
		fmt.Fprintf(&b, lineFormat, d.N, d.At.UTC().Format(timeLayout), d.Hash)
	}
	if err := f.write(b.String()); err != nil {
		return fmt.Errorf("writing the file of deletions: %w", err)
	}
	f.last, f.size = last, f.size+int64(b.Len())
	return nil
}

// write writes at the end of the part that is known to be whole.
func (f *DeletionFile) write(text string) (err error) {
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := file.Truncate(f.size); err != nil {
		return err
	}
	if _, err := file.WriteAt([]byte(text), f.size); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if f.size == 0 {
		return SyncFolder(f.path)
	}
	return nil
}

// Each implements app.DeletionFile.
func (f *DeletionFile) Each(do func(app.Deletion) error) error {
	if f.size == 0 {
		return nil
	}
	file, err := os.Open(f.path)
	if err != nil {
		return fmt.Errorf("reading the file of deletions: %w", err)
	}
	defer file.Close()
	r := bufio.NewReader(io.LimitReader(file, f.size))
	if _, err := r.ReadString('\n'); err != nil {
		return fmt.Errorf("reading the file of deletions: %w", err)
	}
	for {
		s, err := r.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the file of deletions: %w", err)
		}
		d, err := parseDeletion(s)
		if err != nil {
			return err
		}
		if err := do(d); err != nil {
			return err
		}
	}
}

// Rewrite implements app.DeletionFile.
func (f *DeletionFile) Rewrite(next func(after uint64) ([]app.Deletion, error)) error {
	fresh := &DeletionFile{path: f.path + ".new", check: f.check}
	for {
		more, err := next(fresh.last)
		if err != nil {
			return err
		}
		if len(more) == 0 {
			break
		}
		if err := fresh.Append(more); err != nil {
			return err
		}
	}
	if fresh.size == 0 {
		if err := os.Remove(f.path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("emptying the file of deletions: %w", err)
		}
	} else {
		if err := os.Rename(fresh.path, f.path); err != nil {
			return fmt.Errorf("replacing the file of deletions: %w", err)
		}
	}
	f.last, f.size = fresh.last, fresh.size
	return SyncFolder(f.path)
}

// SyncFolder makes the name of a file durable.
func SyncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("opening the folder to sync it: %w", err)
	}
	if err := dir.Sync(); err != nil {
		return errors.Join(fmt.Errorf("syncing the folder: %w", err), dir.Close())
	}
	return dir.Close()
}
