package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"earshot/internal/api"
	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/clock"
	"earshot/internal/config"
	"earshot/internal/desk"
	"earshot/internal/keyring"
	"earshot/store"
)

type initCmd struct {
	URL          string  `name:"url" required:"" help:"The public address of the instance. It cannot be changed later." placeholder:"URL"`
	HandleDomain string  `help:"The domain in @help@DOMAIN, if it is not the URL's host. It cannot be changed later." placeholder:"HOST"`
	AnyDomain    bool    `help:"Accept a handle domain that is not above the URL's host. Some servers then find no desk." name:"any-handle-domain"`
	Store        string  `help:"The store: bolt, a file in the data folder, or postgres://…" default:"bolt"`
	Desk         string  `help:"The handle of the first desk." placeholder:"HANDLE"`
	Name         string  `help:"The first desk's name." placeholder:"NAME"`
	Names        *string `help:"Tags that mean you, separated by commas." placeholder:"TAGS"`
	Calls        *string `help:"Tags that mean something is wrong (default: fail,down,broken,help,outage)." placeholder:"TAGS"`
	Dev          bool    `help:"For development: allow an http:// URL."`
}

func (initCmd) Help() string {
	return `The URL and the handle domain are part of all addresses of the instance. Other servers remember them, so neither can be changed later.

Examples:

	earshot init --url https://help.acme.example --desk help --name "ACME Help" --names acme,acmecloud
	earshot init --url https://social.acme.example --handle-domain acme.example
	earshot init --url https://help.acme.example --store postgres://earshot@db.acme.example/earshot
	earshot init --url http://127.0.0.1:8080 --dev
`
}

// Validate implements kong's Validatable.
func (i initCmd) Validate() error {
	if i.Desk == "" && (i.Name != "" || i.Names != nil || i.Calls != nil) {
		return errors.New("--name, --names and --calls describe the first desk: name it with --desk")
	}
	return nil
}

func (i initCmd) Run(c *command) error {
	location, err := c.newLocation(i.Store)
	if err != nil {
		return err
	}
	site, err := desk.NewSite(i.URL, i.HandleDomain, i.Dev)
	if err != nil {
		return err
	}
	if !site.Nested() && !i.AnyDomain && !i.Dev {
		return desk.Invalid("handle_domain_elsewhere", "the handle domain %s is neither the server %s nor above it: some servers then find no desk, and it cannot be changed later; if there is no other way, add --any-handle-domain", site.HandleDomain, site.Host())
	}
	first := desk.Desk{Handle: desk.Handle(i.Desk), Name: i.Name}
	if i.Names != nil {
		first.Names = tags(*i.Names)
	}
	if i.Calls != nil {
		first.Calls = tags(*i.Calls)
	}
	if i.Desk != "" { // a mistake must not leave half an instance
		if _, err := desk.NewDesk(first); err != nil {
			return err
		}
	}
	link, err := c.makeInstance(c.ctx, c.data, location, site, first)
	if err != nil {
		return err
	}
	return i.tell(c, site, link)
}

// makeInstance makes an instance in the folder dir and the store at location,
// and its first desk unless first has no handle. It returns the link by which
// the first admin comes in.
func (c *command) makeInstance(ctx context.Context, dir, location string, site desk.Site, first desk.Desk) (link auth.Link, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return link, fmt.Errorf("making the data folder: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return link, fmt.Errorf("closing the data folder to others: %w", err)
	}
	s, err := openStore(ctx, location, opening{})
	if err != nil {
		return link, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	switch made, err := app.LoadInstance(ctx, s); {
	case err == nil:
		if isPostgres(location) {
			return link, fmt.Errorf("that database holds an instance already: %s; to run another node of it, give the node a data folder with copies of the first one's %s and %s", made.URL, config.SecretName, config.LocationName)
		}
		return link, fmt.Errorf("there is an instance in %s already: %s; name another folder with --data", dir, made.URL)
	case desk.ErrorCode(err) != desk.CodeNotFound:
		return link, err
	}
	if err := mustBeEmpty(ctx, s); err != nil {
		return link, err
	}
	if err := config.MakeSecret(dir, c.getenv); err != nil {
		return link, err
	}
	if isPostgres(location) {
		if err := config.SaveLocation(dir, location); err != nil {
			return link, err
		}
	}
	secret, err := config.Secret(dir, c.getenv)
	if err != nil {
		return link, err
	}
	keys := keyring.New(s, clock.System{}, site, secret)
	if err := app.Init(ctx, s, clock.System{}, site, keys); err != nil {
		return link, err
	}
	a := app.New(app.Deps{Store: s, Clock: clock.System{}, Site: site, Log: slog.New(slog.DiscardHandler), Keys: keys})
	if first.Handle != "" {
		if _, err := a.AddDesk(ctx, app.By{Agent: c.agent}, first); err != nil {
			return link, err
		}
	}
	link, _, err = auth.New(auth.Deps{App: a, Log: slog.New(slog.DiscardHandler), Addr: auth.NoAddr}).FirstLink(ctx)
	return link, err
}

// mustBeEmpty refuses what a copy that has not come to its end left.
func mustBeEmpty(ctx context.Context, s store.Store) error {
	return s.View(ctx, func(tx store.Tx) error {
		n, err := tx.Records().Counts()
		if err == nil && len(n) > 0 {
			err = desk.Conflict("copy_interrupted", "there is something in that store, but no instance: if a copy into it was interrupted, run `earshot copy` again; else name an empty one")
		}
		return err
	})
}

// tell says which settings are final, and the next steps.
func (i initCmd) tell(c *command, site desk.Site, link auth.Link) error {
	result := map[string]any{"data": c.data, "url": site.URL, "handle_domain": site.HandleDomain, "desk": i.Desk, "admin_link": link.URL, "admin_link_expires_at": api.Time{Time: link.Expires}}
	return c.show(result, func(w io.Writer) {
		fmt.Fprintf(w, "An instance was made in %s.\n\nFinal, because other servers will remember it:\n", c.data)
		fmt.Fprintf(w, "  URL            %s\n  handle domain  %s\n", site.URL, site.HandleDomain)
		if i.Desk != "" {
			fmt.Fprintf(w, "  desk           @%s\n", site.Acct(desk.Handle(i.Desk)))
		}
		fmt.Fprintf(w, "\nWithout the secret in %s the keys in the store cannot be read. `earshot backup` saves both in one file.\n", filepath.Join(c.data, config.SecretName))
		if site.HandleDomain != site.Host() {
			fmt.Fprintf(w, "\n%s must redirect /.well-known/webfinger to %s/.well-known/webfinger (with the query), or nobody finds the desks.\n", site.HandleDomain, site.URL)
		}
		fmt.Fprintf(w, "\nThe first admin signs in with this link when the server runs. It works once, until %s. Keep it secret: who opens it becomes the admin:\n  %s\n",
			link.Expires.Local().Format("2006-01-02 15:04"), link.URL)
		fmt.Fprintf(w, "\nNext:\n")
		program := "  earshot"
		if c.data != "earshot-data" {
			program += " --data " + c.data
		}
		if i.Desk == "" {
			fmt.Fprintf(w, "%s desk add help --name \"ACME Help\" --names acme\n", program)
		}
		dev := ""
		if strings.HasPrefix(site.URL, "http:") {
			dev = " --dev"
		}
		fmt.Fprintf(w, "%s serve%s\n%s source add tag-actor --provider fedibuzz --tag acme\n", program, dev, program)
	})
}
