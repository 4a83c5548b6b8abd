package pg

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Crash kills the server and every process of it with SIGKILL: none can say
// goodbye, or write anything.
func (s *Server) Crash(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		t.Fatal("the server does not run")
	}
	if err := s.crash(s.running.Process.Pid); err != nil {
		t.Fatal(err)
	}
	s.running = nil
}

func (s *Server) crash(pid int) error {
	// Stopped, it starts no process that the list would lack.
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return fmt.Errorf("stopping the server: %w", err)
	}
	children, err := children(pid)
	err = errors.Join(err, syscall.Kill(pid, syscall.SIGKILL))
	for _, child := range children {
		if killErr := syscall.Kill(child, syscall.SIGKILL); killErr != nil && !errors.Is(killErr, syscall.ESRCH) {
			err = errors.Join(err, killErr)
		}
	}
	<-s.ended
	for _, child := range children {
		err = errors.Join(err, gone(child))
	}
	// The guard must not signal the next process with that number.
	return errors.Join(err, os.Remove(filepath.Join(s.data(), "postmaster.pid")))
}

// children lists the processes whose parent is one.
func children(pid int) (pids []int, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, field := range strings.Fields(string(b)) {
		n, atoiErr := strconv.Atoi(field)
		err = errors.Join(err, atoiErr)
		pids = append(pids, n)
	}
	return pids, err
}

// gone waits until a process has ended, even if its parent has not waited for
// it.
func gone(pid int) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	late := time.After(10 * time.Second)
	for {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil { // the process is gone
			return nil
		}
		if rest := stat[bytes.LastIndexByte(stat, ')')+1:]; bytes.HasPrefix(rest, []byte(" Z")) || bytes.HasPrefix(rest, []byte(" X")) {
			return nil
		}
		select {
		case <-tick.C:
		case <-late:
			return fmt.Errorf("process %d does not end", pid)
		}
	}
}
