package backup

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"earshot/internal/app"
	"earshot/store"
)

// Source is a store that can be backed up.
type Source struct {
	Store    store.Store
	Instance app.Instance
	// Secret encrypts the keys in the store. It belongs in the backup if it
	// lies in the data folder, and would be lost with it; "" if it comes from
	// elsewhere.
	Secret  string
	Version string
	Now     time.Time
}

// Write writes a backup of one snapshot. The store goes on working; w should
// not be much slower than a disk, for the snapshot is held as long.
func Write(ctx context.Context, w io.Writer, src Source) (h Header, err error) {
	err = src.Store.View(ctx, func(tx store.Tx) error {
		h, err = write(ctx, w, src, tx.Records())
		return err
	})
	if err != nil {
		return h, fmt.Errorf("writing a backup: %w", err)
	}
	return h, nil
}

func write(ctx context.Context, w io.Writer, src Source, records store.Records) (Header, error) {
	h := Header{Magic: magic, Format: format, Instance: src.Instance, Made: src.Now, Version: src.Version, Secret: src.Secret != ""}
	var err error
	if h.Counts, err = records.Counts(); err != nil {
		return h, err
	}
	sum := sha256.New()
	out := io.MultiWriter(w, sum)
	if err := encoder(out).Encode(h); err != nil {
		return h, err
	}
	z := gzip.NewWriter(out)
	t := trailer{Counts: map[store.RecordKind]int{}}
	body := encoder(z)
	if src.Secret != "" {
		if err := body.Encode(line{Secret: src.Secret}); err != nil {
			return h, err
		}
	}
	for _, kind := range store.RecordKinds() {
		n, err := writeKind(ctx, body, records, kind)
		if err != nil {
			return h, err
		}
		if n > 0 {
			t.Counts[kind] = n
		}
		t.Records += n
	}
	if err := z.Close(); err != nil {
		return h, err
	}
	if t.Records != h.Records() {
		return h, fmt.Errorf("the store counts %d records and lists %d", h.Records(), t.Records)
	}
	t.SHA256 = hex.EncodeToString(sum.Sum(nil))
	b, err := json.Marshal(t)
	if err != nil {
		return h, err
	}
	_, err = fmt.Fprintf(w, "\n%s\n", b)
	return h, err
}

func writeKind(ctx context.Context, to *json.Encoder, records store.Records, kind store.RecordKind) (n int, err error) {
	for p := (store.Page{}); ; {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		page, next, err := records.List(kind, p)
		if err != nil {
			return n, err
		}
		for _, r := range page {
			if err := to.Encode(line{Kind: r.Kind, JSON: r.JSON}); err != nil {
				return n, err
			}
		}
		n += len(page)
		if next == "" {
			return n, nil
		}
		p.After = next
	}
}

func encoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false) // records do not change, byte for byte
	return e
}
