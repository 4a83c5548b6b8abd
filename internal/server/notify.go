package server

import (
	"log/slog"
	"net"
	"strings"
)

// SystemdNotify returns an Options.Notify that tells the service manager, or
// nil if none asked: socket is the value of NOTIFY_SOCKET. See sd_notify(3).
func SystemdNotify(socket string, log *slog.Logger) func(state string) {
	if socket == "" {
		return nil
	}
	if abstract, ok := strings.CutPrefix(socket, "@"); ok {
		socket = "\x00" + abstract
	}
	return func(state string) {
		if err := notify(socket, state); err != nil {
			log.Warn("the service manager could not be notified", "state", state, "err", err)
		}
	}
}

func notify(socket, state string) error {
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"}) // the service manager, on this machine
	if err != nil {
		return err
	}
	_, err = c.Write([]byte(state))
	if cerr := c.Close(); err == nil {
		err = cerr
	}
	return err
}
