package bolt

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"earshot/internal/desk"
	"earshot/store"
	"earshot/store/internal/layout"
)

func longAgain(t *testing.T, short []byte) []byte {
	t.Helper()
	if len(short) == 0 || short[0] != shortTag {
		return short
	}
	long, err := lengthen(nil, short)
	if err != nil {
		t.Fatalf("%q: %v", short, err)
	}
	return long
}

// What was made short is byte by byte the same afterwards, and a usual record a third.
func TestShort(t *testing.T) {
	at := time.Date(2026, 11, 30, 9, 47, 52, 203614000, time.UTC)
	post := desk.Post{ID: "01a22bda-8b30-781d-9ab2-fa75ec39a24e", Issue: "01a22bda-8b30-781e-853c-9a8204fe0b0d", Desk: "help", Role: desk.RoleReport,
		Object: "https://social.example/users/anna/notes/1078", Author: "https://social.example/users/anna", Received: at, Visibility: desk.VisibilityPublic,
		Text: "the line is down since nine and the router shows a red light \"again\" \\ in our street ü €", HTML: "<p>the line is down since nine and the router shows a red light</p>"}
	raw, err := layout.Encode(&post)
	if err != nil {
		t.Fatal(err)
	}
	short := shorten(raw)
	if !bytes.Equal(longAgain(t, short), raw) {
		t.Errorf("%s\nbecame %s", raw, longAgain(t, short))
	}
	if len(short)*2 > len(raw) {
		t.Errorf("%d bytes became %d", len(raw), len(short))
	}
	for _, raw := range []string{
		"", "{}", `{"id":""}`, `{"id":"x","at":true,"other":[false,null,-1.5e9]}`, `{"a":"\"","id":"\\","b":"\\\""}`, "{\"id\":\"\x01\"}", "{\n}",
		`{"at":"2026-11-30T09:47:52Z","to":"2026-11-30T09:47:52.100000Z","b":"2026-11-30T09:47:52.1Z","c":"0001-01-01T00:00:00Z","d":"2026-02-30T09:47:52Z"}`,
		`{"at":"2026-11-30T09:47:52.1234567Z","b":"2026-11-30T09:47:52+01:00","c":"9999-12-31T23:59:59Z"}`,
		`{"id":"01A22BDA-8B30-781D-9AB2-FA75EC39A24E","b":"01a22bda-8b30-781d-9ab2-fa75ec39a24e","c":["01a22bda-8b30-781d-9ab2-fa75ec39a24e"]}`,
		`{"a":"` + strings.Repeat("x", 300) + `","id":"` + strings.Repeat("xy", 300) + `"}`, `{"id":"open`, `{"id`, `{"id":`, `{,"`, `{"text":"` + strings.Repeat("z", shortLimit) + `"}`,
	} {
		if got := longAgain(t, shorten([]byte(raw))); string(got) != raw {
			t.Errorf("%.200q became %.200q", raw, got)
		}
	}
}

// The places of words are in files.
func TestShortWords(t *testing.T) {
	for _, words := range [][]string{shortNames, shortValues} {
		if len(words) > 256 || len(places(words)) != len(words) {
			t.Errorf("%d words, %d of them different", len(words), len(places(words)))
		}
	}
	const first = `{"id":"help","post":"inbox"}`
	if got, want := shorten([]byte(first)), "\x1f\x1c{\x04"; !strings.HasPrefix(string(got), want) {
		t.Errorf("%q", got)
	}
	// As a file of the first program with short records has it.
	if short := shorten([]byte(shortAsWrittenLong)); string(short) != shortAsWritten {
		t.Errorf("%q", short)
	}
	long, err := lengthen(nil, []byte(shortAsWritten))
	if err != nil || string(long) != shortAsWrittenLong {
		t.Errorf("%s, %v", long, err)
	}
}

func FuzzShort(f *testing.F) {
	f.Add([]byte(`{"id":"01a22bda-8b30-781d-9ab2-fa75ec39a24e","at":"2026-11-30T09:47:52Z","ok":true,"desk":"help","other":"desk desk desk desk desk desk"}`))
	f.Add([]byte("\x1f\x14{\x01\x00\x07\x01\x7f}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := lengthen(nil, raw); err != nil && json.Valid(raw) && len(raw) > 0 && raw[0] == shortTag {
			t.Errorf("%q: %v", raw, err)
		}
		short := shorten(raw)
		if len(raw) > 0 && raw[0] == shortTag {
			return // no JSON
		}
		if got := longAgain(t, short); !bytes.Equal(got, raw) {
			t.Errorf("%q became %q", raw, got)
		}
	})
}

func BenchmarkShort(b *testing.B) {
	raw := []byte(`{"id":"01a22bda-8b31-70f2-ad84-4e53c80d01a7","desk":"help","reporter":"http://127.20.0.20:38183/users/author0","report":"http://127.20.0.20:38183/users/author0/notes/1077","post":"01a22bda-8b31-70ef-957c-169f5fbe2c95","heard":"mention","why":"mentions @help","excerpt":"ticket1077 zone2799 no nine red red nine no down nine down no nine red red","status":"new","answered":false,"invited":true,"replies":0,"pending":0,"told_over":false,"opened_at":"2026-11-30T09:47:52.20409Z","updated_at":"2026-11-30T09:47:52.20409Z","waiting_since":"2026-11-30T09:47:52.20409Z","last_word":"2026-11-30T09:47:52.20409Z"}`)
	short := shorten(raw)
	b.Run("shorten", func(b *testing.B) {
		b.ReportMetric(float64(len(short)), "bytes")
		for range b.N {
			shorten(raw)
		}
	})
	b.Run("lengthen", func(b *testing.B) {
		var out []byte
		for range b.N {
			out, _ = lengthen(out[:0], short)
		}
	})
}

const (
	shortAsWrittenLong = `{"id":"01a22bda-8b31-70f2-ad84-4e53c80d01a7","desk":"help","state":"delivered","answered":false,"at":"2026-11-30T09:47:52.20409Z","with":["01a22bda-8b31-70f2-ad84-4e53c80d01a7"]}`
	shortAsWritten     = "\x1f\xb2\x01\x7b\x04\x03\x05\x01\xa2\x2b\xda\x8b\x31\x70\xf2\xad\x84\x4e\x53\xc8\x0d\x01\xa7\x02\x0b\x08\x12\x02\x0d\x08\x14\x01\x1d\x0f\x02\x04\x06\x00\x06\x61\x7b\x4d\xab\x3f\x3a\x01\xd6\x5b\x22\x07\x84\x01\x25\x5d\x7d"
)

// A record of before is read, and replaced by a short one.
func TestShortReplacesJSON(t *testing.T) {
	path := filepath.Join(t.TempDir(), "earshot.db")
	s := openAt(t, path, Options{})
	anna := desk.Actor{ID: "https://social.example/users/anna", Name: "Anna"}
	put := func(s *Store, a desk.Actor) {
		t.Helper()
		if err := s.Update(t.Context(), "", func(tx store.Tx) error { return tx.Actors().Put(a) }); err != nil {
			t.Fatal(err)
		}
	}
	put(s, anna)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("actors"))
		k, v := b.Cursor().First()
		if v[0] != shortTag {
			t.Errorf("%q is not short", v)
		}
		return b.Put(bytes.Clone(k), longAgain(t, v))
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path, Options{})
	defer s.Close()
	for _, name := range []string{"Anna", "Anna again"} {
		if err := s.View(t.Context(), func(tx store.Tx) error {
			got, ok, err := tx.Actors().Get(anna.ID)
			if !ok || got.Name != name {
				t.Errorf("%+v", got)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
		put(s, desk.Actor{ID: anna.ID, Name: "Anna again"})
	}
	if err := s.Check(); err != nil {
		t.Error(err)
	}
}
