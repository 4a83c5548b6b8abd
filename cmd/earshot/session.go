package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"earshot/internal/api"
	"earshot/internal/config"
	"earshot/internal/desk"
)

// session is a command's connection to the instance: to the running server, or
// if none runs to the store itself, behind the same API.
type session struct {
	*api.Client
	call    *command
	running bool      // a server runs
	local   *instance // if none runs
}

// with runs f connected to the instance.
func (c *command) with(f func(*session) error) error {
	s, closeAfter, err := c.connect()
	if err != nil {
		return err
	}
	return errors.Join(f(s), closeAfter())
}

func (c *command) connect() (*session, func() error, error) {
	socket := filepath.Join(c.data, config.SocketName)
	if _, err := os.Lstat(socket); err == nil {
		transport := api.Socket(socket)
		s := &session{Client: api.NewClient(c.progress(transport), c.agent), call: c, running: true}
		_, err := s.Instance(c.ctx)
		if err == nil || !noServer(err) {
			return s, func() error { transport.CloseIdleConnections(); return nil }, socketTrouble(socket, err)
		}
	}
	cfg, err := config.Load(c.data, c.getenv, nil)
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.NewTextHandler(c.io.err, &slog.HandlerOptions{Level: slog.LevelError}))
	in, err := openInstance(c.ctx, c.data, cfg, c.getenv, log, func(error) {})
	if err != nil {
		return nil, nil, err
	}
	local := api.Local{Handler: api.New(in.api(log, false, nil))}
	return &session{Client: api.NewClient(c.progress(local), c.agent), call: c, local: in}, in.close, nil
}

// noServer says that nobody listens: the socket was left by a process that died.
func noServer(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist)
}

func socketTrouble(socket string, err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%s belongs to another user: run this as the user who runs the server (%w)", socket, err)
	}
	return err
}

// queued tells that work waits when nobody is there to do it.
func (s *session) queued() {
	if !s.running {
		fmt.Fprintln(s.call.io.err, "No server is running: this is stored, and goes out when `earshot serve` runs next.")
	}
}

// handle checks a typed desk: people copy @help@acme.example.
func handle(s string) (desk.Handle, error) {
	h, err := desk.ParseHandle(s)
	if err != nil {
		return "", usageError{err}
	}
	return h, nil
}
