package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"

	"earshot/internal/problem"
)

// Listeners are the listeners of an instance that is not there yet. They open
// before the store, whose migrations may take a while: a client learns that the
// process lives, and should come back.
type Listeners struct {
	public, admin *listener // admin may be nil
}

// Connections open at the same time; others wait to be accepted.
const (
	maxConnections      = 4096
	maxAdminConnections = 64
)

// Listen opens the public listener, if it is not given, and, unless its address is "", the
// admin listener. Run answers on them from then on and closes them; a caller that
// does not reach Run calls Close, which does no harm afterwards.
func Listen(ctx context.Context, given net.Listener, public, admin string, a *Admission, log *slog.Logger) (*Listeners, error) {
	if given == nil {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", public)
		if err != nil {
			return nil, fmt.Errorf("listening on %s: %w (choose another with --listen)", public, err)
		}
		given = l
	}
	d := &Listeners{public: openListener(a.listener(given), nil, log)}
	if admin == "" {
		return d, nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", admin)
	if err != nil {
		d.Close()
		return nil, fmt.Errorf("listening on %s: %w (choose another with --admin-listen)", admin, err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		log.Warn("the admin listener has no sign-in: make sure that only your monitoring reaches it", "addr", a)
	}
	d.admin = openListener(netutil.LimitListener(l, maxAdminConnections), nil, log)
	return d, nil
}

// Close closes them at once.
func (d *Listeners) Close() {
	for _, door := range append(present(d.admin), d.public) {
		_ = door.http.Close()
		_ = door.wait()
	}
}

// startWithin is how long a request waits for the end of the start: some servers do
// not send again what got 503.
const startWithin = 15 * time.Second

// starting answers until there is something to answer with.
func (d *listener) starting() http.Handler {
	m := http.NewServeMux()
	m.Handle("/livez", readOnly(live))
	m.Handle("/readyz", readOnly(func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusServiceUnavailable, "starting: the store is being opened\n")
	}))
	m.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		late := time.NewTimer(startWithin)
		defer late.Stop()
		select {
		case <-d.started:
			(*d.handler.Load()).ServeHTTP(w, r)
			return
		case <-r.Context().Done():
		case <-late.C:
		}
		w.Header().Set("Retry-After", "10")
		problem.Write(w, http.StatusServiceUnavailable, problem.Problem{Detail: "this server is starting"}, nil)
	})
	return m
}

// listener is a listener and who answers on it.
type listener struct {
	http     *http.Server
	listener net.Listener
	handler  atomic.Pointer[http.Handler]
	started  chan struct{} // closed when there is a handler to answer
	draining atomic.Bool
	open     atomic.Int64  // connections
	ended    chan struct{} // closed when Serve has returned err
	err      error
}

// openListener opens a listener on which h answers; nil: nobody yet.
func openListener(l net.Listener, h http.Handler, log *slog.Logger) *listener {
	d := &listener{listener: l, started: make(chan struct{}), ended: make(chan struct{})}
	if h != nil {
		d.answer(h)
	} else {
		h = d.starting()
		d.handler.Store(&h)
	}
	d.http = httpServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		(*d.handler.Load()).ServeHTTP(w, r)
	}), log)
	d.http.ConnState = d.count
	go func() { d.err = d.http.Serve(l); close(d.ended) }()
	return d
}

// answer has h answer from now on. It is called once.
func (d *listener) answer(h http.Handler) {
	d.handler.Store(&h)
	close(d.started)
}

func (d *listener) count(_ net.Conn, s http.ConnState) {
	switch s {
	case http.StateNew:
		d.open.Add(1)
	case http.StateClosed, http.StateHijacked:
		d.open.Add(-1)
	}
}

// drainWithin is how long clients have to use their open connections once more.
const drainWithin = 500 * time.Millisecond

// drain accepts no more connections, and closes each that is open when its next request
// is answered: a proxy that sends a request on one that is closed at that moment loses it.
func (d *listener) drain() {
	d.draining.Store(true)
	_ = d.listener.Close()
	tick, end := time.NewTicker(10*time.Millisecond), time.NewTimer(drainWithin)
	defer tick.Stop()
	defer end.Stop()
	for d.open.Load() > 0 {
		select {
		case <-tick.C:
		case <-end.C:
			return
		}
	}
}

// wait returns when nobody is listened to any more; nil if that was asked for.
func (d *listener) wait() error {
	<-d.ended
	if !errors.Is(d.err, http.ErrServerClosed) && !d.draining.Load() {
		return fmt.Errorf("serving on %s: %w", d.listener.Addr(), d.err)
	}
	return nil
}
