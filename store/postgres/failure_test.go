package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"earshot/internal/desk"
	"earshot/internal/pgtest"
	"earshot/store"
)

// fill writes some of what Check looks at.
func fill(tx store.Tx) error {
	_, err := tx.Issues().Add(desk.Issue{ID: "i", Report: "r", Desk: "help", Reporter: "ana", Status: desk.StatusNew})
	_, err2 := tx.Jobs().Add(store.Job{ID: "j", Queue: store.QueueDeliver, Lane: "l", Due: noon})
	return errors.Join(err, err2, tx.Meta().Put("k", "v"), tx.Events().Add(desk.Event{ID: "e", Issue: "i", At: noon}), tx.Terms().Set("p", "i", []string{"word"}))
}

// proxy stands between a node and the server, and cuts one connection at a
// commit when told to.
type proxy struct {
	dir    string
	server string
	cut    atomic.Int32 // cutBefore or cutAfter, for the next commit
	cuts   atomic.Int32
	wg     sync.WaitGroup
}

const (
	cutBefore = 1 // the server does not get the commit
	cutAfter  = 2 // the node does not get the answer
)

func startProxy(t *testing.T, s *pgtest.Server) *proxy {
	t.Helper()
	p := &proxy{dir: t.TempDir(), server: s.Socket()}
	l, err := net.Listen("unix", filepath.Join(p.dir, ".s.PGSQL.5432"))
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
	t.Cleanup(func() { l.Close(); p.wg.Wait() })
	return p
}

func (p *proxy) serve(node net.Conn) {
	defer node.Close()
	server, err := net.Dial("unix", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	var deaf atomic.Bool // answers are not passed on any more
	answered := make(chan struct{})
	p.wg.Go(func() {
		defer node.Close()
		defer close(answered)
		b := make([]byte, 32<<10)
		for {
			n, err := server.Read(b)
			if err != nil || deaf.Load() {
				return
			}
			if _, err := node.Write(b[:n]); err != nil {
				return
			}
		}
	})
	b := make([]byte, 32<<10)
	for {
		n, err := node.Read(b)
		if err != nil {
			return
		}
		if bytes.HasPrefix(b[:n], []byte("Q")) && bytes.Contains(b[:n], []byte("; commit")) {
			switch p.cut.Swap(0) {
			case cutBefore:
				p.cuts.Add(1)
				return
			case cutAfter:
				p.cuts.Add(1)
				deaf.Store(true)
				if _, err := server.Write(b[:n]); err == nil {
					<-answered
				}
				return
			}
		}
		if _, err := server.Write(b[:n]); err != nil && !errors.Is(err, io.EOF) {
			return
		}
	}
}

// TestLostAnswer: when the connection breaks at the commit, the update is made
// once, whether the server had got the commit or not.
func TestLostAnswer(t *testing.T) {
	server := pgtest.Start(t)
	dsn := server.Database(t)
	p := startProxy(t, server)
	s := opened(t, "host="+p.dir+dsn[strings.Index(dsn, " "):], Options{})
	told := make(chan store.Queue, 100)
	defer s.Watch(func(q store.Queue) { told <- q })()
	for name, c := range map[string]struct {
		cut  int32
		runs int
	}{"before": {cutBefore, 2}, "after": {cutAfter, 1}, "not": {0, 1}} {
		t.Run(name, func(t *testing.T) {
			for n := range 5 {
				id := fmt.Sprint(name, n)
				p.cut.Store(c.cut)
				before, runs, added := p.cuts.Load(), 0, false
				write(t, s, func(tx store.Tx) (err error) {
					runs++
					added, err = tx.Jobs().Add(store.Job{ID: id, Queue: store.QueueDeliver, Due: noon})
					return err
				})
				if runs != c.runs || !added || (p.cuts.Load() > before) != (c.cut != 0) {
					t.Errorf("%d runs, added %v, %d cuts", runs, added, p.cuts.Load()-before)
				}
				<-told
				write(t, s, func(tx store.Tx) error {
					_, there, err := tx.Jobs().Get(id)
					if !there {
						t.Error("not made")
					}
					return err
				})
			}
		})
	}
}

// TestSameOperation: an update that was made is not made again.
func TestSameOperation(t *testing.T) {
	s := opened(t, pgtest.Start(t).Database(t), Options{})
	for range 2 {
		err := s.Update(t.Context(), "the same", func(tx store.Tx) error {
			v, _, err := tx.Meta().Get("k")
			return errors.Join(err, tx.Meta().Put("k", v+"x"))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	write(t, s, func(tx store.Tx) error {
		if v, _, err := tx.Meta().Get("k"); v != "x" || err != nil {
			t.Errorf("%q, %v", v, err)
		}
		return nil
	})
}

// TestRestart: the server stops, crashes and comes back while two nodes write.
// Whatever was answered with nil is there, once.
func TestRestart(t *testing.T) {
	server := pgtest.StartOwn(t)
	dsn := server.DSN("postgres")
	nodes := []*Store{opened(t, dsn, Options{}), opened(t, dsn, Options{})}
	var made, failed atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var counted [6]int
	for n := range counted {
		s, key := nodes[n%2], fmt.Sprint("count", n)
		wg.Go(func() {
			for ctx.Err() == nil {
				// Not the test's context: an update is finished, or known to have failed.
				err := s.Update(context.WithoutCancel(ctx), store.Op(uuid.NewString()), func(tx store.Tx) error {
					v, _, err := tx.Meta().Get(key)
					if err != nil {
						return err
					}
					return tx.Meta().Put(key, v+"x")
				})
				switch {
				case err == nil:
					counted[n]++
					made.Add(1)
				case errors.Is(err, store.ErrUnavailable):
					failed.Add(1)
				default:
					t.Errorf("update: %v", err)
					return
				}
			}
		})
	}
	more := func() {
		t.Helper()
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		late := time.After(30 * time.Second)
		for n := made.Load(); made.Load() < n+50; {
			select {
			case <-tick.C:
			case <-late:
				t.Fatal("no updates any more")
			}
		}
	}
	more()
	for _, end := range []func(testing.TB){server.Stop, server.Kill} {
		end(t)
		server.Restart(t)
		more()
	}
	stop()
	wg.Wait()
	for n, want := range counted {
		var v string
		err := nodes[0].View(t.Context(), func(tx store.Tx) (err error) {
			v, _, err = tx.Meta().Get(fmt.Sprint("count", n))
			return err
		})
		if err != nil || len(v) != want {
			t.Errorf("counter %d: %d instead of %d: %v", n, len(v), want, err)
		}
	}
	t.Logf("%d made, %d unavailable", made.Load(), failed.Load())
	// The listener comes back too.
	told := make(chan store.Queue, 100)
	defer nodes[1].Watch(func(q store.Queue) { told <- q })()
	add(t, nodes[0], store.Job{ID: "a", Queue: store.QueueDeliver, Due: noon})
	<-told
}
