// Command bench measures the built program as other servers meet it: over HTTP, with
// signed posts, its workers running. What it sends and receives is made here, and
// shares no code with the program; only a large store is filled by the program's code.
//
// Speeds depend on the machine and on what else runs on it, so each is given as a
// ratio to a bound that was measured in the same run: a null inbox, which only reads,
// verifies and writes to disk, or RSA signatures.
//
//	go run ./internal/test/bench ./earshot
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// sizes say how much is measured.
type sizes struct {
	servers, authors     int // who post
	connections          int
	posts, others, flock int // matching, irrelevant, followers
	modern               int // of 100 followers' servers that take Ed25519 keys
	relay                int // seconds of a relay; 0: none
	large                int // issues of a large store; 0: none
	store, folder        string
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "null" {
		fail(serveNull(os.Args[2]))
		return
	}
	var s sizes
	flag.IntVar(&s.servers, "servers", 100, "servers whose authors post")
	flag.IntVar(&s.authors, "authors", 4, "authors on each")
	flag.IntVar(&s.connections, "connections", 32, "connections at a time")
	flag.IntVar(&s.posts, "posts", 2000, "posts for the desk")
	flag.IntVar(&s.others, "others", 4000, "posts of which 1 in 1,000 is for the desk")
	flag.IntVar(&s.flock, "followers", 600, "followers, each on a server of its own")
	flag.IntVar(&s.modern, "ed25519", 0, "of 100 followers' servers, so many take signatures by Ed25519 keys")
	flag.IntVar(&s.relay, "relay", 0, "measure a relay of 2,000 posts a second for so many seconds, and nothing else")
	flag.IntVar(&s.large, "large", 0, "measure a store of so many issues, and nothing else; with -keep, go on with the one in the folder")
	flag.StringVar(&s.store, "store", "", "the store's address, as EARSHOT_STORE has it; \"\": a file")
	flag.StringVar(&s.folder, "keep", "", "an empty folder in which the instance stays; \"\": it is removed")
	flag.Parse()
	if flag.NArg() != 1 {
		fail(fmt.Errorf("name the program to measure: go run ./internal/test/bench ./earshot"))
	}
	if s.relay > 0 {
		fail(relayed(flag.Arg(0), s))
		return
	}
	if s.large > 0 {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		fail(large(ctx, flag.Arg(0), s, os.Stdout, os.Stderr))
		return
	}
	fail(measure(flag.Arg(0), s))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// place is the folder to keep, or one that is removed afterwards.
func (z sizes) place() (folder string, remove func(), err error) {
	if z.folder != "" {
		return z.folder, func() {}, nil
	}
	folder, err = os.MkdirTemp("", "earshot-bench")
	return folder, func() { _ = os.RemoveAll(folder) }, err
}

// onSite starts the program, and the other servers, in a folder.
func onSite(program string, z sizes, do func(s *site, t *town, folder string) error) error {
	folder, remove, err := z.place()
	if err != nil {
		return err
	}
	defer remove()
	people, err := newTown(z)
	if err != nil {
		return err
	}
	defer people.close()
	server, err := start(program, folder, z.store)
	if err != nil {
		return err
	}
	defer server.stop()
	return do(server, people, folder)
}

func measure(program string, z sizes) error {
	return onSite(program, z, func(s *site, t *town, folder string) error {
		fmt.Printf("%d processors, %d servers with %d authors each, %d connections\n\n", runtime.NumCPU(), z.servers, z.authors, z.connections)
		null, err := measureNull(folder, t, z)
		if err != nil {
			return err
		}
		r := &report{out: os.Stdout, null: null}
		for _, step := range []func(*site, *town, sizes, *report) error{idle, warm, inbox, irrelevant, follow, broadcast, search} {
			if err := step(s, t, z, r); err != nil {
				return err
			}
		}
		return nil
	})
}
