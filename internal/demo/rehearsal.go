package demo

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"

	"earshot/internal/demo/town"
	"earshot/internal/desk"
)

// Rehearsal is a town of citizens alone, for a rehearsal of a real instance: behind a
// proxy, under a real name.
type Rehearsal struct {
	Listen string // on this machine only: a town has no passwords
	URL    string // under which the proxy serves it
	Desk   string // the address of the desk that its pages give as a hint
	Out    io.Writer
	Log    *slog.Logger
}

// Rehearse serves the town until ctx ends.
func Rehearse(ctx context.Context, o Rehearsal) error {
	site, err := desk.NewSite(o.URL, "", true)
	if err != nil {
		return err
	}
	listen, _, err := addresses(ctx, o.Listen)
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return desk.Invalid("town_listen_taken", "the town cannot listen on %s (%v): choose another address with --listen", listen, err)
	}
	ctx, stop := context.WithCancelCause(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop(nil)
	call := acme.Calls[0]
	t, err := serveTown(ctx, l, town.Config{BaseURL: site.URL, Desk: o.Desk, Tags: []string{acme.Names[0], call}, Logger: o.Log}, &wg, stop)
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "A town of citizens at %s, for a proxy that leads there: %s\n\n"+
		"Your desk hears its people by\n\n\tearshot source add tag-actor --tag %s --actor %s\n\nCtrl-C ends it, and nothing is kept.\n",
		site.URL, listen, call, t.TagActor(call))
	<-ctx.Done()
	return cause(ctx)
}
