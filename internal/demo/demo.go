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
	"slices"
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

// Story is one that the demo plays.
type Story string

// The stories.
const (
	OneReport Story = "report" // of one person, from a post to "works again, thanks"
	Crowd     Story = "crowd"  // of forty, and one incident
)

// Options are the settings of the demo.
type Options struct {
	Listen  string // of the provider; the towns are on the next two ports. Port 0 finds free ones
	Data    string // the provider's data folder; "" for one that is removed at the end
	Story   Story  // play it and end, instead of waiting for a person
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
	Services: []string{"Internet", "Television"}, Names: []string{"acme"}, Calls: []string{"fail", "down", "broken", "help", "outage"}}

// Run runs the demo until ctx ends, or until the story is told. The error of a
// story says which step was not seen.
func Run(ctx context.Context, o Options) error {
	listen, towns, err := addresses(ctx, o.Listen)
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
	return errors.Join(s.run(ctx, towns), p.Close())
}

// stage is the running demo.
type stage struct {
	o        Options
	provider *Provider
	town     *town.Town
	townURL  string
	harbour  string // the URL of a second town, which knows nobody of the first
	// neighbourhood are the towns of the second story.
	neighbourhood []*town.Town
	neighbourURLs []string
	data          string
}

func (s *stage) run(ctx context.Context, towns [2]string) error {
	ctx, stop := context.WithCancelCause(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop(nil)
	if err := s.openTowns(ctx, towns, &wg, stop); err != nil {
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
	if err := s.listenToTowns(ctx); err != nil {
		return err
	}
	switch s.o.Story {
	case OneReport:
		return s.story(ctx)
	case Crowd:
		return s.crowd(ctx)
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

// harbourPeople live in the second town.
func harbourPeople() []town.Person {
	return []town.Person{
		{Username: "faye", Name: "Faye Boateng", Language: "en", Bio: "Repairs boats. Has a phone line, most of the time."},
		{Username: "gus", Name: "Gustav Holm", Language: "de", Bio: "Hafenmeister."},
	}
}

// openTowns starts the citizens' servers, each on its own port.
func (s *stage) openTowns(ctx context.Context, listen [2]string, wg *sync.WaitGroup, stop context.CancelCauseFunc) error {
	var err error
	if s.town, s.townURL, err = s.openTown(ctx, listen[0], town.Config{}, wg, stop); err != nil {
		return err
	}
	if _, s.harbour, err = s.openTown(ctx, listen[1], town.Config{Name: "Harbour", People: harbourPeople()}, wg, stop); err != nil || s.o.Story != Crowd {
		return err
	}
	host, _, err := net.SplitHostPort(listen[0])
	for n := 0; n < crowdTowns && err == nil; n++ {
		var t *town.Town
		var url string
		t, url, err = s.openTown(ctx, net.JoinHostPort(host, "0"), town.Config{Name: fmt.Sprintf("Town %d", n+1), People: neighbours(n)}, wg, stop)
		s.neighbourhood, s.neighbourURLs = append(s.neighbourhood, t), append(s.neighbourURLs, url)
	}
	return err
}

// openTown starts one of them.
func (s *stage) openTown(ctx context.Context, listen string, c town.Config, wg *sync.WaitGroup, stop context.CancelCauseFunc) (t *town.Town, url string, err error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return nil, "", desk.Invalid("town_port_taken", "the towns need the two ports after the provider's, and %s is taken (%v): choose another with --listen", listen, err)
	}
	c.BaseURL, c.Logger = "http://"+l.Addr().String(), s.o.Log
	c.Desk, c.Tags = "@"+s.provider.Site.Acct(acme.Handle), []string{acme.Names[0], acme.Calls[0]}
	t, err = serveTown(ctx, l, c, wg, stop)
	return t, c.BaseURL, err
}

// serveTown serves a town until ctx ends.
func serveTown(ctx context.Context, l net.Listener, c town.Config, wg *sync.WaitGroup, stop context.CancelCauseFunc) (*town.Town, error) {
	client := safehttp.New(safehttp.Options{AllowPrivate: true, UserAgent: "earshot-town (demo)"})
	c.Clock, c.Client = clock.System{}, client
	t, err := town.New(c)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	server := &http.Server{Handler: t.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	wg.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			stop(err)
		}
	})
	wg.Go(func() {
		if err := t.Run(ctx); err != nil && ctx.Err() == nil {
			stop(err)
		}
	})
	wg.Go(func() {
		<-ctx.Done()
		_ = t.Close() // ends open event streams, or Shutdown would wait for them
		done, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(done)
		client.CloseIdle()
	})
	return t, nil
}

// listenToTowns makes the provider follow the town's actor of a call, and ask the other
// town for its name, unless it does already.
func (s *stage) listenToTowns(ctx context.Context) error {
	_, err := s.provider.App.AddSource(ctx, app.By{}, app.SourceSpec{Kind: "timeline", URL: s.harbour, Tag: acme.Names[0]})
	if err != nil && desk.ErrorCode(err) != desk.CodeConflict {
		return fmt.Errorf("asking %s for #%s: %w", s.harbour, acme.Names[0], err)
	}
	tag := acme.Calls[0]
	_, err = s.provider.App.AddSource(ctx, app.By{}, app.SourceSpec{Kind: "tag-actor", Tag: tag, Actor: string(s.town.TagActor(tag))})
	if err != nil && desk.ErrorCode(err) != desk.CodeConflict {
		return fmt.Errorf("following the town's #%s: %w", tag, err)
	}
	return s.await(ctx, "the town's hashtag actor accepts", func() (bool, error) {
		sources, _, err := s.provider.App.Sources(ctx, store.Page{})
		return slices.ContainsFunc(sources, func(s store.Source) bool { return s.State == store.SourceAccepted }), err
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

// addresses returns where the provider and the towns listen.
func addresses(ctx context.Context, listen string) (provider string, towns [2]string, err error) {
	host, portText, err := net.SplitHostPort(listen)
	if err != nil {
		return "", towns, desk.Invalid("demo_listen_invalid", "--listen needs an address like 127.0.0.1:8080, not %q", listen)
	}
	ip := net.ParseIP(host)
	if ip == nil || !ip.IsLoopback() {
		return "", towns, desk.Invalid("demo_listen_outside", "the demo speaks plain http without passwords: it listens on 127.0.0.1 only, not on %q", host)
	}
	port, err := strconv.Atoi(portText)
	if err != nil || port < 0 || port > 65533 {
		return "", towns, desk.Invalid("demo_port_invalid", "--listen needs a port from 0 to 65533, not %q", portText)
	}
	if port != 0 {
		return listen, [2]string{net.JoinHostPort(host, strconv.Itoa(port+1)), net.JoinHostPort(host, strconv.Itoa(port+2))}, nil
	}
	return freeAddress(ctx, host)
}

// freeAddress finds a free port for the provider, whose address is in every id
// and must be known before it listens; the towns take any.
func freeAddress(ctx context.Context, host string) (provider string, towns [2]string, err error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", towns, err
	}
	anyPort := net.JoinHostPort(host, "0")
	return l.Addr().String(), [2]string{anyPort, anyPort}, l.Close()
}
