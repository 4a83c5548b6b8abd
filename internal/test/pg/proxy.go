package pg

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Proxy stands between a node and a server and breaks their connections: all
// of them, or one at a commit.
type Proxy struct {
	dir    string
	server string

	mu       sync.Mutex
	nodes    map[net.Conn]struct{} // the nodes' ends
	off      bool
	atCommit func() Fate
	wg       sync.WaitGroup
}

// Fate is the end of a connection at a commit.
type Fate int

// The fates.
const (
	Pass      Fate = iota // nothing
	CutBefore             // the server does not get the commit
	CutAfter              // the server makes the commit, and the node does not get the answer
)

// StartProxy returns a proxy of a server, which ends with the test.
func StartProxy(t testing.TB, s *Server) *Proxy {
	t.Helper()
	dir, err := os.MkdirTemp("", "earshot-proxy-") //nolint:usetesting // the test's own may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{dir: dir, server: s.Socket(), nodes: map[net.Conn]struct{}{}}
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	p.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.wg.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.Off(true)
		p.wg.Wait()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return p
}

// URL is how a database is reached through the proxy.
func (p *Proxy) URL(database string) string { return urlAt(database, p.dir) }

// Cut breaks all connections; others may be made at once.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.nodes {
		c.Close()
	}
}

// Off breaks all connections and lets none be made, until it is called with false.
func (p *Proxy) Off(off bool) {
	p.mu.Lock()
	p.off = off
	p.mu.Unlock()
	if off {
		p.Cut()
	}
}

// AtCommit has f decide over every commit of an update, but of one that only
// claimed and found nothing; nil: all pass.
func (p *Proxy) AtCommit(f func() Fate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.atCommit = f
}

func (p *Proxy) fate(message []byte) Fate {
	if !bytes.HasPrefix(message, []byte("Q")) || !bytes.Contains(message, []byte("; commit")) {
		return Pass
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.atCommit == nil {
		return Pass
	}
	return p.atCommit()
}

// enter notes a connection, false if there is to be none.
func (p *Proxy) enter(node net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.off {
		p.nodes[node] = struct{}{}
	}
	return !p.off
}

func (p *Proxy) remove(node net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.nodes, node)
}

func (p *Proxy) serve(node net.Conn) {
	defer node.Close()
	if !p.enter(node) {
		return
	}
	defer p.remove(node)
	server, err := net.Dial("unix", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	deaf, answered := make(chan struct{}), make(chan struct{})
	p.wg.Go(func() {
		defer close(answered)
		defer node.Close()
		answers(server, node, deaf)
	})
	b := make([]byte, 32<<10)
	for {
		n, err := node.Read(b)
		if err != nil {
			return
		}
		switch p.fate(b[:n]) {
		case CutBefore:
			return
		case CutAfter:
			close(deaf)
			if _, err := server.Write(b[:n]); err == nil {
				<-answered
			}
			return
		}
		if _, err := server.Write(b[:n]); err != nil {
			return
		}
	}
}

// answers passes on the server's answers, until deaf is closed.
func answers(server, node net.Conn, deaf <-chan struct{}) {
	b := make([]byte, 32<<10)
	for {
		n, err := server.Read(b)
		if err != nil {
			return
		}
		select {
		case <-deaf:
			return
		default:
		}
		if _, err := node.Write(b[:n]); err != nil {
			return
		}
	}
}
