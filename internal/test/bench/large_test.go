package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"earshot/internal/test/program"
)

// interrupt is where the progress is shown to a person who has seen enough.
type interrupt func()

func (i interrupt) Write(b []byte) (int, error) { i(); return len(b), nil }

// A store that was interrupted while it was filled is filled up, and then measured as it is.
func TestLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds and runs the program")
	}
	const want = seedBatch + 100
	z := sizes{servers: 2, authors: 2, connections: 4, posts: 40, large: want, folder: t.TempDir()}
	s := newSite(program.Build(t), z.folder, "")
	if err := s.make(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := fill(ctx, s, want, interrupt(cancel)); err == nil || !strings.HasPrefix(err.Error(), "interrupted with 200 of 300 issues") {
		t.Fatal("it was to be interrupted after a batch:", err)
	}
	f, err := fill(t.Context(), s, want, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if f.before != seedBatch {
		t.Errorf("it went on with %d issues, not with a batch", f.before)
	}
	var said bytes.Buffer
	if err := large(t.Context(), s.program, z, &said, io.Discard); err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	for _, row := range []string{`issues that were there +300\n`, `file +\d+\.\d MB, \d+\.\d\d kB an issue\n`, `start to ready .*ms`, `memory, idle .*MB`, `list, .* p99`, `thread .* p99`,
		`search, a word of one post .* p99`, `search, a word of most posts .* p99`, `inbox, .* of an empty one's, \d+/s`, `until .* of an empty one's, \d+/s`, `backup .* MB`, `restore .* MB`} {
		if !regexp.MustCompile(`(?m)^` + row).Match(said.Bytes()) {
			t.Errorf("the table lacks %s", row)
		}
	}
	if rest, err := os.ReadDir(z.folder); err != nil || len(rest) != 2 { // data and log
		t.Errorf("%v is in the folder: %v", rest, err)
	}
	if t.Failed() {
		t.Log(said.String())
	}
	if f, err = fill(t.Context(), s, want, io.Discard); err != nil || f.before != want+z.posts+z.servers*z.authors {
		t.Errorf("%d issues are in the folder, with those that came through the inbox: %v", f.before, err)
	}
}
