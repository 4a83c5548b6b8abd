package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"earshot/internal/config"
	"earshot/internal/test/pg"
)

// earshot runs a command line on a data folder.
func (p *process) earshot(data string, args ...string) (out string, err error) {
	b, err := exec.Command(p.bin, append([]string{"--data", data}, args...)...).CombinedOutput()
	return string(b), err
}

// A backup through one of two nodes under load becomes an instance in another
// database, in which everything is that was accepted before it began.
func TestRestoreToDatabase(t *testing.T) {
	server := pg.StartDurable(t)
	one := newProcess(t, "--store", pg.URL(server.DatabaseName(t), server))
	two := one.secondNode()
	one.start()
	two.start()
	one.setDoors(one.addr, two.addr)
	ctx, cancel := context.WithCancel(t.Context())
	load := one.flood(ctx, 4, 1_000_000)
	defer load.Wait()
	defer cancel()
	one.until("load", func() bool { return one.count() >= 60 })
	one.mu.Lock()
	before := append([]string(nil), one.accepted...)
	one.mu.Unlock()
	file := filepath.Join(t.TempDir(), "one.backup")
	out, err := two.earshot(two.data, "backup", file)
	one.must(err, out)
	out, err = one.earshot(one.data, "doctor")
	one.must(err, out)
	for _, want := range []string{"the last one is 0 minutes old", "2 nodes serve", "format ", "the database has no standby"} {
		if !strings.Contains(out, want) { // the other node knows of the backup
			t.Errorf("%q is not in %s", want, out)
		}
	}
	cancel()
	load.Wait()
	for _, p := range []*process{one, two} {
		p.must(p.cmd.Process.Signal(syscall.SIGTERM))
		p.must(p.wait())
	}

	data, database := filepath.Join(t.TempDir(), "new"), pg.URL(server.DatabaseName(t), server)
	deletions := filepath.Join(one.data, config.DeletionsName)
	location, err := os.ReadFile(filepath.Join(one.data, config.LocationName))
	one.must(err)
	for _, try := range []struct{ store, want string }{
		{strings.TrimSpace(string(location)), "there is something in that database already"},
		{"mysql://x", "a store is bolt or postgres"},
	} {
		if out, err := one.earshot(data, "restore", file, "--store", try.store); err == nil || !strings.Contains(out, try.want) {
			t.Errorf("%s: %v", out, err)
		}
	}
	args := []string{"restore", file, "--store", database}
	if _, err := os.Stat(deletions); !errors.Is(err, os.ErrNotExist) {
		args = append(args, "--deletions", deletions)
	}
	out, err = one.earshot(data, args...)
	one.must(err, out)
	if out, err := one.earshot(data, "restore", file); err == nil || !strings.Contains(out, "names a database") {
		t.Errorf("a file beside the database: %s", out)
	}
	back := &process{t: t, bin: one.bin, data: data, addr: one.addr, admin: free(t), peer: one.peer, log: one.log, accepted: before}
	back.endsWithTest()
	out, err = back.earshot(data, "doctor") // without a server it reads all of the store
	if err != nil || !strings.Contains(out, "all of it was read, and it is consistent") || !strings.Contains(out, "0 nodes serve") {
		t.Error(err, out)
	}
	back.start()
	back.checkHeard()
}
