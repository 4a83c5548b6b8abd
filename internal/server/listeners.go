package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"

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

// Listen opens the public listener and, unless its address is "", the admin
// listener. Run answers on them from then on and closes them; a caller that
// does not reach Run calls Close, which does no harm afterwards.
func Listen(ctx context.Context, public, admin string, a *Admission, log *slog.Logger) (*Listeners, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", public)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w (choose another with --listen)", public, err)
	}
	d := &Listeners{public: openListener(a.listener(l), starting(), log)}
	if admin == "" {
		return d, nil
	}
	if l, err = new(net.ListenConfig).Listen(ctx, "tcp", admin); err != nil {
		d.Close()
		return nil, fmt.Errorf("listening on %s: %w (choose another with --admin-listen)", admin, err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		log.Warn("the admin listener has no sign-in: make sure that only your monitoring reaches it", "addr", a)
	}
	d.admin = openListener(netutil.LimitListener(l, maxAdminConnections), starting(), log)
	return d, nil
}

// Close closes them at once.
func (d *Listeners) Close() {
	for _, door := range append(present(d.admin), d.public) {
		_ = door.http.Close()
		_ = door.wait()
	}
}

// starting answers until there is something to answer with.
func starting() http.Handler {
	m := http.NewServeMux()
	m.Handle("/livez", readOnly(live))
	m.Handle("/readyz", readOnly(func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusServiceUnavailable, "starting: the store is being opened\n")
	}))
	m.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
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
	ended    chan struct{} // closed when Serve has returned err
	err      error
}

func openListener(l net.Listener, h http.Handler, log *slog.Logger) *listener {
	d := &listener{listener: l, ended: make(chan struct{})}
	d.answer(h)
	d.http = httpServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*d.handler.Load()).ServeHTTP(w, r) }), log)
	go func() { d.err = d.http.Serve(l); close(d.ended) }()
	return d
}

func (d *listener) answer(h http.Handler) { d.handler.Store(&h) }

// wait returns when nobody is listened to any more; nil if that was asked for.
func (d *listener) wait() error {
	<-d.ended
	if !errors.Is(d.err, http.ErrServerClosed) {
		return fmt.Errorf("serving on %s: %w", d.listener.Addr(), d.err)
	}
	return nil
}
