package main

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"earshot/internal/api"
	"earshot/internal/config"
	"earshot/internal/test/pg"
)

// secondNode is another node of p's instance: a data folder with copies of the
// first one's secret and of where the database is, and addresses of its own.
func (p *process) secondNode() *process {
	p.t.Helper()
	other := &process{t: p.t, bin: p.bin, data: p.t.TempDir(), addr: free(p.t), admin: free(p.t), peer: p.peer, log: p.log}
	for _, name := range []string{config.SecretName, config.LocationName} {
		b, err := os.ReadFile(filepath.Join(p.data, name))
		p.must(err)
		p.must(os.WriteFile(filepath.Join(other.data, name), b, 0o600))
	}
	other.endsWithTest()
	return other
}

// Two nodes on one database under load. One is killed, then the database is
// restarted: nothing that was accepted is lost or heard twice, and the other
// node goes on hearing and answering.
func TestTwoNodes(t *testing.T) {
	db := pg.StartOwn(t)
	one := newProcess(t, "--store", pg.URL(db.DatabaseName(t), db))
	two := one.secondNode()
	one.start()
	two.start()
	one.setDoors(one.addr, two.addr)
	ctx, cancel := context.WithCancel(t.Context())
	load := one.flood(ctx, 6, 1_000_000)
	defer load.Wait()
	defer cancel()
	more := func(n int) {
		t.Helper()
		before := one.count()
		one.until("more posts", func() bool { return one.count() >= before+n })
	}
	more(60)
	one.must(one.cmd.Process.Signal(syscall.SIGKILL))
	_ = one.wait()
	one.setDoors(two.addr)
	more(30)
	db.Kill(t)
	db.Restart(t)
	more(30)
	cancel()
	load.Wait()

	two.accepted, two.later = one.accepted, one.later
	two.checkHeard()
	// The other node answers.
	transport := api.Socket(filepath.Join(two.data, config.SocketName))
	defer transport.CloseIdleConnections()
	client := api.NewClient(transport, "")
	issues, err := client.Issues(t.Context(), api.IssueQuery{Limit: 1})
	one.must(err)
	reply, err := client.Reply(t.Context(), issues[0].ID, api.NewReply{Text: "We are looking.", Now: true})
	one.must(err)
	one.until("the reply to arrive", func() bool {
		for _, g := range one.peer.Got() {
			if o, ok := g.Body["object"].(map[string]any); ok && o["id"] == "http://"+one.addr+"/posts/"+string(reply.ID) {
				return true
			}
		}
		return false
	})
}
