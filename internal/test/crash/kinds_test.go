//go:build linux

package crash

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"
)

// kind is one kind of fault.
type kind struct {
	name    string
	short   int  // rounds in a short run
	least   int  // rounds of any run
	share   int  // of the rounds of a long run, in percent
	every   int  // rounds between two checks in a short run; a long one checks after each
	heavy   bool // posts are so large that the file grows
	strikes bool // it is a mistake if the fault never finds anything to break
	small   bool // on a small file system, where one can be mounted
	nodes   int  // 2: two nodes share the database
	own     bool // the database's server is broken too, and nobody else's
	proxied bool // the first node reaches the database through a proxy
	standby bool // the server has a standby
	// fault starts the server under load, breaks it, and leaves it dead. n counts the rounds.
	fault func(s *site, n int, r *rand.Rand)
}

func (onBolt) kinds() []kind {
	return []kind{
		{name: "kill -9", short: 20, share: 25, every: 10, fault: killed},
		failPoints(onBolt{}, 24),
		{name: "power cut", short: 9, share: 18, every: 3, strikes: true, fault: powerCut},
		{name: "power cut, compacting", short: 6, share: 10, every: 3, strikes: true, fault: compacting},
		{name: "torn write", short: 6, share: 10, every: 3, heavy: true, strikes: true, fault: torn},
		{name: "full disk", short: 3, share: 5, every: 3, heavy: true, small: true, fault: fullDisk},
		{name: "failed sync", short: 6, share: 8, every: 3, fault: failedSync},
	}
}

// failPoints dies at every point that a backend has, one after the other.
func failPoints(on backend, share int) kind {
	all := on.points()
	return kind{name: "fail point", short: len(all), least: len(all), share: share, every: 14, fault: func(s *site, n int, r *rand.Rand) { failPoint(s, all[n%len(all)], r) }}
}

// nights makes night follow night, so that the file is compacted all the time.
const nights = "EARSHOT_FAILPOINT_NIGHTS=10ms"

// killed: kill -9 at any moment.
func killed(s *site, n int, r *rand.Rand) {
	s.start()
	// However slow the machine is, there is something to lose.
	if n%4 == 0 {
		s.hears(1, 1)
	} else if n%2 == 0 {
		s.hears(1, 0)
	}
	s.dies(time.Duration(20+r.IntN(180)) * time.Millisecond)
	s.kill()
}

// hears waits until so many more posts were accepted and replies acknowledged.
func (s *site) hears(posts, replies int) {
	count := func() (int, int) {
		s.load.mu.Lock()
		defer s.load.mu.Unlock()
		return len(s.load.accepted), len(s.load.replied)
	}
	p, r := count()
	within(patience, func() bool {
		nowPosts, nowReplies := count()
		return nowPosts >= p+posts && nowReplies >= r+replies
	})
}

// failPoint: the process dies between two steps of its work.
func failPoint(s *site, point string, r *rand.Rand) {
	env := []string{fmt.Sprintf("EARSHOT_FAILPOINT=%s:%d", point, 1+r.IntN(3))}
	if strings.HasPrefix(point, "bolt.compact") {
		env = append(env, nights)
	}
	s.launch(env...)
	if !s.dies(3 * patience) { // a busy machine takes long to tell a portion
		s.t.Errorf("the fail point %s was never reached", point)
		s.kill()
		return
	}
	s.row.points[point]++
}

// journaled runs the server, with a journal of its writes to the file, until it
// dies. It returns the writes that are on the disk for certain, and those that
// may be.
func (s *site) journaled(env []string, run func()) *folder {
	base, err := os.ReadFile(s.file())
	s.must(err)
	name := s.file() + ".journal"
	s.launch(append(env, "EARSHOT_CRASH_JOURNAL="+name)...)
	run()
	journal, err := os.ReadFile(name)
	s.must(err)
	s.must(os.Remove(name))
	f, err := replay(base, journal)
	s.must(err)
	return f
}

// leave writes what a fault left of the file, and of the one that a compaction
// had begun.
func (s *site) leave(file, begun []byte) {
	s.cut.Store(true)
	s.must(os.WriteFile(s.file(), file, 0o600))
	rest := s.file() + compactSuffix
	if begun != nil {
		s.must(os.WriteFile(rest, begun, 0o600))
		return
	}
	if err := os.Remove(rest); !errors.Is(err, os.ErrNotExist) {
		s.must(err)
	}
}

// somewhere lets the process die at a random moment, or at one of some fail points.
func (s *site) somewhere(n int, r *rand.Rand, at []string, env ...string) *folder {
	moment := time.Duration(200+r.IntN(300)) * time.Millisecond
	if n%3 != 0 {
		point, count := at[r.IntN(len(at))], 1+r.IntN(10)
		if strings.HasPrefix(point, "bbolt.grow") { // rare
			count = 1
		}
		env = append(env, fmt.Sprintf("EARSHOT_FAILPOINT=%s:%d", point, count))
		moment = 2 * time.Second
	}
	return s.journaled(env, func() {
		s.dies(moment)
		s.kill()
	})
}

// powerCut: synced writes survive, and any part of the others.
func powerCut(s *site, n int, r *rand.Rand) {
	f := s.somewhere(n, r, s.on.points())
	s.row.struck += f.unsynced()
	s.leave(f.cut(r))
}

// compacting: a power cut while the file is compacted, again and again: of the
// new file, its name, and the old one, each may be there or not.
func compacting(s *site, n int, r *rand.Rand) {
	at := slices.DeleteFunc(s.on.points(), func(p string) bool { return !strings.HasPrefix(p, "bolt.compact") && !strings.HasPrefix(p, "bbolt") })
	f := s.somewhere(n, r, at, nights)
	if f.begun() {
		s.row.struck++
	}
	s.leave(f.cut(r))
}

// torn: the last write stops in its middle, also while the file grows.
func torn(s *site, n int, r *rand.Rand) {
	at := []string{"bbolt.pages.write", "bbolt.pages.sync", "bbolt.meta.sync"}
	if n%3 == 1 {
		at = []string{"bbolt.grow.sync"}
	}
	f := s.somewhere(n, r, at)
	s.row.struck += f.unsynced()
	s.leave(f.tear(r))
}

// failedSync: the disk says no to a sync. The process stops, says why, and
// unsynced writes may be lost.
func failedSync(s *site, _ int, r *rand.Rand) {
	began, err := os.Stat(s.log.Name())
	s.must(err)
	f := s.journaled([]string{fmt.Sprintf("EARSHOT_CRASH_SYNC_FAILS=%d", 1+r.IntN(40))}, func() {
		if !s.dies(patience) {
			s.t.Error("a sync failed, and the process goes on")
		}
		s.kill()
	})
	b, err := os.ReadFile(s.log.Name())
	s.must(err)
	if code, said := s.process.ProcessState.ExitCode(), string(b[began.Size():]); code <= 0 || !saysWhy(said) {
		s.t.Errorf("a sync failed, and the process ended with exit code %d and said %s", code, said)
	}
	s.leave(f.cut(r))
}
