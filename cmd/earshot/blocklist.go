package main

import (
	"fmt"
	"io"
	"os"

	"earshot/internal/api"
	"earshot/internal/blocklist"
	"earshot/internal/desk"
)

type blockImport struct {
	File    string `arg:"" help:"Mastodon's export of domain blocks (CSV), or a list of domains; - for standard input."`
	Silence bool   `help:"Also block the domains that the list only silences."`
	DryRun  bool   `help:"Only print the changes; make none."`
}

func (blockImport) Help() string {
	return `Blocks the domains that the list suspends, with their subdomains. It ignores silenced domains unless --silence is given, and domains marked noop: Earshot either hears a server or blocks it. Existing blocks stay as they are.

Examples:

	earshot block import domain_blocks.csv --dry-run
	earshot block import domain_blocks.csv
`
}

// imported counts the domains of a list by result.
type imported struct {
	Blocked int                `json:"blocked"`
	Already int                `json:"already"` // blocked before
	Left    int                `json:"left"`    // silenced or noop
	Unread  []blocklist.Unread `json:"unread"`
	DryRun  bool               `json:"dry_run"`
}

func (b blockImport) Run(c *command) error {
	entries, unread, err := b.read(c)
	if err != nil {
		return err
	}
	out := imported{Unread: unread, DryRun: b.DryRun}
	return c.with(func(s *session) error {
		there, err := s.Blocks(c.ctx)
		if err != nil {
			return err
		}
		blocked := map[string]bool{}
		for _, t := range there {
			blocked[t.Target] = true
		}
		wanted := blocklist.Blocked(entries, b.Silence)
		out.Left = len(entries) - len(wanted)
		for _, e := range wanted {
			if blocked[string(e.Host)] {
				out.Already++
				continue
			}
			if !b.DryRun {
				if _, err := s.AddBlock(c.ctx, api.NewBlock{Target: string(e.Host), Reason: e.Comment}); err != nil {
					return fmt.Errorf("blocking %s, after %d others: %w", e.Host, out.Blocked, err)
				}
			}
			out.Blocked++
		}
		return c.show(out, func(w io.Writer) { out.print(w) })
	})
}

func (b blockImport) read(c *command) ([]blocklist.Entry, []blocklist.Unread, error) {
	if b.File == "-" {
		return blocklist.Read(c.io.in)
	}
	f, err := os.Open(b.File)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	return blocklist.Read(f)
}

func (i imported) print(w io.Writer) {
	verb := "were blocked"
	if i.DryRun {
		verb = "would be blocked"
	}
	fmt.Fprintf(w, "%d domains %s; %d were blocked already, %d are only silenced or noted by the list and were left alone.\n", i.Blocked, verb, i.Already, i.Left)
	for _, u := range i.Unread {
		fmt.Fprintf(w, "Line %d was not read: %s\n", u.Line, cell(u.Why))
	}
}

type blockExport struct{}

func (blockExport) Help() string {
	return `Writes the blocked domains to standard output, in the form that Mastodon imports. Blocked accounts are not in it.

Examples:

	earshot block export > domain_blocks.csv
`
}

func (blockExport) Run(c *command) error {
	return c.with(func(s *session) error {
		blocks, err := s.Blocks(c.ctx)
		if err != nil {
			return err
		}
		list := make([]desk.Block, len(blocks))
		for n, b := range blocks {
			list[n] = desk.Block{Target: b.Target, Reason: b.Reason}
		}
		return blocklist.Write(c.io.out, blocklist.Servers(list))
	})
}
