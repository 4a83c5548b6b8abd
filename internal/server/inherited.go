package server

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
)

// firstInherited is the first descriptor that a service manager passes on.
const firstInherited = 3

// Inherited returns the listener that the service manager opened for this process, nil
// if it opened no listener: see sd_listen_fds(3). It is open before the process starts and after
// it ends, so that connections wait for the next process and none is refused.
func Inherited(getenv func(string) string) (net.Listener, error) {
	if getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	n, err := strconv.Atoi(getenv("LISTEN_FDS"))
	if err != nil || n == 0 {
		return nil, err
	}
	if n != 1 {
		return nil, fmt.Errorf("the service manager passes %d sockets: one is needed, for the public address", n)
	}
	f := os.NewFile(firstInherited, "inherited")
	l, err := net.FileListener(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("taking the socket from the service manager: %w", err)
	}
	if _, ok := l.Addr().(*net.TCPAddr); !ok {
		return nil, errors.Join(fmt.Errorf("the service manager passes a socket at %s: it must be a TCP address", l.Addr()), l.Close())
	}
	return l, nil
}
