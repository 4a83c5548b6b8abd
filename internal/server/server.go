// Package server runs an instance: the public listener, the Unix socket of the API, the admin
// listener, and the workers. It knows how to start, to refuse harmful requests, and to stop
// without losing anything; the given handlers write the answers.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"earshot/internal/clock"
)

// The limits of a connection. A body is at most 1 MiB, so slower than this is
// an attack or hopeless.
const (
	headerTimeout  = 10 * time.Second
	readTimeout    = 30 * time.Second
	writeTimeout   = 60 * time.Second
	idleTimeout    = 120 * time.Second
	maxHeaderBytes = 64 << 10
)

// Stopping takes at most ten seconds: requests under way may use eight of
// them, and half a second is left for closing the store.
const (
	stopTimeout = 8 * time.Second
	stopWithin  = 9500 * time.Millisecond
)

// maxSocketPath fits into sockaddr_un on every Unix we know.
const maxSocketPath = 102 // and a letter while it is made

// Worker is a loop that works until ctx ends, then gives back its jobs.
type Worker interface {
	Run(ctx context.Context) error
}

// Options is what a server runs.
type Options struct {
	Listen    string       // TCP address of the public listener
	Admin     string       // TCP address for those who watch the instance; "" for none
	Listeners *Listeners   // both, if they are open already
	Socket    string       // path of the API's Unix socket; "" for none
	Public    http.Handler // the public handler
	Spelled   http.Handler // answers a GET whose path has percent-encoding; nil: 404
	API       http.Handler // behind the socket only
	Metrics   http.Handler // /metrics of the admin listener; nil for none
	Workers   []Worker
	Admission *Admission     // bounds connections and bodies; Public is made of handlers that it gave pools. nil: one with the defaults
	Proxies   []netip.Prefix // whose X-Forwarded-For is believed, for the log
	// Alive says whether the store answers and has room.
	Alive func(context.Context) error
	// Ready is called once, when everything listens.
	Ready func(public net.Addr)
	// Notify hears "READY=1" and "STOPPING=1"; nil: nobody. See SystemdNotify.
	Notify func(state string)
	// Observe hears of every answered request; nil: nobody. It must not block.
	Observe func(Request)
	Log     *slog.Logger
}

// Server is a running instance.
type Server struct {
	o        Options
	running  workers
	stopping atomic.Bool
}

// New returns a server that does nothing until it is run.
func New(o Options) *Server {
	if o.Admission == nil {
		o.Admission = NewAdmission(AdmissionOptions{Peers: NewPeers(o.Proxies, o.Log), Clock: clock.System{}})
	}
	return &Server{o: o}
}

// Run listens and works until ctx ends, then stops within ten seconds: it
// accepts no more, finishes running requests, and waits for the workers. It
// returns ctx's cause, unless that is an ordinary cancellation.
func (s *Server) Run(ctx context.Context) error {
	listeners := s.o.Listeners
	if listeners == nil {
		var err error
		if listeners, err = Listen(ctx, nil, s.o.Listen, s.o.Admin, s.o.Admission, s.o.Log); err != nil {
			return err
		}
	}
	answering := []*listener{listeners.public}
	if s.o.Socket != "" {
		l, err := listenSocket(ctx, s.o.Socket)
		if err != nil {
			listeners.Close()
			return err
		}
		socket := openListener(l, s.socketHandler(), s.o.Log)
		answering = append(answering, socket)
	}
	if listeners.admin != nil {
		listeners.admin.answer(s.adminHandler())
	}
	listeners.public.answer(s.publicHandler()) // last: who gets an answer here finds all that there is
	return s.serve(ctx, answering, listeners.admin)
}

// serve works until ctx or something else ends. admin, which may be nil, is
// the last to close: it tells that we are stopping.
func (s *Server) serve(ctx context.Context, listeners []*listener, admin *listener) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var answering, working sync.WaitGroup
	for _, d := range slices.Concat(listeners, present(admin)) {
		answering.Go(func() {
			if err := d.wait(); err != nil {
				stop(err)
			}
		})
	}
	for _, w := range s.o.Workers {
		s.running.started()
		working.Go(func() {
			defer s.running.ended()
			if err := w.Run(ctx); err != nil && ctx.Err() == nil {
				stop(fmt.Errorf("a worker ended: %w", err))
			}
		})
	}
	addr := listeners[0].listener.Addr()
	s.o.Log.Info("listening", "addr", addr.String())
	if s.o.Ready != nil {
		s.o.Ready(addr)
	}
	s.notify("READY=1")
	<-ctx.Done()
	s.stopping.Store(true)
	s.o.Log.Info("stopping")
	s.notify("STOPPING=1")
	listeners[0].drain()
	err := s.stop(listeners, &working)
	for _, d := range present(admin) {
		_ = d.http.Close()
	}
	answering.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

func present(d *listener) []*listener {
	if d == nil {
		return nil
	}
	return []*listener{d}
}

func (s *Server) notify(state string) {
	if s.o.Notify != nil {
		s.o.Notify(state)
	}
}

// errWorking: the process ends all the same. Its jobs are durable and come back
// when their leases run out.
var errWorking = errors.New("some work did not end in time and was left; it is taken up again at the next start")

// stop lets every request and all work under way end, for a while.
func (s *Server) stop(listeners []*listener, working *sync.WaitGroup) error {
	end := time.NewTimer(stopWithin)
	defer end.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var wg sync.WaitGroup
	for _, d := range listeners {
		wg.Go(func() {
			if err := d.http.Shutdown(ctx); err != nil {
				s.o.Log.Warn("some requests were cut off", "err", err)
				_ = d.http.Close()
			}
		})
	}
	wg.Wait()
	ended := make(chan struct{})
	go func() { working.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-end.C:
		return errWorking
	}
}

func httpServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // mistakes of strangers are no errors of ours
	}
}

// listenSocket listens where only the owner of the process can connect. A
// socket that a dead process left is replaced; only the process that holds the
// store gets here.
func listenSocket(ctx context.Context, path string) (net.Listener, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("%s is longer than the %d bytes a socket's path may have: choose a data folder with a shorter path", path, maxSocketPath)
	}
	if info, err := os.Lstat(path); err == nil {
		if info.Mode().Type() != os.ModeSocket {
			return nil, fmt.Errorf("%s is in the way: it is not a socket; move it away", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("removing an old socket: %w", err)
		}
	}
	// Made under another name and closed to others before it gets its own, so
	// that another user can connect at no moment.
	made := path + "~"
	if err := os.Remove(made); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("removing the socket of a start that failed: %w", err)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", made)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", path, err)
	}
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // it knows the other name only
	}
	if err := errors.Join(os.Chmod(made, 0o600), os.Rename(made, path)); err != nil {
		return nil, errors.Join(fmt.Errorf("closing the socket to others: %w", err), l.Close())
	}
	return socket{l, path}, nil
}

// socket is a listener that takes its name away when it closes.
type socket struct {
	net.Listener
	path string
}

func (s socket) Close() error { return errors.Join(os.Remove(s.path), s.Listener.Close()) }
