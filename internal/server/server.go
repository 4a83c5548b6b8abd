// Package server runs an instance: the public listener, the Unix socket of the
// API, and the workers. It knows how to start, to refuse what would harm, and
// to stop without losing anything; what is answered comes from the handlers it
// is given.
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
	"sync"
	"time"
)

// The limits of a connection. A body is at most 1 MiB, so slower than this is
// an attack or hopeless.
const (
	headerTimeout  = 10 * time.Second
	readTimeout    = 30 * time.Second
	writeTimeout   = 60 * time.Second
	idleTimeout    = 120 * time.Second
	maxHeaderBytes = 64 << 10
	stopWithin     = 10 * time.Second
)

// maxSocketPath is what fits into sockaddr_un on every Unix we know.
const maxSocketPath = 103

// Worker is a loop that works until ctx ends, then gives back what it holds.
type Worker interface {
	Run(ctx context.Context) error
}

// Options is what a server runs.
type Options struct {
	Listen      string       // TCP address of the public listener
	Socket      string       // path of the API's Unix socket; "" for none
	Public      http.Handler // what the world sees
	API         http.Handler // behind the socket only
	Workers     []Worker
	MaxRequests int            // answered at the same time by Public; 0 means 512
	Proxies     []netip.Prefix // whose X-Forwarded-For is believed, for the log
	// Alive says whether the store answers.
	Alive func(context.Context) error
	// Ready is called once, when everything listens.
	Ready func(public net.Addr)
	Log   *slog.Logger
}

// Server is a running instance.
type Server struct {
	o       Options
	running workers
}

// New returns a server that does nothing until it is run.
func New(o Options) *Server { return &Server{o: o} }

// Run listens and works until ctx ends, then stops within ten seconds: accepts
// no more, answers what was asked, and waits for the workers. It returns
// ctx's cause, unless that is an ordinary cancellation.
func (s *Server) Run(ctx context.Context) error {
	public, err := new(net.ListenConfig).Listen(ctx, "tcp", s.o.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w (choose another with --listen)", s.o.Listen, err)
	}
	listeners := []served{{s.httpServer(s.publicHandler()), public}}
	if s.o.Socket != "" {
		socket, err := listenSocket(ctx, s.o.Socket)
		if err != nil {
			return errors.Join(err, public.Close())
		}
		listeners = append(listeners, served{s.httpServer(s.socketHandler()), socket})
	}
	return s.serve(ctx, listeners)
}

// served is a listener and who answers on it.
type served struct {
	http     *http.Server
	listener net.Listener
}

func (s *Server) serve(ctx context.Context, listeners []served) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var answering, working sync.WaitGroup
	for _, l := range listeners {
		answering.Go(func() {
			if err := l.http.Serve(l.listener); !errors.Is(err, http.ErrServerClosed) {
				stop(fmt.Errorf("serving on %s: %w", l.listener.Addr(), err))
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
	<-ctx.Done()
	s.o.Log.Info("stopping")
	s.stop(listeners)
	answering.Wait()
	working.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// stop lets every request under way end, for a while.
func (s *Server) stop(listeners []served) {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	var wg sync.WaitGroup
	for _, l := range listeners {
		wg.Go(func() {
			if err := l.http.Shutdown(ctx); err != nil {
				s.o.Log.Warn("some requests were cut off", "err", err)
				_ = l.http.Close()
			}
		})
	}
	wg.Wait()
}

func (s *Server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.o.Log.Handler(), slog.LevelDebug), // what strangers send is no error of ours
	}
}

// listenSocket listens where only the owner of the process can connect. A
// socket that a dead process left is replaced; whoever holds the store is the
// only one who may get here.
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
	l, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("closing the socket to others: %w", err), l.Close())
	}
	return l, nil
}
