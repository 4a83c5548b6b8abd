package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	largeTurns  = 4   // the two instances are sent posts in turns
	largeAsks   = 200 // requests of each kind
	largeStarts = 3
)

// large measures a store of many issues: the program on it, and beside it the same
// program on an empty folder.
func large(ctx context.Context, program string, z sizes, out, progress io.Writer) error {
	if z.store != "" {
		return errors.New("-large fills a file in a folder: it takes no -store")
	}
	z.flock = 0
	folder, remove, err := z.place()
	if err != nil {
		return err
	}
	defer remove()
	s := newSite(program, folder, "")
	if _, err := os.Stat(s.file()); errors.Is(err, os.ErrNotExist) {
		err = s.make()
	}
	if err != nil {
		return err
	}
	f, err := fill(ctx, s, z.large, progress)
	if err != nil {
		return err
	}
	t, err := newTown(z)
	if err != nil {
		return err
	}
	defer t.close()
	beside, err := os.MkdirTemp(folder, "beside")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(beside) }()
	fmt.Fprintf(out, "%d processors, %d issues, %d connections\n\n", runtime.NumCPU(), max(z.large, f.before), z.connections)
	r := &report{out: out}
	f.rows(r)
	r.row("file", fmt.Sprintf("%.1f MB, %.2f kB an issue", float64(s.disk())/1e6, float64(s.disk())/1e3/float64(max(z.large, f.before))), "", 0)
	if err := s.starts(r); err != nil {
		return err
	}
	defer s.stop()
	// A program that ends answers no more, so every step below ends too.
	defer context.AfterFunc(ctx, func() { _ = s.process.Process.Signal(syscall.SIGTERM) })()
	if err := s.memories("memory, idle", r); err != nil {
		return err
	}
	if err := s.reads(f, r); err != nil {
		return err
	}
	if err := s.besideEmpty(t, beside, z, r); err != nil {
		return err
	}
	return s.backups(ctx, beside, r)
}

// rows say how the store was filled.
func (f *seeding) rows(r *report) {
	if f.took == 0 {
		r.row("issues that were there", fmt.Sprint(f.before), "", 0)
		return
	}
	all := flow{n: f.want - f.before, took: f.took}
	r.row("issues put in", fmt.Sprintf("%d in %s, %.0f/s", all.n, all.took.Round(time.Second), all.rate()), "", 0)
	var filled []flow
	for _, t := range f.tenths {
		if t.n > 0 {
			filled = append(filled, t)
		}
	}
	first, last := filled[0], filled[len(filled)-1]
	r.row("  the last tenth", fmt.Sprintf("%.0f/s", last.rate()), fmt.Sprintf("the first, %.0f/s", first.rate()), last.rate()/first.rate())
	r.row("  processor time of one", fmt.Sprint(last.each()), fmt.Sprint("the first tenth's, ", first.each()), float64(last.each())/float64(first.each()))
}

// starts starts the program some times, and leaves it running.
func (s *site) starts(r *report) error {
	var took []time.Duration
	for n := range largeStarts {
		if n > 0 {
			s.stop()
		}
		began := time.Now()
		if err := s.serve(); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	r.row("start to ready", fmt.Sprintf("%s, at most %s", milliseconds(slices.Min(took)), milliseconds(slices.Max(took))), "", 0)
	return nil
}

// reads times what an agent looks at, and the processor time that it takes, which depends
// little on what else runs.
func (s *site) reads(f *seeding, r *report) error {
	// A word is also found by its beginning: these begin no other word that was put in.
	post := func(i int) []string { return strings.Fields(words(int64((f.want+9)/10 + i*7919%(f.want-f.want/10)))) }
	word := func(i int) string { return post(i)[0] }
	search := func(word string) string { return "/issues?limit=20&search=" + url.QueryEscape(word) }
	var ids []string
	for i := range 50 {
		var found []struct{ ID string }
		if err := s.ask(http.MethodGet, search(word(i)), nil, &found); err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("no issue has %s", word(i))
		}
		ids = append(ids, found[0].ID)
	}
	for _, c := range []struct {
		name string
		path func(int) string
	}{
		{"list, the first 50", func(int) string { return "/issues?limit=50" }},
		{"thread", func(i int) string { return "/issues/" + ids[i%len(ids)] }},
		{"search, a word of one post", func(i int) string { return search(word(i)) }},
		{"search, a word of most posts", func(int) string { return search("line") }},
		{"search, both kinds", func(i int) string { return search(post(i)[2] + " " + word(i)) }},
		{"search, two words of most posts", func(int) string { return search("line router") }},
	} {
		cpu := s.spent()
		took, err := s.timed(largeAsks, c.path)
		if err != nil {
			return err
		}
		f := flow{n: largeAsks, cpu: s.spent() - cpu}
		r.row(c.name, fmt.Sprintf("%s, p99 %s, processor %s", milliseconds(took[len(took)/2]), milliseconds(took[len(took)*99/100]), milliseconds(f.each())), "", 0)
	}
	return nil
}

// besideEmpty sends posts to the program, and to one on an empty folder, in turns.
func (s *site) besideEmpty(t *town, folder string, z sizes, r *report) error {
	empty, err := start(s.program, folder, "")
	if err != nil {
		return err
	}
	defer empty.stop()
	t.posts.Store(int64(10 * z.large)) // no word of theirs was put in
	both := []*site{empty, s}
	var accepted, heard [2]flow
	for turn := range largeTurns + 1 { // before the first one, every author posts once: after that their keys are known
		for i, to := range both {
			n := z.posts / largeTurns
			if turn == 0 {
				n = len(t.people)
			}
			requests, err := t.requests(to.host, n, func(int) bool { return true })
			if err != nil {
				return err
			}
			began, cpu := time.Now(), to.spent()
			f, err := send(to.host, requests, z.connections)
			if err == nil {
				err = to.settled("inbound", "verify", "fetch")
			}
			if err != nil {
				return err
			}
			if turn > 0 {
				accepted[i].add(f)
				heard[i].add(flow{n: n, took: time.Since(began), cpu: to.spent() - cpu})
			}
		}
	}
	compare := func(name string, f [2]flow) {
		r.row(name, fmt.Sprintf("%.0f/s", f[1].rate()), fmt.Sprintf("an empty one's, %.0f/s", f[0].rate()), f[1].rate()/f[0].rate())
	}
	compare("inbox, matching posts", accepted)
	compare("until every one is an issue", heard)
	r.row("  processor time, from post to issue", fmt.Sprint(heard[1].each()), fmt.Sprint("an empty one's, ", heard[0].each()), float64(heard[1].each())/float64(heard[0].each()))
	return s.memories("memory, after that", r)
}

// memories says what the program has in memory: without the pages of the store, and with them.
func (s *site) memories(name string, r *report) error {
	own, err := s.anonymous()
	if err != nil {
		return err
	}
	all, err := s.memory()
	r.row(name, fmt.Sprintf("%.0f MB, with pages of files %.0f MB", own, all), "", 0)
	return err
}

// add adds another flow of the same kind.
func (f *flow) add(more flow) {
	f.n += more.n
	f.took += more.took
	f.cpu += more.cpu
	f.p99 = max(f.p99, more.p99)
}

// backups makes a backup while the program runs, and restores it. Both commands show
// on a terminal how far they are.
func (s *site) backups(ctx context.Context, folder string, r *report) error {
	copied, restored := filepath.Join(folder, "copy.backup"), newSite(s.program, filepath.Join(folder, "restored"), "")
	for _, c := range []struct {
		name, file string
		args       []string
	}{
		{"backup", copied, []string{"--data", s.data, "backup", copied}},
		{"restore", restored.file(), []string{"--data", restored.data, "restore", copied}},
	} {
		command := exec.CommandContext(ctx, s.program, c.args...)
		command.Env, command.Stderr = s.env, os.Stderr
		began := time.Now()
		if err := command.Run(); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		took := time.Since(began)
		info, err := os.Stat(c.file)
		if err != nil {
			return err
		}
		r.row(c.name, fmt.Sprintf("%s, %.1f MB", took.Round(100*time.Millisecond), float64(info.Size())/1e6), "", 0)
	}
	return s.memories("memory, after the backup", r)
}
