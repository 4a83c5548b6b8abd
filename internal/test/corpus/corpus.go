// Package corpus finds payloads that other servers sent, for tests that read
// them. The payloads belong to others and are no part of this repository: they
// lie in the folder that EARSHOT_CORPUS names, else in ../shared/corpus beside
// the module. Without payloads, a test that asks for them is skipped.
package corpus

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"
)

// Payload is one file of the corpus.
type Payload struct {
	Platform string // the software that sent it, a folder: "gotosocial"
	File     string // its name in that folder: "flag.json"
	Kind     string // its collector's name for it: "Create(Note)", "Person"

	path string
}

// Read returns the payload's bytes.
func (p Payload) Read(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Payloads returns all that INDEX.tsv lists, in its order, which is by platform
// and file. It skips the test where there is no corpus.
func Payloads(t testing.TB) []Payload {
	t.Helper()
	dir := folder(t)
	f, err := os.Open(filepath.Join(dir, "INDEX.tsv"))
	if err != nil {
		t.Skip("no corpus of payloads; EARSHOT_CORPUS says where one is")
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []Payload
	for _, row := range rows[1:] {
		path := filepath.FromSlash(row[0])
		all = append(all, Payload{row[1], filepath.Base(path), row[2], filepath.Join(dir, path)})
	}
	return all
}

// Interop returns a recording of a running server, from the folder cases/interop
// beside the corpus; nil where it is not there.
func Interop(t testing.TB, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder(t), "..", "cases", "interop", file))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return raw
}

func folder(t testing.TB) string {
	if dir := os.Getenv("EARSHOT_CORPUS"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for { // a test runs in its package's folder
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "..", "shared", "corpus")
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
}
