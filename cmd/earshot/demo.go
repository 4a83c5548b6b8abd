package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"earshot/internal/app"
	"earshot/internal/config"
	"earshot/internal/console"
	"earshot/internal/demo"
	"earshot/internal/desk"
	"earshot/internal/server"
)

type demoCmd struct {
	Listen   string `help:"Address of the provider; the two towns of citizens are on the next two ports." default:"127.0.0.1:8080" placeholder:"ADDR"`
	Which    string `arg:"" optional:"" name:"story" help:"Which story to play: report (one person) or crowd (forty, and one incident)." enum:"report,crowd," default:""`
	Story    bool   `help:"Play a story automatically, then exit."`
	Town     string `help:"Run only a town of citizens, which a proxy serves at this address: to rehearse with your own instance." placeholder:"URL"`
	Hint     string `help:"With --town: the desk to which its people turn." placeholder:"@help@acme.example"`
	LogLevel string `help:"debug, info, warn or error." enum:"debug,info,warn,error" default:"warn" placeholder:"LEVEL"`
}

func (demoCmd) Help() string {
	return `Runs a provider's instance, and two small towns of citizens on two more ports. The first tells the provider of posts by a hashtag's account; the second knows nobody there, and the provider asks it once a minute. They speak real ActivityPub to each other. Write as a citizen in the browser, and answer in the console or from another terminal. No message leaves this machine, and without --data nothing is kept.

Examples:

	earshot demo
	earshot demo --story
	earshot demo --story crowd
	earshot demo --town https://town.acme.example --hint @help@acme.example --listen 127.0.0.1:8090
`
}

func (d demoCmd) Run(c *command) error {
	cfg := config.Default()
	if err := cfg.LogLevel.UnmarshalText([]byte(d.LogLevel)); err != nil {
		return usageError{err}
	}
	story := demo.Story(d.Which)
	switch {
	case d.Town != "" && (d.Story || story != ""):
		return usageError{errors.New("--town runs a town alone, without a story")}
	case d.Town != "":
		return demo.Rehearse(c.ctx, demo.Rehearsal{Listen: d.Listen, URL: d.Town, Desk: d.Hint, Out: c.io.out, Log: c.logger(cfg)})
	case d.Hint != "":
		return usageError{errors.New("--hint goes with --town")}
	case d.Story && story == "":
		story = demo.OneReport
	case !d.Story && story != "":
		return usageError{fmt.Errorf("to play the story %s: earshot demo --story %s", story, story)}
	}
	return demo.Run(c.ctx, demo.Options{Listen: d.Listen, Data: c.named, Story: story, Command: os.Args[0], Out: c.io.out, Log: c.logger(cfg), Open: c.provider})
}

// provider makes or opens the demo's instance.
func (c *command) provider(ctx context.Context, o demo.ProviderOptions) (*demo.Provider, error) {
	cfg := config.Default()
	cfg.Dev, cfg.Listen = true, o.Listen
	none := func(string) string { return "" } // the settings of a real instance do not count here
	site, err := desk.NewSite(o.URL, "", true)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(o.Data, config.StoreName)); os.IsNotExist(err) {
		maker := &command{ctx: ctx, io: c.io, getenv: none}
		if _, err := maker.makeInstance(ctx, o.Data, filepath.Join(o.Data, config.StoreName), site, o.Desk); err != nil {
			return nil, err
		}
	}
	ctx, stop := context.WithCancelCause(ctx)
	in, err := openInstance(ctx, o.Data, cfg, none, o.Log, func(err error) { stop(fmt.Errorf("the store failed: %w", err)) })
	if err != nil {
		stop(nil)
		return nil, err
	}
	closeAll := func() error { stop(nil); return in.close() }
	if in.site.URL != site.URL {
		_ = closeAll()
		return nil, fmt.Errorf("%s was made for %s: name that address with --listen, or another folder with --data", o.Data, in.site.URL)
	}
	if err := in.app.EndSetup(ctx, app.By{}); err != nil { // a demo has nothing to set up
		return nil, errors.Join(err, closeAll())
	}
	signIn := in.site.URL + console.Root + "/"
	if link, ok, err := in.accounts.FirstLink(ctx); err != nil {
		return nil, errors.Join(err, closeAll())
	} else if ok {
		signIn = link.URL
	}
	return &demo.Provider{App: in.app, Site: in.site, Console: signIn, Close: closeAll,
		Run: func(running context.Context, ready func()) error {
			return c.runProvider(running, ctx, in, cfg, o.Log, ready)
		}}, nil
}

// runProvider serves until running ends, or the store fails.
func (c *command) runProvider(running, opened context.Context, in *instance, cfg config.Config, log *slog.Logger, ready func()) error {
	ctx, stop := context.WithCancelCause(running)
	defer stop(nil)
	defer context.AfterFunc(opened, func() { stop(context.Cause(opened)) })()
	return serve(ctx, in, cfg, log, server.Options{Ready: func(net.Addr) { ready() }})
}
