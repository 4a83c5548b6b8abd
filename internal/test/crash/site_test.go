//go:build linux

package crash

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"earshot/internal/config"
	"earshot/internal/test/fed"
)

// patience is how long a step may take that should happen at once, on a busy
// machine; a job that waits longer is stuck.
const patience = time.Minute

// standstill is how long nothing may move after a fault. What failed all through the
// fault, which lasts a minute at most, is tried again after as long as that.
const standstill = 3 * time.Minute

// lease is short, so that what a dead process held comes back within a round.
const lease = time.Second

// site is an instance as an operator runs it.
type site struct {
	*node         // the first, and on a file the only one
	nodes []*node // all
	on    backend
	peer  *fed.Peer
	load  *load
	row   *row
	found map[string]bool
	quiet bool        // broken promises are counted only
	cut   atomic.Bool // the power was cut before
	begun int         // planned work that is known to have begun
	small string      // a small file system under the data, "" for none
	db    *database   // nil for a file
}

// newSite makes an instance in dir, for faults of a kind.
func newSite(t *testing.T, on backend, k kind, dir string, r *row) *site {
	t.Helper()
	bin, err := breakable()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{on: on, peer: fed.New(t).Peer(), row: r, found: map[string]bool{}}
	s.node = newNode(t, bin, filepath.Join(dir, "data"))
	s.nodes = []*node{s.node}
	args := append([]string{"--data", s.data, "init", "--url", "http://" + s.addr, "--dev", "--desk", "help", "--names", "acme", "--calls", "fail"}, on.create(s, k)...)
	out, err := exec.Command(bin, args...).CombinedOutput()
	s.must(err, string(out))
	if k.nodes == 2 {
		s.nodes = append(s.nodes, s.another(filepath.Join(dir, "data-2")))
	}
	s.load = newLoad(s)
	t.Cleanup(func() {
		s.load.pause()
		s.kill()
	})
	return s
}

// another is a second node: a data folder with copies of the first one's
// secret and of where the database is.
func (s *site) another(data string) *node {
	s.t.Helper()
	s.must(os.Mkdir(data, 0o700))
	secret, err := os.ReadFile(filepath.Join(s.data, config.SecretName))
	s.must(err)
	s.must(os.WriteFile(filepath.Join(data, config.SecretName), secret, 0o600))
	s.must(os.WriteFile(filepath.Join(data, config.LocationName), []byte(s.db.direct()+"\n"), 0o600))
	return newNode(s.t, s.bin, data)
}

// launch starts every node and waits for nothing.
func (s *site) launch(env ...string) {
	s.t.Helper()
	for _, n := range s.nodes {
		n.launch(env...)
	}
}

// start launches every node without any fault, which then must become ready.
func (s *site) start(env ...string) {
	s.t.Helper()
	s.launch(env...)
	for _, n := range s.nodes {
		n.mustBeReady()
	}
}

// kill ends every node with no chance to say goodbye.
func (s *site) kill() {
	for _, n := range s.nodes {
		n.kill()
	}
}

// stop ends every node that runs as an operator does.
func (s *site) stop() {
	s.t.Helper()
	for _, n := range s.nodes {
		if !n.dead() {
			n.stop()
		}
	}
}

// end ends a site in one of both ways.
func (s *site) end(r *rand.Rand) {
	s.t.Helper()
	if r.IntN(2) == 0 {
		s.kill()
		return
	}
	s.stop()
}

// goesOn waits until more posts are accepted.
func (s *site) goesOn(after string) {
	s.t.Helper()
	before := s.load.posts()
	if !within(patience, func() bool { return s.load.posts() > before+5 }) {
		s.find(&s.row.stuck, "%s, and nothing is accepted", after)
	}
}
