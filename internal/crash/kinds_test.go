//go:build linux

package crash

import (
	"fmt"
	"math/rand/v2"
	"os"
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
	journal bool // what was written and not synced counts
	small   bool // on a small file system, where one can be mounted
	// fault starts the server under load, breaks it, and leaves it dead. n counts the rounds.
	fault func(s *site, n int, r *rand.Rand)
}

func (onBolt) kinds() []kind {
	all := points()
	return []kind{
		{name: "kill -9", short: 50, share: 30, every: 25, fault: killed},
		{name: "fail point", short: len(all), least: len(all), share: 26, every: 14, fault: func(s *site, n int, r *rand.Rand) { failPoint(s, all[n%len(all)], r) }},
		{name: "power cut", short: 9, share: 20, every: 3, journal: true, fault: powerCut},
		{name: "torn write", short: 6, share: 10, every: 3, heavy: true, journal: true, fault: torn},
		{name: "full disk", short: 3, share: 6, every: 3, heavy: true, small: true, fault: fullDisk},
		{name: "failed sync", short: 6, share: 8, every: 3, fault: failedSync},
	}
}

// killed: kill -9 at any moment.
func killed(s *site, _ int, r *rand.Rand) {
	s.start()
	s.dies(time.Duration(20+r.IntN(180)) * time.Millisecond)
	s.kill()
}

// failPoint: the process dies between two steps of its work.
func failPoint(s *site, point string, r *rand.Rand) {
	s.launch(fmt.Sprintf("EARSHOT_FAILPOINT=%s:%d", point, 1+r.IntN(3)))
	if !s.dies(patience) {
		s.t.Errorf("the fail point %s was never reached", point)
		s.kill()
		return
	}
	s.row.points[point]++
}

// journaled runs the server with a journal of what it does to the file, until
// it died, and returns what is on the disk for certain and what perhaps.
func (s *site) journaled(env []string, run func()) disk {
	base, err := os.ReadFile(s.file())
	s.must(err)
	name := s.file() + ".journal"
	s.launch(append(env, "EARSHOT_CRASH_JOURNAL="+name)...)
	run()
	journal, err := os.ReadFile(name)
	s.must(err)
	s.must(os.Remove(name))
	d, err := replay(base, journal)
	s.must(err)
	return d
}

// somewhere lets the process die at a random moment, or at one of some fail points.
func (s *site) somewhere(n int, r *rand.Rand, at []string) disk {
	var env []string
	moment := time.Duration(200+r.IntN(300)) * time.Millisecond
	if n%3 != 0 {
		point, count := at[r.IntN(len(at))], 1+r.IntN(10)
		if strings.HasPrefix(point, "bbolt.grow") { // rare
			count = 1
		}
		env = []string{fmt.Sprintf("EARSHOT_FAILPOINT=%s:%d", point, count)}
		moment = 2 * time.Second
	}
	return s.journaled(env, func() {
		s.dies(moment)
		s.kill()
	})
}

// powerCut: only what was synced survives, and any part of what was not.
func powerCut(s *site, n int, r *rand.Rand) {
	d := s.somewhere(n, r, points())
	s.row.unsynced += len(d.pending)
	s.must(os.WriteFile(s.file(), d.cut(r), 0o600))
}

// torn: the last write stops in its middle, also while the file grows.
func torn(s *site, n int, r *rand.Rand) {
	at := []string{"bbolt.pages.write", "bbolt.pages.sync", "bbolt.meta.sync"}
	if n%3 == 1 {
		at = []string{"bbolt.grow.sync"}
	}
	d := s.somewhere(n, r, at)
	s.row.unsynced += len(d.pending)
	s.must(os.WriteFile(s.file(), d.tear(r), 0o600))
}

// failedSync: the disk says no to a sync. The process stops, says why, and what
// was not synced may be lost.
func failedSync(s *site, _ int, r *rand.Rand) {
	began, err := os.Stat(s.log.Name())
	s.must(err)
	d := s.journaled([]string{fmt.Sprintf("EARSHOT_CRASH_SYNC_FAILS=%d", 1+r.IntN(40))}, func() {
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
	s.must(os.WriteFile(s.file(), d.cut(r), 0o600))
}
