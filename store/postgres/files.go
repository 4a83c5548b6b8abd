package postgres

import (
	"github.com/jackc/pgx/v5"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

var (
	filesTable = define(table[desk.File]{
		name: "files", keys: []string{"id"},
		key: func(f *desk.File) []any { return []any{ordered(f.ID)} },
	})
	uploadsTable = define(table[desk.Upload]{
		name: "uploads", keys: []string{"agent", "id"},
		key: func(u *desk.Upload) []any { return []any{ordered(u.Agent), ordered(u.ID)} },
	})
)

type ourFiles struct{ *tx }

func (s ourFiles) Add(f desk.File, bytes []byte) error {
	whole, err := layout.NewFile(f, bytes)
	if err != nil {
		return err
	}
	if err := filesTable.put(s.tx, &whole.File); err != nil {
		return err
	}
	_, err = s.exec("insert into file_bytes (id, bytes) values ($1, $2) on conflict (id) do update set bytes = excluded.bytes", ordered(f.ID), bytes)
	return err
}

func (s ourFiles) Put(f desk.File) error { return filesTable.put(s.tx, &f) }

func (s ourFiles) Get(id desk.FileID) (desk.File, bool, error) {
	return filesTable.get(s.tx, ordered(id))
}

func (s ourFiles) Bytes(id desk.FileID) (bytes []byte, found bool, err error) {
	found, err = s.one("select bytes from file_bytes where id = $1", []any{ordered(id)}, &bytes)
	return bytes, found, err
}

func (s ourFiles) Delete(id desk.FileID) (bool, error) {
	found, err := filesTable.delete(s.tx, ordered(id))
	if err != nil || !found {
		return false, err
	}
	_, err = s.exec("delete from file_bytes where id = $1", ordered(id))
	return true, err
}

func (s ourFiles) PutUpload(u desk.Upload) error { return uploadsTable.put(s.tx, &u) }

func (s ourFiles) GetUpload(agent desk.Email, id desk.FileID) (desk.Upload, bool, error) {
	return uploadsTable.get(s.tx, ordered(agent), ordered(id))
}

func (s ourFiles) DeleteUpload(agent desk.Email, id desk.FileID) (bool, error) {
	return uploadsTable.delete(s.tx, ordered(agent), ordered(id))
}

func (s ourFiles) Uploads(agent desk.Email, p store.Page) ([]desk.Upload, string, error) {
	return page(s.tx, uploadsTable, listing{name: "uploads of agent", table: "uploads", where: []string{"agent"}, is: []any{ordered(agent)}, order: []string{"id"}}, p)
}

func (s ourFiles) UploadsOfAll(p store.Page) ([]desk.Upload, string, error) {
	return page(s.tx, uploadsTable, listing{name: "uploads", table: "uploads", order: []string{"agent", "id"}}, p)
}

// filesAtOnce is how many files are carried with their bytes at a time: the database sends all
// rows of a page.
const filesAtOnce = 4

// carriedFiles are files with their bytes.
type carriedFiles struct{}

func (carriedFiles) table() string { return filesTable.name }

func (carriedFiles) list(x *tx, kind store.RecordKind, p store.Page) ([]store.Record, string, error) {
	p.Limit = min(p.Size(), filesAtOnce)
	l := listing{name: "records of files", table: "files left join file_bytes using (id)", order: []string{"id"}}
	return pageOf(x, l, p, "record, bytes", func() (r store.Record, into []any, finish func(*store.Record) error) {
		var raw, bytes []byte
		return r, []any{&raw, &bytes}, func(r *store.Record) error {
			f, err := filesTable.decode(raw)
			if err != nil {
				return err
			}
			r.Kind = kind
			r.JSON, err = layout.Encode(layout.File{File: f, Bytes: bytes})
			return err
		}
	})
}

func (carriedFiles) load(x *tx, record []byte) error {
	f, err := layout.ParseFile(record)
	if err != nil {
		return err
	}
	return ourFiles{x}.Add(f.File, f.Bytes)
}

// check verifies that files have their bytes, and bytes their file.
func (carriedFiles) check(c *check) error {
	if err := filesTable.check(c); err != nil {
		return err
	}
	return c.each(`select coalesce(f.record->>'id', ''), coalesce(octet_length(b.bytes), 0) from files f full join file_bytes b using (id)
		where f.id is null or b.id is null or (f.record->>'size')::int <> octet_length(b.bytes)`, nil, func(rows pgx.Rows) error {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return c.failed(wrap(err))
		}
		c.fault("file_bytes: file %q does not have its bytes, but %d", id, n)
		return nil
	})
}
