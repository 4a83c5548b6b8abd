package bolt

import (
	"bytes"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

// fileBytesBucket has the bytes of each file under the file's key.
const fileBytesBucket = "files.bytes"

var (
	filesTable   = table[desk.File]{name: "files", key: func(f *desk.File) key { return fileKey(f.ID) }}
	uploadsTable = table[desk.Upload]{name: "uploads", key: func(u *desk.Upload) key { return emailKey(u.Agent).text(string(u.ID)) }}
)

func fileKey(id desk.FileID) key { return key(nil).text(string(id)) }

type files struct{ *tx }

func (s files) Add(f desk.File, b []byte) error {
	whole, err := layout.NewFile(f, b)
	if err != nil {
		return err
	}
	if err := filesTable.put(s.tx, &whole.File); err != nil {
		return err
	}
	return s.put(fileBytesBucket, fileKey(f.ID), b)
}

func (s files) Put(f desk.File) error { return filesTable.put(s.tx, &f) }

func (s files) Get(id desk.FileID) (desk.File, bool, error) { return filesTable.get(s.tx, fileKey(id)) }

func (s files) Bytes(id desk.FileID) ([]byte, bool, error) {
	b, err := s.get(fileBytesBucket, fileKey(id))
	return bytes.Clone(b), b != nil, err
}

func (s files) Delete(id desk.FileID) (bool, error) {
	found, err := filesTable.delete(s.tx, fileKey(id))
	if err != nil || !found {
		return false, err
	}
	return true, s.delete(fileBytesBucket, fileKey(id))
}

func (s files) PutUpload(u desk.Upload) error { return uploadsTable.put(s.tx, &u) }

func (s files) GetUpload(agent desk.Email, id desk.FileID) (desk.Upload, bool, error) {
	return uploadsTable.get(s.tx, emailKey(agent).text(string(id)))
}

func (s files) DeleteUpload(agent desk.Email, id desk.FileID) (bool, error) {
	return uploadsTable.delete(s.tx, emailKey(agent).text(string(id)))
}

func (s files) Uploads(agent desk.Email, p store.Page) ([]desk.Upload, string, error) {
	return uploadsTable.list(s.tx, emailKey(agent), p)
}

func (s files) UploadsOfAll(p store.Page) ([]desk.Upload, string, error) {
	return uploadsTable.list(s.tx, nil, p)
}

// carriedFiles are files with their bytes.
type carriedFiles struct{}

func (carriedFiles) bucket() string { return filesTable.name }

func (carriedFiles) export(x *tx, value []byte) ([]byte, error) {
	f, err := filesTable.decode(value)
	if err != nil {
		return nil, err
	}
	b, err := x.get(fileBytesBucket, fileKey(f.ID))
	if err != nil {
		return nil, err
	}
	return layout.Encode(layout.File{File: f, Bytes: b})
}

func (carriedFiles) load(x *tx, record []byte) error {
	f, err := layout.ParseFile(record)
	if err != nil {
		return err
	}
	return files{x}.Add(f.File, f.Bytes)
}

// checkFiles verifies that files have their bytes, and bytes their file.
func (c *check) checkFiles() error {
	err := walk(c.tx, filesTable.name, nil, func(k, v []byte) (bool, error) {
		f, err := filesTable.decode(v)
		if err != nil {
			return false, err
		}
		b, err := c.get(fileBytesBucket, k)
		if len(b) == 0 || len(b) != f.Size {
			c.fault("%s: file %q has %d bytes and should have %d", fileBytesBucket, f.ID, len(b), f.Size)
		}
		return true, err
	})
	if err != nil {
		return err
	}
	return walk(c.tx, fileBytesBucket, nil, func(k, _ []byte) (bool, error) {
		v, err := c.get(filesTable.name, k)
		if v == nil {
			c.fault("%s: bytes without their file: %q", fileBytesBucket, k)
		}
		return true, err
	})
}

// splitFiles gives the bytes of files a bucket of their own.
func splitFiles(tx *bbolt.Tx) error {
	if err := createBuckets(tx, fileBytesBucket); err != nil {
		return err
	}
	before := table[layout.File]{name: filesTable.name}
	small, large := tx.Bucket([]byte(filesTable.name)), tx.Bucket([]byte(fileBytesBucket))
	var keys [][]byte
	if err := small.ForEach(func(k, _ []byte) error { keys = append(keys, slices.Clone(k)); return nil }); err != nil {
		return err
	}
	for _, k := range keys {
		f, err := before.decode(small.Get(k))
		if err == nil {
			f, err = layout.NewFile(f.File, f.Bytes)
		}
		if err != nil {
			return fmt.Errorf("file %q: %w", k, err)
		}
		raw, err := filesTable.encode(&f.File)
		if err != nil {
			return err
		}
		if err := large.Put(k, f.Bytes); err != nil {
			return err
		}
		if err := small.Put(k, raw); err != nil {
			return err
		}
	}
	return nil
}
