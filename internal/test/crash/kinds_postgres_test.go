//go:build linux

package crash

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"earshot/internal/test/pg"
)

func (onPostgres) kinds() []kind {
	return []kind{
		{name: "kill -9", short: 10, share: 18, every: 10, fault: killed},
		failPoints(onPostgres{}, 22),
		{name: "two nodes, one killed", short: 4, share: 16, every: 4, nodes: 2, fault: oneKilled},
		{name: "database killed", short: 3, share: 12, every: 3, own: true, fault: databaseKilled},
		{name: "connections cut", short: 4, share: 10, every: 4, proxied: true, fault: connectionsCut},
		{name: "a commit's answer lost", short: 4, share: 12, every: 4, proxied: true, strikes: true, fault: answersLost},
		{name: "two nodes, one cut off", short: 2, share: 4, every: 2, nodes: 2, proxied: true, fault: cutOff},
		{name: "standby promoted", short: 2, share: 6, every: 2, nodes: 2, standby: true, fault: promoted},
	}
}

// moment waits for a random time within a range, under load.
func moment(r *rand.Rand, from, to time.Duration) {
	<-time.After(from + time.Duration(r.Int64N(int64(to-from))))
}

// oneKilled: of two nodes one is killed at any moment, and the other goes on;
// in half of the rounds the first comes back and the other is killed too.
func oneKilled(s *site, _ int, r *rand.Rand) {
	s.start()
	first := r.IntN(2)
	moment(r, 20*time.Millisecond, 200*time.Millisecond)
	s.nodes[first].kill()
	s.goesOn("one of two nodes was killed")
	if r.IntN(2) == 0 {
		s.nodes[first].launch()
		s.nodes[first].mustBeReady()
		s.nodes[1-first].kill()
		s.goesOn("both nodes were killed, one after the other")
	}
	s.end(r)
}

// databaseKilled: the database's server ends, in turn by SIGKILL of all its
// processes, by an immediate shutdown, and by a fast one; and it is started
// again. The node lives, and goes on.
func databaseKilled(s *site, n int, r *rand.Rand) {
	s.start()
	moment(r, 20*time.Millisecond, 300*time.Millisecond)
	server := s.db.server
	[]func(testing.TB){server.Crash, server.Kill, server.Stop}[n%3](s.t)
	moment(r, time.Millisecond, 200*time.Millisecond)
	server.Restart(s.t)
	s.lives("the database was killed")
	s.end(r)
}

// lives sees that every node is still there, and goes on.
func (s *site) lives(after string) {
	s.t.Helper()
	s.goesOn(after)
	for _, n := range s.nodes {
		if n.dead() {
			s.t.Errorf("%s, and the node died of it", after)
		}
	}
}

// connectionsCut: all connections to the database break, at the server's end or
// on their way.
func connectionsCut(s *site, _ int, r *rand.Rand) {
	s.start()
	for range 3 {
		moment(r, 20*time.Millisecond, 150*time.Millisecond)
		if r.IntN(2) == 0 {
			s.db.proxy.Cut()
			continue
		}
		s.db.server.Exec(s.t, fmt.Sprintf("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '%s'", s.db.name))
	}
	s.lives("connections were cut")
	s.end(r)
}

// answersLost: of ten commits one does not reach the database, and the answer
// to another does not reach the node; nor does that to the second commit, as a busy
// machine makes few.
func answersLost(s *site, _ int, r *rand.Rand) {
	s.start()
	var lost atomic.Int64
	dice, commits := rand.New(rand.NewPCG(r.Uint64(), 0)), 0 // used by one at a time
	s.db.proxy.AtCommit(func() pg.Fate {
		commits++
		switch throw := dice.IntN(10); {
		case throw == 0 && commits != 2:
			return pg.CutBefore
		case throw == 1 || commits == 2:
			lost.Add(1)
			return pg.CutAfter
		}
		return pg.Pass
	})
	moment(r, 200*time.Millisecond, 600*time.Millisecond)
	s.db.proxy.AtCommit(nil)
	s.row.struck += int(lost.Load())
	s.lives("answers to commits were lost")
	s.end(r)
}

// cutOff: one of two nodes does not reach the database for longer than its
// leases last, and says that it is not ready; the other takes its work over.
func cutOff(s *site, _ int, r *rand.Rand) {
	s.start()
	moment(r, 20*time.Millisecond, 200*time.Millisecond)
	s.db.proxy.Off(true)
	if !within(patience, func() bool { return !s.nodes[0].ready() }) {
		s.t.Error("a node that does not reach the database says that it is ready")
	}
	moment(r, lease, 2*lease)
	s.goesOn("one of two nodes was cut off")
	s.db.proxy.Off(false)
	s.nodes[0].mustBeReady()
	s.lives("a node that was cut off is back")
	s.end(r)
}

// promoted: the primary is killed, and its standby takes its place. Then the
// old primary's machine becomes the new one's standby, under load.
func promoted(s *site, _ int, r *rand.Rand) {
	s.start()
	moment(r, 50*time.Millisecond, 300*time.Millisecond)
	db := s.db
	db.server.Crash(s.t)
	moment(r, time.Millisecond, 200*time.Millisecond)
	db.standby.Promote(s.t)
	db.server, db.standby = db.standby, db.server
	s.lives("the standby was promoted")
	db.standby.Follow(s.t, db.server)
	s.lives("the new primary has a standby")
	s.end(r)
}
