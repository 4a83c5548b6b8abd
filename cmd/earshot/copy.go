package main

import (
	"errors"
	"fmt"
	"os"

	"earshot/internal/storecopy"
	"earshot/store"
)

type copyCmd struct {
	From string `required:"" help:"The store to copy: a bolt file, or postgres://…." placeholder:"STORE"`
	To   string `required:"" help:"The empty store to fill: a bolt file, or postgres://…." placeholder:"STORE"`
}

func (copyCmd) Help() string {
	return `Copies all data from one store into an empty one, and verifies it by counts and SHA-256. Stop the instance first. To continue an interrupted copy, run the same command again.

Examples:

	earshot copy --from ./earshot-data/earshot.db --to postgres://earshot@db.acme.example/earshot
	earshot copy --from postgres://earshot@db.acme.example/earshot --to ./earshot.db
`
}

func (c copyCmd) Run(k *command) (err error) {
	if c.From == c.To {
		return usage("--from and --to are the same store")
	}
	if !isPostgres(c.From) {
		if _, err := os.Stat(c.From); err != nil {
			return fmt.Errorf("opening the source: %w", err)
		}
	}
	from, err := openStore(k.ctx, c.From, opening{})
	if err != nil {
		return fmt.Errorf("opening the source: %w", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := openStore(k.ctx, c.To, opening{})
	if err != nil {
		return fmt.Errorf("opening the target: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	sums, err := storecopy.Copy(k.ctx, from, to, func(p storecopy.Progress) {
		fmt.Fprintf(k.io.err, "%s: %d of %d\n", p.Kind, p.Copied, p.Total)
	})
	if err != nil {
		return err
	}
	for _, kind := range store.RecordKinds() {
		fmt.Fprintf(k.io.out, "%-10s %8d  %s\n", kind, sums[kind].Records, sums[kind].SHA256)
	}
	return nil
}
