package pg

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// StartPair returns two servers for a test that breaks them: a primary that
// answers a commit only when the other one, its standby, has it on disk too.
func StartPair(t testing.TB) (primary, standby *Server) {
	t.Helper()
	primary = StartOwn(t)
	standby, err := prepare()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { standby.guard.Close() })
	standby.Follow(t, primary)
	return primary, standby
}

// Follow makes a server that does not run a fresh standby of another, which
// waits for it from then on. Its old data is gone.
func (s *Server) Follow(t testing.TB, primary *Server) {
	t.Helper()
	if err := s.follow(primary); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) follow(primary *Server) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		return errors.New("the server that is to follow runs")
	}
	if err := os.RemoveAll(s.data()); err != nil {
		return err
	}
	err := s.tool("pg_basebackup", "-D", s.data(), "-h", primary.dir, "-p", "5432", "-U", "postgres", "-R", "-X", "stream", "-c", "fast", "--no-sync")
	if err != nil {
		return err
	}
	if err := s.run(); err != nil {
		return err
	}
	for _, statement := range []string{"alter system set synchronous_standby_names = '*'", "select pg_reload_conf()"} {
		if err := primary.sql(statement); err != nil {
			return err
		}
	}
	return primary.until("select 1 / count(*) from pg_stat_replication where sync_state = 'sync'")
}

// Promote makes a standby a primary, which waits for no standby of its own.
func (s *Server) Promote(t testing.TB) {
	t.Helper()
	if err := s.sql("select 1 / pg_promote()::int"); err != nil {
		t.Fatal(err)
	}
}

// until repeats a statement, which divides by a number that is zero at first,
// until it succeeds.
func (s *Server) until(statement string) (err error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(30 * time.Second)
	for {
		if err = s.sql(statement); err == nil || !strings.Contains(err.Error(), "division by zero") {
			return err
		}
		select {
		case <-tick.C:
		case <-late:
			return err
		}
	}
}
