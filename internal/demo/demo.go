// Package demo brings up a provider's instance and a small town of citizens
// beside it, each on its own port, and lets a person, or the story, play. All
// that passes between the two is real signed ActivityPub over HTTP.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/demo/town"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
	"earshot/store"
)

// Options are the settings of the demo.
type Options struct {
	Listen  string // of the provider; the town is on the next port. Port 0 finds two free ones
	Data    string // the provider's data folder; "" for one that is removed at the end
	Story   bool   // play the story and end, instead of waiting for a person
	Command string // how the reader calls this program, for the hints
	Out     io.Writer
	Log     *slog.Logger
	// Open makes or opens the provider's instance in a data folder.
	Open func(ctx context.Context, o ProviderOptions) (*Provider, error)
}

// ProviderOptions describes the wanted instance.
type ProviderOptions struct {
	Data   string
	Listen string
	URL    string
	Desk   desk.Desk
	Log    *slog.Logger
}

// Provider is a running instance.
type Provider struct {
	App  *app.App
	Site desk.Site
	// Console is where one signs in to the console, the first time by a link
	// that makes the first admin.
	Console string
	// Run serves until ctx ends and calls ready when it listens.
	Run   func(ctx context.Context, ready func()) error
	Close func() error
}

// acme is the provider of the demo.
var acme = desk.Desk{Handle: "help", Name: "Acme help", Summary: "The help desk of Acme, an internet provider in a demo.",
	Names: []string{"acme"}, Calls: []string{"fail", "down", "broken", "help", "outage"}}

// Run runs the demo until ctx ends, or until the story is told. The error of a
// story says which step was not seen.
func Run(ctx context.Context, o Options) error {
	listen, townListen, err := addresses(ctx, o.Listen)
	if err != nil {
		return err
	}
	data, cleanUp, err := folder(o.Data)
	if err != nil {
		return err
	}
	defer cleanUp()
	p, err := o.Open(ctx, ProviderOptions{Data: data, Listen: listen, URL: "http://" + listen, Desk: acme, Log: o.Log})
	if err != nil {
		return err
	}
	s := &stage{o: o, provider: p, data: data}
	return errors.Join(s.run(ctx, townListen), p.Close())
}

// stage is the running demo.
type stage struct {
	o        Options
	provider *Provider
	town     *town.Town
	townURL  string
	data     string
}

func (s *stage) run(ctx context.Context, townListen string) error {
	ctx, stop := context.WithCancelCause(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop(nil)
	if err := s.openTown(ctx, townListen, &wg, stop); err != nil {
		return err
	}
	ready := make(chan struct{})
	wg.Go(func() {
		if err := s.provider.Run(ctx, sync.OnceFunc(func() { close(ready) })); err != nil {
			stop(err)
		}
	})
	select {
	case <-ready:
	case <-ctx.Done():
		return cause(ctx)
	}
	if err := s.listenToTown(ctx); err != nil {
		return err
	}
	if s.o.Story {
		return s.story(ctx)
	}
	s.welcome()
	s.watch(ctx)
	return cause(ctx)
}

// cause is why the demo ended; being asked to end is no error.
func cause(ctx context.Context) error {
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// openTown starts the citizens' server on its own port.
func (s *stage) openTown(ctx context.Context, listen string, wg *sync.WaitGroup, stop context.CancelCauseFunc) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return desk.Invalid("town_port_taken", "the town needs the port after the provider's, and %s is taken (%v): choose another with --listen", listen, err)
	}
	s.townURL = "http://" + l.Addr().String()
	client := safehttp.New(safehttp.Options{AllowPrivate: true, UserAgent: "earshot-town (demo)"})
	s.town, err = town.New(town.Config{BaseURL: s.townURL, Clock: clock.System{}, Logger: s.o.Log, Client: client,
		Desk: "@" + s.provider.Site.Acct(acme.Handle), Tags: []string{acme.Names[0], acme.Calls[0]}})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	server := &http.Server{Handler: s.town.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	wg.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			stop(err)
		}
	})
	wg.Go(func() {
		if err := s.town.Run(ctx); err != nil && ctx.Err() == nil {
			stop(err)
		}
	})
	wg.Go(func() {
		<-ctx.Done()
		_ = s.town.Close() // ends open event streams, or Shutdown would wait for them
		done, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(done)
		client.CloseIdle()
	})
	return nil
}

// listenToTown makes the provider follow the town's actor of a call, unless it
// does already.
func (s *stage) listenToTown(ctx context.Context) error {
	tag := acme.Calls[0]
	_, err := s.provider.App.AddSource(ctx, app.By{}, app.SourceSpec{Kind: "tag-actor", Tag: tag, Actor: string(s.town.TagActor(tag))})
	if err != nil && desk.ErrorCode(err) != desk.CodeConflict {
		return fmt.Errorf("following the town's #%s: %w", tag, err)
	}
	return s.await(ctx, "the town's hashtag actor accepts", func() (bool, error) {
		sources, _, err := s.provider.App.Sources(ctx, store.Page{})
		return len(sources) > 0 && sources[0].State == store.SourceAccepted, err
	})
}

// folder returns the data folder, and a function that removes it if we made it.
func folder(data string) (string, func(), error) {
	if data != "" {
		return data, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "earshot-demo-")
	if err != nil {
		return "", nil, err
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}

// addresses returns where the provider and the town listen.
func addresses(ctx context.Context, listen string) (provider, townAddr string, err error) {
	host, portText, err := net.SplitHostPort(listen)
	if err != nil {
		return "", "", desk.Invalid("demo_listen_invalid", "--listen needs an address like 127.0.0.1:8080, not %q", listen)
	}
	ip := net.ParseIP(host)
	if ip == nil || !ip.IsLoopback() {
		return "", "", desk.Invalid("demo_listen_outside", "the demo speaks plain http without passwords: it listens on 127.0.0.1 only, not on %q", host)
	}
	port, err := strconv.Atoi(portText)
	if err != nil || port < 0 || port > 65534 {
		return "", "", desk.Invalid("demo_port_invalid", "--listen needs a port from 0 to 65534, not %q", portText)
	}
	if port != 0 {
		return listen, net.JoinHostPort(host, strconv.Itoa(port+1)), nil
	}
	return freeAddress(ctx, host)
}

// freeAddress finds a free port for the provider, whose address is in every id
// and must be known before it listens; the town takes any.
func freeAddress(ctx context.Context, host string) (provider, townAddr string, err error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", "", err
	}
	return l.Addr().String(), net.JoinHostPort(host, "0"), l.Close()
}
