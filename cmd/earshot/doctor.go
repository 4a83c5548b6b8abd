package main

import (
	"fmt"
	"io"

	"earshot/internal/config"
	"earshot/internal/doctor"
)

type doctorCmd struct {
	Thorough bool `help:"Read the whole store even while the server runs; writes wait meanwhile."`
}

func (doctorCmd) Help() string {
	return `Checks the settings, store, disk, backups, keys, clock, DNS, TLS, WebFinger on both domains, the actors as others see them, signatures through the public address, sources, the queue, complaints, refusals, and what was not kept. Each finding says what to do. It changes nothing.

Exits 1 if a check fails. Without a running server, it does not check the public address.

Examples:

	earshot doctor
	earshot doctor --json
`
}

func (d doctorCmd) Run(c *command) error {
	return c.with(func(s *session) error {
		report, err := s.Doctor(c.ctx, d.Thorough)
		if err != nil {
			return err
		}
		if err := c.checkSettings(); err != nil { // the server runs with those of its start
			report.Findings = append(report.Findings, doctor.Finding{Check: "settings", Level: doctor.Problem, Text: err.Error(),
				Next: "correct it, or the server will not start the next time"})
			report.Problems++
		}
		for _, u := range config.UnknownVariables(c.environ) {
			report.Findings = append(report.Findings, doctor.Finding{Check: "settings", Level: doctor.Warning, Text: "the environment variable " + u.Name + " is no setting",
				Next: "if it is meant for this program, `earshot man` lists the variables"})
			report.Warnings++
		}
		if err := c.show(report, func(w io.Writer) { c.printReport(w, report) }); err != nil {
			return err
		}
		if report.Problems > 0 {
			return fmt.Errorf("%d checks failed", report.Problems)
		}
		return nil
	})
}

// checkSettings reads earshot.toml and the variables of this command.
func (c *command) checkSettings() error {
	if _, err := config.Load(c.data, c.getenv, nil); err != nil {
		return err
	}
	return config.Unreadable(c.getenv)
}

func (c *command) printReport(w io.Writer, r doctor.Report) {
	styles := map[doctor.Level]string{doctor.OK: dim, doctor.Note: dim, doctor.Warning: bold, doctor.Problem: red}
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s  %-10s  %s\n", c.paint(styles[f.Level], fmt.Sprintf("%-7s", f.Level)), f.Check, cell(f.Text))
		if f.Next != "" {
			fmt.Fprintf(w, "%21s→ %s\n", "", cell(f.Next))
		}
	}
	if r.Problems == 0 && r.Warnings == 0 {
		fmt.Fprintln(w, "\nAll checks passed.")
	}
}
